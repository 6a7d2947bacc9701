/*
 * The invariants I1 to I12, looked at while a history runs and at its end.
 * What is told between processes is watched as it is told; what is stored is
 * read from the simulated disks with SQL, past all of the product's code.
 */
#ifndef SIMULATE_CHECK_H
#define SIMULATE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that can be seen now; people answer some of what they find. */
void check_now(bool all_answer);

/* All is well from now on. */
void check_note_heal(void);

/*
 * Every delivery of every accepted letter has ended, at both ends, and every
 * host has what management published.
 */
bool check_has_ended(void);

/* The same as an invariant, with what is missing; and all of the logs. */
void check_end(void);

/* Nothing of this gateway is yet to be handed in to its center. */
bool check_is_handed_in(int host);

/* A directory was published: bit i of `suspended` is gateway i. */
void check_directory_made(uint64_t serial, uint32_t suspended);

struct check_counts {
	size_t accepted;   /* letters that a gateway took */
	size_t deliveries; /* of them */
	size_t confirmed;
	size_t returned;
	size_t refused; /* ... or otherwise ended */
	size_t entries; /* in inboxes */
	size_t leaves;  /* in logs */
	size_t receipts;
	size_t repeats; /* submissions that a center knew */
	size_t checkpoints;
	size_t moves; /* deliveries handed over */
};

extern struct check_counts check_counts;

#endif
