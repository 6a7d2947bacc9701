/*
 * Pages of the directory out of the rows, for hosts below and for evidence.
 */
#include "role/contents/contents.h"

#include "base/bytes.h"
#include "base/error.h"
#include "directory/directory_pages.h"
#include "store/query.h"

static int
load_tree(struct rows *rows, uint64_t serial, struct directory_tree *tree,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT code, digest FROM directory_entry"
		" INDEXED BY directory_entry_page WHERE since <= ?1"
		" AND (until IS NULL OR until > ?1)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)serial);
	while ((more = query_next(query, err)) > 0) {
		struct org_code code;
		struct digest leaf;

		query_digest(query, 1, &leaf);
		if (!org_code_parse(query_text(query, 0), &code) ||
		    directory_tree_put(tree, &code, &leaf, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

int
contents_read_pages(struct rows *rows, uint64_t serial,
    struct digest *ret_pages, struct error *err)
{
	struct directory_tree *tree = NULL;
	int rc = -1;

	if (directory_tree_new(&tree, err) == 0 &&
	    load_tree(rows, serial, tree, err) == 0) {
		for (unsigned i = 0; i < DIRECTORY_PAGES; i++)
			ret_pages[i] = directory_tree_page(tree, i);
		rc = 0;
	}
	directory_tree_free(tree);
	return rc;
}

int
contents_read_page(struct rows *rows, uint64_t serial, unsigned number,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT json FROM directory_entry WHERE page = ?1"
		" AND since <= ?2 AND (until IS NULL OR until > ?2)"
		" ORDER BY code",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	query_bind_int(query, 2, (int64_t)serial);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 0, &len);

		directory_page_put_entry(to, json, len);
	}
	query_end(query);
	return more < 0 ? -1 : bytes_failed(to, err);
}
