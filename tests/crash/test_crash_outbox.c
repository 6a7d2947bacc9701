/*
 * T-STO-03, T-STO-04 on the sending half of a gateway: its outbox takes
 * letters, makes waybills, sends them and takes the center's receipts, and its
 * disk is crashed at every operation.  The roles around it are those of the
 * unit test.
 */
int outbox_main(void);
#define main outbox_main
#include "../unit/test_outbox.c"
#undef main

#include <libgen.h>
#include <sys/stat.h>

#include "harness/crash_explore.h"
#include "store/leaves.h"
#include "store/rows.h"

enum { LETTERS = 2 };

enum outbox_said {
	OUTBOX_POSTED = 1, /* number: letter; data: its document id */
	OUTBOX_SENT,       /* data: digest of a waybill whose bytes have left */
	OUTBOX_ACCEPTED,   /* data: document id; the sender saw all receipts */
};

/* Made once: the keys are those of the directory that a crash may have left. */
static struct fixture *base;

static void
say_sent(const struct waybill *waybill)
{
	crash_disk_say(OUTBOX_SENT, 0, waybill->digest.bytes, DIGEST_LEN);
}

static void
post_letter(struct fixture *fixture, unsigned number)
{
	char key[32], text[32], id[ID_TEXT_SIZE];
	struct id parsed;

	snprintf(key, sizeof(key), "letter-%u", number);
	snprintf(text, sizeof(text), "text of letter %u", number);
	post(fixture, (struct wanted){ .key = key, .text = text });
	if (fixture->type != MESSAGE_RESPONSE ||
	    (fixture->response.status != 201 &&
		fixture->response.status != 200)) {
		fprintf(stderr, "letter %u: %s\n", number,
		    fixture->type == MESSAGE_RESPONSE
			? (const char *)fixture->answer.data
			: fixture->failed.text);
		abort();
	}
	id_of(fixture, id);
	assert_true(id_parse(id, &parsed));
	crash_disk_say(OUTBOX_POSTED, number, parsed.bytes, ID_LEN);
	for (int i = 0; i < 40; i++)
		turn(fixture);
	get(fixture, id, "");
	if (count_of(fixture, "\"event\":\"accepted\"") == RECIPIENTS)
		crash_disk_say(OUTBOX_ACCEPTED, number, parsed.bytes, ID_LEN);
}

/* Later rounds hand in again what the first did: it may be there already. */
static void
run_outbox(const char *dir, unsigned round, uint64_t seed)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char parent[CRASH_PATH_SIZE], name[CRASH_PATH_SIZE];
	struct error err = { 0 };

	(void)seed;
	assert_non_null(fixture);
	snprintf(parent, sizeof(parent), "%s", dir);
	snprintf(name, sizeof(name), "%s", dir);
	assert_int_equal(chdir(dirname(parent)), 0);
	text_copy(fixture->folder, sizeof(fixture->folder), basename(name));
	fixture->pki = base->pki;
	fixture->sign = base->sign;
	fixture->module = base->module;
	fixture->seal = base->seal;
	fixture->note_sent = say_sent;
	start(fixture);
	for (unsigned i = 0; i < LETTERS; i++) {
		post_letter(fixture, round == 0 ? i : LETTERS - 1 - i);
		if (store_idle(fixture->gateway.spool.store, &err) < 0)
			abort();
	}
	if (round > 0)
		post_letter(fixture, LETTERS + round);
}

/* ---- checking --------------------------------------------------------------- */

struct outbox_check {
	struct store *store;
	char *complaint;
	unsigned lost;
	struct error err;
};

static int complain(struct outbox_check *check, const char *what,
    uint64_t number);

static int
complain(struct outbox_check *check, const char *what, uint64_t number)
{
	snprintf(check->complaint, CRASH_COMPLAINT_SIZE, "%.60s %llu: %.150s",
	    what, (unsigned long long)number, check->err.text);
	return -1;
}

static void
count_lost(void *context, const struct payload *payload,
    const struct error *why)
{
	struct outbox_check *check = context;

	(void)payload;
	(void)why;
	check->lost++;
}

static int64_t
number_of(struct outbox_check *check, const char *sql, const void *data,
    size_t len)
{
	struct query *query = NULL;
	int64_t number = -1;

	if (query_begin(store_rows(check->store), sql, &query, &check->err) < 0)
		return complain(check, sql, 0);
	if (len > 0)
		query_bind_data(query, 1, data, len);
	if (query_next(query, &check->err) > 0)
		number = query_int(query, 0);
	query_end(query);
	return number < 0 ? complain(check, sql, 0) : number;
}

static int
check_payload(struct outbox_check *check, uint64_t number)
{
	struct payload payload = { 0 };
	struct segment_reader *reader = NULL;
	const uint8_t *data;
	size_t len;
	int more = -1;

	if (store_payload_find(check->store, number, &payload, &check->err) ==
		0 &&
	    segment_reader_new(store_segments(check->store), &payload, &reader,
		&check->err) == 0)
		while ((more = segment_reader_next(reader, &data, &len,
			    &check->err)) > 0)
			continue;
	segment_reader_free(reader);
	payload_free(&payload);
	return more < 0 ? complain(check, "payload", number) : 0;
}

/* No row without its payload: files of letters, content of waybills. */
static int
check_rows(struct outbox_check *check)
{
	static const char *const lists[] = {
		"SELECT payload FROM outbox_file WHERE payload <> 0",
		"SELECT payload FROM outbox_waybill WHERE payload <> 0",
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct query *query = NULL;
		int more, rc = 0;

		if (query_begin(store_rows(check->store), lists[i], &query,
			&check->err) < 0)
			return complain(check, lists[i], 0);
		while (rc == 0 && (more = query_next(query, &check->err)) > 0)
			rc =
			    check_payload(check, (uint64_t)query_int(query, 0));
		query_end(query);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
check_said(struct outbox_check *check, const struct crash_said *said)
{
	int64_t count;

	if (said->kind == OUTBOX_SENT) {
		count = number_of(check,
		    "SELECT count(*) FROM outbox_waybill WHERE digest = ?1 "
		    "AND payload <> 0 AND length(cms) > 0",
		    said->data, DIGEST_LEN);
		return count == 1 ? 0 : complain(check, "a sent waybill", 0);
	}
	count = number_of(check,
	    "SELECT count(*) FROM outbox_document WHERE document_id = ?1 AND "
	    "NOT is_draft",
	    said->data, ID_LEN);
	if (count != 1)
		return complain(check, "letter lost", said->number);
	if (said->kind == OUTBOX_POSTED)
		return 0;
	count = number_of(check,
	    "SELECT count(*) FROM outbox_delivery AS d JOIN outbox_waybill AS w"
	    " ON w.id = d.waybill JOIN outbox_receipt AS r ON r.waybill = w.id"
	    " JOIN outbox_document AS o ON o.id = w.document"
	    " WHERE o.document_id = ?1",
	    said->data, ID_LEN);
	return count >= RECIPIENTS
	    ? 0
	    : complain(check, "a receipt lost of letter", said->number);
}

static int
check_all(struct outbox_check *check, const struct crash_said *said,
    size_t count)
{
	int64_t letters =
	    number_of(check, "SELECT count(*) FROM outbox_document", NULL, 0);

	if (check_rows(check) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (check_said(check, &said[i]) < 0)
			return -1;
	/* Nothing double: an Idempotency-Key stands for one letter. */
	if (number_of(check, "SELECT count(DISTINCT key) FROM outbox_document",
		NULL, 0) != letters)
		return complain(check, "letters twice", (uint64_t)letters);
	if (rows_check(store_rows(check->store), &check->err) < 0)
		return complain(check, "rows", 0);
	return check->lost == 0 ? 0 : complain(check, "lost", check->lost);
}

static int
check_outbox(const char *dir, const struct crash_said *said, size_t count,
    char complaint[CRASH_COMPLAINT_SIZE])
{
	struct store_options options = { .dir = dir,
		.application_id = GATEWAY_APPLICATION_ID,
		.migrations = gateway_migrations,
		.migration_count = gateway_migration_count,
		.segments = { .segment_mib = 8, .reads_disk = true },
		.allow_volatile = true };
	struct outbox_check check = { .complaint = complaint };
	int rc;

	if (store_open(&options, count_lost, &check, &check.store, &check.err) <
	    0)
		return complain(&check, "opening", 0);
	rc = check_all(&check, said, count);
	store_close(check.store);
	return rc;
}

/* ---- the test ----------------------------------------------------------------- */

static const struct crash_subject outbox_subject = { "outbox", run_outbox,
	check_outbox };

static void
no_crash_loses_a_letter_that_was_handed_over(void **state)
{
	struct crash_options options =
	    crash_options_of((struct crash_options){ .seed = 1,
		.runs = 1,
		.variants = 2,
		.stride = 8,
		.deep_one_in = 150,
		.deep_points = 2 });
	struct crash_counts counts;

	(void)state;
	crash_explore(&outbox_subject, &options, &counts);
	crash_print("crash states, outbox", &counts);
	if (counts.bad > 0)
		fail_msg("%s", counts.first);
	assert_true(counts.said >= LETTERS * 4);
	assert_true(counts.points > 10 && counts.torn > 10);
}

static int
make_base(void **state)
{
	(void)state;
	base = calloc(1, sizeof(*base));
	assert_non_null(base);
	pki_new(&base->pki);
	base->sign = pki_issue(&base->pki, ISSUE_SIGN, CERT_KEY_P256, "sign");
	base->module =
	    pki_issue(&base->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	base->seal = pki_issue(&base->pki, ISSUE_SEAL, CERT_KEY_P256, "center");
	return 0;
}

static int
free_base(void **state)
{
	(void)state;
	pki_holder_free(&base->sign);
	pki_holder_free(&base->module);
	pki_holder_free(&base->seal);
	pki_free(&base->pki);
	free(base);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_crash_loses_a_letter_that_was_handed_over),
	};

	return cmocka_run_group_tests(tests, make_base, free_base);
}
