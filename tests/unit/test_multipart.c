/* Files as curl and browsers send them, cut anywhere; and what is no such. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "role/listener/multipart.h"

#define TYPE "multipart/form-data; boundary=XyZ"
#define PART "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename="

/* What was told, as text: [name]bytes; in order. */
static struct bytes told;

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	(void)ctx;
	(void)err;
	if (kind == BUNDLE_FILE)
		assert_true(len == UINT64_MAX);
	bytes_put_text(&told, kind == BUNDLE_NAME ? "[" : "");
	return 0;
}

static int
on_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	(void)ctx;
	(void)err;
	bytes_put(&told, data, len);
	return 0;
}

static int
on_end(void *ctx, struct error *err)
{
	(void)ctx;
	(void)err;
	bytes_put_text(&told, ";");
	return 0;
}

static const struct bundle_handler handler = { on_begin, on_data, on_end };

/* In pieces of `piece` bytes: 0 and what was told, or -1 and the id. */
static int
read_all(const char *type, const char *body, size_t piece, char id[8])
{
	struct multipart reader;
	struct error err = { 0 };
	size_t len = strlen(body);
	int rc = multipart_begin(&reader, type, 1000, &handler, NULL, &err);

	bytes_clear(&told);
	for (size_t at = 0; rc == 0 && at < len; at += piece)
		rc = multipart_push(&reader, (const uint8_t *)body + at,
		    len - at < piece ? len - at : piece, &err);
	if (rc == 0)
		rc = multipart_finish(&reader, &err);
	bytes_free(&reader.head);
	bytes_put_u8(&told, '\0');
	snprintf(id, 8, "%s", err.id);
	return rc;
}

static void
must_be(const char *body, const char *wanted)
{
	char id[8];

	for (size_t piece = 1; piece <= strlen(body); piece++) {
		assert_int_equal(read_all(TYPE, body, piece, id), 0);
		assert_string_equal((const char *)told.data, wanted);
	}
}

static void
files_come_with_their_names_however_they_are_cut(void **state)
{
	(void)state;
	must_be(PART "\"a.di\"\r\n\r\nabc\r\n--XyZ--\r\n", "[a.di;abc;");
	must_be(PART "\"a.di\"\r\n\r\nabc\r\n--XyZ--", "[a.di;abc;");
	must_be(PART "\"a\"\r\nContent-Type: x/y\r\n\r\n\r\n" PART
		     "\"b\"\r\n\r\nB\r\n--XyZ--",
	    "[a;;[b;B;");
	/* Almost a delimiter, over and over. */
	must_be(PART "\"a\"\r\n\r\n\r\n--Xy\r\r\n\r\n--XyY\r\n--\r\n--XyZ--",
	    "[a;\r\n--Xy\r\r\n\r\n--XyY\r\n--;");
	must_be(PART "\"附件.pdf\"\r\n\r\nx\r\n--XyZ--", "[附件.pdf;x;");
}

static void
what_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"--XyZ",
		"--XyZ--",
		"x" PART "\"a\"\r\n\r\nabc\r\n--XyZ--",
		"\r\n" PART "\"a\"\r\n\r\nabc\r\n--XyZ--",
		PART "\"a\"\r\n\r\nabc",
		PART "\"a\"\r\n\r\nabc\r\n--XyZ",
		PART "\"a\"\r\n\r\nabc\r\n--XyZ-",
		PART "\"a\"\r\n\r\nabc\r\n--XyZx",
		PART "\"a\"\r\n\r\nabc\r\n--XyZ--x",
		PART "\"a\"\r\n\r\nabc\r\n--XyZ--\r\nx",
		PART "\"a\n\nabc\n--XyZ--",
		PART "\"a\r\n\r\nabc\r\n--XyZ--",
		"--XyZ\r\n\r\nabc\r\n--XyZ--",
		"--XyZ\r\nContent-Type: x/y\r\n\r\nabc\r\n--XyZ--",
		"--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
		"abc\r\n--XyZ--",
		PART "\"a\"\r\nContent-Disposition: form-data; "
		     "filename=\"b\"\r\n\r\nabc\r\n--XyZ--",
		PART "\"a\"\r\n X: folded\r\n\r\nabc\r\n--XyZ--",
	};
	char id[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		/* "--XyZ--" alone is a form without parts. */
		if (i == 2)
			continue;
		assert_int_equal(read_all(TYPE, bad[i], 7, id), -1);
		assert_string_equal(id, "E6211");
	}
	assert_int_equal(read_all("multipart/form-data", bad[2], 7, id), -1);
	assert_int_equal(read_all("multipart/form-data; boundary=", bad[2], 7,
			     id),
	    -1);
	assert_int_equal(read_all("multipart/form-data; boundary=a b\"c",
			     bad[2], 7, id),
	    -1);
	assert_int_equal(read_all("multipart/mixed; boundary=XyZ", bad[2], 7,
			     id),
	    -1);
}

static void
heads_and_files_have_limits(void **state)
{
	static char body[8192];
	char id[8];

	(void)state;
	snprintf(body, sizeof(body), "%s", PART "\"a\"\r\nX: ");
	memset(body + strlen(body), 'y', 6000);
	assert_int_equal(read_all(TYPE, body, 100, id), -1);
	assert_string_equal(id, "E6211");
	memset(body, 0, sizeof(body));
	snprintf(body, sizeof(body), "%s", PART "\"a\"\r\n\r\n");
	memset(body + strlen(body), 'y', 1001);
	assert_int_equal(read_all(TYPE, body, 100, id), -1);
	assert_string_equal(id, "E6203");
	bytes_free(&told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    files_come_with_their_names_however_they_are_cut),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(heads_and_files_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
