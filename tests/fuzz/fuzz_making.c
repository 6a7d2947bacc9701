/*
 * A letter in JSON before the reader gets it: groups become their members
 * (gateway/sending/making_groups.h), and copies are written apart
 * (gateway/sending/making_apart.h).  The store has a group G01 of 376490000A.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/making_apart.h"
#include "gateway/sending/making_groups.h"
#include "json/json_read.h"
#include "role/reader/letter_json.h"
#include "service/config.h"
#include "store/rows.h"

enum { MEMBERS = 3 };

static const char config_text[] =
    "[host]\nkind = gateway\nname = gateway-1\naddress = 127.0.0.1\n"
    "data = /nowhere\nenvironment = demo\n"
    "[center]\nname = center-a\naddress = 127.0.0.1\n"
    "[keeper]\nkey.sign.376490000A = file:/nowhere/sign.key\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(int rc, const struct error *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s\n", err->text);
	abort();
}

/* Nobody needs their names any more. */
static void
remove_files(const char *path)
{
	static const char *const ends[] = { "", "-mark", "-shm", "-wal" };
	char name[64];

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static struct rows *
open_rows(void)
{
	static const char *const migrations[] = { desk_group_schema };
	static const char *const codes[MEMBERS] = { "376470000A", "376530000A",
		"376470000AU000001" };
	char path[] = "/tmp/fuzz-making-XXXXXX";
	struct rows_options options = { .path = path,
		.application_id = 1,
		.migrations = migrations,
		.migration_count = 1,
		.allow_volatile = true };
	struct desk_group group = { .code = "G01", .title = "各處" };
	struct rows *rows = NULL;
	struct error err = { 0 };
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	must(rows_open(&options, &rows, &err), &err);
	if (!org_code_parse("376490000A", &group.organisation))
		abort();
	for (size_t i = 0; i < MEMBERS; i++) {
		struct desk_member *member =
		    desk_group_add_member(&group, &err);

		if (member == NULL || !org_code_parse(codes[i], &member->code))
			abort();
		text_copy(member->name, sizeof(member->name), "某處");
	}
	must(rows_begin(rows, &err), &err);
	must(desk_group_save(rows, &group, &err), &err);
	must(rows_commit(rows, &err), &err);
	desk_group_free(&group);
	remove_files(path);
	return rows;
}

/* It is a letter in JSON still, however it was put together. */
static void
check_letter(const struct bytes *letter)
{
	struct json_document *document = NULL;
	struct error err = { 0 };

	if (letter->len <= LETTER_JSON_MAX)
		must(json_read(letter->data, letter->len, LETTER_JSON_MAX,
			 &document, &err),
		    &err);
	if (document != NULL && !json_value_is_object(json_root(document)))
		abort();
	json_document_free(document);
}

static void
check_apart(struct blob json)
{
	struct making_apart apart = { 0 };
	struct error err = { 0 };
	size_t bytes = 0;
	int rc = making_apart_split(json, &apart, &err);

	if ((rc < 0) != (err.code != ERROR_NONE) ||
	    apart.count > MAKING_APART_MAX)
		abort();
	for (size_t i = 0; rc == 0 && i < apart.count; i++) {
		check_letter(&apart.letters[i]);
		bytes += apart.letters[i].len;
	}
	if (rc == 0 &&
	    (apart.count == 0 || bytes != apart.bytes ||
		bytes > MAKING_APART_BYTES_MAX))
		abort();
	making_apart_free(&apart);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct config *config;
	static struct rows *rows;
	struct bytes letter = { 0 };
	struct error err = { 0 };
	int rc;

	if (rows == NULL) {
		must(config_parse_text(config_text, "fuzz", &config, &err),
		    &err);
		rows = open_rows();
	}
	rc = making_groups_expand(rows, config, "", blob_of(data, len), &letter,
	    &err);
	if (rc < 0 && err.code == ERROR_NONE)
		abort();
	if (rc == 0 && letter.len > 0) {
		check_letter(&letter);
		check_apart(blob_of_bytes(&letter));
	}
	bytes_free(&letter);
	check_apart(blob_of(data, len));
	return 0;
}
