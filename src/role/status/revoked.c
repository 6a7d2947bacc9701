#include "role/status/revoked.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "model/revocation.h"
#include "store/query.h"
#include "store/rows.h"

/* An index is asked with the number that it was made with. */
_Static_assert(REVOCATION_REVOKED == 2, "as in the texts below");

const char revoked_schema[] =
    "CREATE INDEX certificate_status_revoked"
    " ON certificate_status (fingerprint, revoked_at) WHERE state = 2;";

void
revoked_free(struct revoked *revoked)
{
	free(revoked->items);
	*revoked = (struct revoked){ 0 };
}

static bool
is_same(const struct revoked *revoked, const struct revoked_one *items,
    size_t count)
{
	if (count != revoked->count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!digest_equal(&items[i].fingerprint,
			&revoked->items[i].fingerprint) ||
		    items[i].at_ms != revoked->items[i].at_ms)
			return false;
	return true;
}

/* All rows, one behind the other. */
static int
read_all(struct query *query, struct bytes *to, struct error *err)
{
	int more;

	while ((more = query_next(query, err)) > 0) {
		struct revoked_one one = { .at_ms = query_int(query, 1) };

		query_digest(query, 0, &one.fingerprint);
		bytes_put(to, &one, sizeof(one));
	}
	if (more < 0 || query_failed(query, err) < 0)
		return -1;
	return bytes_failed(to, err);
}

int
revoked_load(struct rows *rows, struct revoked *revoked, struct error *err)
{
	struct bytes found = { 0 };
	struct query *query;
	size_t count;
	int rc;

	if (query_begin(rows,
		"SELECT fingerprint, revoked_at FROM certificate_status"
		" WHERE state = 2 ORDER BY fingerprint",
		&query, err) < 0)
		return -1;
	rc = read_all(query, &found, err);
	query_end(query);
	count = found.len / sizeof(*revoked->items);
	if (rc < 0 ||
	    is_same(revoked, (const struct revoked_one *)(void *)found.data,
		count)) {
		bytes_free(&found);
		return rc;
	}
	free(revoked->items);
	revoked->items = (struct revoked_one *)(void *)found.data;
	revoked->count = count;
	revoked->version++;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

int64_t
revoked_at(const struct revoked *revoked, const struct digest *fingerprint)
{
	const struct revoked_one *found = revoked->count > 0
	    ? bsearch(fingerprint, revoked->items, revoked->count,
		  sizeof(*revoked->items), compare)
	    : NULL;

	return found != NULL ? found->at_ms : INT64_MAX;
}
