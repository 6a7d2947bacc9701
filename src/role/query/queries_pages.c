/*
 * Parts of the directory in force, for hosts below (docs/protocol.md 6.3).
 */
#include "role/query/queries.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "directory/directory_pages.h"
#include "role/contents/contents.h"
#include "store/query.h"
#include "sys/ipc.h"

/* The digests of all pages of one directory, which many hosts ask for at once. */
struct queries_pages {
	struct digest root;
	struct digest pages[DIRECTORY_PAGES];
};

static int
renew_index(struct queries *queries, struct rows *rows, uint64_t serial,
    const struct digest *root, struct error *err)
{
	struct queries_pages *pages = queries->pages;

	if (pages != NULL && digest_equal(&pages->root, root))
		return 0;
	if (pages == NULL)
		pages = queries->pages = calloc(1, sizeof(*pages));
	if (pages == NULL)
		return error_set_memory(err);
	if (contents_read_pages(rows, serial, pages->pages, err) < 0)
		return -1;
	pages->root = directory_root_of_pages(pages->pages);
	return 0;
}

/* Whole pages from `from` on, until the answer is long enough. */
static int
put_pages(struct rows *rows, uint64_t serial, unsigned from, unsigned to,
    struct bytes *answer, struct error *err)
{
	struct bytes page = { 0 };
	unsigned number = from;
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT page, json FROM directory_entry"
		" WHERE page >= ?1 AND page < ?2 AND since <= ?3"
		" AND (until IS NULL OR until > ?3) ORDER BY page, code",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, from);
	query_bind_int(query, 2, to);
	query_bind_int(query, 3, (int64_t)serial);
	while ((more = query_next(query, err)) > 0) {
		unsigned of = (unsigned)query_int(query, 0);
		size_t len;
		const void *json = query_data(query, 1, &len);

		for (; number < of; number++) {
			directory_pages_put(answer, number, &page);
			bytes_clear(&page);
		}
		if (answer->len > 0 &&
		    answer->len + page.len > DIRECTORY_ANSWER_FULL)
			break;
		directory_page_put_entry(&page, json, len);
	}
	query_end(query);
	/* Those at the end, of which the last ones may be empty. */
	for (; more == 0 && number < to; number++) {
		directory_pages_put(answer, number, &page);
		bytes_clear(&page);
	}
	bytes_free(&page);
	return more < 0 ? -1 : bytes_failed(answer, err);
}

static int
read_pages(struct queries *queries, const struct message_pages_read *ask,
    struct bytes *answer, struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	uint64_t serial;

	/* Not always the newest: that may not leave before it is witnessed. */
	if (rows == NULL ||
	    contents_find_root(rows, &ask->root, &serial, err) < 0)
		return -1;
	if (serial == 0)
		return error_set_id(err, "E3904", ERROR_NOT_FOUND,
		    "no directory of that root is here");
	if (ask->to > 0)
		return put_pages(rows, serial, ask->from, ask->to, answer, err);
	if (renew_index(queries, rows, serial, &ask->root, err) < 0)
		return -1;
	bytes_put(answer, queries->pages->pages, DIRECTORY_INDEX_LEN);
	return bytes_failed(answer, err);
}

void
queries_on_pages_read(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_pages_read ask;
	struct message_pages answer;
	struct bytes data = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_PAGES_READ, &ask, &err) < 0 ||
	    read_pages(queries, &ask, &data, &err) < 0) {
		peer_refuse(peer, message->id, &err);
	} else {
		answer.data = blob_of_bytes(&data);
		peer_tell(peer, MESSAGE_PAGES, message->id, &answer, -1);
	}
	bytes_free(&data);
}
