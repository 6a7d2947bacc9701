#include "base/bytes.h"
#include "base/error.h"
#include "directory/directory_tree.h"
#include "role/contents/contents_internal.h"
#include "store/query.h"

int
contents_read_state(struct rows *rows, struct contents_state *ret_state,
    struct error *err)
{
	struct contents_state state = { 0 };
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT serial, root, bytes, oldest FROM directory_state",
		&query, err) < 0)
		return -1;
	more = query_next(query, err);
	if (more > 0) {
		state.serial = (uint64_t)query_int(query, 0);
		query_digest(query, 1, &state.root);
		state.bytes = (uint64_t)query_int(query, 2);
		state.oldest = (uint64_t)query_int(query, 3);
		more = query_failed(query, err);
	}
	query_end(query);
	if (more < 0)
		return -1;
	*ret_state = state;
	return 0;
}

int
contents_find_root(struct rows *rows, const struct digest *root,
    uint64_t *ret_serial, struct error *err)
{
	struct query *query;
	int more;

	*ret_serial = 0;
	if (query_begin(rows,
		"SELECT max(serial) FROM directory_root WHERE root = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, root);
	more = query_next(query, err);
	if (more > 0)
		*ret_serial = (uint64_t)query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
contents_find(struct rows *rows, const char *code, uint64_t serial,
    struct query **ret_query, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT since, until, json FROM directory_entry"
		" WHERE code = ?1 AND since <= ?2"
		" AND (until IS NULL OR until > ?2)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, code);
	query_bind_int(query, 2, (int64_t)serial);
	more = query_next(query, err);
	if (more > 0)
		*ret_query = query;
	else
		query_end(query);
	return more;
}

/* ---- writing ------------------------------------------------------------- */

/* The newest row of a code; 0 for none. */
struct newest {
	int64_t id;
	uint64_t since;
	struct bytes json;
};

static int
find_newest(struct contents *contents, const struct org_code *code,
    struct newest *ret_newest, struct error *err)
{
	struct query *query;
	const void *json;
	size_t len;
	int more;

	*ret_newest = (struct newest){ 0 };
	if (query_begin(contents->rows,
		"SELECT id, since, json FROM directory_entry"
		" WHERE code = ?1 AND until IS NULL",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, code->text);
	more = query_next(query, err);
	if (more > 0) {
		ret_newest->id = query_int(query, 0);
		ret_newest->since = (uint64_t)query_int(query, 1);
		json = query_data(query, 2, &len);
		bytes_put(&ret_newest->json, json, len);
	}
	query_end(query);
	return more < 0 ? -1 : bytes_failed(&ret_newest->json, err);
}

/* It held until now; or, if it never was in force, it never was. */
static int
end_row(struct contents *contents, const struct newest *newest,
    struct error *err)
{
	bool was_in_force = newest->since <= contents->state.serial;
	struct query *query;

	if (newest->id == 0)
		return 0;
	if (query_begin(contents->rows,
		was_in_force
		    ? "UPDATE directory_entry SET until = ?2 WHERE id = ?1"
		    : "DELETE FROM directory_entry WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, newest->id);
	if (was_in_force)
		query_bind_int(query, 2, (int64_t)contents->pending_serial);
	return query_finish(query, err);
}

static int
add_row(struct contents *contents, const struct directory_change *change,
    struct error *err)
{
	struct query *query;

	if (query_begin(contents->rows,
		"INSERT INTO directory_entry (page, code, since, digest, json)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, directory_page_of(&change->code));
	query_bind_text(query, 2, change->code.text);
	query_bind_int(query, 3, (int64_t)contents->pending_serial);
	query_bind_digest(query, 4, &change->leaf);
	query_bind_data(query, 5, change->json.data, change->json.len);
	return query_finish(query, err);
}

static int
write_over(struct contents *contents, const struct newest *newest,
    const struct directory_change *change, const struct notices_author *author,
    struct error *err)
{
	struct contents_state *next = &contents->next_state;

	if (end_row(contents, newest, err) < 0 ||
	    (author->host[0] != '\0' &&
		notices_note(contents->rows, author, change->code.text,
		    newest->json.data, newest->json.len, change->json.data,
		    change->json.len, err) < 0))
		return -1;
	next->bytes -= newest->json.len;
	if (change->is_removed)
		return 0;
	next->bytes += change->json.len;
	return add_row(contents, change, err);
}

static int
write_change(struct contents *contents, const struct directory_change *change,
    const struct notices_author *author, struct error *err)
{
	struct newest newest;
	int rc = find_newest(contents, &change->code, &newest, err);

	if (rc == 0)
		rc = write_over(contents, &newest, change, author, err);
	bytes_free(&newest.json);
	return rc;
}

/*
 * A lower serial takes the place of one whose signers a root disowned: from now
 * on there was nothing before.
 */
static int
begin_anew(struct contents *contents, struct error *err)
{
	if (query_run(contents->rows,
		"DELETE FROM directory_entry WHERE until IS NOT NULL", err) < 0)
		return -1;
	contents->next_state.oldest = contents->pending_serial;
	return query_run(contents->rows, "UPDATE directory_entry SET since = 0",
	    err);
}

/* After parts nobody has added up. */
static int
sum_bytes(struct contents *contents, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(contents->rows,
		"SELECT coalesce(sum(length(json)), 0) FROM directory_entry"
		" WHERE until IS NULL",
		&query, err) < 0)
		return -1;
	more = query_next(query, err);
	if (more > 0)
		contents->next_state.bytes = (uint64_t)query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

static int
forget(struct contents *contents, const char *sql, int64_t until,
    struct error *err)
{
	struct query *query;

	if (query_begin(contents->rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, until);
	return query_finish(query, err);
}

/* Bounded: the oldest of what no longer holds goes first. */
static int
forget_oldest(struct contents *contents, struct error *err)
{
	struct query *query;
	int64_t until = 0;
	int more;

	if (query_begin(contents->rows,
		"SELECT until FROM directory_entry WHERE until IS NOT NULL"
		" ORDER BY until DESC LIMIT 1 OFFSET ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, CONTENTS_HISTORY_MAX);
	more = query_next(query, err);
	if (more > 0)
		until = query_int(query, 0);
	query_end(query);
	if (more <= 0)
		return more;
	contents->next_state.oldest = (uint64_t)until;
	if (forget(contents, "DELETE FROM directory_entry WHERE until <= ?1",
		until, err) < 0)
		return -1;
	return forget(contents, "DELETE FROM directory_root WHERE serial < ?1",
	    until, err);
}

static int
write_root(struct contents *contents, struct error *err)
{
	struct query *query;

	if (query_begin(contents->rows,
		"INSERT OR REPLACE INTO directory_root (serial, root)"
		" VALUES (?1, ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)contents->next_state.serial);
	query_bind_digest(query, 2, &contents->next_state.root);
	return query_finish(query, err);
}

static int
write_state(struct contents *contents, struct error *err)
{
	const struct contents_state *next = &contents->next_state;
	struct query *query;

	if (query_begin(contents->rows,
		"INSERT OR REPLACE INTO directory_state"
		" (id, serial, root, bytes, oldest)"
		" VALUES (1, ?1, ?2, ?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)next->serial);
	query_bind_digest(query, 2, &next->root);
	query_bind_int(query, 3, (int64_t)next->bytes);
	query_bind_int(query, 4, (int64_t)next->oldest);
	return query_finish(query, err);
}

int
contents_write(struct contents *contents, struct notices_author author,
    struct error *err)
{
	const struct directory_changes *changes = &contents->pending.changes;
	struct contents_state *next = &contents->next_state;
	bool is_lower = !contents->is_for_later &&
	    contents->pending_serial <= contents->state.serial;

	/* Whoever begins with nothing has no news to be told. */
	if (contents->state.serial == 0)
		author.host = "";
	author.serial = contents->pending_serial;
	*next = contents->state;
	next->serial = contents->pending_serial;
	next->root = directory_tree_root(contents->tree);
	if (next->oldest == 0)
		next->oldest = next->serial;
	if (is_lower && begin_anew(contents, err) < 0)
		return -1;
	for (size_t i = 0; i < changes->count; i++)
		if (write_change(contents, &changes->list[i], &author, err) < 0)
			return -1;
	if (contents->is_for_later)
		return 0;
	if (contents->is_partial && sum_bytes(contents, err) < 0)
		return -1;
	if (forget_oldest(contents, err) < 0 || write_root(contents, err) < 0)
		return -1;
	return write_state(contents, err);
}
