#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_image.h"
#include "directory/directory_pages.h"
#include "directory/directory_tree.h"
#include "json/json_write.h"

enum { MANY = 3000 };

/* ---- making ---------------------------------------------------------------- */

static struct org_code
code_of(unsigned number)
{
	struct org_code code;
	char text[ORG_TEXT_SIZE];

	snprintf(text, sizeof(text), number % 3 == 0 ? "%09uA" : "%09uAU000001",
	    number / 3 * 3);
	if (number % 3 == 2)
		text[16] = '2';
	assert_true(org_code_parse(text, &code));
	return code;
}

/* An entry whose name says `word`. */
static void
put(struct directory_changes *changes, unsigned number, const char *word)
{
	struct entry_key key = { .use = KEY_SEAL, .state = KEY_ACTIVE };
	struct entry_org org = { .code = code_of(number),
		.kind = ORG_AGENCY,
		.status = ORG_ACTIVE,
		.keys = &key,
		.key_count = number % 3 == 0 };
	struct error err = { 0 };
	char name[64];

	bytes_put(&key.certificate, "\x30\x04\x0c\x02", 4);
	bytes_put_u16(&key.certificate, (uint16_t)number);
	snprintf(name, sizeof(name), "機關%u%s", number, word);
	org.name = name;
	assert_int_equal(directory_changes_put(changes, &org, &err), 0);
	bytes_free(&key.certificate);
}

static void
drop(struct directory_changes *changes, unsigned number)
{
	struct org_code code = code_of(number);
	struct error err = { 0 };

	assert_int_equal(directory_changes_remove(changes, &code, &err), 0);
}

static struct directory_tree *
new_tree(void)
{
	struct directory_tree *tree = NULL;
	struct error err = { 0 };

	assert_int_equal(directory_tree_new(&tree, &err), 0);
	return tree;
}

static void
apply(struct directory_tree *tree, struct directory_changes *changes)
{
	struct error err = { 0 };

	assert_int_equal(directory_changes_sort(changes, &err), 0);
	assert_int_equal(directory_tree_apply(tree, changes, NULL, &err), 0);
}

/* Entries 0 to `count`, changed and removed here and there by `step`. */
static struct directory_tree *
tree_of(unsigned count, const char *word)
{
	struct directory_tree *tree = new_tree();
	struct directory_changes changes = { 0 };

	for (unsigned i = 0; i < count; i++)
		put(&changes, i, word);
	apply(tree, &changes);
	directory_changes_free(&changes);
	return tree;
}

struct said {
	const struct directory_changes *changes;
	uint64_t count;
	struct digest root;
};

static void
write_delta(void *context, struct json_writer *writer)
{
	const struct said *said = context;

	directory_body_encode(said->changes, said->count, &said->root, writer);
}

static void
write_whole(void *context, struct json_writer *writer)
{
	const struct said *said = context;

	json_write_begin_array(writer, "organisations");
	for (size_t i = 0; i < said->changes->count; i++)
		json_write_raw(writer, NULL, said->changes->list[i].json.data,
		    said->changes->list[i].json.len);
	json_write_end(writer);
}

static struct bulletin
bulletin_with(bulletin_body_fn body, void *context)
{
	struct digest previous = { { 1 } };
	struct bulletin_draft draft = { .environment = "demo",
		.type = BULLETIN_DIRECTORY,
		.name = "",
		.serial = 4,
		.issued_ms = 1000,
		.expires_ms = 2000,
		.previous = &previous };
	struct bulletin bulletin = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, body, context, &json, &err) < 0 ||
	    bulletin_parse(json.data, json.len, &bulletin, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&json);
	return bulletin;
}

static bool
same_root(struct directory_tree *a, struct directory_tree *b)
{
	struct digest left = directory_tree_root(a);
	struct digest right = directory_tree_root(b);

	return digest_equal(&left, &right);
}

/* ---- the tree ---------------------------------------------------------------- */

static void
the_root_does_not_depend_on_the_order(void **state)
{
	struct directory_tree *forward = tree_of(MANY, "");
	struct directory_tree *back = new_tree();
	struct directory_changes changes = { 0 };
	struct error err = { 0 };

	(void)state;
	for (unsigned i = MANY; i-- > 0;)
		put(&changes, i, "");
	/* As they come, not sorted. */
	assert_int_equal(directory_tree_apply(back, &changes, NULL, &err), 0);
	assert_true(same_root(forward, back));
	assert_int_equal(directory_tree_count(back), MANY);
	directory_changes_free(&changes);
	directory_tree_free(forward);
	directory_tree_free(back);
}

static void
any_change_of_any_entry_changes_the_root(void **state)
{
	struct directory_tree *tree = tree_of(30, "");
	struct digest before = directory_tree_root(tree);

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		struct directory_changes changes = { 0 };
		struct digest after;

		if (i % 2 == 0)
			put(&changes, i, "x");
		else
			drop(&changes, i);
		apply(tree, &changes);
		after = directory_tree_root(tree);
		assert_false(digest_equal(&before, &after));
		directory_tree_undo(tree, &changes);
		after = directory_tree_root(tree);
		assert_true(digest_equal(&before, &after));
		directory_changes_free(&changes);
	}
	directory_tree_free(tree);
}

static void
the_root_of_pages_is_that_of_rfc_6962(void **state)
{
	static const char label[] = "yizhan-directory-page-1\n";
	struct digest *pages = calloc(DIRECTORY_PAGES, sizeof(*pages));
	struct digest *leaves = calloc(DIRECTORY_PAGES, sizeof(*leaves));
	struct digest ours, theirs;

	(void)state;
	assert_non_null(pages);
	assert_non_null(leaves);
	for (unsigned i = 0; i < DIRECTORY_PAGES; i++) {
		uint8_t data[sizeof(label) - 1 + DIGEST_LEN];

		pages[i].bytes[0] = (uint8_t)i;
		pages[i].bytes[1] = (uint8_t)(i >> 8);
		memcpy(data, label, sizeof(label) - 1);
		memcpy(data + sizeof(label) - 1, pages[i].bytes, DIGEST_LEN);
		leaves[i] = merkle_leaf(data, sizeof(data));
	}
	ours = directory_root_of_pages(pages);
	theirs = merkle_root(leaves, DIRECTORY_PAGES);
	assert_true(digest_equal(&ours, &theirs));
	free(pages);
	free(leaves);
}

/* ---- bulletins that change something ----------------------------------------- */

static void
a_change_leads_to_the_root_that_it_names(void **state)
{
	struct directory_tree *ours = tree_of(100, "");
	struct directory_tree *theirs = tree_of(100, "");
	struct directory_changes changes = { 0 };
	struct directory_body body = { 0 };
	struct error err = { 0 };
	struct bulletin bulletin;
	struct said said;

	(void)state;
	put(&changes, 7, "改名");
	put(&changes, 200, "");
	drop(&changes, 9);
	apply(theirs, &changes);
	said = (struct said){ &changes, directory_tree_count(theirs),
		directory_tree_root(theirs) };
	bulletin = bulletin_with(write_delta, &said);
	assert_int_equal(directory_body_decode(&bulletin, &body, &err), 0);
	assert_false(body.is_whole);
	assert_int_equal(body.count, 100);
	assert_int_equal(body.changes.count, 3);
	assert_int_equal(directory_tree_apply(ours, &body.changes, &body.root,
			     &err),
	    0);
	assert_true(same_root(ours, theirs));
	directory_body_free(&body);
	bulletin_free(&bulletin);
	directory_changes_free(&changes);
	directory_tree_free(ours);
	directory_tree_free(theirs);
}

/* Apply to `tree` what leads from elsewhere to `root`: refused, nothing done. */
static void
check_refused(struct directory_tree *tree, struct directory_changes *changes,
    const struct digest *root)
{
	struct digest before = directory_tree_root(tree);
	size_t count = directory_tree_count(tree);
	struct error err = { 0 };
	struct digest after;

	assert_int_equal(directory_changes_sort(changes, &err), 0);
	assert_int_equal(directory_tree_apply(tree, changes, root, &err), -1);
	assert_string_equal(err.id, "E3902");
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	after = directory_tree_root(tree);
	assert_true(digest_equal(&before, &after));
	assert_int_equal(directory_tree_count(tree), count);
}

static void
a_wrong_root_is_refused_and_nothing_changes(void **state)
{
	struct directory_tree *tree = tree_of(100, "");
	struct directory_changes changes = { 0 };
	struct digest root = { { 9 } };

	(void)state;
	put(&changes, 7, "x");
	put(&changes, 300, "");
	drop(&changes, 8);
	check_refused(tree, &changes, &root);
	directory_changes_free(&changes);
	directory_tree_free(tree);
}

static void
a_gap_is_refused(void **state)
{
	struct directory_tree *tree = tree_of(100, "");
	struct directory_tree *theirs = tree_of(100, "");
	struct directory_changes first = { 0 };
	struct directory_changes second = { 0 };
	struct digest root;

	(void)state;
	put(&first, 3, "一");
	put(&second, 4, "二");
	apply(theirs, &first);
	apply(theirs, &second);
	root = directory_tree_root(theirs);
	check_refused(tree, &second, &root);
	directory_changes_free(&first);
	directory_changes_free(&second);
	directory_tree_free(tree);
	directory_tree_free(theirs);
}

static void
a_fork_is_refused(void **state)
{
	struct directory_tree *tree = tree_of(100, "");
	struct directory_tree *theirs = tree_of(100, "");
	struct directory_changes fork = { 0 };
	struct directory_changes change = { 0 };
	struct digest root;

	(void)state;
	/* They were told another predecessor than we were. */
	put(&fork, 50, "他版");
	put(&change, 4, "二");
	apply(theirs, &fork);
	apply(theirs, &change);
	root = directory_tree_root(theirs);
	check_refused(tree, &change, &root);
	directory_changes_free(&fork);
	directory_changes_free(&change);
	directory_tree_free(tree);
	directory_tree_free(theirs);
}

static void
a_replay_is_refused(void **state)
{
	struct directory_tree *tree = tree_of(100, "");
	struct directory_changes first = { 0 };
	struct directory_changes second = { 0 };
	struct digest root;

	(void)state;
	put(&first, 3, "一");
	apply(tree, &first);
	root = directory_tree_root(tree);
	put(&second, 5, "二");
	apply(tree, &second);
	check_refused(tree, &first, &root);
	directory_changes_free(&first);
	directory_changes_free(&second);
	directory_tree_free(tree);
}

static void
what_is_not_there_cannot_be_removed(void **state)
{
	struct directory_tree *tree = tree_of(10, "");
	struct directory_changes changes = { 0 };

	(void)state;
	put(&changes, 3, "x");
	drop(&changes, 999);
	check_refused(tree, &changes, NULL);
	directory_changes_free(&changes);
	directory_tree_free(tree);
}

static void
a_whole_directory_says_what_goes(void **state)
{
	struct directory_tree *tree = tree_of(10, "");
	struct directory_changes changes = { 0 };
	struct directory_body body = { 0 };
	struct error err = { 0 };
	struct bulletin bulletin;
	struct said said = { .changes = &changes };

	(void)state;
	put(&changes, 1, "");
	put(&changes, 2, "新名");
	put(&changes, 11, "");
	bulletin = bulletin_with(write_whole, &said);
	assert_int_equal(directory_body_decode(&bulletin, &body, &err), 0);
	assert_true(body.is_whole);
	assert_int_equal(directory_body_compare(&body, tree, &err), 0);
	/* One is as it was, one changed, one new; eight go. */
	assert_int_equal(body.changes.count, 10);
	apply(tree, &body.changes);
	assert_int_equal(directory_tree_count(tree), 3);
	directory_body_free(&body);
	bulletin_free(&bulletin);
	directory_changes_free(&changes);
	directory_tree_free(tree);
}

static void
write_text(void *context, struct json_writer *writer)
{
	const char *text = context;

	json_write_raw(writer, "count", text, strlen(text));
}

static void
malformed_bodies_are_refused(void **state)
{
#define ROOT                                                                  \
	"\"root\":\"00000000000000000000000000000000000000000000000000000000" \
	"00000000\""
	static const char *const bad[] = {
		"-1," ROOT ",\"changed\":[],\"removed\":[]",
		"1000001," ROOT ",\"changed\":[],\"removed\":[]",
		"0,\"root\":\"00\",\"changed\":[],\"removed\":[]",
		"0," ROOT ",\"changed\":[]",
		"0," ROOT ",\"changed\":[],\"removed\":[],\"more\":1",
		"0," ROOT ",\"changed\":{},\"removed\":[]",
		"0," ROOT ",\"changed\":[{}],\"removed\":[]",
		"0," ROOT ",\"changed\":[],\"removed\":[\"short\"]",
		"0," ROOT ",\"changed\":[],\"removed\":[1]",
		"0," ROOT ",\"changed\":[],\"removed\":[\"379000000A\","
		"\"379000000A\"]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bulletin bulletin =
		    bulletin_with(write_text, (void *)(uintptr_t)bad[i]);
		struct directory_body body = { 0 };
		struct error err = { 0 };

		if (directory_body_decode(&bulletin, &body, &err) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(err.id, "E7020");
		bulletin_free(&bulletin);
	}
}

/* ---- parts -------------------------------------------------------------------- */

/* The digests of a tree. */
static struct digest *
index_of(struct directory_tree *tree)
{
	struct digest *pages = calloc(DIRECTORY_PAGES, sizeof(*pages));

	assert_non_null(pages);
	for (unsigned i = 0; i < DIRECTORY_PAGES; i++)
		pages[i] = directory_tree_page(tree, i);
	return pages;
}

/* Pages of the entries 0 to `count` as another host gives them. */
static void
serve(unsigned count, const char *word, unsigned from, unsigned to,
    struct bytes *answer)
{
	struct directory_changes all = { 0 };
	struct error err = { 0 };

	for (unsigned i = 0; i < count; i++)
		put(&all, i, word);
	assert_int_equal(directory_changes_sort(&all, &err), 0);
	for (unsigned page = from; page < to; page++) {
		struct bytes bytes = { 0 };

		for (size_t i = 0; i < all.count; i++)
			if (directory_page_of(&all.list[i].code) == page)
				directory_page_put_entry(&bytes,
				    all.list[i].json.data,
				    all.list[i].json.len);
		directory_pages_put(answer, page, &bytes);
		bytes_free(&bytes);
	}
	assert_false(answer->failed);
	directory_changes_free(&all);
}

static int
take(struct directory_tree *tree, const struct bytes *answer,
    const struct digest *pages, struct error *err)
{
	struct cursor cursor = cursor_of(answer->data, answer->len);
	struct directory_changes changes = { 0 };
	struct cursor page;
	unsigned number;
	int more;

	while ((more = directory_pages_next(&cursor, pages, &number, &page,
		    err)) > 0)
		if (directory_page_compare(number, page, tree, &changes, err) <
		    0) {
			more = -1;
			break;
		}
	if (more == 0)
		apply(tree, &changes);
	directory_changes_free(&changes);
	return more;
}

static void
parts_make_the_same_directory(void **state)
{
	struct directory_tree *theirs = tree_of(300, "新");
	struct directory_tree *ours = tree_of(400, "舊");
	struct digest *pages = index_of(theirs);
	struct digest root = directory_tree_root(theirs);
	struct digest *read = calloc(DIRECTORY_PAGES, sizeof(*read));
	struct error err = { 0 };
	unsigned from, to, asked = 0;

	(void)state;
	assert_non_null(read);
	assert_int_equal(directory_index_read(pages, DIRECTORY_INDEX_LEN, &root,
			     read, &err),
	    0);
	while (directory_pages_missing(ours, read, 7, &from, &to)) {
		struct bytes answer = { 0 };

		assert_in_range(to - from, 1, 7);
		serve(300, "新", from, to, &answer);
		assert_int_equal(take(ours, &answer, read, &err), 0);
		bytes_free(&answer);
		asked += to - from;
	}
	assert_true(same_root(ours, theirs));
	assert_int_equal(directory_tree_count(ours), 300);
	/* Not more than have an entry here or there. */
	assert_in_range(asked, 300 - 30, 400);
	free(read);
	free(pages);
	directory_tree_free(ours);
	directory_tree_free(theirs);
}

static void
digests_of_another_root_are_refused(void **state)
{
	struct directory_tree *theirs = tree_of(30, "");
	struct digest root = directory_tree_root(theirs);
	struct digest *pages = index_of(theirs);
	struct digest *read = calloc(DIRECTORY_PAGES, sizeof(*read));
	struct error err = { 0 };

	(void)state;
	assert_non_null(read);
	pages[77].bytes[3] ^= 1;
	assert_int_equal(directory_index_read(pages, DIRECTORY_INDEX_LEN, &root,
			     read, &err),
	    -1);
	assert_string_equal(err.id, "E3903");
	pages[77].bytes[3] ^= 1;
	assert_int_equal(directory_index_read(pages, DIRECTORY_INDEX_LEN - 1,
			     &root, read, &err),
	    -1);
	free(read);
	free(pages);
	directory_tree_free(theirs);
}

/* What came instead of the pages 0 to 200 of `word`. */
static void
check_parts_refused(const struct bytes *answer, const char *why)
{
	struct directory_tree *theirs = tree_of(300, "真");
	struct directory_tree *ours = new_tree();
	struct digest *pages = index_of(theirs);
	struct error err = { 0 };

	if (take(ours, answer, pages, &err) == 0)
		fail_msg("taken: %s", why);
	assert_string_equal(err.id, "E3903");
	assert_int_equal(directory_tree_count(ours), 0);
	free(pages);
	directory_tree_free(ours);
	directory_tree_free(theirs);
}

static void
parts_that_were_not_signed_are_refused(void **state)
{
	struct bytes answer = { 0 };
	struct bytes other = { 0 };

	(void)state;
	serve(300, "真", 0, 200, &answer);
	assert_true(answer.len > 1000);
	answer.data[answer.len / 2] ^= 0x20;
	check_parts_refused(&answer, "one bit");
	answer.data[answer.len / 2] ^= 0x20;
	answer.len--;
	check_parts_refused(&answer, "cut off");
	answer.len++;
	bytes_put_u8(&answer, 0);
	check_parts_refused(&answer, "more than there is (endless data)");
	serve(300, "假", 0, 200, &other);
	check_parts_refused(&other, "of another directory (mix and match)");
	bytes_free(&answer);
	bytes_free(&other);
}

static void
a_page_that_is_too_long_is_refused_unread(void **state)
{
	struct bytes answer = { 0 };

	(void)state;
	bytes_put_u16(&answer, 1);
	bytes_put_u32(&answer, DIRECTORY_PAGE_MAX + 1);
	assert_non_null(bytes_extend(&answer, DIRECTORY_PAGE_MAX + 1));
	memset(answer.data + 6, 0, answer.len - 6);
	check_parts_refused(&answer, "a page without end");
	bytes_free(&answer);
}

static void
an_entry_of_another_page_is_refused(void **state)
{
	struct directory_tree *ours = new_tree();
	struct directory_changes one = { 0 };
	struct directory_changes changes = { 0 };
	struct bytes page = { 0 };
	struct error err = { 0 };
	unsigned number;

	(void)state;
	put(&one, 1, "");
	directory_page_put_entry(&page, one.list[0].json.data,
	    one.list[0].json.len);
	number = (directory_page_of(&one.list[0].code) + 1) % DIRECTORY_PAGES;
	assert_int_equal(directory_page_compare(number,
			     cursor_of(page.data, page.len), ours, &changes,
			     &err),
	    -1);
	assert_string_equal(err.id, "E7020");
	bytes_free(&page);
	directory_changes_free(&one);
	directory_changes_free(&changes);
	directory_tree_free(ours);
}

/* ---- images -------------------------------------------------------------------- */

static void
build(const struct directory_sources *sources, struct bytes *image,
    struct directory **ret_directory)
{
	struct error err = { 0 };

	if (directory_image_build(sources, image, &err) < 0 ||
	    directory_open(image->data, image->len, ret_directory, &err) < 0)
		fail_msg("%s", err.text);
}

static int
next_of(void *ctx, const void **ret_json, size_t *ret_len, struct error *err)
{
	struct directory_changes *changes = ctx;

	(void)err;
	if (changes->size == changes->count)
		return 0;
	*ret_json = changes->list[changes->size].json.data;
	*ret_len = changes->list[changes->size++].json.len;
	return 1;
}

static void
check_same(const struct directory *a, const struct directory *b)
{
	assert_int_equal(directory_org_count(a), directory_org_count(b));
	for (uint32_t i = 0; i < directory_org_count(a); i++) {
		struct directory_org left = directory_org_at(a, i);
		struct directory_org right = directory_org_at(b, i);
		struct directory_key key, other;
		struct directory_owner owner;

		assert_string_equal(left.code.text, right.code.text);
		assert_string_equal(left.name, right.name);
		assert_int_equal(left.key_count, right.key_count);
		if (left.key_count == 0)
			continue;
		key = directory_key_at(a, &left, 0);
		other = directory_key_at(b, &right, 0);
		assert_true(digest_equal(&key.fingerprint, &other.fingerprint));
		assert_int_equal(key.certificate_len, other.certificate_len);
		assert_true(directory_find_owner(a, &key.fingerprint, &owner));
		assert_int_equal(owner.index, i);
	}
}

/* An image that is made from another one is as if made from all entries. */
static void
a_renewed_image_is_as_a_new_one(void **state)
{
	struct directory_changes all = { 0 };
	struct directory_changes changes = { 0 };
	struct directory_changes after = { 0 };
	struct directory_sources sources = { .next = next_of };
	struct bytes images[3] = { { 0 } };
	struct directory *directories[3];
	struct error err = { 0 };

	(void)state;
	for (unsigned i = 0; i < 90; i++) {
		put(&all, i, "");
		if (i != 12 && i != 89)
			put(&after, i, i == 0 || i == 40 ? "改" : "");
	}
	put(&after, 100, "");
	put(&changes, 0, "改");
	put(&changes, 40, "改");
	put(&changes, 100, "");
	drop(&changes, 12);
	drop(&changes, 89);
	assert_int_equal(directory_changes_sort(&all, &err), 0);
	assert_int_equal(directory_changes_sort(&changes, &err), 0);
	assert_int_equal(directory_changes_sort(&after, &err), 0);
	sources.next_ctx = &all;
	all.size = 0;
	build(&sources, &images[0], &directories[0]);
	sources.next_ctx = &after;
	after.size = 0;
	build(&sources, &images[1], &directories[1]);
	sources = (struct directory_sources){ .old = directories[0],
		.changes = &changes,
		.directory_serial = 5 };
	build(&sources, &images[2], &directories[2]);
	check_same(directories[1], directories[2]);
	assert_int_equal(directory_serials(directories[2]).directory, 5);
	for (int i = 0; i < 3; i++) {
		directory_close(directories[i]);
		bytes_free(&images[i]);
	}
	directory_changes_free(&all);
	directory_changes_free(&changes);
	directory_changes_free(&after);
}

static void
changes_of_two_bulletins_join(void **state)
{
	struct directory_changes first = { 0 };
	struct directory_changes second = { 0 };
	struct error err = { 0 };

	(void)state;
	put(&first, 1, "一");
	put(&first, 2, "一");
	assert_int_equal(directory_changes_sort(&first, &err), 0);
	drop(&second, 2);
	put(&second, 0, "二");
	assert_int_equal(directory_changes_sort(&second, &err), 0);
	assert_int_equal(directory_changes_join(&first, &second, &err), 0);
	assert_int_equal(first.count, 3);
	for (size_t i = 0; i < 3; i++) {
		struct org_code two = code_of(2);

		assert_int_equal(first.list[i].is_removed,
		    org_code_equal(&first.list[i].code, &two));
	}
	directory_changes_free(&first);
	directory_changes_free(&second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_does_not_depend_on_the_order),
		cmocka_unit_test(any_change_of_any_entry_changes_the_root),
		cmocka_unit_test(the_root_of_pages_is_that_of_rfc_6962),
		cmocka_unit_test(a_change_leads_to_the_root_that_it_names),
		cmocka_unit_test(a_wrong_root_is_refused_and_nothing_changes),
		cmocka_unit_test(a_gap_is_refused),
		cmocka_unit_test(a_fork_is_refused),
		cmocka_unit_test(a_replay_is_refused),
		cmocka_unit_test(what_is_not_there_cannot_be_removed),
		cmocka_unit_test(a_whole_directory_says_what_goes),
		cmocka_unit_test(malformed_bodies_are_refused),
		cmocka_unit_test(parts_make_the_same_directory),
		cmocka_unit_test(digests_of_another_root_are_refused),
		cmocka_unit_test(parts_that_were_not_signed_are_refused),
		cmocka_unit_test(a_page_that_is_too_long_is_refused_unread),
		cmocka_unit_test(an_entry_of_another_page_is_refused),
		cmocka_unit_test(a_renewed_image_is_as_a_new_one),
		cmocka_unit_test(changes_of_two_bulletins_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
