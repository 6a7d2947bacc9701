#include "directory/directory_pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/image_parts.h"

static int
untrusted(struct error *err, const char *what)
{
	return error_set_id(err, "E3903", ERROR_UNTRUSTED,
	    "parts of the directory: %s", what);
}

void
directory_page_put_entry(struct bytes *page, const void *json, size_t len)
{
	bytes_put_u32(page, (uint32_t)len);
	bytes_put(page, json, len);
}

void
directory_pages_put(struct bytes *to, unsigned number, const struct bytes *page)
{
	bytes_put_u16(to, (uint16_t)number);
	bytes_put_u32(to, (uint32_t)page->len);
	bytes_put(to, page->data, page->len);
	to->failed |= page->failed;
}

int
directory_index_read(const void *data, size_t len, const struct digest *root,
    struct digest ret_pages[DIRECTORY_PAGES], struct error *err)
{
	struct digest found;

	if (len != DIRECTORY_INDEX_LEN)
		return untrusted(err, "not as many digests as pages");
	memcpy(ret_pages, data, DIRECTORY_INDEX_LEN);
	found = directory_root_of_pages(ret_pages);
	return digest_equal(&found, root)
	    ? 0
	    : untrusted(err, "the digests have another root");
}

/* Of the entries as they stand there. */
static int
digest_of(struct cursor page, struct digest *ret_digest, struct error *err)
{
	struct bytes leaves = { 0 };
	size_t count = 0;
	int rc = -1;

	while (page.left > 0 && !page.failed) {
		size_t len = cursor_u32(&page);
		const uint8_t *json = cursor_take(&page, len);
		struct digest leaf;

		if (json == NULL)
			break;
		leaf = directory_leaf(json, len);
		bytes_put(&leaves, leaf.bytes, DIGEST_LEN);
		count++;
	}
	if (!cursor_done(&page)) {
		untrusted(err, "an entry is cut off");
	} else if (bytes_failed(&leaves, err) == 0) {
		*ret_digest = merkle_root((const void *)leaves.data, count);
		rc = 0;
	}
	bytes_free(&leaves);
	return rc;
}

int
directory_pages_next(struct cursor *answer, const struct digest *digests,
    unsigned *ret_number, struct cursor *ret_page, struct error *err)
{
	struct digest digest;
	struct cursor page;
	unsigned number;
	size_t len;
	const uint8_t *data;

	if (answer->left == 0 && !answer->failed)
		return 0;
	number = cursor_u16(answer);
	len = cursor_u32(answer);
	data = len <= DIRECTORY_PAGE_MAX ? cursor_take(answer, len) : NULL;
	if (data == NULL || number >= DIRECTORY_PAGES)
		return untrusted(err, "a page is cut off, or too long");
	page = cursor_of(data, len);
	if (digest_of(page, &digest, err) < 0)
		return -1;
	if (!digest_equal(&digest, &digests[number]))
		return untrusted(err, "a page is not what its digest says");
	*ret_number = number;
	*ret_page = page;
	return 1;
}

/* An entry as it is to be; nothing if it is so already. */
static int
take_entry(unsigned number, const uint8_t *json, size_t len,
    const struct directory_tree *tree, struct directory_changes *changes,
    struct org_code *last, struct error *err)
{
	struct digest leaf = directory_leaf(json, len);
	struct digest known;
	struct org_code code;

	if (entry_org_parse_code(json, len, &code, err) < 0)
		return -1;
	if (directory_page_of(&code) != number ||
	    strcmp(last->text, code.text) >= 0)
		return image_mistake(err, code.text, "not in its place");
	*last = code;
	if (directory_tree_find(tree, &code, &known) &&
	    digest_equal(&known, &leaf))
		return 0;
	return directory_changes_put_json(changes, &code, json, len, err);
}

/* What the tree has in the page and `codes`, in order, have not. */
static int
remove_missing(unsigned number, const struct org_code *codes, size_t count,
    const struct directory_tree *tree, struct directory_changes *changes,
    struct error *err)
{
	size_t at = 0;

	for (size_t i = 0; i < directory_tree_page_count(tree, number); i++) {
		const struct org_code *code =
		    directory_tree_code(tree, number, i);

		while (at < count && strcmp(codes[at].text, code->text) < 0)
			at++;
		if ((at == count || !org_code_equal(&codes[at], code)) &&
		    directory_changes_remove(changes, code, err) < 0)
			return -1;
	}
	return 0;
}

int
directory_page_compare(unsigned number, struct cursor page,
    const struct directory_tree *tree, struct directory_changes *changes,
    struct error *err)
{
	struct org_code last = { "" };
	struct bytes codes = { 0 };
	int rc = 0;

	while (page.left > 0 && rc == 0) {
		size_t len = cursor_u32(&page);
		const uint8_t *json = cursor_take(&page, len);

		rc = json == NULL
		    ? untrusted(err, "an entry is cut off")
		    : take_entry(number, json, len, tree, changes, &last, err);
		bytes_put(&codes, &last, sizeof(last));
	}
	if (rc == 0)
		rc = bytes_failed(&codes, err);
	if (rc == 0)
		rc = remove_missing(number, (const void *)codes.data,
		    codes.len / sizeof(last), tree, changes, err);
	bytes_free(&codes);
	return rc;
}

bool
directory_pages_missing(struct directory_tree *tree,
    const struct digest *digests, unsigned max, unsigned *ret_from,
    unsigned *ret_to)
{
	unsigned from = 0;
	unsigned to;

	for (;; from++) {
		struct digest ours;

		if (from == DIRECTORY_PAGES)
			return false;
		ours = directory_tree_page(tree, from);
		if (!digest_equal(&ours, &digests[from]))
			break;
	}
	for (to = from + 1; to < DIRECTORY_PAGES && to - from < max; to++) {
		struct digest ours = directory_tree_page(tree, to);

		if (digest_equal(&ours, &digests[to]))
			break;
	}
	*ret_from = from;
	*ret_to = to;
	return true;
}
