#include "role/query/queries_bulletins.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "envelope/bundle.h"
#include "role/bulletins/bulletins.h"
#include "role/bulletins/serials.h"
#include "role/contents/contents.h"
#include "role/query/queries.h"
#include "store/query.h"
#include "sys/ipc.h"

enum {
	BUNDLE_MAX = 48 * 1024 * 1024,
	DELTAS_MAX = 1000, /* directories in one answer */
};

/* It was taken here, so what is in force here was taken in its place. */
static bool
was_taken(struct rows *rows, const struct bulletins_stored *held,
    uint64_t serial)
{
	struct error ignored = { 0 };
	struct query *query;
	bool is_known;

	if (query_begin(rows,
		"SELECT 1 FROM bulletin WHERE type = ?1 AND name = ?2"
		" AND serial = ?3",
		&query, &ignored) < 0)
		return false;
	query_bind_int(query, 1, held->type);
	query_bind_text(query, 2, held->name);
	query_bind_int(query, 3, (int64_t)serial);
	is_known = query_next(query, &ignored) > 0;
	query_end(query);
	return is_known;
}

/*
 * Newer than what the other host has; or taken here in place of that one, when
 * a root had disowned its signers: of a lower serial, or of the same one.
 */
static bool
is_news(struct rows *rows, const struct bulletins_stored *held,
    const char *have)
{
	struct serials_item theirs =
	    serials_find_item(have, held->type, held->name);
	char mark[SERIALS_MARK_SIZE];

	if (held->serial > theirs.serial || held->type == BULLETIN_ROOT)
		return held->serial > theirs.serial;
	if (held->serial < theirs.serial)
		return was_taken(rows, held, theirs.serial);
	serials_mark(&held->digest, mark);
	return theirs.mark[0] != '\0' && !text_equal(theirs.mark, mark);
}

/* The newest that others may have; 0 for none. */
static int
newest_directory(struct rows *rows, uint64_t *ret_serial, struct error *err)
{
	struct query *query;
	int more;

	*ret_serial = 0;
	if (query_begin(rows,
		"SELECT serial, max(place) FROM bulletin AS b"
		" WHERE type = ?1 AND " BULLETINS_MAY_LEAVE,
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_DIRECTORY);
	more = query_next(query, err);
	if (more > 0)
		*ret_serial = (uint64_t)query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

/*
 * From which serial on a directory is handed out: each change since what the
 * other host has, if all of them are here and shorter than all that the newest
 * one says; else 0: the newest alone, and parts are asked for.
 */
static int
first_directory(struct rows *rows, const char *have, uint64_t *ret_first,
    struct error *err)
{
	uint64_t theirs =
	    serials_find_item(have, BULLETIN_DIRECTORY, "").serial;
	struct contents_state state;
	struct query *query;
	uint64_t newest;
	int more;

	*ret_first = 0;
	if (contents_read_state(rows, &state, err) < 0 ||
	    newest_directory(rows, &newest, err) < 0)
		return -1;
	if (theirs == 0 || theirs >= newest || newest - theirs > DELTAS_MAX)
		return 0;
	if (query_begin(rows,
		"SELECT count(*), sum(length(cms)) FROM bulletin AS b"
		" WHERE type = ?1 AND serial > ?2 AND serial <= ?3"
		" AND " BULLETINS_MAY_LEAVE,
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_DIRECTORY);
	query_bind_int(query, 2, (int64_t)theirs);
	query_bind_int(query, 3, (int64_t)newest);
	more = query_next(query, err);
	if (more > 0 && (uint64_t)query_int(query, 0) == newest - theirs &&
	    (uint64_t)query_int(query, 1) < state.bytes)
		*ret_first = theirs + 1;
	query_end(query);
	return more < 0 ? -1 : 0;
}

/*
 * All roots that are newer, in sequence; of the directory as first_directory()
 * says; of others the newest.
 */
int
queries_put_bulletins(struct rows *rows, const char *have, struct bytes *to,
    struct error *err)
{
	struct query *query;
	uint64_t first;
	int more;

	if (first_directory(rows, have, &first, err) < 0 ||
	    query_begin(rows,
		"SELECT type, name, serial, cms, receipt, digest"
		" FROM bulletin AS a"
		" WHERE place IN (SELECT place FROM bulletin AS b"
		" WHERE (type = ?1 OR (type = ?3 AND ?4 > 0 AND serial >= ?4))"
		" AND " BULLETINS_MAY_LEAVE ")"
		" OR place = (SELECT max(place)"
		" FROM bulletin AS b WHERE b.type = a.type"
		" AND b.name = a.name AND " BULLETINS_MAY_LEAVE ")"
		" ORDER BY type <> ?1, type = ?2, serial, place",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	query_bind_int(query, 2, BULLETIN_TIMESTAMP);
	query_bind_int(query, 3, BULLETIN_DIRECTORY);
	query_bind_int(query, 4, (int64_t)first);
	while ((more = query_next(query, err)) > 0 && to->len < BUNDLE_MAX) {
		int64_t type = query_int(query, 0);
		struct bulletins_stored held = {
			.type = (enum bulletin_type)type,
			.name = query_text(query, 1),
			.serial = (uint64_t)query_int(query, 2),
		};
		size_t len;
		const void *cms = query_data(query, 3, &len);
		const void *receipt;

		query_digest(query, 5, &held.digest);
		if (type < 0 || type >= BULLETIN_TYPE_COUNT ||
		    !is_news(rows, &held, have))
			continue;
		bundle_put(to, BUNDLE_BULLETIN, cms, len);
		receipt = query_data(query, 4, &len);
		if (len > 0)
			bundle_put(to, BUNDLE_RECEIPT, receipt, len);
	}
	query_end(query);
	return more < 0 ? -1 : bytes_failed(to, err);
}

void
queries_on_bulletins_read(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_bulletins_read ask;
	struct message_bulletins answer;
	struct bytes bundle = { 0 };
	struct error err = { 0 };
	struct rows *rows;

	bundle_put_magic(&bundle);
	if (message_read(message, MESSAGE_BULLETINS_READ, &ask, &err) < 0 ||
	    (rows = queries_rows(queries, &err)) == NULL ||
	    queries_put_bulletins(rows, ask.have, &bundle, &err) < 0) {
		peer_refuse(peer, message->id, &err);
	} else {
		answer.bundle = blob_of_bytes(&bundle);
		peer_tell(peer, MESSAGE_BULLETINS, message->id, &answer, -1);
	}
	bytes_free(&bundle);
}
