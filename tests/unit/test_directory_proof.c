#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_pages.h"
#include "directory/directory_proof.h"

enum { ORGS = 9000, ENTRY_SIZE = 600 };

static struct {
	struct directory_tree *tree;
	struct digest *pages;
	struct digest root;
	struct error err;
} box;

static struct org_code
code_of(unsigned number)
{
	struct org_code code;
	char text[ORG_TEXT_SIZE];

	snprintf(text, sizeof(text), "A%08uZ", number);
	assert_true(org_code_parse(text, &code));
	return code;
}

static void
write_entry(const char *code, const char *supervisor, const char *status,
    const char *successor, char to[ENTRY_SIZE])
{
	snprintf(to, ENTRY_SIZE,
	    "{\"code\":\"%s\",\"name\":\"機關\",\"kind\":\"agency\","
	    "\"status\":\"%s\",\"center\":\"\",\"supervisor\":\"%s\","
	    "\"successor\":\"%s\",\"host\":\"\","
	    "\"accepts\":{\"letter_bytes\":0},\"keys\":[]}",
	    code, status, supervisor, successor);
}

static int
set_up(void **state)
{
	char text[ENTRY_SIZE];

	(void)state;
	box.pages = calloc(DIRECTORY_PAGES, sizeof(*box.pages));
	assert_int_equal(directory_tree_new(&box.tree, &box.err), 0);
	for (unsigned i = 0; i < ORGS; i++) {
		struct org_code code = code_of(i);
		struct digest leaf;

		write_entry(code.text, "", "active", "", text);
		leaf = directory_leaf(text, strlen(text));
		assert_int_equal(directory_tree_put(box.tree, &code, &leaf,
				     &box.err),
		    0);
	}
	for (unsigned i = 0; i < DIRECTORY_PAGES; i++)
		box.pages[i] = directory_tree_page(box.tree, i);
	box.root = directory_tree_root(box.tree);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	directory_tree_free(box.tree);
	free(box.pages);
	return 0;
}

/* The page of a number, but for `without` (DIRECTORY_PAGES: none). */
static void
prove(unsigned number, size_t without, struct bytes *to)
{
	struct bytes entries = { 0 };
	char text[ENTRY_SIZE];

	for (size_t i = 0; i < directory_tree_page_count(box.tree, number);
	     i++) {
		if (i == without)
			continue;
		write_entry(directory_tree_code(box.tree, number, i)->text, "",
		    "active", "", text);
		directory_page_put_entry(&entries, text, strlen(text));
	}
	if (directory_proof_encode(number, box.pages,
		cursor_of(entries.data, entries.len), to, &box.err) < 0)
		fail_msg("%s", box.err.text);
	bytes_free(&entries);
}

static int
take(const struct bytes *json, const struct digest *root, unsigned *ret_number,
    size_t *ret_count)
{
	struct directory_changes found = { .count = 0 };
	int rc;

	box.err = (struct error){ 0 };
	rc = directory_proof_take(json->data, json->len, root, ret_number,
	    &found, &box.err);
	*ret_count = found.count;
	directory_changes_free(&found);
	return rc;
}

static void
a_page_leads_to_the_root(void **state)
{
	struct org_code code = code_of(4711);
	unsigned number = directory_page_of(&code);
	unsigned found;
	size_t count;

	(void)state;
	/* The first, the last, an empty one. */
	for (unsigned page = 0; page < DIRECTORY_PAGES; page++) {
		struct bytes json = { 0 };

		if (page % 512 != 0 && page != number &&
		    page != DIRECTORY_PAGES - 1)
			continue;
		prove(page, SIZE_MAX, &json);
		if (take(&json, &box.root, &found, &count) < 0)
			fail_msg("page %u: %s", page, box.err.text);
		assert_int_equal(found, page);
		assert_int_equal(count,
		    directory_tree_page_count(box.tree, page));
		bytes_free(&json);
	}
}

static void
refused(const struct bytes *json, const struct digest *root)
{
	unsigned number;
	size_t count;

	assert_int_equal(take(json, root, &number, &count), -1);
	if (!text_equal(box.err.id, "E3903") &&
	    !text_equal(box.err.id, "E7020"))
		fail_msg("%s", box.err.text);
}

/* The first that is not `avoid`. */
static unsigned
full_page(unsigned avoid)
{
	unsigned page = 0;

	while (page == avoid || directory_tree_page_count(box.tree, page) < 2)
		page++;
	return page;
}

static void
what_was_altered_does_not(void **state)
{
	unsigned page = full_page(DIRECTORY_PAGES);
	struct digest other = box.root;
	struct bytes json = { 0 };
	uint8_t *at;

	(void)state;
	prove(page, SIZE_MAX, &json);
	other.bytes[0] ^= 1;
	refused(&json, &other);
	/* Each byte, one bit. */
	for (size_t i = 0; i < json.len; i += 7) {
		at = &json.data[i];
		*at ^= 1;
		refused(&json, &box.root);
		*at ^= 1;
	}
	bytes_free(&json);
	/* One left out: it would seem not to be listed. */
	prove(page, 0, &json);
	refused(&json, &box.root);
	bytes_free(&json);
}

static void
a_page_is_of_its_own_codes(void **state)
{
	unsigned page = full_page(DIRECTORY_PAGES);
	unsigned other = full_page(page);
	struct bytes entries = { 0 };
	struct bytes json = { 0 };
	char text[ENTRY_SIZE];

	(void)state;
	write_entry(directory_tree_code(box.tree, other, 0)->text, "", "active",
	    "", text);
	directory_page_put_entry(&entries, text, strlen(text));
	assert_int_equal(directory_proof_encode(page, box.pages,
			     cursor_of(entries.data, entries.len), &json,
			     &box.err),
	    0);
	refused(&json, &box.root);
	bytes_free(&entries);
	bytes_free(&json);
}

static void
what_is_no_page_is_refused(void **state)
{
	static const char *const bad[] = { "", "{}", "[]",
		"{\"page\":4096,\"path\":[],\"entries\":[]}",
		"{\"page\":0,\"path\":[],\"entries\":[]}",
		"{\"page\":0,\"path\":[],\"entries\":[1]}",
		"{\"page\":0,\"path\":[],\"entries\":[\"{}\"]}",
		"{\"page\":0,\"path\":[],\"entries\":[],\"more\":1}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct bytes json = { 0 };

		bytes_put_text(&json, bad[i]);
		refused(&json, &box.root);
		bytes_free(&json);
	}
}

/* ---- parties ---------------------------------------------------------------- */

static const struct line {
	const char *code, *supervisor, *status, *successor;
} lines[] = {
	{ "376490000A", "A01000000A", "active", "" },
	{ "376490000AU000001", "376490000AU000002", "active", "" },
	{ "376490000AU000002", "376490000A", "active", "" },
	{ "376500000A", "", "dissolved", "376510000AU000009" },
	{ "376510000AU000009", "376510000A", "dissolved", "376500000A" },
};

static int
find(void *ctx, const struct org_code *code, struct entry_org *ret_org,
    struct error *err)
{
	size_t *asked = ctx;
	char text[ENTRY_SIZE];

	++*asked;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (!text_equal(lines[i].code, code->text))
			continue;
		write_entry(lines[i].code, lines[i].supervisor, lines[i].status,
		    lines[i].successor, text);
		return entry_org_parse(text, strlen(text), ret_org, err) < 0
		    ? -1
		    : 1;
	}
	return 0;
}

static void
whoever_may_receive_is_a_party(void **state)
{
	static const char *const wanted[] = { "376490000AU000001", "376490000A",
		"376500000A", "376490000AU000002", "376510000AU000009",
		"376510000A" };
	struct directory_parties parties = { .count = 0 };
	struct org_code unit;
	struct org_code gone;
	size_t asked = 0;

	(void)state;
	assert_true(org_code_parse("376490000AU000001", &unit));
	assert_true(org_code_parse("376500000A", &gone));
	assert_int_equal(directory_parties_add(&parties, &unit, &box.err), 0);
	assert_int_equal(directory_parties_add(&parties, &gone, &box.err), 0);
	if (directory_parties_complete(&parties, find, &asked, &box.err) < 0)
		fail_msg("%s", box.err.text);
	assert_int_equal(parties.count, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_string_equal(parties.list[i].text, wanted[i]);
	/* Each once, also in a circle; who supervises an organisation never. */
	assert_int_equal(asked, ARRAY_LEN(wanted));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_leads_to_the_root),
		cmocka_unit_test(what_was_altered_does_not),
		cmocka_unit_test(a_page_is_of_its_own_codes),
		cmocka_unit_test(what_is_no_page_is_refused),
		cmocka_unit_test(whoever_may_receive_is_a_party),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
