#include "directory/directory_tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "directory/directory_changes.h"

static const char entry_label[] = "yizhan-directory-entry-1\n";
static const char page_label[] = "yizhan-directory-page-1\n";

struct item {
	struct org_code code;
	struct digest leaf;
};

struct page {
	struct item *items; /* by code */
	size_t count, size;
	struct digest digest;
	bool is_known; /* `digest` is that of the items */
};

struct directory_tree {
	struct page pages[DIRECTORY_PAGES];
	size_t count;
};

unsigned
directory_page_of(const struct org_code *code)
{
	struct digest digest;

	sha256(code->text, strlen(code->text), &digest);
	return (unsigned)digest.bytes[0] << 4 | digest.bytes[1] >> 4;
}

/* SHA-256(0x00 || label || data). */
static struct digest
labelled_leaf(const char *label, size_t label_len, const void *data, size_t len)
{
	static const uint8_t leaf = 0;
	const struct sha256_part parts[] = { { &leaf, 1 }, { label, label_len },
		{ data, len } };
	struct digest digest;

	sha256_parts(parts, 3, &digest);
	return digest;
}

struct digest
directory_leaf(const void *json, size_t len)
{
	return labelled_leaf(entry_label, sizeof(entry_label) - 1, json, len);
}

int
directory_tree_new(struct directory_tree **ret_tree, struct error *err)
{
	struct directory_tree *tree = calloc(1, sizeof(*tree));

	if (tree == NULL)
		return error_set_memory(err);
	*ret_tree = tree;
	return 0;
}

void
directory_tree_free(struct directory_tree *tree)
{
	for (unsigned i = 0; tree != NULL && i < DIRECTORY_PAGES; i++)
		free(tree->pages[i].items);
	free(tree);
}

/* Where a code stands in its page, or would. */
static size_t
place_of(const struct page *page, const struct org_code *code, bool *ret_found)
{
	size_t low = 0;
	size_t high = page->count;

	*ret_found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(page->items[mid].code.text, code->text);

		if (order == 0) {
			*ret_found = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int
directory_tree_put(struct directory_tree *tree, const struct org_code *code,
    const struct digest *leaf, struct error *err)
{
	struct page *page = &tree->pages[directory_page_of(code)];
	bool found;
	size_t at = place_of(page, code, &found);

	if (!found && page->count == page->size) {
		size_t size = page->size * 2 + 8;
		struct item *items =
		    realloc(page->items, size * sizeof(*items));

		if (items == NULL)
			return error_set_memory(err);
		page->items = items;
		page->size = size;
	}
	if (!found) {
		memmove(&page->items[at + 1], &page->items[at],
		    (page->count - at) * sizeof(*page->items));
		page->items[at].code = *code;
		page->count++;
		tree->count++;
	}
	page->items[at].leaf = *leaf;
	page->is_known = false;
	return 0;
}

bool
directory_tree_remove(struct directory_tree *tree, const struct org_code *code)
{
	struct page *page = &tree->pages[directory_page_of(code)];
	bool found;
	size_t at = place_of(page, code, &found);

	if (!found)
		return false;
	page->count--;
	tree->count--;
	memmove(&page->items[at], &page->items[at + 1],
	    (page->count - at) * sizeof(*page->items));
	page->is_known = false;
	return true;
}

bool
directory_tree_find(const struct directory_tree *tree,
    const struct org_code *code, struct digest *ret_leaf)
{
	const struct page *page = &tree->pages[directory_page_of(code)];
	bool found;
	size_t at = place_of(page, code, &found);

	if (found)
		*ret_leaf = page->items[at].leaf;
	return found;
}

size_t
directory_tree_count(const struct directory_tree *tree)
{
	return tree->count;
}

size_t
directory_tree_page_count(const struct directory_tree *tree, unsigned page)
{
	return tree->pages[page].count;
}

const struct org_code *
directory_tree_code(const struct directory_tree *tree, unsigned page,
    size_t index)
{
	return &tree->pages[page].items[index].code;
}

/* As merkle_root(), over leaves that do not lie side by side. */
static struct digest
root_of_items(const struct item *items, size_t count)
{
	struct tree_stack {
		struct digest hash;
		size_t count;
	} stack[64];
	size_t depth = 0;

	if (count == 0)
		return merkle_root(NULL, 0);
	for (size_t i = 0; i < count; i++) {
		stack[depth].hash = items[i].leaf;
		stack[depth++].count = 1;
		while (depth > 1 &&
		    stack[depth - 2].count == stack[depth - 1].count) {
			stack[depth - 2].hash =
			    merkle_node(&stack[depth - 2].hash,
				&stack[depth - 1].hash);
			stack[depth - 2].count *= 2;
			depth--;
		}
	}
	for (; depth > 1; depth--)
		stack[depth - 2].hash =
		    merkle_node(&stack[depth - 2].hash, &stack[depth - 1].hash);
	return stack[0].hash;
}

struct digest
directory_tree_page(struct directory_tree *tree, unsigned number)
{
	struct page *page = &tree->pages[number];

	if (!page->is_known)
		page->digest = root_of_items(page->items, page->count);
	page->is_known = true;
	return page->digest;
}

struct digest
directory_page_leaf(const struct digest *page)
{
	return labelled_leaf(page_label, sizeof(page_label) - 1, page->bytes,
	    DIGEST_LEN);
}

int
directory_page_path(const struct digest *pages, unsigned number,
    struct digest ret_path[DIRECTORY_PAGE_PATH], struct error *err)
{
	struct digest *nodes = calloc(DIRECTORY_PAGES, sizeof(*nodes));
	size_t width = DIRECTORY_PAGES;

	assert(number < DIRECTORY_PAGES);
	if (nodes == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < DIRECTORY_PAGES; i++)
		nodes[i] = directory_page_leaf(&pages[i]);
	for (size_t level = 0; level < DIRECTORY_PAGE_PATH; level++) {
		ret_path[level] = nodes[number ^ 1u];
		for (size_t i = 0; i < width / 2; i++)
			nodes[i] =
			    merkle_node(&nodes[2 * i], &nodes[2 * i + 1]);
		number /= 2;
		width /= 2;
	}
	free(nodes);
	return 0;
}

/* Half as many: of two pairs that are the same the second is not made again. */
static void
halve(struct digest *nodes, size_t width)
{
	struct digest left, right;

	for (size_t i = 0; i < width / 2; i++) {
		bool is_same = i > 0 && digest_equal(&nodes[2 * i], &left) &&
		    digest_equal(&nodes[2 * i + 1], &right);

		left = nodes[2 * i];
		right = nodes[2 * i + 1];
		nodes[i] = is_same ? nodes[i - 1] : merkle_node(&left, &right);
	}
}

/* Most pages of a small directory are empty, and so the same. */
struct digest
directory_root_of_pages(const struct digest *pages)
{
	struct digest nodes[DIRECTORY_PAGES / 16] = { { { 0 } } };
	struct digest parts[16];
	const size_t step = DIRECTORY_PAGES / 16;

	/* A power of two, so that the root over parts is that over all. */
	for (size_t part = 0; part < 16; part++) {
		const struct digest *page = &pages[part * step];

		for (size_t i = 0; i < step; i++)
			nodes[i] = i > 0 && digest_equal(&page[i], &page[i - 1])
			    ? nodes[i - 1]
			    : directory_page_leaf(&page[i]);
		for (size_t width = step; width > 1; width /= 2)
			halve(nodes, width);
		parts[part] = nodes[0];
	}
	for (size_t width = 16; width > 1; width /= 2)
		halve(parts, width);
	return parts[0];
}

struct digest
directory_tree_root(struct directory_tree *tree)
{
	struct digest *pages = calloc(DIRECTORY_PAGES, sizeof(*pages));
	struct digest root = { { 0 } };

	/* All zeros is no root of anything. */
	for (unsigned i = 0; pages != NULL && i < DIRECTORY_PAGES; i++)
		pages[i] = directory_tree_page(tree, i);
	if (pages != NULL)
		root = directory_root_of_pages(pages);
	free(pages);
	return root;
}

/* ---- changes ------------------------------------------------------------- */

/* One change; false when it removes what is not there. */
static int
apply_one(struct directory_tree *tree, struct directory_change *change,
    struct error *err)
{
	change->was_there =
	    directory_tree_find(tree, &change->code, &change->leaf_before);
	if (!change->is_removed)
		return directory_tree_put(tree, &change->code, &change->leaf,
		    err);
	if (directory_tree_remove(tree, &change->code))
		return 0;
	return error_set_id(err, "E3902", ERROR_UNTRUSTED,
	    "%s is removed, and is not in the directory", change->code.text);
}

static void
undo(struct directory_tree *tree, const struct directory_changes *changes,
    size_t count)
{
	struct error ignored = { 0 };

	/* The room is there: what was removed had it. */
	while (count-- > 0) {
		const struct directory_change *change = &changes->list[count];

		if (!change->was_there) {
			directory_tree_remove(tree, &change->code);
		} else {
			int rc = directory_tree_put(tree, &change->code,
			    &change->leaf_before, &ignored);

			assert(rc == 0);
			(void)rc;
		}
	}
}

int
directory_tree_apply(struct directory_tree *tree,
    struct directory_changes *changes, const struct digest *root,
    struct error *err)
{
	struct digest found;

	for (size_t i = 0; i < changes->count; i++)
		if (apply_one(tree, &changes->list[i], err) < 0) {
			undo(tree, changes, i);
			return -1;
		}
	if (root == NULL)
		return 0;
	found = directory_tree_root(tree);
	if (digest_equal(&found, root))
		return 0;
	undo(tree, changes, changes->count);
	return error_set_id(err, "E3902", ERROR_UNTRUSTED,
	    "what the bulletin changes does not lead to the root that it "
	    "names");
}

void
directory_tree_undo(struct directory_tree *tree,
    const struct directory_changes *changes)
{
	undo(tree, changes, changes->count);
}
