/* What package/zip_stream.h writes is a ZIP file to another implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "package/zip_stream.h"

enum { PIECES = 3000, PIECE = 997 };

static void
must(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static uint8_t
byte_at(size_t at)
{
	return (uint8_t)(at * 31 % 251 ^ at / 4096);
}

/* A stored entry, one that is long, and one that is empty. */
static void
write_file(struct bytes *to)
{
	struct zip_stream *stream;
	uint8_t piece[PIECE];
	struct error err = { 0 };

	must(zip_stream_new(&stream, &err), &err);
	must(zip_stream_add(stream, "mimetype", "text/x", 6, to, &err), &err);
	must(zip_stream_begin(stream, "content.xml", to, &err), &err);
	for (size_t i = 0; i < PIECES; i++) {
		for (size_t j = 0; j < PIECE; j++)
			piece[j] = byte_at(i * PIECE + j);
		must(zip_stream_put(stream, piece, PIECE, to, &err), &err);
	}
	must(zip_stream_end(stream, to, &err), &err);
	must(zip_stream_begin(stream, "empty", to, &err), &err);
	must(zip_stream_put(stream, "", 0, to, &err), &err);
	must(zip_stream_end(stream, to, &err), &err);
	must(zip_stream_finish(stream, to, &err), &err);
	zip_stream_free(stream);
}

static size_t
read_entry(struct archive *archive, const char *name, uint8_t *to, size_t size)
{
	struct archive_entry *entry;
	size_t len = 0;
	la_ssize_t got;

	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(entry), name);
	while ((got = archive_read_data(archive, to + len, size - len)) > 0)
		len += (size_t)got;
	assert_int_equal(got, 0);
	return len;
}

static void
another_implementation_reads_it(void **state)
{
	size_t size = (size_t)PIECES * PIECE + 1;
	struct archive *archive = archive_read_new();
	uint8_t *content = malloc(size);
	struct archive_entry *entry;
	struct bytes file = { 0 };

	(void)state;
	assert_non_null(content);
	write_file(&file);
	archive_read_support_format_zip_seekable(archive);
	assert_int_equal(archive_read_open_memory(archive, file.data, file.len),
	    ARCHIVE_OK);
	assert_int_equal(read_entry(archive, "mimetype", content, size), 6);
	assert_memory_equal(content, "text/x", 6);
	assert_int_equal(read_entry(archive, "content.xml", content, size),
	    size - 1);
	for (size_t i = 0; i < size - 1; i++)
		if (content[i] != byte_at(i))
			fail_msg("byte %zu", i);
	assert_int_equal(read_entry(archive, "empty", content, size), 0);
	assert_int_equal(archive_read_next_header(archive, &entry),
	    ARCHIVE_EOF);
	archive_read_free(archive);
	/* As OpenDocument wants it: its type is read without unpacking. */
	assert_memory_equal(file.data + 30, "mimetypetext/x", 14);
	bytes_free(&file);
	free(content);
}

static void
there_is_room_for_some_entries_only(void **state)
{
	struct zip_stream *stream;
	struct bytes to = { 0 };
	struct error err = { 0 };

	(void)state;
	must(zip_stream_new(&stream, &err), &err);
	for (int i = 0; i < ZIP_STREAM_ENTRIES_MAX; i++)
		must(zip_stream_add(stream, "a", "b", 1, &to, &err), &err);
	assert_int_equal(zip_stream_begin(stream, "c", &to, &err), -1);
	zip_stream_free(stream);
	must(zip_stream_new(&stream, &err), &err);
	must(zip_stream_begin(stream, "left open", &to, &err), &err);
	zip_stream_free(stream);
	bytes_free(&to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_implementation_reads_it),
		cmocka_unit_test(there_is_room_for_some_entries_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
