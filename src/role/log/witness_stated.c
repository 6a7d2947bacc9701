#include "role/log/witness_stated.h"

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/contradiction.h"
#include "role/message.h"
#include "store/query.h"
#include "store/rows.h"

const char witness_stated_schema[] =
    "CREATE TABLE witnessed_timestamp ("
    " host TEXT PRIMARY KEY, json BLOB NOT NULL, cms BLOB NOT NULL)"
    " STRICT, WITHOUT ROWID;";

static int
compare(const struct blob *stated, const void *before, size_t len,
    enum timestamp_order *ret_order, struct error *err)
{
	struct bulletin first = { .serial = 0 };
	struct bulletin second = { .serial = 0 };
	int rc = -1;

	if (bulletin_parse(before, len, &first, err) == 0 &&
	    bulletin_parse(stated->data, stated->len, &second, err) == 0)
		rc = timestamp_compare(&first, &second, ret_order, err);
	bulletin_free(&first);
	bulletin_free(&second);
	return rc;
}

int
witness_stated_judge(struct rows *rows,
    const struct message_checkpoint *checkpoint,
    enum timestamp_order *ret_order, struct bytes *proof, struct error *err)
{
	struct query *query;
	int rc;

	*ret_order = TIMESTAMP_GOES_ON;
	if (query_begin(rows,
		"SELECT json, cms FROM witnessed_timestamp WHERE host = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, checkpoint->center);
	rc = query_next(query, err);
	if (rc > 0) {
		size_t len, cms_len;
		const void *json = query_data(query, 0, &len);
		const void *cms = query_data(query, 1, &cms_len);

		rc = compare(&checkpoint->stated, json, len, ret_order, err);
		if (rc == 0 && *ret_order != TIMESTAMP_GOES_ON)
			contradiction_put(cms, cms_len,
			    checkpoint->stated_cms.data,
			    checkpoint->stated_cms.len, proof);
	}
	query_end(query);
	return rc;
}

int
witness_stated_save(struct rows *rows,
    const struct message_checkpoint *checkpoint, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO witnessed_timestamp (host, json, cms)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, checkpoint->center);
	query_bind_data(query, 2, checkpoint->stated.data,
	    checkpoint->stated.len);
	query_bind_data(query, 3, checkpoint->stated_cms.data,
	    checkpoint->stated_cms.len);
	return query_finish(query, err);
}
