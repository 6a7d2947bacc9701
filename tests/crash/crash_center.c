#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "crash/center_play.h"
#include "crash/crash_center_internal.h"
#include "crypto/sha256.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "role/log/host_log.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

static struct center_world world;

void
crash_center_set_up(void)
{
	center_world_new(&world);
}

void
crash_center_tear_down(void)
{
	center_world_free(&world);
}

/*
 * Later rounds first hand in again what the round before did: whatever was
 * accepted gets its first receipt again.
 */
static int
play_round(const char *dir, unsigned number, uint64_t seed, bool moves)
{
	struct center_round round = { .first = 1 + number * CENTER_ROUND,
		.count = number == 0 ? CENTER_LETTERS : CENTER_LETTERS_AFTER,
		.moves = moves };
	uint32_t before = number <= 1 ? CENTER_LETTERS : CENTER_LETTERS_AFTER;
	uint32_t skip = (uint32_t)(seed % 2);

	if (number > 0) {
		round.repeat_from = round.first - CENTER_ROUND + skip;
		round.repeats = before - skip;
	}
	return center_play(&world, dir, &round);
}

int
crash_center_run(const char *dir, unsigned round, uint64_t seed)
{
	return play_round(dir, round, seed, false);
}

static void
run(const char *dir, unsigned round, uint64_t seed)
{
	if (crash_center_run(dir, round, seed) < 0)
		abort();
}

static void
run_moves(const char *dir, unsigned round, uint64_t seed)
{
	if (play_round(dir, round, seed, true) < 0)
		abort();
}

/* ---- checking ------------------------------------------------------------------ */

int
check_complain(struct check *check, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(check->complaint, CRASH_COMPLAINT_SIZE, format, list);
	va_end(list);
	return -1;
}

static void
note_lost(void *context, const struct payload *payload, const struct error *why)
{
	struct check *check = context;

	(void)payload;
	(void)why;
	check->lost++;
}

/* A count or another number; -1 and a complaint if there is none. */
int64_t
check_number(struct check *check, const char *sql, int64_t argument)
{
	struct query *query = NULL;
	int64_t number = -1;

	if (query_begin(check->rows, sql, &query, &check->err) == 0 &&
	    (strstr(sql, "?1") == NULL ||
		(query_bind_int(query, 1, argument), true)) &&
	    query_next(query, &check->err) > 0)
		number = query_int(query, 0);
	else
		check_complain(check, "%s: %s", sql, check->err.text);
	query_end(query);
	return number;
}

static int
check_payload(struct check *check, const struct center_waybill *waybill)
{
	struct payload payload = { 0 };
	struct segment_reader *reader = NULL;
	struct sha256 *sha = NULL;
	const uint8_t *data = NULL;
	struct digest digest;
	size_t len = 0;
	int more = -1;

	if (store_payload_find(check->store, waybill->payload, &payload,
		&check->err) < 0 ||
	    segment_reader_new(store_segments(check->store), &payload, &reader,
		&check->err) < 0 ||
	    sha256_new(&sha, &check->err) < 0)
		goto done;
	while (
	    (more = segment_reader_next(reader, &data, &len, &check->err)) > 0)
		sha256_update(sha, data, len);
	sha256_final(sha, &digest);
	if (more == 0 && !digest_equal(&digest, &waybill->content))
		more = error_set(&check->err, ERROR_SYSTEM, "other content");
done:
	sha256_free(sha);
	segment_reader_free(reader);
	payload_free(&payload);
	return more < 0
	    ? check_complain(check, "payload %llu: %s",
		  (unsigned long long)waybill->payload, check->err.text)
	    : 0;
}

/* The statement at `entry` speaks of that waybill. */
static int
check_statement(struct check *check, uint64_t entry,
    const struct digest *waybill)
{
	struct statement statement = { 0 };
	struct bytes json = { 0 };
	struct digest salt;
	int rc = -1;

	if (leaves_find(store_leaves(check->store), entry, &salt, &json,
		&check->err) < 0 ||
	    statement_decode(json.data, json.len, &statement, &check->err) < 0)
		check_complain(check, "statement %llu: %s",
		    (unsigned long long)entry, check->err.text);
	else if (!digest_equal(&statement.waybill, waybill))
		check_complain(check,
		    "statement %llu speaks of another waybill",
		    (unsigned long long)entry);
	else
		rc = 0;
	statement_free(&statement);
	bytes_free(&json);
	return rc;
}

/* Each delivery is in one feed, or on its way, or has been relayed. */
static int
check_ways(struct check *check, const struct center_waybill *waybill,
    const struct world_letter *letter)
{
	int64_t here = check_number(check,
	    "SELECT count(*) FROM delivery AS d JOIN feed ON feed.delivery ="
	    " d.id WHERE d.waybill = ?1",
	    waybill->row);
	int64_t sends = check_number(check,
	    "SELECT count(*) FROM send WHERE kind = 1 AND waybill = ?1",
	    waybill->row);
	int64_t open = check_number(check,
	    "SELECT count(*) FROM delivery WHERE waybill = ?1 AND flags & 1",
	    waybill->row);
	int64_t all = check_number(check,
	    "SELECT count(*) FROM delivery WHERE waybill = ?1", waybill->row);
	int64_t locals = 0, remotes = 0;

	for (size_t i = 0; i < letter->leaf_count; i++) {
		bool is_here = text_equal(letter->leaves[i].center, WORLD_HERE);

		locals += is_here;
		remotes += !is_here;
	}
	if (all != locals + remotes || here != locals)
		return check_complain(check,
		    "letter %u has %lld deliveries and %lld feed items",
		    letter->number, (long long)all, (long long)here);
	/* A relay waits exactly as long as its deliveries are open. */
	if (sends > 1 || (sends == 0) != (open == 0) || open > remotes)
		return check_complain(check,
		    "letter %u: %lld relays, %lld open", letter->number,
		    (long long)sends, (long long)open);
	return 0;
}

/* All rows, whether they were acknowledged or not (I5). */
static int
check_waybills(struct check *check)
{
	int64_t rows = check_number(check, "SELECT count(*) FROM waybill", 0);
	int64_t at = 0;

	for (int64_t i = 0; i < rows; i++) {
		struct center_waybill waybill;
		struct world_letter letter;
		struct query *query = NULL;
		uint32_t number = 0;

		if (query_begin(check->rows,
			"SELECT id, cms FROM waybill WHERE id > ?1 "
			"ORDER BY id LIMIT 1",
			&query, &check->err) < 0)
			return check_complain(check, "%s", check->err.text);
		query_bind_int(query, 1, at);
		if (query_next(query, &check->err) > 0) {
			size_t len;
			const void *cms = query_data(query, 1, &len);

			at = query_int(query, 0);
			number = world_number(cms, len, "cms");
		}
		query_end(query);
		letter = world_letter(number);
		if (center_waybill_find_row(check->rows, at, &waybill,
			&check->err) <= 0 ||
		    !digest_equal(&waybill.digest, &letter.waybill))
			return check_complain(check,
			    "waybill %lld of letter %u", (long long)at, number);
		if (check_payload(check, &waybill) < 0 ||
		    check_statement(check, waybill.entry, &waybill.digest) <
			0 ||
		    (check->moves ? check_move_ways(check, &waybill, &letter)
				  : check_ways(check, &waybill, &letter)) < 0)
			return -1;
	}
	return check_number(check, "SELECT count(*) FROM payload", 0) == rows
	    ? 0
	    : check_complain(check, "%lld waybills, another count of payloads",
		  (long long)rows);
}

/* A receipt that was given out can be given out again, and verifies (I4). */
int
check_receipt(struct check *check, const struct crash_said *said)
{
	struct center_evidence evidence;
	struct bytes json = { 0 };
	struct receipt receipt = { 0 };
	struct note note;
	struct digest leaf, root = { { 0 } };
	int rc = -1;

	memcpy(&evidence, said->data, sizeof(evidence));
	if (host_log_receipt(store_leaves(check->store), evidence.index, &json,
		&check->err) < 0 ||
	    receipt_decode(json.data, json.len, &receipt, &check->err) < 0 ||
	    note_verify(receipt.checkpoint, strlen(receipt.checkpoint),
		WORLD_ORIGIN, world.log_public, &note, &check->err) < 0) {
		check_complain(check, "receipt of letter %u: %s", said->number,
		    check->err.text);
		goto done;
	}
	leaf = receipt_leaf(&receipt);
	if (!digest_equal(&leaf, &evidence.statement) ||
	    !receipt_root(&receipt, note.checkpoint.size, &root) ||
	    !digest_equal(&root, &note.checkpoint.root))
		check_complain(check, "the receipt of letter %u is another one",
		    said->number);
	else
		rc = 0;
done:
	receipt_free(&receipt);
	bytes_free(&json);
	return rc;
}

static int
check_accepted(struct check *check, const struct crash_said *said)
{
	struct world_letter letter = world_letter(said->number);
	struct center_evidence evidence;
	struct center_waybill waybill;
	struct center_delivery delivery;
	struct org_code code;

	memcpy(&evidence, said->data, sizeof(evidence));
	if (!org_code_parse(WORLD_SENDER, &code) ||
	    center_waybill_find(check->rows, &code, &letter.waybill_id,
		&waybill, &check->err) <= 0)
		return check_complain(check, "letter %u is lost", said->number);
	if (said->kind == CENTER_ACCEPTED && waybill.entry != evidence.index)
		return check_complain(check, "letter %u has another receipt",
		    said->number);
	for (size_t i = 0; i < letter.leaf_count; i++)
		if (!org_code_parse(letter.leaves[i].recipient, &code) ||
		    center_delivery_find(check->rows, waybill.row, &code,
			&delivery, &check->err) <= 0)
			return check_complain(check,
			    "letter %u lost a delivery", said->number);
	if (said->kind == CENTER_FETCHED &&
	    check_number(check, "SELECT count(*) FROM act WHERE entry = ?1",
		(int64_t)evidence.index) != 1)
		return check_complain(check, "letter %u lost an act",
		    said->number);
	return check_receipt(check, said);
}

/* What the keeper signed is the log's beginning, for ever (I8). */
static int
check_signed(struct check *check, const struct crash_said *said)
{
	struct note_checkpoint checkpoint = { .origin = WORLD_ORIGIN,
		.size = said->number };
	struct bytes text = { 0 };
	struct digest digest;
	int rc = -1;

	if (leaves_root_at(store_leaves(check->store), checkpoint.size,
		&checkpoint.root, &check->err) < 0 ||
	    note_put_text(&checkpoint, &text, &check->err) < 0) {
		check_complain(check, "signed %u: %s", said->number,
		    check->err.text);
	} else {
		sha256(text.data, text.len, &digest);
		rc = memcmp(digest.bytes, said->data, DIGEST_LEN) == 0
		    ? 0
		    : check_complain(check, "another root at %u", said->number);
	}
	bytes_free(&text);
	return rc;
}

/* True for one by which a waybill came here. */
static bool
note_statement(struct check *check, const struct statement *statement)
{
	static const struct digest none;

	if (check->stated_count < CHECK_STATED_MAX)
		check->stated[check->stated_count++] = (struct check_stated){
			.event = statement->event,
			.leaf = statement->leaf,
			.is_own = digest_equal(&statement->remote, &none),
		};
	return (statement->event == EVENT_ACCEPTED ||
		   statement->event == EVENT_RELAYED) &&
	    text_equal(statement->at, WORLD_HERE);
}

/* Every statement of acceptance has its waybill, and only one. */
static int
check_log(struct check *check)
{
	struct leaves *leaves = store_leaves(check->store);
	int64_t own = 0;
	struct digest root;

	if (leaves_check(leaves, &root, &check->err) < 0)
		return check_complain(check, "log: %s", check->err.text);
	for (uint64_t i = 0; i < leaves_size(leaves); i++) {
		struct statement statement = { 0 };
		struct bytes json = { 0 };
		struct digest salt;

		if (leaves_find(leaves, i, &salt, &json, &check->err) == 0 &&
		    statement_decode(json.data, json.len, &statement,
			&check->err) == 0)
			own += note_statement(check, &statement);
		statement_free(&statement);
		bytes_free(&json);
	}
	return check_number(check, "SELECT count(*) FROM waybill", 0) == own
	    ? 0
	    : check_complain(check,
		  "%lld acceptances, another count of waybills",
		  (long long)own);
}

static int
check_all(struct check *check, const struct crash_said *said, size_t count)
{
	/* The log first: it says what there must be. */
	if (check_log(check) < 0 || check_waybills(check) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int rc = said[i].kind == CENTER_SIGNED
		    ? check_signed(check, &said[i])
		    : said[i].kind >= CENTER_MOVED
		    ? check_moved(check, &said[i])
		    : check_accepted(check, &said[i]);

		if (rc < 0)
			return -1;
	}
	if (rows_check(check->rows, &check->err) < 0)
		return check_complain(check, "rows: %s", check->err.text);
	return check->lost == 0
	    ? 0
	    : check_complain(check, "%u payloads lost at the start",
		  check->lost);
}

static int
check_folder(const char *dir, const struct crash_said *said, size_t count,
    bool moves, char complaint[CRASH_COMPLAINT_SIZE])
{
	struct store_options options = { .dir = dir,
		.application_id = CENTER_APPLICATION_ID,
		.migrations = center_migrations,
		.migration_count = center_migration_count,
		.segments = { .segment_mib = 1, .reads_disk = true },
		.allow_volatile = true };
	static struct check check; /* too large for a stack */
	int rc = -1;

	memset(&check, 0, sizeof(check));
	check.complaint = complaint;
	check.moves = moves;
	complaint[0] = '\0';
	if (store_open(&options, note_lost, &check, &check.store, &check.err) <
	    0)
		return check_complain(&check, "opening: %s", check.err.text);
	check.rows = store_rows(check.store);
	rc = check_all(&check, said, count);
	store_close(check.store);
	return rc;
}

int
crash_center_check(const char *dir, const struct crash_said *said, size_t count,
    char complaint[CRASH_COMPLAINT_SIZE])
{
	return check_folder(dir, said, count, false, complaint);
}

static int
check_with_moves(const char *dir, const struct crash_said *said, size_t count,
    char complaint[CRASH_COMPLAINT_SIZE])
{
	return check_folder(dir, said, count, true, complaint);
}

const struct crash_subject center_subject = { "center", run,
	crash_center_check };
const struct crash_subject moves_subject = { "moves", run_moves,
	check_with_moves };
