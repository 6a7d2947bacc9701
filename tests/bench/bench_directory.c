/*
 * A directory of the whole country: how long an image takes to build, how large
 * it is, and what lookups and searches cost.
 *
 * Times are of the processor.
 *
 *	bench_directory [ORGANISATIONS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bench/result.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "directory/directory_search.h"
#include "json/json_write.h"

enum { CERT_LEN = 1000, LOOKUPS = 1000000, SEARCHES = 200 };

static double
now_ms(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static void
give_up(const char *what, const struct error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

static void
code_of(size_t i, char code[ORG_TEXT_SIZE])
{
	unsigned number = (unsigned)(i % 1000000);

	/* Three of seven are units, as in the published address book. */
	if (number % 7 < 3)
		snprintf(code, ORG_TEXT_SIZE, "%09uAU%06u", number / 7 * 7 + 3,
		    number);
	else
		snprintf(code, ORG_TEXT_SIZE, "%09uA", number);
}

/* A DER element as long as a certificate, another one for each `i`. */
static void
write_key(struct json_writer *writer, const char *use, size_t i)
{
	uint8_t der[CERT_LEN] = { 0x30, 0x82, (CERT_LEN - 4) >> 8,
		(CERT_LEN - 4) & 0xff };

	memcpy(der + 4, &i, sizeof(i));
	memcpy(der + 12, use, strlen(use));
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use);
	json_write_text(writer, "state", "active");
	json_write_time(writer, "not_after", INT64_C(1893456000000));
	json_write_base64(writer, "certificate", der, sizeof(der));
	json_write_end(writer);
}

static void
write_body(void *context, struct json_writer *writer)
{
	const size_t *count = context;

	json_write_begin_array(writer, "organisations");
	for (size_t i = 0; i < *count; i++) {
		char code[ORG_TEXT_SIZE];
		char name[80];

		code_of(i, code);
		snprintf(name, sizeof(name), "臺北市政府第%zu機關", i);
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "code", code);
		json_write_text(writer, "name", name);
		json_write_text(writer, "kind", "agency");
		json_write_text(writer, "status", "active");
		json_write_text(writer, "center", "");
		json_write_text(writer, "supervisor", "");
		json_write_text(writer, "successor", "");
		json_write_text(writer, "host", "");
		json_write_begin_object(writer, "accepts");
		json_write_int(writer, "letter_bytes", INT64_C(2) << 30);
		json_write_end(writer);
		json_write_begin_array(writer, "keys");
		write_key(writer, "sign", i);
		write_key(writer, "seal", i);
		write_key(writer, "module", i / 7);
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
look_up(const struct directory *directory, size_t count)
{
	struct directory_key seal;
	struct directory_org org;
	struct directory_owner owner;
	double start = now_ms();
	size_t found = 0;

	for (size_t i = 0; i < LOOKUPS; i++) {
		struct org_code code = { "" };

		code_of(i * 7919 % count, code.text);
		found += directory_find_receiver(directory, &code, &org, &seal);
	}
	result_print("directory.receiver", (now_ms() - start) * 1000 / LOOKUPS,
	    "us", "receiver by code, of %zu", count);
	start = now_ms();
	for (size_t i = 0; i < LOOKUPS; i++) {
		struct digest digest = seal.fingerprint;

		digest.bytes[2] = (uint8_t)i;
		found += directory_find_owner(directory, &digest, &owner);
	}
	result_print("directory.owner", (now_ms() - start) * 1000 / LOOKUPS,
	    "us", "owner by certificate, of %zu", count);
	if (found < LOOKUPS)
		fprintf(stderr, "only %zu found\n", found);
}

static void
search(const struct directory *directory, const char *name, const char *query)
{
	uint32_t indices[50];
	double start = now_ms();
	size_t total = 0;

	for (int i = 0; i < SEARCHES; i++)
		directory_search(directory, query, 0, 50, indices, &total);
	result_print(name, (now_ms() - start) / SEARCHES, "ms",
	    "%s: %zu matches", query, total);
}

int
main(int argc, char **argv)
{
	uint64_t wanted = 40000;
	size_t count;
	struct bulletin_draft draft = { .environment = "demo",
		.type = BULLETIN_DIRECTORY,
		.name = "",
		.serial = 1,
		.expires_ms = 1 };
	struct directory_sources sources = { .directory = NULL };
	struct directory *directory = NULL;
	struct bulletin bulletin = { 0 };
	struct bytes json = { 0 };
	struct bytes image = { 0 };
	struct error err = { 0 };
	double start;

	if (argc > 1 && !text_parse_u64(argv[1], 1000000, &wanted))
		return 64;
	count = (size_t)wanted;
	if (bulletin_format(&draft, write_body, &count, &json, &err) < 0)
		give_up("format", &err);
	start = now_ms();
	if (bulletin_parse(json.data, json.len, &bulletin, &err) < 0)
		give_up("parse", &err);
	result_print("directory.parse", now_ms() - start, "ms",
	    "%zu organisations, bulletin of %zu MiB", count, json.len >> 20);
	start = now_ms();
	sources.directory = &bulletin;
	if (directory_image_build(&sources, &image, &err) < 0)
		give_up("build", &err);
	result_print("directory.build", now_ms() - start, "ms",
	    "image of %zu MiB", image.len >> 20);
	start = now_ms();
	if (directory_open(image.data, image.len, &directory, &err) < 0)
		give_up("open", &err);
	result_print("directory.open", now_ms() - start, "ms", "in a role");
	look_up(directory, count);
	search(directory, "directory.search.one", "第39999機關");
	search(directory, "directory.search.many", "台北市政府");
	search(directory, "directory.search.code", "39999");

	directory_close(directory);
	bytes_free(&image);
	bulletin_free(&bulletin);
	bytes_free(&json);
	return 0;
}
