#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "package/crc32.h"
#include "package/manifest.h"
#include "package/package_batch.h"
#include "package/package_facts.h"
#include "package/package_read.h"
#include "package/package_write.h"
#include "package/zip_format.h"

/* ---- making packages -------------------------------------------------- */

enum { FILES = 3 };

static const char *const file_names[FILES] = { "doc.di", "附件/圖.pdf",
	"empty.txt" };
static const char *const file_texts[FILES] = { "<函/>", "some bytes", "" };

struct files {
	size_t at[FILES];
	const char *const *texts;
};

static int
read_file(void *context, size_t index, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	struct files *files = context;
	const char *text = files->texts[index] + files->at[index];
	size_t len = strlen(text);

	(void)err;
	if (len > size)
		len = size;
	if (len > 3)
		len = 3; /* pieces, as from a pipe */
	memcpy(to, text, len);
	files->at[index] += len;
	*ret_len = len;
	return 0;
}

static int
sink(void *context, const void *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static struct org_code recipients[2] = { { "376490000A" },
	{ "A01000000AU610000" } };

static struct package_facts
good_facts(void)
{
	struct package_facts facts = {
		.environment = "demo",
		.sender = { "379000000A" },
		.recipients = recipients,
		.recipient_count = 2,
		.message = 0,
	};

	assert_true(id_parse("019a0000-0000-7000-8000-000000000001",
	    &facts.document_id));
	return facts;
}

static struct package_plan *
plan_of(const char *const *texts)
{
	struct package_facts facts = good_facts();
	struct package_plan *plan = NULL;
	struct error err = { 0 };

	assert_int_equal(package_plan_new(&facts, &plan, &err), 0);
	for (size_t i = 0; i < FILES; i++) {
		struct files files = { .texts = texts };
		struct package_measure measure;

		assert_int_equal(package_measure(read_file, &files, i, &measure,
				     &err),
		    0);
		assert_int_equal(package_plan_add(plan, file_names[i], &measure,
				     &err),
		    0);
	}
	return plan;
}

static struct bytes
good_package(void)
{
	struct package_plan *plan = plan_of(file_texts);
	struct files files = { .texts = file_texts };
	struct bytes zip = { 0 };
	struct error err = { 0 };

	assert_int_equal(package_plan_sign(plan, "signature", 9, &err), 0);
	assert_int_equal(package_write(plan, read_file, &files, sink, &zip,
			     &err),
	    0);
	assert_int_equal(zip.len, package_plan_size(plan));
	package_plan_free(plan);
	return zip;
}

/* Step by step gives the same bytes as at once. */
static void
a_package_can_be_written_in_small_steps(void **state)
{
	struct package_plan *plan = plan_of(file_texts);
	struct files files = { .texts = file_texts };
	struct package_writer *writer = NULL;
	struct bytes zip = { 0 };
	struct bytes whole = good_package();
	struct error err = { 0 };
	int steps = 0;
	int more;

	(void)state;
	assert_int_equal(package_plan_sign(plan, "signature", 9, &err), 0);
	assert_int_equal(package_writer_new(plan, read_file, &files, sink, &zip,
			     &writer, &err),
	    0);
	while ((more = package_writer_step(writer, 1, &err)) > 0)
		steps++;
	assert_int_equal(more, 0);
	assert_true(steps > FILES);
	assert_int_equal(zip.len, whole.len);
	assert_memory_equal(zip.data, whole.data, whole.len);
	package_writer_free(writer);
	package_plan_free(plan);
	bytes_free(&zip);
	bytes_free(&whole);
}

/* ---- reading them ----------------------------------------------------- */

struct source {
	const uint8_t *data;
	size_t len, at, piece;
};

static int
pull(void *context, void *to, size_t size, size_t *ret_len, struct error *err)
{
	struct source *source = context;
	size_t len = source->len - source->at;

	(void)err;
	if (len > size)
		len = size;
	if (len > source->piece)
		len = source->piece;
	if (len > 0)
		memcpy(to, source->data + source->at, len);
	source->at += len;
	*ret_len = len;
	return 0;
}

/* Read to the end; -1 with `err` if it is refused. */
static int
read_all(const void *data, size_t len, size_t piece,
    const struct package_limits *limits, struct error *err)
{
	struct source source = { data, len, 0, piece };
	struct package_reader *reader = NULL;
	struct package_entry entry;
	int rc;

	assert_int_equal(package_read_open(pull, &source, limits, &reader, err),
	    0);
	do {
		rc = package_read_next(reader, &entry, err);
	} while (rc == 1);
	package_read_close(reader);
	return rc;
}

static void
refuses(const void *data, size_t len, const char *id)
{
	struct package_limits limits = package_limits_default();
	struct error err = { 0 };

	assert_int_equal(read_all(data, len, 4096, &limits, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.id, id);
}

static void
a_package_is_read_as_it_was_written(void **state)
{
	struct bytes zip = good_package();
	struct package_limits limits = package_limits_default();
	struct source source = { zip.data, zip.len, 0, 7 };
	struct package_reader *reader = NULL;
	struct package_entry entry;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(package_read_open(pull, &source, &limits, &reader,
			     &err),
	    0);
	for (size_t i = 0; i < FILES; i++) {
		char text[64] = "";
		size_t used = 0;
		size_t len;

		assert_int_equal(package_read_next(reader, &entry, &err), 1);
		assert_string_equal(entry.name, file_names[i]);
		assert_int_equal(entry.size, strlen(file_texts[i]));
		do {
			assert_int_equal(package_read_data(reader, text + used,
					     5, &len, &err),
			    0);
			used += len;
		} while (len > 0);
		assert_string_equal(text, file_texts[i]);
	}
	assert_int_equal(package_read_next(reader, &entry, &err), 0);
	assert_int_equal(package_read_next(reader, &entry, &err), 0);
	assert_int_equal(package_read_signature(reader)->len, 9);
	assert_int_equal(package_read_files(reader)->file_count, FILES + 1);
	assert_int_equal(package_read_facts(reader)->recipient_count, 2);
	package_read_close(reader);
	bytes_free(&zip);
}

/* The list of a batch lies in the container, and is what is signed. */
static void
a_package_may_be_one_of_a_batch(void **state)
{
	struct package_limits limits = package_limits_default();
	struct package_plan *plan = plan_of(file_texts);
	struct files files = { .texts = file_texts };
	struct package_batch_item item = { .line = 2,
		.cms = (const uint8_t *)"signature",
		.cms_len = 9 };
	struct digest manifests[3] = { 0 };
	struct bytes xml = { 0 }, list = { 0 }, item_bytes = { 0 }, zip = { 0 };
	struct package_reader *reader = NULL;
	struct package_entry entry;
	struct source source;
	struct error err = { 0 };
	int rc;

	(void)state;
	assert_int_equal(package_plan_manifest(plan, &xml, &err), 0);
	sha256(xml.data, xml.len, &manifests[1]);
	package_batch_put_list("demo", manifests, 3, &list);
	item.list = list.data;
	item.list_len = list.len;
	package_batch_put_item(&item, &item_bytes);
	assert_int_equal(package_plan_sign(plan, item_bytes.data,
			     item_bytes.len, &err),
	    0);
	assert_int_equal(package_write(plan, read_file, &files, sink, &zip,
			     &err),
	    0);
	assert_int_equal(zip.len, package_plan_size(plan));

	source = (struct source){ zip.data, zip.len, 0, 7 };
	assert_int_equal(package_read_open(pull, &source, &limits, &reader,
			     &err),
	    0);
	while ((rc = package_read_next(reader, &entry, &err)) == 1)
		;
	assert_int_equal(rc, 0);
	assert_int_equal(package_read_signed(reader)->len, list.len);
	assert_memory_equal(package_read_signed(reader)->data, list.data,
	    list.len);
	assert_int_equal(package_read_signature(reader)->len, 9);
	package_read_close(reader);
	package_plan_free(plan);
	bytes_free(&xml);
	bytes_free(&list);
	bytes_free(&item_bytes);
	bytes_free(&zip);
}

/* What the organisation signs is what stands in the container. */
static void
the_signed_manifest_is_the_one_inside(void **state)
{
	struct package_plan *plan = plan_of(file_texts);
	struct bytes xml = { 0 };
	struct bytes zip = good_package();
	struct error err = { 0 };
	bool found = false;

	(void)state;
	assert_int_equal(package_plan_manifest(plan, &xml, &err), 0);
	for (size_t i = 0; i + xml.len <= zip.len; i++)
		found = found || memcmp(zip.data + i, xml.data, xml.len) == 0;
	assert_true(found);
	package_plan_free(plan);
	bytes_free(&xml);
	bytes_free(&zip);
}

static void
mimetype_is_where_magic_looks_for_it(void **state)
{
	struct bytes zip = good_package();

	(void)state;
	assert_memory_equal(zip.data + 30,
	    "mimetypeapplication/vnd.etsi.asic-e+zip", 39);
	bytes_free(&zip);
}

static void
a_file_that_changed_after_measuring_stops_the_writer(void **state)
{
	static const char *const changed[] = { "<函!>", "some bytes", "" };
	static const char *const shorter[] = { "<函", "some bytes", "" };
	static const char *const longer[] = { "<函/>", "some bytes", "x" };
	static const char *const *const all[] = { changed, shorter, longer };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct package_plan *plan = plan_of(file_texts);
		struct files files = { .texts = all[i] };
		struct bytes zip = { 0 };
		struct error err = { 0 };

		assert_int_equal(package_plan_sign(plan, "s", 1, &err), 0);
		assert_int_equal(package_write(plan, read_file, &files, sink,
				     &zip, &err),
		    -1);
		assert_string_equal(err.id, "E3208");
		package_plan_free(plan);
		bytes_free(&zip);
	}
}

static void
official_files_may_not_take_reserved_names(void **state)
{
	static const char *const names[] = { "mimetype", "MimeType",
		"META-INF/x", "meta-inf/signature002.p7s", "Meta-Inf", "doc.di",
		"../x" };
	struct package_plan *plan = plan_of(file_texts);
	struct package_measure measure = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct error err = { 0 };

		assert_int_equal(package_plan_add(plan, names[i], &measure,
				     &err),
		    -1);
		assert_string_equal(err.id, "E3202");
	}
	package_plan_free(plan);
}

/*
 * T-ZIP: no byte of a package can change unnoticed, but those of the central
 * directory that say nothing about content (version made by, attributes) and
 * the signature, which is checked elsewhere.
 */
static void
no_flipped_bit_is_accepted(void **state)
{
	struct bytes zip = good_package();
	struct package_limits limits = package_limits_default();
	size_t accepted = 0;

	(void)state;
	for (size_t i = 0; i < zip.len * 8; i++) {
		struct error err = { 0 };

		zip.data[i / 8] ^= (uint8_t)(1 << i % 8);
		accepted +=
		    read_all(zip.data, zip.len, 4096, &limits, &err) == 0;
		zip.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/*
	 * Of each of the 7 central headers: 16 bits of `made by`, 1 of the
	 * internal and 27 + 2 of the external attributes; and a manifest that
	 * says the same with another letter cannot be: it has a CRC-32.
	 */
	assert_in_range(accepted, 7 * 16, 7 * 48);
	bytes_free(&zip);
}

static void
no_shortened_or_lengthened_package_is_accepted(void **state)
{
	struct bytes zip = good_package();
	struct package_limits limits = package_limits_default();

	(void)state;
	for (size_t len = 0; len < zip.len; len++) {
		struct error err = { 0 };

		assert_int_equal(read_all(zip.data, len, 100, &limits, &err),
		    -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
	}
	bytes_put_u8(&zip, 0);
	refuses(zip.data, zip.len, "E3201");
	bytes_free(&zip);
}

static void
limits_stop_the_reader_early(void **state)
{
	static const struct package_limits limits[] = { { 2, 100, 100 },
		{ 3, 9, 100 }, { 3, 100, 15 } };
	static const struct package_limits enough = { 3, 10, 16 };
	struct bytes zip = good_package();
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct error each = { 0 };

		assert_int_equal(read_all(zip.data, zip.len, 4096, &limits[i],
				     &each),
		    -1);
		assert_string_equal(each.id, "E3203");
	}
	assert_int_equal(read_all(zip.data, zip.len, 4096, &enough, &err), 0);
	bytes_free(&zip);
}

/* ---- others see the same ----------------------------------------------- */

static void
another_reader_sees_the_same_entries(void **state)
{
	static const char *const names[] = { "mimetype", "META-INF/yizhan.json",
		"doc.di", "附件/圖.pdf", "empty.txt",
		"META-INF/ASiCManifest001.xml", "META-INF/signature001.p7s" };
	static const char *const modules[] = { "zip_seekable",
		"zip_streamable" };
	struct bytes zip = good_package();

	(void)state;
	/* libarchive reads names in the encoding of the locale. */
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (int m = 0; m < 2; m++) {
		struct archive *archive = archive_read_new();
		struct archive_entry *entry;
		size_t count = 0;

		if (m == 0)
			archive_read_support_format_zip_seekable(archive);
		else
			archive_read_support_format_zip_streamable(archive);
		assert_int_equal(archive_read_open_memory(archive, zip.data,
				     zip.len),
		    ARCHIVE_OK);
		while (
		    archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
			const char *name = archive_entry_pathname_utf8(entry);

			if (name == NULL)
				name = archive_entry_pathname(entry);
			if (name == NULL || strcmp(name, names[count]) != 0)
				fail_msg("%s: entry %zu is %s", modules[m],
				    count, name);
			count++;
		}
		assert_int_equal(count, 7);
		archive_read_free(archive);
	}
	bytes_free(&zip);
}

/* ---- sizes beyond 32 bits ---------------------------------------------- */

/* A header of an entry of 5 GiB at an offset of 6 GiB. */
static struct zip_entry
large_entry(void)
{
	struct zip_entry entry = { .name = "large", .crc32 = 5 };

	entry.size = UINT64_C(5) << 30;
	entry.offset = UINT64_C(6) << 30;
	zip_entry_prepare(&entry);
	return entry;
}

static void
large_entries_are_zip64_and_read_back(void **state)
{
	struct zip_entry entry = large_entry();
	struct zip_entry back = { .offset = entry.offset };
	struct bytes local = { 0 };
	struct bytes central = { 0 };
	struct bytes end = { 0 };
	struct error err = { 0 };
	size_t rest;

	(void)state;
	zip_put_local(&local, &entry);
	zip_put_central(&central, &entry);
	zip_put_end(&end, 3, UINT64_C(7) << 30, 300);

	assert_int_equal(local.len, zip_local_len(&entry));
	assert_int_equal(central.len, zip_central_len(&entry));
	assert_int_equal(end.len, zip_end_len(3, UINT64_C(7) << 30, 300));
	assert_int_equal(zip_rest_of_local(local.data, &rest, &err), 0);
	assert_int_equal(ZIP_LOCAL_LEN + rest, local.len);
	assert_int_equal(zip_parse_local(local.data, local.len, &back, &err),
	    0);
	assert_int_equal(back.size, entry.size);
	assert_int_equal(zip_check_central(central.data, central.len, &entry,
			     &err),
	    0);
	assert_int_equal(zip_check_end(end.data, end.len, 3, UINT64_C(7) << 30,
			     300, &err),
	    0);
	assert_int_equal(zip_check_end(end.data, end.len, 4, UINT64_C(7) << 30,
			     300, &err),
	    -1);
	entry.offset++;
	assert_int_equal(zip_check_central(central.data, central.len, &entry,
			     &err),
	    -1);
	bytes_free(&local);
	bytes_free(&central);
	bytes_free(&end);
}

static void
zip64_without_need_is_refused(void **state)
{
	struct zip_entry entry = large_entry();
	struct zip_entry back;
	struct bytes local = { 0 };
	struct error err = { 0 };

	(void)state;
	zip_put_local(&local, &entry);
	/* Both sizes of the field become 1. */
	memset(local.data + local.len - 16, 0, 16);
	local.data[local.len - 16] = 1;
	local.data[local.len - 8] = 1;
	assert_int_equal(zip_parse_local(local.data, local.len, &back, &err),
	    -1);
	local.data[local.len - 8] = 2;
	assert_int_equal(zip_parse_local(local.data, local.len, &back, &err),
	    -1);
	bytes_free(&local);
}

/* ---- yizhan.json --------------------------------------------------------- */

static void
facts_are_read_as_they_are_written(void **state)
{
	struct package_facts facts = good_facts();
	struct package_facts back = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(package_facts_encode(&facts, &json, &err), 0);
	bytes_put_u8(&json, 0);
	assert_string_equal((const char *)json.data,
	    "{\"format\":\"yizhan-package-1\",\"environment\":\"demo\","
	    "\"document_id\":\"019a0000-0000-7000-8000-000000000001\","
	    "\"sender\":\"379000000A\",\"recipients\":[\"376490000A\","
	    "\"A01000000AU610000\"],\"message\":0}");
	assert_int_equal(package_facts_parse(json.data, json.len - 1, &back,
			     &err),
	    0);
	assert_true(package_facts_names(&back, &recipients[1]));
	assert_false(package_facts_names(&back, &facts.sender));
	package_facts_free(&back);
	bytes_free(&json);
}

static void
a_package_for_others_is_not_ours(void **state)
{
	struct package_facts facts = good_facts();
	struct org_code other = { "A09000000E" };
	struct id no_id = { { 0 } };
	struct error err = { 0 };

	(void)state;
#define MATCH(environment, id, sender, message, count, recipient)            \
	package_facts_match(&facts, environment, id, sender, message, count, \
	    recipient, &err)
	assert_int_equal(MATCH("demo", &facts.document_id, &facts.sender, 0, 2,
			     &recipients[0]),
	    0);
	assert_int_equal(MATCH("production", &facts.document_id, &facts.sender,
			     0, 2, &recipients[0]),
	    -1);
	assert_int_equal(MATCH("demo", &no_id, &facts.sender, 0, 2,
			     &recipients[0]),
	    -1);
	assert_int_equal(MATCH("demo", &facts.document_id, &other, 0, 2,
			     &recipients[0]),
	    -1);
	assert_int_equal(MATCH("demo", &facts.document_id, &facts.sender, 1, 2,
			     &recipients[0]),
	    -1);
	assert_int_equal(MATCH("demo", &facts.document_id, &facts.sender, 0, 3,
			     &recipients[0]),
	    -1);
	assert_int_equal(MATCH("demo", &facts.document_id, &facts.sender, 0, 2,
			     &other),
	    -1);
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	assert_string_equal(err.id, "E3207");
#undef MATCH
}

static void
facts_that_break_their_format_are_refused(void **state)
{
#define HEAD                                                         \
	"{\"format\":\"yizhan-package-1\",\"environment\":\"demo\"," \
	"\"document_id\":\"019a0000-0000-7000-8000-000000000001\","  \
	"\"sender\":\"379000000A\",\"recipients\":"
	static const char *const bad[] = {
		HEAD "[],\"message\":0}",
		HEAD "[\"376490000A\",\"376490000A\"],\"message\":0}",
		HEAD "[\"376490000\"],\"message\":0}",
		HEAD "[1],\"message\":0}",
		HEAD "[\"376490000A\"],\"message\":7}",
		HEAD "[\"376490000A\"]}",
		HEAD "[\"376490000A\"],\"message\":0,\"more\":1}",
	};
#undef HEAD

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct package_facts facts = { 0 };
		struct error err = { 0 };

		assert_int_equal(package_facts_parse(bad[i], strlen(bad[i]),
				     &facts, &err),
		    -1);
		assert_string_equal(err.id, "E3206");
		assert_null(facts.recipients);
	}
}

static void
crc32_has_the_known_check_value(void **state)
{
	(void)state;
	assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_update(crc32_update(0, "1234", 4), "56789", 5),
	    0xcbf43926);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_can_be_written_in_small_steps),
		cmocka_unit_test(a_package_is_read_as_it_was_written),
		cmocka_unit_test(a_package_may_be_one_of_a_batch),
		cmocka_unit_test(the_signed_manifest_is_the_one_inside),
		cmocka_unit_test(mimetype_is_where_magic_looks_for_it),
		cmocka_unit_test(
		    a_file_that_changed_after_measuring_stops_the_writer),
		cmocka_unit_test(official_files_may_not_take_reserved_names),
		cmocka_unit_test(no_flipped_bit_is_accepted),
		cmocka_unit_test(
		    no_shortened_or_lengthened_package_is_accepted),
		cmocka_unit_test(limits_stop_the_reader_early),
		cmocka_unit_test(another_reader_sees_the_same_entries),
		cmocka_unit_test(large_entries_are_zip64_and_read_back),
		cmocka_unit_test(zip64_without_need_is_refused),
		cmocka_unit_test(facts_are_read_as_they_are_written),
		cmocka_unit_test(a_package_for_others_is_not_ours),
		cmocka_unit_test(facts_that_break_their_format_are_refused),
		cmocka_unit_test(crc32_has_the_known_check_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
