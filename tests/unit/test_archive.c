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

#include "archive/archive_inspect.h"
#include "archive/archive_limits.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/finding.h"
#include "document/pool.h"

/* ---- archives made by hand ------------------------------------------- */

enum { ITEMS_MAX = 2100, MODE_LINK = 0120777, MODE_FILE = 0100644 };

struct item {
	const char *name;
	size_t offset;
	uint32_t crc, len, attributes;
	uint16_t flags, method;
};

struct zip {
	struct bytes bytes;
	struct item items[ITEMS_MAX];
	size_t count;
	size_t directory; /* its offset, once it is finished */
};

static void
put16(struct bytes *to, unsigned value)
{
	bytes_put_u8(to, (uint8_t)value);
	bytes_put_u8(to, (uint8_t)(value >> 8));
}

static void
put32(struct bytes *to, uint32_t value)
{
	put16(to, value & 0xffff);
	put16(to, value >> 16);
}

static uint32_t
crc_of(const uint8_t *data, size_t len)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* A stored entry; flags, method, attributes may be changed before the end. */
static struct item *
zip_add(struct zip *zip, const char *name, const void *data, size_t len)
{
	struct item *item = &zip->items[zip->count++];
	struct bytes *to = &zip->bytes;

	*item = (struct item){ .name = name,
		.offset = to->len,
		.crc = crc_of(data, len),
		.len = (uint32_t)len };
	put32(to, 0x04034b50);
	put16(to, 20);
	put16(to, 0);
	put16(to, 0);
	put32(to, 0);
	put32(to, item->crc);
	put32(to, item->len);
	put32(to, item->len);
	put16(to, (unsigned)strlen(name));
	put16(to, 0);
	bytes_put_text(to, name);
	bytes_put(to, data, len);
	return item;
}

static struct item *
zip_add_text(struct zip *zip, const char *name, const char *text)
{
	return zip_add(zip, name, text, strlen(text));
}

static void
put_central(struct bytes *to, const struct item *item)
{
	put32(to, 0x02014b50);
	put16(to, 0x0314);
	put16(to, 20);
	put16(to, item->flags);
	put16(to, item->method);
	put32(to, 0);
	put32(to, item->crc);
	put32(to, item->len);
	put32(to, item->len);
	put16(to, (unsigned)strlen(item->name));
	put16(to, 0);
	put16(to, 0);
	put16(to, 0);
	put16(to, 0);
	put32(to, item->attributes);
	put32(to, (uint32_t)item->offset);
	bytes_put_text(to, item->name);
}

static void
zip_finish(struct zip *zip)
{
	struct bytes *to = &zip->bytes;
	size_t len;

	zip->directory = to->len;
	for (size_t i = 0; i < zip->count; i++) {
		const struct item *item = &zip->items[i];

		/* What was changed stands in both places. */
		to->data[item->offset + 6] = (uint8_t)item->flags;
		to->data[item->offset + 8] = (uint8_t)item->method;
		put_central(to, item);
	}
	len = to->len - zip->directory;
	put32(to, 0x06054b50);
	put32(to, 0);
	put16(to, (unsigned)zip->count);
	put16(to, (unsigned)zip->count);
	put32(to, (uint32_t)len);
	put32(to, (uint32_t)zip->directory);
	put16(to, 0);
}

static struct zip *
zip_new(void)
{
	struct zip *zip = calloc(1, sizeof(*zip));

	assert_non_null(zip);
	return zip;
}

static void
zip_free(struct zip *zip)
{
	bytes_free(&zip->bytes);
	free(zip);
}

/* ---- archives made by libarchive ------------------------------------- */

static la_ssize_t
append(struct archive *archive, void *ctx, const void *data, size_t len)
{
	(void)archive;
	bytes_put(ctx, data, len);
	return (la_ssize_t)len;
}

/* One file of `len` times `fill`, by format and filter. */
static void
pack(const char *format, const char *filter, const char *options,
    const char *name, int fill, size_t len, struct bytes *to)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char *data = malloc(len + 1);

	assert_non_null(data);
	memset(data, fill, len);
	assert_int_equal(archive_write_set_format_by_name(archive, format), 0);
	if (filter != NULL)
		assert_int_equal(archive_write_add_filter_by_name(archive,
				     filter),
		    0);
	if (options != NULL) {
		assert_int_equal(archive_write_set_options(archive, options),
		    0);
		assert_int_equal(archive_write_set_passphrase(archive, "x"), 0);
	}
	archive_write_set_bytes_in_last_block(archive, 1);
	assert_int_equal(archive_write_open(archive, to, NULL, append, NULL),
	    0);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)len);
	assert_int_equal(archive_write_header(archive, entry), 0);
	assert_int_equal(archive_write_data(archive, data, len), len);
	assert_int_equal(archive_write_close(archive), 0);
	archive_write_free(archive);
	archive_entry_free(entry);
	free(data);
}

/* ---- looking --------------------------------------------------------- */

struct look {
	struct pool pool;
	struct findings findings;
};

static int
read_at(void *ctx, uint64_t offset, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	const struct bytes *bytes = ctx;
	size_t left = offset < bytes->len ? bytes->len - (size_t)offset : 0;

	(void)err;
	*ret_len = size < left ? size : left;
	if (*ret_len > 0)
		memcpy(to, bytes->data + offset, *ret_len);
	return 0;
}

static void
look_at(struct look *look, struct bytes *bytes, const char *name,
    unsigned policy)
{
	struct archive_source source = { read_at, bytes, bytes->len };
	struct archive_spent spent = { 0 };
	struct error err = { 0 };

	memset(look, 0, sizeof(*look));
	look->findings.pool = &look->pool;
	assert_int_equal(archive_inspect(&source, name, policy, &spent,
			     &look->findings, &err),
	    0);
}

static void
print(const struct look *look)
{
	for (size_t i = 0; i < look->findings.count; i++)
		print_message("%s %s\n", look->findings.items[i].rule,
		    look->findings.items[i].argument);
}

/* Exactly one finding: this rule, about this; NULL for none at all. */
static void
assert_found(struct bytes *bytes, const char *name, unsigned policy,
    const char *rule, const char *argument)
{
	struct look look;
	bool good;

	look_at(&look, bytes, name, policy);
	good = rule == NULL ? look.findings.count == 0
			    : look.findings.count == 1 &&
		text_equal(look.findings.items[0].rule, rule) &&
		text_equal(look.findings.items[0].argument, argument) &&
		text_equal(look.findings.items[0].file, name);
	if (!good) {
		print(&look);
		print_message("%s: wanted %s %s\n", name, rule, argument);
	}
	assert_true(good);
	pool_free(&look.pool);
}

/* The same of a ZIP by hand, which is freed. */
static void
assert_zip(struct zip *zip, const char *rule, const char *argument)
{
	assert_found(&zip->bytes, "a.zip", 0, rule, argument);
	zip_free(zip);
}

/* ---- what is well ---------------------------------------------------- */

static void
an_ordinary_archive_passes(void **state)
{
	struct bytes bytes = { 0 };
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "資料/", "");
	zip_add_text(zip, "資料/報告.txt", "本文");
	zip_add_text(zip, "資料/𠀋.csv", "1,2");
	zip_add_text(zip, ".DS_Store", "x");
	zip_finish(zip);
	assert_zip(zip, NULL, NULL);
	zip = zip_new();
	zip_finish(zip);
	assert_zip(zip, NULL, NULL);
	pack("zip", NULL, NULL, "a/b.txt", 'a', 5000, &bytes);
	assert_found(&bytes, "a.zip", 0, NULL, NULL);
	bytes_clear(&bytes);
	pack("7zip", NULL, NULL, "a/報告.txt", 'a', 5000, &bytes);
	assert_found(&bytes, "a.7z", 0, NULL, NULL);
	bytes_clear(&bytes);
	pack("ustar", "gzip", NULL, "a/b.txt", 'a', 5000, &bytes);
	assert_found(&bytes, "a.tar.gz", 0, NULL, NULL);
	bytes_clear(&bytes);
	pack("ustar", "xz", NULL, "a/b.txt", 'a', 5000, &bytes);
	assert_found(&bytes, "a.tar.xz", 0, NULL, NULL);
	bytes_clear(&bytes);
	pack("raw", "gzip", NULL, "b.txt", 'a', 5000, &bytes);
	assert_found(&bytes, "b.txt.gz", 0, NULL, NULL);
	bytes_free(&bytes);
}

/* Files of the fuzz corpus, which other programs made. */
static void
archives_of_other_programs_pass(void **state)
{
	static const struct {
		const char *file, *rule, *argument;
	} files[] = {
		{ "zip", NULL, NULL },
		{ "descriptor", NULL, NULL }, /* sizes behind the data */
		{ "zip64", NULL, NULL },
		{ "tgz", "E2184", "l" },
		{ "txz", "E2184", "l" },
		{ "tbz", "E2184", "l" },
		{ "tar", "E2184", "l" },
		{ "big5", "E2193", "報告.txt" },
		{ "nested", "E2181", "in.zip > in.zip > a.exe" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct bytes bytes = { 0 };
		char path[512];
		FILE *file;
		int c;

		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/archive/%s",
		    getenv("SOURCE_ROOT"), files[i].file);
		file = fopen(path, "rb");
		assert_non_null(file);
		(void)fgetc(file); /* of the fuzz target */
		while ((c = fgetc(file)) != EOF)
			bytes_put_u8(&bytes, (uint8_t)c);
		fclose(file);
		assert_found(&bytes, "a.zip", 0, files[i].rule,
		    files[i].argument);
		bytes_free(&bytes);
	}
}

/* ---- T-ZIP-01: names that lead elsewhere ----------------------------- */

static void
assert_name(const char *name, const char *rule)
{
	struct zip *zip = zip_new();

	zip_add_text(zip, name, "x");
	zip_finish(zip);
	assert_zip(zip, rule, name);
}

static void
names_that_lead_elsewhere_are_refused(void **state) /* T-ZIP-01 */
{
	(void)state;
	assert_name("../a.txt", "E2180");
	assert_name("a/../../b.txt", "E2180");
	assert_name("..\\..\\a.txt", "E2180");
	assert_name("/etc/passwd", "E2180");
	assert_name("\\\\host\\share\\a.txt", "E2180");
	assert_name("C:\\a.txt", "E2180");
	assert_name("a/./b.txt", "E2180");
	assert_name("a/con.txt", "E2180");
	assert_name("a/b.txt ", "E2180");
	assert_name("a/b.txt.", "E2180");
	assert_name("a\nb.txt", "E2180");
	assert_name("報告\u202efdp.txt", "E2180");
	assert_name("報告\u200b.txt", "E2180");
	assert_name("報\u3164告.txt", "E2180");
	assert_name("", "E2180");
}

/* ---- T-ZIP-02: links ------------------------------------------------- */

static void
links_and_devices_are_refused(void **state) /* T-ZIP-02 */
{
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "a", "/etc/passwd")->attributes = (uint32_t)MODE_LINK
	    << 16;
	zip_finish(zip);
	assert_zip(zip, "E2184", "a");
	zip = zip_new();
	zip_add_text(zip, "a", "x")->attributes = (uint32_t)0020666 << 16;
	zip_finish(zip);
	assert_zip(zip, "E2184", "a");
	zip = zip_new();
	zip_add_text(zip, "a", "x")->attributes = (uint32_t)MODE_FILE << 16;
	zip_finish(zip);
	assert_zip(zip, NULL, NULL);
}

/* ---- T-ZIP-03: names twice ------------------------------------------- */

static void
the_same_name_twice_is_refused(void **state) /* T-ZIP-03 */
{
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "a/Report.txt", "one");
	zip_add_text(zip, "a/report.TXT", "two");
	zip_finish(zip);
	assert_zip(zip, "E2185", "a/report.TXT");
}

/* ---- T-ZIP-04: entries that overlap, bytes that hide ------------------ */

static void
poke32(struct zip *zip, size_t at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		zip->bytes.data[at + (size_t)i] = (uint8_t)(value >> 8 * i);
}

static void
overlapping_entries_are_refused(void **state) /* T-ZIP-04 */
{
	struct zip *zip = zip_new();
	size_t second;

	(void)state;
	/* Two directory entries for one local header. */
	zip_add_text(zip, "a.txt", "one");
	zip_add_text(zip, "b.txt", "two");
	zip_finish(zip);
	second = zip->directory + 46 + 5;
	poke32(zip, second + 42, 0);
	assert_zip(zip, "E2186", "a.txt");
	/* The first one reaches over the second. */
	zip = zip_new();
	zip_add_text(zip, "a.txt", "one");
	zip_add_text(zip, "b.txt", "two");
	zip_finish(zip);
	poke32(zip, 18, 30);
	poke32(zip, 22, 30);
	poke32(zip, zip->directory + 20, 30);
	poke32(zip, zip->directory + 24, 30);
	assert_zip(zip, "E2186", "a.txt");
}

static void
hidden_bytes_are_refused(void **state) /* T-ZIP-04 */
{
	struct zip *zip = zip_new();
	struct bytes bytes = { 0 };

	(void)state;
	/* In front: a program that unpacks itself. */
	zip_add_text(zip, "a.txt", "one");
	zip_finish(zip);
	bytes_put_text(&bytes, "PK\x03\x04 in front of it all");
	bytes_put(&bytes, zip->bytes.data, zip->bytes.len);
	assert_found(&bytes, "a.zip", 0, "E2186", "directory");
	/* Behind. */
	bytes_clear(&bytes);
	bytes_put(&bytes, zip->bytes.data, zip->bytes.len);
	bytes_put_text(&bytes, "behind");
	assert_found(&bytes, "a.zip", 0, "E2186", "end");
	bytes_free(&bytes);
	zip_free(zip);
	/* Between. */
	zip = zip_new();
	zip_add_text(zip, "a.txt", "one");
	bytes_put_text(&zip->bytes, "MZ hidden");
	zip_add_text(zip, "b.txt", "two");
	zip_finish(zip);
	assert_zip(zip, "E2186", "a.txt");
	/* A second archive that only its local headers show. */
	zip = zip_new();
	zip_add_text(zip, "a.txt", "one");
	zip_add_text(zip, "evil.exe", "MZ");
	zip->count--;
	zip_finish(zip);
	assert_zip(zip, "E2186", "a.txt");
}

/* ---- T-ZIP-05: the two lists disagree --------------------------------- */

static void
assert_poked(size_t at, uint8_t value, bool in_directory)
{
	struct zip *zip = zip_new();

	zip_add_text(zip, "a.txt", "one");
	zip_finish(zip);
	zip->bytes.data[(in_directory ? zip->directory : 0) + at] = value;
	assert_zip(zip, "E2186", "a.txt");
}

static void
directory_and_headers_must_agree(void **state) /* T-ZIP-05 */
{
	struct zip *zip = zip_new();

	(void)state;
	assert_poked(30, 'b', false);  /* name: b.txt for who reads on */
	assert_poked(8, 8, false);     /* method */
	assert_poked(6, 1, false);     /* encrypted */
	assert_poked(14, 0x77, false); /* CRC-32 */
	assert_poked(18, 2, false);    /* packed length */
	assert_poked(22, 9, false);    /* length */
	assert_poked(42, 1, true);     /* offset */
	/* A count that is not that of the entries. */
	zip_add_text(zip, "a.txt", "one");
	zip_finish(zip);
	zip->bytes.data[zip->bytes.len - 22 + 10] = 2;
	zip->bytes.data[zip->bytes.len - 22 + 8] = 2;
	assert_zip(zip, "E2186", "directory");
	/* Both say the same, and the bytes something else. */
	zip = zip_new();
	zip_add_text(zip, "a.txt", "one");
	zip->items[0].crc ^= 1;
	zip->bytes.data[14] ^= 1;
	zip_finish(zip);
	assert_zip(zip, "E2186", "a.txt");
}

/* ---- T-ZIP-06: bombs ------------------------------------------------- */

static void
bombs_are_refused(void **state) /* T-ZIP-06 */
{
	struct bytes bytes = { 0 };
	struct zip *zip = zip_new();
	char name[32];

	(void)state;
	pack("zip", NULL, NULL, "zeros.txt", 0, 16 << 20, &bytes);
	assert_true(bytes.len < 100000);
	assert_found(&bytes, "a.zip", 0, "E2183", "> 200 : 1");
	bytes_clear(&bytes);
	pack("raw", "gzip", NULL, "zeros.txt", 0, 16 << 20, &bytes);
	assert_found(&bytes, "zeros.txt.gz", 0, "E2183", "> 200 : 1");
	bytes_clear(&bytes);
	/* No bomb: short, and regular. */
	pack("zip", NULL, NULL, "zeros.txt", 'a', 1 << 20, &bytes);
	assert_found(&bytes, "a.zip", 0, NULL, NULL);
	bytes_free(&bytes);
	for (int i = 0; i <= ARCHIVE_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		zip_add_text(zip, text_dup(name), "");
	}
	zip_finish(zip);
	for (size_t i = 0; i < zip->count; i++)
		free((void *)(uintptr_t)zip->items[i].name);
	assert_zip(zip, "E2183", "directory");
}

/* ---- T-ZIP-07: archives in archives ----------------------------------- */

/* `depth` archives around a text file, or around `inner`. */
static void
nest(int depth, struct bytes *inner)
{
	for (int i = 0; i < depth; i++) {
		struct zip *zip = zip_new();

		zip_add(zip, "in.zip", inner->data, inner->len);
		zip_finish(zip);
		bytes_clear(inner);
		bytes_put(inner, zip->bytes.data, zip->bytes.len);
		zip_free(zip);
	}
}

static void
archives_are_followed_five_deep(void **state) /* T-ZIP-07 */
{
	struct bytes bytes = { 0 };
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "a.txt", "one");
	zip_finish(zip);
	bytes_put(&bytes, zip->bytes.data, zip->bytes.len);
	zip_free(zip);
	nest(ARCHIVE_DEPTH_MAX - 1, &bytes);
	assert_found(&bytes, "a.zip", 0, NULL, NULL);
	nest(1, &bytes);
	assert_found(&bytes, "a.zip", 0, "E2183",
	    "in.zip > in.zip > in.zip > in.zip > > 5");
	bytes_clear(&bytes);
	zip = zip_new();
	zip_add_text(zip, "invoice.pdf.exe", "text");
	zip_finish(zip);
	bytes_put(&bytes, zip->bytes.data, zip->bytes.len);
	zip_free(zip);
	nest(2, &bytes);
	assert_found(&bytes, "a.zip", 0, "E2181",
	    "in.zip > in.zip > invoice.pdf.exe");
	bytes_free(&bytes);
}

/* ---- T-ZIP-08: programs ---------------------------------------------- */

static void
programs_inside_are_refused_by_name_and_content(void **state) /* T-ZIP-08 */
{
	static const uint8_t elf[] = "\x7f"
				     "ELF\x02\x01\x01";
	static const uint8_t link[] = "L\0\0\0\x01\x14\x02\0";
	struct bytes bytes = { 0 };
	struct zip *zip;

	(void)state;
	assert_name("invoice.pdf.exe", "E2181");
	assert_name("報告.pdf              .exe", "E2181");
	assert_name("a/b.LNK", "E2181");
	assert_name("a/b.js", "E2181");
	zip = zip_new();
	zip_add(zip, "report.pdf", elf, sizeof(elf));
	zip_finish(zip);
	assert_zip(zip, "E2182", "report.pdf");
	zip = zip_new();
	zip_add(zip, "報告.pdf", link, sizeof(link));
	zip_finish(zip);
	assert_zip(zip, "E2182", "報告.pdf");
	pack("7zip", NULL, NULL, "a/b.exe", 'a', 10, &bytes);
	assert_found(&bytes, "a.7z", 0, "E2181", "a/b.exe");
	bytes_clear(&bytes);
	pack("ustar", "gzip", NULL, "b.vbs", 'a', 10, &bytes);
	assert_found(&bytes, "a.tgz", 0, "E2181", "b.vbs");
	bytes_clear(&bytes);
	pack("raw", "gzip", NULL, "x", 'a', 10, &bytes);
	assert_found(&bytes, "run.exe.gz", 0, "E2181", "run.exe");
	bytes_free(&bytes);
}

/* ---- what cannot be scanned ------------------------------------------ */

static void
encrypted_archives_are_refused_unless_allowed(void **state)
{
	struct bytes bytes = { 0 };

	(void)state;
	pack("zip", NULL, "zip:encryption=aes256", "a.txt", 'a', 100, &bytes);
	assert_found(&bytes, "a.zip", 0, "E2187", "a.txt");
	assert_found(&bytes, "a.zip", ARCHIVE_ALLOW_ENCRYPTED, "E2188",
	    "a.txt");
	bytes_clear(&bytes);
	pack("zip", NULL, "zip:encryption=zipcrypt", "a.txt", 'a', 100, &bytes);
	assert_found(&bytes, "a.zip", 0, "E2187", "a.txt");
	bytes_free(&bytes);
}

static void
what_cannot_be_read_is_not_scanned(void **state)
{
	struct bytes bytes = { 0 };
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "a.txt", "one")->method = 98;
	zip_finish(zip);
	assert_zip(zip, "E2191", "a.txt");
	bytes_put_text(&bytes, "just a text");
	assert_found(&bytes, "a.zip", 0, "E2191", "");
	assert_found(&bytes, "a.zip", ARCHIVE_ALLOW_UNSCANNED, "E2192", "");
	bytes_clear(&bytes);
	/* It says tar, and no reader of tar knows it. */
	pack("ustar", NULL, NULL, "a.txt", 'a', 5000, &bytes);
	memset(bytes.data + 148, 'x', 8);
	assert_found(&bytes, "a.tar", 0, "E2191", "");
	bytes_clear(&bytes);
	pack("7zip", NULL, NULL, "a.txt", 'a', 5000, &bytes);
	bytes.len -= 10;
	assert_found(&bytes, "a.7z", 0, "E2191", "");
	bytes_free(&bytes);
}

static void
names_in_big5_are_decoded_and_told(void **state)
{
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "\xb3\xf8\xa7i.txt", "one");
	zip_finish(zip);
	assert_zip(zip, "E2193", "報告.txt");
	zip = zip_new();
	zip_add_text(zip, "\xff\xfe.txt", "one");
	zip_finish(zip);
	/* No name that anybody could read. */
	{
		struct look look;

		look_at(&look, &zip->bytes, "a.zip", 0);
		assert_true(look.findings.error_total > 0);
		assert_string_equal(look.findings.items[0].rule, "E2180");
		pool_free(&look.pool);
	}
	zip_free(zip);
}

/* ---- office documents ------------------------------------------------ */

static struct zip *
docx(void)
{
	struct zip *zip = zip_new();

	zip_add_text(zip, "[Content_Types].xml", "<Types/>");
	zip_add_text(zip, "word/document.xml", "<w:document/>");
	zip_add_text(zip, "word/embeddings/oleObject1.bin", "x");
	return zip;
}

static void
macros_warn_or_are_refused_by_policy(void **state)
{
	static const uint8_t ole[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
				     "____V\0B\0A\0_\0\0_\0V\0B\0A\0_\0P\0"
				     "R\0O\0J\0E\0C\0T\0";
	struct bytes bytes = { 0 };
	struct zip *zip = docx();

	(void)state;
	zip_finish(zip);
	assert_found(&zip->bytes, "a.docx", 0, NULL, NULL);
	/* The same under a name that people unpack. */
	assert_found(&zip->bytes, "a.zip", 0, "E2181",
	    "word/embeddings/oleObject1.bin");
	zip_free(zip);
	zip = docx();
	zip_add_text(zip, "word/vbaProject.bin", "x");
	zip_finish(zip);
	assert_found(&zip->bytes, "a.docx", 0, "E2189", "word/vbaProject.bin");
	assert_found(&zip->bytes, "a.docx", ARCHIVE_REFUSE_MACROS, "E2190",
	    "word/vbaProject.bin");
	zip_free(zip);
	zip = zip_new();
	zip_add_text(zip, "mimetype",
	    "application/vnd.oasis.opendocument.text");
	zip_add_text(zip, "Basic/Standard/script-lb.xml", "<x/>");
	zip_add_text(zip, "content.xml", "<x/>");
	zip_finish(zip);
	assert_found(&zip->bytes, "a.odt", 0, NULL, NULL);
	zip_free(zip);
	zip = zip_new();
	zip_add_text(zip, "mimetype",
	    "application/vnd.oasis.opendocument.text");
	zip_add_text(zip, "Basic/Standard/Module1.xml", "<x/>");
	zip_finish(zip);
	assert_found(&zip->bytes, "a.odt", 0, "E2189",
	    "Basic/Standard/Module1.xml");
	zip_free(zip);
	bytes_put(&bytes, ole, sizeof(ole) - 1);
	assert_found(&bytes, "a.doc", 0, "E2189", "");
	bytes_free(&bytes);
}

static void
an_encrypted_document_is_told(void **state)
{
	struct zip *zip = zip_new();

	(void)state;
	zip_add_text(zip, "mimetype",
	    "application/vnd.oasis.opendocument.text");
	zip_add_text(zip, "content.xml", "\x01\x02 nonsense");
	zip_add_text(zip, "META-INF/manifest.xml",
	    "<manifest:file-entry><manifest:encryption-data/>");
	zip_finish(zip);
	assert_found(&zip->bytes, "a.odt", 0, "E2187", "META-INF/manifest.xml");
	zip_free(zip);
}

/* ---- files in which anything may stand -------------------------------- */

static void
no_byte_that_is_changed_upsets_it(void **state)
{
	struct zip *zip = docx();
	struct bytes bytes = { 0 };

	(void)state;
	zip_add_text(zip, "in/", "");
	zip_finish(zip);
	for (size_t i = 0; i < zip->bytes.len; i++)
		for (int value = 0; value < 256; value += 51) {
			struct look look;

			bytes_clear(&bytes);
			bytes_put(&bytes, zip->bytes.data, zip->bytes.len);
			bytes.data[i] = (uint8_t)value;
			look_at(&look, &bytes, "a.docx", 0);
			pool_free(&look.pool);
		}
	for (size_t len = 0; len < zip->bytes.len; len++) {
		struct look look;

		bytes_clear(&bytes);
		bytes_put(&bytes, zip->bytes.data, len);
		bytes_put_u8(&bytes, 0);
		bytes.len = len;
		look_at(&look, &bytes, "a.docx", 0);
		assert_true(look.findings.error_total > 0);
		pool_free(&look.pool);
	}
	bytes_free(&bytes);
	zip_free(zip);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_archive_passes),
		cmocka_unit_test(archives_of_other_programs_pass),
		cmocka_unit_test(names_that_lead_elsewhere_are_refused),
		cmocka_unit_test(links_and_devices_are_refused),
		cmocka_unit_test(the_same_name_twice_is_refused),
		cmocka_unit_test(overlapping_entries_are_refused),
		cmocka_unit_test(hidden_bytes_are_refused),
		cmocka_unit_test(directory_and_headers_must_agree),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(archives_are_followed_five_deep),
		cmocka_unit_test(
		    programs_inside_are_refused_by_name_and_content),
		cmocka_unit_test(encrypted_archives_are_refused_unless_allowed),
		cmocka_unit_test(what_cannot_be_read_is_not_scanned),
		cmocka_unit_test(names_in_big5_are_decoded_and_told),
		cmocka_unit_test(macros_warn_or_are_refused_by_policy),
		cmocka_unit_test(an_encrypted_document_is_told),
		cmocka_unit_test(no_byte_that_is_changed_upsets_it),
	};

	archive_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
