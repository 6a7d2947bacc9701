/*
 * Of a directory that says only what it changed, the pages that have the parties
 * of a delivery, as of its serial.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "directory/directory_entry.h"
#include "directory/directory_proof.h"
#include "evidence/evidence_make.h"
#include "gateway/evidence/evidence_export_internal.h"
#include "role/contents/contents.h"
#include "store/query.h"

struct serving {
	struct rows *rows;
	uint64_t serial;
};

static int
find_entry(void *ctx, const struct org_code *code, struct entry_org *ret_org,
    struct error *err)
{
	const struct serving *serving = ctx;
	struct query *query;
	int found = contents_find(serving->rows, code->text, serving->serial,
	    &query, err);
	size_t len;
	const void *json;

	if (found <= 0)
		return found;
	json = query_data(query, 2, &len);
	found = entry_org_parse(json, len, ret_org, err) < 0 ? -1 : 1;
	query_end(query);
	return found;
}

/* What this host has kept is the directory of that serial: 1 or 0. */
static int
is_whole(const struct serving *serving, const struct digest *pages,
    struct error *err)
{
	struct digest root = directory_root_of_pages(pages);
	uint64_t serial;

	if (contents_find_root(serving->rows, &root, &serial, err) < 0)
		return -1;
	return serial != 0;
}

static int
add_page(const struct evidence_export *making, const struct serving *serving,
    const struct digest *pages, const struct org_code *code, struct error *err)
{
	unsigned number = directory_page_of(code);
	struct bytes entries = { 0 };
	struct bytes json = { 0 };
	int rc = -1;

	if (contents_read_page(serving->rows, serving->serial, number, &entries,
		err) == 0 &&
	    directory_proof_encode(number, pages,
		cursor_of(entries.data, entries.len), &json, err) == 0)
		rc = evidence_add_page(making->maker, serving->serial, number,
		    json.data, json.len, err);
	bytes_free(&entries);
	bytes_free(&json);
	return rc;
}

int
evidence_export_pages(const struct evidence_export *making, uint64_t serial,
    struct error *err)
{
	struct serving serving = { making->rows, serial };
	struct directory_parties parties = { .count = 0 };
	struct digest *pages = calloc(DIRECTORY_PAGES, sizeof(*pages));
	int rc = -1;

	if (pages == NULL)
		return error_set_memory(err);
	if (contents_read_pages(making->rows, serial, pages, err) < 0)
		goto done;
	rc = is_whole(&serving, pages, err);
	if (rc <= 0)
		goto done;
	rc = -1;
	if (directory_parties_add(&parties, &making->sender, err) < 0 ||
	    directory_parties_add(&parties, &making->recipient, err) < 0 ||
	    directory_parties_complete(&parties, find_entry, &serving, err) < 0)
		goto done;
	rc = 1;
	for (size_t i = 0; i < parties.count && rc > 0; i++)
		if (add_page(making, &serving, pages, &parties.list[i], err) <
		    0)
			rc = -1;
done:
	free(pages);
	return rc;
}
