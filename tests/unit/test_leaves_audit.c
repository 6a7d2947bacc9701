/*
 * T-LOG-06: whatever is changed in the stored log is found and named.  Edits
 * are random; LEAVES_EDITS in the environment asks for more of them.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/ed25519.h"
#include "harness/scratch.h"
#include "store/leaves.h"
#include "store/leaves_audit.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum { RECORDS = 600, STEP = 150, EDITS = 600, FINDINGS = 64, TEXT = 64 };

static const char origin[] = "yizhan/demo/center-a/1";

/* A log of RECORDS records, with a checkpoint after each STEP of them. */
struct box {
	char dir[SCRATCH_PATH_SIZE];
	struct store *store;
	struct rows *rows;
	struct ed25519_key *key;
	struct leaves_log_key log;
	struct note_checkpoint newest;
	uint64_t random;

	/* Of the last audit. */
	struct leaves_finding findings[FINDINGS];
	size_t finding_count;
	struct leaves_summary summary;
};

static struct box box;

static uint64_t
below(uint64_t limit)
{
	box.random ^= box.random << 13;
	box.random ^= box.random >> 7;
	box.random ^= box.random << 17;
	return box.random % limit;
}

static void
append(struct leaves *leaves, const char *text, uint64_t salt_seed)
{
	struct digest salt = { { 0 } };
	struct error err = { 0 };
	uint64_t index;

	memcpy(salt.bytes, &salt_seed, sizeof(salt_seed));
	if (leaves_append(leaves, &salt, text, strlen(text), &index, &err) < 0)
		fail_msg("%s", err.text);
}

static void
add_checkpoint(struct leaves *leaves)
{
	struct note_checkpoint checkpoint = { .size = leaves_size(leaves),
		.root = leaves_root(leaves) };
	uint8_t signature[ED25519_SIGNATURE_LEN];
	struct bytes text = { 0 };
	struct bytes note = { 0 };
	struct error err = { 0 };

	text_copy(checkpoint.origin, sizeof(checkpoint.origin), origin);
	if (note_put_text(&checkpoint, &text, &err) < 0 ||
	    ed25519_sign(box.key, text.data, text.len, signature, &err) < 0 ||
	    note_put(&checkpoint, box.log.public_key, signature, &note, &err) <
		0 ||
	    leaves_checkpoint_add(leaves, checkpoint.size, note.data, note.len,
		&err) < 0)
		fail_msg("%s", err.text);
	box.newest = checkpoint;
	bytes_free(&text);
	bytes_free(&note);
}

static int
set_up(void **state)
{
	static const uint8_t seed[ED25519_SEED_LEN] = { 3, 1, 4 };
	struct store_options options = { .application_id = 7,
		.segments = { .segment_mib = 1 },
		.allow_volatile = true };
	struct error err = { 0 };
	char text[TEXT];

	(void)state;
	memset(&box, 0, sizeof(box));
	box.random = 88172645463325252U;
	scratch_make(box.dir);
	options.dir = box.dir;
	text_copy(box.log.origin, sizeof(box.log.origin), origin);
	if (ed25519_key_new(seed, &box.key, &err) < 0 ||
	    ed25519_key_public(box.key, box.log.public_key, &err) < 0 ||
	    store_open(&options, NULL, NULL, &box.store, &err) < 0 ||
	    store_begin(box.store, &err) < 0)
		fail_msg("%s", err.text);
	box.rows = store_rows(box.store);
	for (uint64_t i = 0; i < RECORDS; i++) {
		snprintf(text, sizeof(text), "statement %llu",
		    (unsigned long long)i);
		append(store_leaves(box.store), text, i);
		if ((i + 1) % STEP == 0)
			add_checkpoint(store_leaves(box.store));
	}
	if (store_commit(box.store, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(box.store);
	ed25519_key_free(box.key);
	scratch_remove(box.dir);
	return 0;
}

static void
tell(void *ctx, const struct leaves_finding *finding)
{
	(void)ctx;
	if (box.finding_count < FINDINGS)
		box.findings[box.finding_count] = *finding;
	box.finding_count++;
}

static void
audit(bool with_kept)
{
	struct leaves_audit_options options = { .keys = &box.log,
		.key_count = 1,
		.kept = &box.newest,
		.kept_count = with_kept,
		.tell = tell };
	struct error err = { 0 };

	box.finding_count = 0;
	if (leaves_audit(box.rows, &options, &box.summary, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(box.summary.findings, box.finding_count);
}

/* ---- edits ----------------------------------------------------------- */

static void PRINTF_LIKE(1, 2) run(const char *format, ...)
{
	char sql[512];
	struct error err = { 0 };
	va_list list;

	va_start(list, format);
	vsnprintf(sql, sizeof(sql), format, list);
	va_end(list);
	if (rows_run(box.rows, sql, &err) < 0)
		fail_msg("%s: %s", sql, err.text);
}

static void
flip(const char *get, const char *set, uint64_t where)
{
	struct query *query = NULL;
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	size_t len;
	const void *data;

	if (query_begin(box.rows, get, &query, &err) < 0)
		fail_msg("%s", err.text);
	query_bind_int(query, 1, (int64_t)where);
	assert_int_equal(query_next(query, &err), 1);
	data = query_data(query, 0, &len);
	bytes_put(&bytes, data, len);
	query_end(query);
	bytes.data[below(len)] ^= (uint8_t)(1 << below(8));
	if (query_begin(box.rows, set, &query, &err) < 0)
		fail_msg("%s", err.text);
	query_bind_int(query, 1, (int64_t)where);
	query_bind_data(query, 2, bytes.data, bytes.len);
	if (query_finish(query, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&bytes);
}

/*
 * What somebody can do who writes the database but has no key: the records
 * below `count`, that of `changed` another one, with all hashes and tiles.
 */
static void
rewrite(uint64_t count, uint64_t changed)
{
	struct leaves *leaves = NULL;
	struct error err = { 0 };
	char text[TEXT];

	run("DELETE FROM leaf; DELETE FROM tile");
	if (leaves_open(box.rows, &leaves, &err) < 0)
		fail_msg("%s", err.text);
	for (uint64_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%s %llu",
		    i == changed ? "another" : "statement",
		    (unsigned long long)i);
		append(leaves, text, i);
	}
	leaves_free(leaves);
}

enum edit {
	FLIP_STATEMENT,
	FLIP_SALT,
	FLIP_HASH,
	REMOVE,
	MOVE,
	SWAP,
	SWAP_CONTENT,
	REPEAT,
	TRUNCATE,
	APPEND,
	FLIP_TILE,
	REMOVE_TILE,
	ADD_TILE,
	FLIP_NOTE,
	REMOVE_NOTE,
	MOVE_NOTE,
	REWRITE,
	REPLAY,
	EDIT_COUNT
};

/* The record at which it shows; RECORDS if there is none in particular. */
static uint64_t
make_edit(enum edit edit)
{
	uint64_t a = below(RECORDS);
	uint64_t b = (a + 1 + below(RECORDS - 1)) % RECORDS;
	uint64_t first = a < b ? a : b;

	switch (edit) {
	case FLIP_STATEMENT:
		flip("SELECT statement FROM leaf WHERE position = ?1",
		    "UPDATE leaf SET statement = ?2 WHERE position = ?1", a);
		return a;
	case FLIP_SALT:
		flip("SELECT salt FROM leaf WHERE position = ?1",
		    "UPDATE leaf SET salt = ?2 WHERE position = ?1", a);
		return a;
	case FLIP_HASH:
		flip("SELECT hash FROM leaf WHERE position = ?1",
		    "UPDATE leaf SET hash = ?2 WHERE position = ?1", a);
		return a;
	case REMOVE:
		run("DELETE FROM leaf WHERE position = %" PRIu64, a);
		return a;
	case MOVE:
		run("UPDATE leaf SET position = position + 100000"
		    " WHERE position = %" PRIu64,
		    a);
		return a;
	case SWAP:
		run("UPDATE leaf SET position = -1 WHERE position = %" PRIu64
		    ";",
		    a);
		run("UPDATE leaf SET position = %" PRIu64
		    " WHERE position = %" PRIu64,
		    a, b);
		run("UPDATE leaf SET position = %" PRIu64
		    " WHERE position = -1",
		    b);
		return first;
	case SWAP_CONTENT:
		run("UPDATE leaf SET (salt, statement) = (SELECT salt,"
		    " statement FROM leaf WHERE position = %" PRIu64 ")"
		    " WHERE position = %" PRIu64,
		    a, b);
		return b;
	case REPEAT:
		run("UPDATE leaf SET (hash, salt, statement) = (SELECT hash,"
		    " salt, statement FROM leaf WHERE position = %" PRIu64 ")"
		    " WHERE position = %" PRIu64,
		    a, b);
		return b;
	case TRUNCATE:
		run("DELETE FROM leaf WHERE position >= %" PRIu64, a);
		return a;
	case APPEND:
		run("INSERT INTO leaf SELECT %" PRIu64 ", hash, salt, statement"
		    " FROM leaf WHERE position = %" PRIu64,
		    (uint64_t)RECORDS, a);
		return RECORDS;
	case FLIP_TILE:
		flip("SELECT hashes FROM tile WHERE level * 2 + position = ?1",
		    "UPDATE tile SET hashes = ?2"
		    " WHERE level * 2 + position = ?1",
		    below(3));
		return RECORDS;
	case REMOVE_TILE:
		run("DELETE FROM tile WHERE level * 2 + position = %" PRIu64,
		    below(3));
		return RECORDS;
	case ADD_TILE:
		run("INSERT INTO tile VALUES (%" PRIu64 ", %" PRIu64 ", x'00')",
		    below(9), 2 + below(100));
		return RECORDS;
	case FLIP_NOTE:
		flip("SELECT note FROM checkpoint WHERE size = ?1",
		    "UPDATE checkpoint SET note = ?2 WHERE size = ?1",
		    STEP * (1 + below(RECORDS / STEP)));
		return RECORDS;
	case REMOVE_NOTE:
		run("DELETE FROM checkpoint WHERE size = %" PRIu64,
		    (uint64_t)RECORDS);
		return RECORDS;
	case MOVE_NOTE:
		run("UPDATE checkpoint SET size = size - 1 - %" PRIu64
		    " WHERE size = %" PRIu64,
		    (uint64_t)(below(STEP - 1)),
		    (uint64_t)(STEP * (1 + below(RECORDS / STEP))));
		return RECORDS;
	case REWRITE:
		rewrite(RECORDS, a);
		return a;
	case REPLAY:
		a = STEP * (1 + below(RECORDS / STEP - 1));
		rewrite(a, RECORDS);
		run("DELETE FROM checkpoint WHERE size > %" PRIu64, a);
		return a;
	case EDIT_COUNT:
		break;
	}
	return RECORDS;
}

static bool
is_named(uint64_t index)
{
	for (size_t i = 0; i < box.finding_count && i < FINDINGS; i++)
		if (box.findings[i].first <= index &&
		    index <= box.findings[i].last)
			return true;
	return false;
}

static void
an_untouched_log_has_no_findings(void **state)
{
	(void)state;
	audit(true);
	assert_int_equal(box.finding_count, 0);
	assert_int_equal(box.summary.records, RECORDS);
	assert_int_equal(box.summary.attested, RECORDS);
	assert_int_equal(box.summary.checkpoints, RECORDS / STEP);
	assert_true(digest_equal(&box.summary.root, &box.newest.root));
}

static void
every_edit_is_found_and_named(void **state)
{
	const char *more = getenv("LEAVES_EDITS");
	uint64_t count = EDITS;
	size_t found = 0;

	(void)state;
	if (more != NULL && !text_parse_u64(more, UINT32_MAX, &count))
		fail_msg("LEAVES_EDITS=%s is no number", more);
	for (size_t i = 0; i < count; i++) {
		/* Those that build the log anew cost more: fewer of them. */
		enum edit edit =
		    (enum edit)(i % 8 == 7 ? i / 8 % EDIT_COUNT : i % REWRITE);
		uint64_t index;

		run("SAVEPOINT edit");
		index = make_edit(edit);
		/* The newest is missed, unless somebody else has it. */
		audit(edit != REMOVE_NOTE);
		if (box.finding_count == 0)
			fail_msg("edit %zu of kind %d was not found", i, edit);
		if (index < RECORDS && !is_named(index))
			fail_msg("edit %zu of kind %d: record %llu is not "
				 "named",
			    i, edit, (unsigned long long)index);
		found++;
		run("ROLLBACK TO edit; RELEASE edit");
	}
	audit(true);
	assert_int_equal(box.finding_count, 0);
	assert_int_equal(found, count);
	print_message("# %zu edits, %zu found\n", (size_t)count, found);
}

/* Controls: what an edit is, and what the checkpoints are for. */
static void
what_changes_nothing_is_not_reported(void **state)
{
	(void)state;
	run("SAVEPOINT edit");
	rewrite(RECORDS, RECORDS);
	run("UPDATE leaf SET statement = statement");
	audit(true);
	assert_int_equal(box.finding_count, 0);
	run("ROLLBACK TO edit; RELEASE edit");
}

static void
without_checkpoints_a_rewritten_log_would_pass(void **state)
{
	(void)state;
	run("SAVEPOINT edit");
	rewrite(RECORDS, 5);
	run("DELETE FROM checkpoint");
	audit(false);
	assert_int_equal(box.finding_count, 1);
	assert_int_equal(box.findings[0].fault, LEAVES_LOOSE);
	audit(true);
	assert_int_equal(box.findings[0].fault, LEAVES_REWRITTEN);
	run("ROLLBACK TO edit; RELEASE edit");
}

/* Put back as a whole, old records with old checkpoints: only others know. */
static void
an_old_log_is_found_by_what_others_kept(void **state)
{
	(void)state;
	run("SAVEPOINT edit");
	rewrite(3 * STEP, RECORDS);
	run("DELETE FROM checkpoint WHERE size > %" PRIu64,
	    (uint64_t)(3 * STEP));
	audit(false);
	assert_int_equal(box.finding_count, 0);
	audit(true);
	assert_int_equal(box.finding_count, 1);
	assert_int_equal(box.findings[0].fault, LEAVES_SHORT);
	assert_int_equal(box.findings[0].first, 3 * STEP);
	assert_int_equal(box.findings[0].last, RECORDS - 1);
	run("ROLLBACK TO edit; RELEASE edit");
}

static void
another_hosts_log_is_found(void **state)
{
	struct leaves_log_key key = box.log;

	(void)state;
	text_copy(box.log.origin, sizeof(box.log.origin),
	    "yizhan/demo/center-b/1");
	audit(false);
	assert_true(box.finding_count >= RECORDS / STEP);
	assert_int_equal(box.findings[0].fault, LEAVES_UNSIGNED);
	box.log = key;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_untouched_log_has_no_findings),
		cmocka_unit_test(every_edit_is_found_and_named),
		cmocka_unit_test(what_changes_nothing_is_not_reported),
		cmocka_unit_test(
		    without_checkpoints_a_rewritten_log_would_pass),
		cmocka_unit_test(an_old_log_is_found_by_what_others_kept),
		cmocka_unit_test(another_hosts_log_is_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
