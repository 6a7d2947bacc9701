/*
 * Letters in a store: the work that crashes, failing calls and flipped bits
 * are tried on, and the check of what has to hold after them.
 */
#ifndef CRASH_CRASH_STORE_H
#define CRASH_CRASH_STORE_H

#include "harness/crash_explore.h"
#include "store/store.h"

struct error;

/* Numbers of letters that one round may use. */
enum { LETTERS_OF_ROUND = 4096 };

/* What the work says. */
enum letters_said {
	LETTERS_ACKNOWLEDGED = 1, /* number: letter; data: its leaf's index */
	LETTERS_REMOVING,         /* number: letter; may be gone from here */
	LETTERS_REMOVED,          /* is gone */
	LETTERS_SIGNED,           /* number: size of the log; data: its root */
	LETTERS_KEPT,             /* number: letter; data: its durable bytes */
};

extern const struct crash_subject letters_subject;

/* Ways to do it wrong, which the checks must see. */
enum letters_mistake {
	LETTERS_NO_MISTAKE,
	LETTERS_ACK_TOO_EARLY,
	LETTERS_NO_PAYLOAD_SYNC,
};

void letters_make_mistake(enum letters_mistake mistake);

struct store_options letters_options(const char *dir);

/*
 * Groups of letters with leaves and checkpoints, some of which come in parts,
 * removals and idle moments;
 * what fails temporarily is tried once more, what fails for good ends it.
 * Returns how many letters were acknowledged.
 */
unsigned letters_work(const char *dir, unsigned round, uint64_t seed,
    unsigned groups, bool closes);

/* As crash_subject.check. */
int letters_check(const char *dir, const struct crash_said *said, size_t count,
    char complaint[CRASH_COMPLAINT_SIZE]);

/*
 * One digest over all rows and the contents of all payload, as readable from
 * `dir`; -1 with the first failure, which names what is damaged.
 */
int letters_digest(const char *dir, struct digest *ret_digest,
    struct error *err);

#endif
