/*
 * A case is opened, and one-time codes are given out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "directory/registration.h"
#include "json/json_decode.h"
#include "management/casework_internal.h"
#include "model/times.h"
#include "policy/office.h"
#include "role/spool/spool.h"
#include "store/rows.h"

enum {
	BODY_MAX = 65536,
	CODE_MS = 24 * 3600 * 1000, /* how long a code may be used */
	CODE_GROUP = 4,
	CODE_LEN = 16,
	CODES_PER_HOUR = 60,
	HOUR_MS = 3600 * 1000,
	ID_RANDOM_CHARS = 4,
	ID_TEXT = 64,
	TAIPEI_MS = 8 * 3600 * 1000,
	ROC_YEAR_0 = 1911,
	YEAR_DIGITS = 4,
};

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ---- one-time codes ------------------------------------------------------------ */

static void
hash_code(const struct casework_case *file, const char *folded,
    struct digest *ret_hash)
{
	static const char label[] = "yizhan-case-code-1";
	const struct sha256_part parts[] = {
		{ label, sizeof(label) },
		{ file->code_salt, CASEWORK_SALT_LEN },
		{ folded, strlen(folded) },
	};

	sha256_parts(parts, ARRAY_LEN(parts), ret_hash);
}

/* Shown once to who asked; what is kept of it is in `file`. */
static int
make_code(struct casework *casework, struct casework_case *file,
    char ret_code[REGISTRATION_CODE_SIZE], struct error *err)
{
	int64_t now = casework_now(casework);
	char folded[REGISTRATION_CODE_SIZE];
	uint8_t random[CODE_LEN];
	int64_t count = 0;
	size_t len = 0;

	if (casework_count_codes(casework->rows, now - HOUR_MS, &count, err) <
	    0)
		return -1;
	if (count >= CODES_PER_HOUR)
		return error_set_id(err, "E7113", ERROR_DENIED,
		    "%d in the last hour", CODES_PER_HOUR);
	if (random_fill(random, sizeof(random), err) < 0 ||
	    random_fill(file->code_salt, CASEWORK_SALT_LEN, err) < 0)
		return -1;
	for (size_t i = 0; i < CODE_LEN; i++) {
		if (i > 0 && i % CODE_GROUP == 0)
			ret_code[len++] = '-';
		ret_code[len++] = digits[random[i] % 32];
	}
	ret_code[len] = '\0';
	registration_code_fold(ret_code, folded);
	hash_code(file, folded, &file->code_hash);
	file->code_until_ms = now + CODE_MS;
	file->code_tries = 0;
	return 0;
}

bool
casework_code_matches(const struct casework_case *file, const char *folded)
{
	struct digest hash;

	hash_code(file, folded, &hash);
	return digest_equal(&hash, &file->code_hash);
}

/* ---- opening -------------------------------------------------------------------- */

struct opening {
	char definition[CASE_NAME_SIZE];
	char note[CASEWORK_NOTE_SIZE];
	const struct json_value *fields;
};

static const struct json_field fields[] = {
	{ .name = "definition",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct opening, definition),
	    .size = CASE_NAME_SIZE },
	{ .name = "note",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct opening, note),
	    .size = CASEWORK_NOTE_SIZE,
	    .optional = true },
	{ .name = "fields",
	    .kind = JSON_FIELD_VALUE,
	    .offset = offsetof(struct opening, fields) },
};

/* "115-000012-7K2M": what follows a restore of older rows is another one. */
static int
make_id(struct casework *casework, struct casework_case *file,
    struct error *err)
{
	uint8_t random[ID_RANDOM_CHARS];
	char tail[ID_RANDOM_CHARS + 1] = "";
	char text[TIMES_RFC3339_SIZE];
	char year[YEAR_DIGITS + 1];
	char id[ID_TEXT];
	uint64_t number = 0;
	int64_t count = 0;

	if (random_fill(random, sizeof(random), err) < 0 ||
	    casework_count_all(casework->rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < ID_RANDOM_CHARS; i++)
		tail[i] = digits[random[i] % 32];
	times_format(file->opened_ms + TAIPEI_MS, text);
	text_copy_len(year, sizeof(year), text, YEAR_DIGITS);
	if (!text_parse_u64(year, 9999, &number) || number <= ROC_YEAR_0)
		number = ROC_YEAR_0 + 1;
	snprintf(id, sizeof(id), "%03" PRIu64 "-%06" PRId64 "-%s",
	    number - ROC_YEAR_0, count + 1, tail);
	if (!text_copy(file->id, sizeof(file->id), id))
		return error_set(err, ERROR_SYSTEM, "too many cases");
	return 0;
}

static int
check_opening(const struct casework_asked *asked, const struct json_value *root,
    struct opening *opening, struct casework_case *file, struct error *err)
{
	struct casework *casework = asked->casework;
	struct error why = { 0 };
	int64_t count = 0;

	if (json_decode_value(root, fields, ARRAY_LEN(fields), opening, &why) <
	    0)
		return error_set_id(err, "E7111", ERROR_MALFORMED, "%s",
		    why.text);
	file->definition =
	    case_library_find(casework->library, opening->definition);
	if (file->definition == NULL)
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no definition %s", opening->definition);
	if (casework_check_fields(opening->fields, file, err) < 0)
		return -1;
	if (!management_may_see(asked->caller,
		spool_directory(&casework->management->spool),
		file->organisation))
		return error_set_id(err, "E7117", ERROR_DENIED,
		    "a case of another organisation");
	if (casework_count_open(casework->rows, &count, err) < 0)
		return -1;
	if (count >= CASEWORK_OPEN_MAX)
		return error_set_id(err, "E7109", ERROR_DENIED,
		    "%d cases are open", CASEWORK_OPEN_MAX);
	file->opened_ms = casework_now(casework);
	return make_id(casework, file, err);
}

/* Case, first step and code become durable together. */
static int
store_opening(struct casework *casework, struct casework_case *file,
    struct casework_step *step, const char *key,
    char code[REGISTRATION_CODE_SIZE], struct error *err)
{
	const char *environment = casework_environment(casework);

	step->step.has_note = step->note[0] != '\0';
	if (case_judge(file->definition, &file->status, &step->step, err) < 0 ||
	    rows_begin(casework->rows, err) < 0)
		return -1;
	if (casework_insert(casework->rows, file, key, err) < 0 ||
	    casework_add_step(casework->rows, file, environment, step, err) <
		0 ||
	    (file->definition->has_code &&
		(make_code(casework, file, code, err) < 0 ||
		    casework_save_code(casework->rows, file, err) < 0))) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

static int
open_case(const struct casework_asked *asked, struct casework_case *file,
    char code[REGISTRATION_CODE_SIZE], struct error *err)
{
	struct json_document *document = NULL;
	struct opening opening = { .fields = NULL };
	struct casework_step step;
	int rc = -1;

	casework_fill_step(asked, CASE_STEP_OPEN, &step);
	step.note = opening.note;
	if (json_read(asked->request->body.data, asked->request->body.len,
		BODY_MAX, &document, err) == 0 &&
	    check_opening(asked, json_root(document), &opening, file, err) == 0)
		rc = store_opening(asked->casework, file, &step,
		    asked->request->key, code, err);
	json_document_free(document);
	return rc;
}

void
casework_open(const struct casework_asked *asked)
{
	struct casework_case file = { .number = 0 };
	char code[REGISTRATION_CODE_SIZE] = "";
	char known[CASEWORK_ID_SIZE] = "";
	struct error err = { 0 };
	int found = 0;

	if (asked->request->key[0] != '\0')
		found = casework_find_key(asked->casework->rows,
		    asked->request->key, known, &err);
	if (found > 0) {
		struct casework_asked again = *asked;

		/* The code was shown once; another one is given on request. */
		again.name = known;
		if (casework_find(&again, &file, &err) < 0)
			peer_refuse(asked->peer, asked->id, &err);
		else
			casework_reply(&again, known, 200, NULL);
	} else if (found < 0 || open_case(asked, &file, code, &err) < 0) {
		peer_refuse(asked->peer, asked->id, &err);
	} else {
		casework_reply(asked, file.id, 201, code);
	}
	memset(code, 0, sizeof(code));
	casework_case_free(&file);
}

int
casework_open_for(struct casework *casework,
    const struct management_caller *caller, const char *definition,
    const struct json_value *said, const char *key, const char *note,
    char ret_id[CASEWORK_ID_SIZE], struct error *err)
{
	struct casework_case file = { .opened_ms = casework_now(casework) };
	char code[REGISTRATION_CODE_SIZE] = "";
	struct casework_step step = { .note = note,
		.step = { .kind = CASE_STEP_OPEN,
		    .move = CASE_NONE,
		    .evidence = CASE_NONE,
		    .offices = caller->offices,
		    .at_ms = file.opened_ms } };
	int64_t count = 0;
	int rc = -1;

	text_copy(step.step.person, sizeof(step.step.person), caller->person);
	file.definition = case_library_find(casework->library, definition);
	if (file.definition == NULL)
		return error_set(err, ERROR_SYSTEM, "no definition %s",
		    definition);
	if (casework_count_open(casework->rows, &count, err) < 0)
		return -1;
	if (count >= CASEWORK_OPEN_MAX)
		return error_set_id(err, "E7303", ERROR_BUSY,
		    "%d cases are open", CASEWORK_OPEN_MAX);
	/* A one-time code is given out by the clerk, to whom the letter names. */
	if (casework_check_fields(said, &file, err) == 0 &&
	    make_id(casework, &file, err) == 0)
		rc = store_opening(casework, &file, &step, key, code, err);
	memset(code, 0, sizeof(code));
	if (rc == 0)
		text_copy(ret_id, CASEWORK_ID_SIZE, file.id);
	casework_case_free(&file);
	return rc;
}

int
casework_open_reported(struct casework *casework, const char *definition,
    const struct json_value *said, const char *key, const char *note,
    struct error *err)
{
	struct management_caller host = { .offices = 1u << OFFICE_SYSTEM };
	char id[CASEWORK_ID_SIZE];

	text_copy(host.person, sizeof(host.person), "host");
	return casework_open_for(casework, &host, definition, said, key, note,
	    id, err);
}

/* ---- another code ----------------------------------------------------------------- */

static int
renew(const struct casework_asked *asked, struct casework_case *file,
    char code[REGISTRATION_CODE_SIZE], struct error *err)
{
	struct casework *casework = asked->casework;
	const char *environment = casework_environment(casework);
	struct casework_step step;

	casework_fill_step(asked, CASE_STEP_CODE, &step);
	if (case_judge(file->definition, &file->status, &step.step, err) < 0 ||
	    make_code(casework, file, code, err) < 0 ||
	    rows_begin(casework->rows, err) < 0)
		return -1;
	if (casework_add_step(casework->rows, file, environment, &step, err) <
		0 ||
	    casework_save_code(casework->rows, file, err) < 0) {
		rows_rollback(casework->rows);
		return -1;
	}
	return casework_commit(casework, err);
}

void
casework_renew_code(const struct casework_asked *asked)
{
	struct casework_case file = { .number = 0 };
	char code[REGISTRATION_CODE_SIZE] = "";
	struct error err = { 0 };

	if (casework_find(asked, &file, &err) < 0 ||
	    renew(asked, &file, code, &err) < 0)
		peer_refuse(asked->peer, asked->id, &err);
	else
		casework_reply(asked, file.id, 200, code);
	memset(code, 0, sizeof(code));
	casework_case_free(&file);
}
