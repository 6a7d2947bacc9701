/*
 * A directory of the whole country: how long a table takes to become one, what it
 * takes of memory, what one change costs, and what lookups and searches cost.
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
#include "directory/address_book.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_edit.h"
#include "directory/directory_entry.h"
#include "directory/directory_image.h"
#include "directory/directory_pages.h"
#include "directory/directory_prepare.h"
#include "directory/directory_search.h"
#include "directory/directory_tree.h"

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
add_key(struct entry_org *org, enum key_use use, size_t i)
{
	uint8_t der[CERT_LEN] = { 0x30, 0x82, (CERT_LEN - 4) >> 8,
		(CERT_LEN - 4) & 0xff };
	struct entry_key key = { .use = use,
		.state = KEY_ACTIVE,
		.not_after_ms = INT64_C(1893456000000) };
	struct error err = { 0 };

	memcpy(der + 4, &i, sizeof(i));
	der[12] = (uint8_t)use;
	bytes_put(&key.certificate, der, sizeof(der));
	if (directory_edit_key(org, &key, &err) < 0)
		give_up("key", &err);
	bytes_free(&key.certificate);
}

static struct bytes
make_table(size_t count)
{
	struct bytes table = { 0 };

	bytes_put_text(&table, "code,name,letter_bytes\n");
	for (size_t i = 0; i < count; i++) {
		char code[ORG_TEXT_SIZE];

		code_of(i, code);
		bytes_put_format(&table, "%s,臺北市政府第%zu機關,2147483648\n",
		    code, i);
	}
	return table;
}

static int
find_none(void *ctx, const struct org_code *code, struct bytes *json,
    struct error *err)
{
	(void)ctx;
	(void)code;
	(void)json;
	(void)err;
	return 0;
}

/* A table that nothing was there before: as an import does. */
static struct directory_changes
import(size_t count, struct directory_tree *tree)
{
	const struct directory_basis basis = { .tree = tree,
		.look_up = find_none,
		.center = "" };
	struct bytes table = make_table(count);
	struct address_book book = { .count = 0 };
	struct directory_changes changes = { 0 };
	struct bytes was = { 0 };
	struct error err = { 0 };
	double start = now_ms();

	if (address_book_read(table.data, table.len, &book, &err) < 0)
		give_up("table", &err);
	result_print("directory.table", now_ms() - start, "ms",
	    "%zu rows of %zu KiB", book.count, table.len >> 10);
	start = now_ms();
	if (directory_prepare(&basis, &book, &changes, &was, &err) < 0 ||
	    book.problem_count > 0)
		give_up("prepare", &err);
	result_print("directory.prepare", now_ms() - start, "ms",
	    "entries of a table");
	address_book_free(&book);
	bytes_free(&table);
	bytes_free(&was);
	return changes;
}

/* Organisations have keys, units are received for. */
static void
put_keys(struct directory_changes *changes)
{
	struct directory_changes with = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < changes->count; i++) {
		struct directory_change *change = &changes->list[i];
		struct entry_org org;

		if (org_code_is_unit(&change->code))
			continue;
		if (entry_org_parse(change->json.data, change->json.len, &org,
			&err) < 0)
			give_up("entry", &err);
		add_key(&org, KEY_SIGN, i);
		add_key(&org, KEY_SEAL, i);
		add_key(&org, KEY_MODULE, i / 7);
		if (directory_changes_put(&with, &org, &err) < 0)
			give_up("entry", &err);
		bytes_free(&change->json);
		*change = with.list[--with.count];
		entry_org_free(&org);
	}
	directory_changes_free(&with);
}

static int
next_of(void *ctx, const void **ret_json, size_t *ret_len, struct error *err)
{
	struct directory_change **at = ctx;

	(void)err;
	if ((*at)->code.text[0] == '\0')
		return 0;
	*ret_json = (*at)->json.data;
	*ret_len = (*at)++->json.len;
	return 1;
}

/* How much a host that begins with nothing has to fetch. */
static void
measure_pages(const struct directory_changes *changes)
{
	static size_t pages[DIRECTORY_PAGES];
	size_t largest = 0, total = 0;

	for (size_t i = 0; i < changes->count; i++) {
		size_t len = 4 + changes->list[i].json.len;
		unsigned page = directory_page_of(&changes->list[i].code);

		pages[page] += len;
		total += len;
		largest = pages[page] > largest ? pages[page] : largest;
	}
	result_print("directory.parts", (double)total / (1 << 20), "MiB",
	    "all parts; the largest page has %zu KiB", largest >> 10);
}

/* What a host that begins with nothing does with the pages that it gets. */
static void
take_pages(const struct directory_changes *changes,
    struct directory_tree *theirs)
{
	static struct bytes pages[DIRECTORY_PAGES];
	static struct digest digests[DIRECTORY_PAGES];
	struct directory_tree *tree = NULL;
	struct error err = { 0 };
	double spent = 0;

	if (directory_tree_new(&tree, &err) < 0)
		give_up("tree", &err);
	for (size_t i = 0; i < changes->count; i++)
		directory_page_put_entry(&pages[directory_page_of(
					     &changes->list[i].code)],
		    changes->list[i].json.data, changes->list[i].json.len);
	for (unsigned i = 0; i < DIRECTORY_PAGES; i++)
		digests[i] = directory_tree_page(theirs, i);
	for (unsigned i = 0; i < DIRECTORY_PAGES; i++) {
		struct directory_changes taken = { 0 };
		struct bytes answer = { 0 };
		struct cursor cursor, page;
		unsigned number;
		double start;

		directory_pages_put(&answer, i, &pages[i]);
		bytes_free(&pages[i]);
		cursor = cursor_of(answer.data, answer.len);
		start = now_ms();
		if (directory_pages_next(&cursor, digests, &number, &page,
			&err) < 0 ||
		    directory_page_compare(number, page, tree, &taken, &err) <
			0 ||
		    directory_tree_apply(tree, &taken, NULL, &err) < 0)
			give_up("page", &err);
		spent += now_ms() - start;
		directory_changes_free(&taken);
		bytes_free(&answer);
	}
	result_print("directory.parts.take", spent, "ms",
	    "parts compared and taken, but for the store");
	directory_tree_free(tree);
}

static struct bytes
build(const struct directory_sources *sources, const char *name,
    struct directory **ret_directory)
{
	struct bytes image = { 0 };
	struct error err = { 0 };
	double start = now_ms();

	if (directory_image_build(sources, &image, &err) < 0)
		give_up(name, &err);
	result_print(name, now_ms() - start, "ms", "image of %zu MiB",
	    image.len >> 20);
	start = now_ms();
	if (directory_open(image.data, image.len, ret_directory, &err) < 0)
		give_up("open", &err);
	result_print("directory.open", now_ms() - start, "ms", "in a role");
	return image;
}

/* One organisation gets another name. */
static void
change_one(const struct directory *directory, struct directory_tree *tree,
    const struct directory_change *of)
{
	struct directory_changes changes = { 0 };
	struct directory *renewed = NULL;
	struct entry_org org;
	struct bytes image;
	struct error err = { 0 };
	double start;

	if (entry_org_parse(of->json.data, of->json.len, &org, &err) < 0)
		give_up("entry", &err);
	org.name[0] = 'X';
	org.name[1] = 'Y';
	org.name[2] = 'Z';
	if (directory_changes_put(&changes, &org, &err) < 0)
		give_up("change", &err);
	start = now_ms();
	if (directory_tree_apply(tree, &changes, NULL, &err) < 0)
		give_up("apply", &err);
	(void)directory_tree_root(tree);
	result_print("directory.change.root", now_ms() - start, "ms",
	    "root after a change of %zu bytes", changes.list[0].json.len);
	image = build(&(struct directory_sources){ .old = directory,
			  .changes = &changes },
	    "directory.change.image", &renewed);
	directory_close(renewed);
	bytes_free(&image);
	entry_org_free(&org);
	directory_changes_free(&changes);
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
	struct directory_changes changes;
	struct directory_change *at;
	struct directory_sources sources = { .next = next_of };
	struct directory_tree *tree = NULL;
	struct directory *directory = NULL;
	struct bytes image;
	struct error err = { 0 };
	double start;

	if (argc > 1 && !text_parse_u64(argv[1], 1000000, &wanted))
		return 64;
	if (directory_tree_new(&tree, &err) < 0)
		give_up("tree", &err);
	changes = import((size_t)wanted, tree);
	put_keys(&changes);
	measure_pages(&changes);
	start = now_ms();
	if (directory_tree_apply(tree, &changes, NULL, &err) < 0)
		give_up("apply", &err);
	(void)directory_tree_root(tree);
	result_print("directory.root", now_ms() - start, "ms",
	    "root of %zu entries", directory_tree_count(tree));
	take_pages(&changes, tree);
	/* One that has no code ends the list. */
	if (directory_changes_remove(&changes, &(struct org_code){ .text = "" },
		&err) < 0)
		give_up("end", &err);
	at = changes.list;
	sources.next_ctx = &at;
	image = build(&sources, "directory.build", &directory);
	change_one(directory, tree, &changes.list[changes.count / 2]);
	look_up(directory, (size_t)wanted);
	search(directory, "directory.search.one", "第39999機關");
	search(directory, "directory.search.many", "台北市政府");
	search(directory, "directory.search.none", "衛生福利部");
	search(directory, "directory.search.code", "39999");

	directory_close(directory);
	bytes_free(&image);
	directory_changes_free(&changes);
	directory_tree_free(tree);
	return 0;
}
