/*
 * Parts of the directory as a host above gives them.  The first byte says
 * whether the digests of its pages are taken as they are, as from a signed root,
 * or made to fit the first page, so that its entries are read too.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory_changes.h"
#include "directory/directory_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The digest that a page with these bytes has, if it can have one. */
static void
fit(const uint8_t *data, size_t len, struct digest *digests)
{
	struct cursor answer = cursor_of(data, len);
	unsigned number = cursor_u16(&answer);
	size_t page_len = cursor_u32(&answer);
	const uint8_t *page = cursor_take(&answer, page_len);
	struct cursor entries = cursor_of(page, page != NULL ? page_len : 0);
	struct digest leaves[16];
	size_t count = 0;

	while (entries.left > 0 && count < 16) {
		size_t json_len = cursor_u32(&entries);
		const uint8_t *json = cursor_take(&entries, json_len);

		if (json == NULL)
			return;
		leaves[count++] = directory_leaf(json, json_len);
	}
	if (number < DIRECTORY_PAGES)
		digests[number] = merkle_root(leaves, count);
}

static void
read_answer(const uint8_t *data, size_t len, const struct digest *digests,
    struct directory_tree *tree)
{
	struct cursor answer = cursor_of(data, len);
	struct directory_changes changes = { 0 };
	struct error err = { 0 };
	struct cursor page;
	unsigned number, from, to;

	while (directory_pages_next(&answer, digests, &number, &page, &err) > 0)
		if (directory_page_compare(number, page, tree, &changes, &err) <
		    0)
			break;
	err = (struct error){ 0 };
	if (directory_changes_sort(&changes, &err) == 0 &&
	    directory_tree_apply(tree, &changes, NULL, &err) == 0)
		(void)directory_pages_missing(tree, digests, 8, &from, &to);
	directory_changes_free(&changes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct digest *digests = calloc(DIRECTORY_PAGES, sizeof(*digests));
	struct directory_tree *tree = NULL;
	struct digest root = { { 0 } };
	struct error err = { 0 };

	if (digests != NULL && len > 0 &&
	    directory_tree_new(&tree, &err) == 0) {
		if (directory_index_read(data + 1, len - 1, &root, digests,
			&err) == 0)
			abort();
		if (data[0] & 1)
			fit(data + 1, len - 1, digests);
		read_answer(data + 1, len - 1, digests, tree);
	}
	directory_tree_free(tree);
	free(digests);
	return 0;
}
