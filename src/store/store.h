/*
 * What a spooler stores: rows and payload under one directory, and the order
 * in which both become durable.  docs/store.md lists the states of a payload
 * on disk and what a crash leaves in each.
 *
 * The promise that the rest builds on: when a function given to store_after()
 * is called without an error, the whole group survives a power cut.
 * Acknowledge there and nowhere else.
 *
 * One process owns a store; a second store_open() fails with ERROR_BUSY.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/id.h"
#include "store/payload.h"
#include "store/segment.h"

struct error;
struct leaves;
struct rows;
struct store;

struct store_options {
	const char *dir;         /* of the data; exists already */
	uint32_t application_id; /* of the database */
	/* The daemon's own tables; the store's are made before them. */
	const char *const *migrations;
	size_t migration_count;
	uint32_t cache_kib;
	struct segments_options segments;
	/*
	 * It is unknown what is durable: the owner must end, and the next start
	 * will look.  Called once, before anybody who waits for the group, so
	 * that nobody is told anything by a store that has failed; with the
	 * context of store_open().  Or NULL.
	 */
	void (*broken)(void *context, const struct error *why);
	bool allow_volatile;      /* tests: also on tmpfs and overlay */
	bool tests_ack_too_early; /* loses data: negative control of tests */
};

/* Payloads that a start found to be lost, with the reason. */
typedef void (*store_lost_fn)(void *context, const struct payload *payload,
    const struct error *why);

/*
 * Open the store, making what is missing in `dir`: rows.db, segments/, lock.
 * `lost`, which may be NULL, is called for each payload whose row names blocks
 * that are not there.  Failures: rows_open(), and ERROR_BUSY (E5004).
 */
int store_open(const struct store_options *options, store_lost_fn lost,
    void *context, struct store **ret_store, struct error *err) MUST_CHECK;

/*
 * Drops the open group without calling anybody.  Writers, readers and leases
 * must have ended before.
 */
void store_close(struct store *store);

/*
 * Open the rows of a store read-only, for another process than the one that
 * owns it.  It must have been opened by its owner once.
 */
int store_open_reader(const struct store_options *options,
    struct rows **ret_rows, struct error *err) MUST_CHECK;

/* Lent until store_close(). */
struct rows *store_rows(struct store *store);
struct segments *store_segments(struct store *store);
struct leaves *store_leaves(struct store *store);

/* Begin a group, if none is open. */
int store_begin(struct store *store, struct error *err) MUST_CHECK;
bool store_is_open_group(const struct store *store);

/* Start writing a payload; it may span groups.  See segment_writer_put(). */
int store_payload_new(struct store *store, const struct id *label,
    struct segment_writer **ret_writer, struct error *err) MUST_CHECK;

/*
 * End the payload and add its row to the open group.  Frees the writer, also
 * on failure.  `ret_payload`, which the caller frees, has the number by which
 * other rows name it.
 */
int store_payload_add(struct store *store, struct segment_writer *writer,
    struct payload *ret_payload, struct error *err) MUST_CHECK;

/*
 * The same for content that is known beforehand: ERROR_UNTRUSTED, and nothing
 * was added, when it has another digest than `wanted`.
 */
int store_payload_add_known(struct store *store, struct segment_writer *writer,
    const struct digest *wanted, struct payload *ret_payload,
    struct error *err) MUST_CHECK;

/*
 * The change that added it in the open group fails and takes its row back: its
 * blocks are free when the group ends.
 */
void store_payload_undo(struct store *store, uint64_t number);

/* ERROR_NOT_FOUND if there is none; the caller frees `ret_payload`. */
int store_payload_find(struct store *store, uint64_t number,
    struct payload *ret_payload, struct error *err) MUST_CHECK;

/* Remove it in the open group; its blocks are free after the commit. */
int store_payload_remove(struct store *store, uint64_t number,
    struct error *err) MUST_CHECK;

/*
 * Call `done` once when the open group has ended: with NULL when it is
 * durable, else with the reason why nothing of it was kept.
 */
typedef void (*store_done_fn)(void *context, const struct error *why);
int store_after(struct store *store, store_done_fn done, void *context,
    struct error *err) MUST_CHECK;

/*
 * Make the open group durable: payload first, then rows, then the calls.
 * ERROR_BUSY says that nothing of the group was kept and that the store goes
 * on.  Any other failure leaves it unknown what a restart will find: from then
 * on every begin and commit fails with ERROR_SYSTEM (E5003).
 */
int store_commit(struct store *store, struct error *err) MUST_CHECK;

/* Undo the open group; its calls get `why`. */
void store_abort(struct store *store, const struct error *why);

/*
 * That a backup was put in place here: from store_restored_set() until the
 * daemon has dealt with it and clears it, both in the open group.
 */
struct store_restored {
	int64_t at_ms;        /* when it was put in place */
	int64_t backup_at_ms; /* when it was made */
};
int store_restored_set(struct store *store,
    const struct store_restored *restored, struct error *err) MUST_CHECK;
int store_restored_clear(struct store *store, struct error *err) MUST_CHECK;

/* 1, or 0 if it was not, or was dealt with. */
int store_restored_find(struct rows *rows, struct store_restored *ret_restored,
    struct error *err) MUST_CHECK;

/* For idle moments: checkpoint the rows, have room ready. */
int store_idle(struct store *store, struct error *err) MUST_CHECK;

#endif
