#include "role/log/cosign_rows.h"

#include "base/bytes.h"
#include "base/error.h"
#include "role/log/cosign.h"
#include "store/query.h"
#include "store/rows.h"

/* Every gateway compares what it holds within an hour (protocol 4). */
enum { GOOD_FOR_MS = 60 * 60 * 1000 };

const char cosign_schema[] =
    "CREATE TABLE cosigning ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), authorities INTEGER NOT NULL,"
    " quorum INTEGER NOT NULL, tried_at INTEGER NOT NULL,"
    " size INTEGER NOT NULL DEFAULT 0, note BLOB NOT NULL DEFAULT x'',"
    " good_at INTEGER NOT NULL DEFAULT 0) STRICT;";

static int
save_round(struct rows *rows, const struct cosigned_round *cosigned,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO cosigning (id, authorities, quorum, tried_at)"
		" VALUES (1, ?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
		" authorities = excluded.authorities, quorum = excluded.quorum,"
		" tried_at = excluded.tried_at",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, cosigned->authorities);
	query_bind_int(query, 2, cosigned->quorum);
	query_bind_int(query, 3, cosigned->tried_at);
	return query_finish(query, err);
}

int
cosigned_round_save(struct rows *rows, const struct cosigned_round *cosigned,
    const struct bytes *note, struct error *err)
{
	struct query *query;

	if (save_round(rows, cosigned, err) < 0)
		return -1;
	if (cosigned->authorities == 0 ||
	    cosigned->authorities < cosigned->quorum)
		return 0;
	if (query_begin(rows,
		"UPDATE cosigning SET size = ?1, note = ?2, good_at = ?3",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)cosigned->size);
	query_bind_data(query, 2, note->data, note->len);
	query_bind_int(query, 3, cosigned->tried_at);
	return query_finish(query, err);
}

int
cosign_read(struct rows *rows, uint64_t *ret_size, struct bytes *note,
    struct error *err)
{
	struct query *query;
	const void *data;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT size, note FROM cosigning WHERE good_at > 0", &query,
		err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		*ret_size = (uint64_t)query_int(query, 0);
		data = query_data(query, 1, &len);
		bytes_put(note, data, len);
		if (bytes_failed(note, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

int
cosign_forget(struct rows *rows, struct error *err)
{
	return query_run(rows,
	    "UPDATE cosigning SET size = 0, note = x'', good_at = 0", err);
}

/* Columns quorum, authorities, size, good_at. */
static bool
put_state(struct query *query, int64_t now, struct bytes *to)
{
	int64_t good_at = query_int(query, 3);

	if (query_int(query, 0) == 0 && good_at == 0) {
		bytes_put_text(to, "unwitnessed");
		return true;
	}
	if (good_at == 0 || now - good_at > GOOD_FOR_MS) {
		bytes_put_format(to,
		    "not cosigned within the hour: %lld of %lld authorities",
		    (long long)query_int(query, 1),
		    (long long)query_int(query, 0));
		return false;
	}
	bytes_put_format(to, "%lld records cosigned, quorum %lld",
	    (long long)query_int(query, 2), (long long)query_int(query, 0));
	return true;
}

int
cosign_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT quorum, authorities, size, good_at FROM cosigning",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	*ret_id = "";
	if (found > 0 && !put_state(query, now_ms, to))
		*ret_id = "E5029";
	if (found == 0)
		bytes_put_text(to, "unwitnessed");
	query_end(query);
	return found < 0 ? -1 : bytes_failed(to, err);
}
