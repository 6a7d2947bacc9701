/*
 * At management: what enough witnesses cosigned may leave, with its receipt.
 */
#include <stdlib.h>

#include "base/error.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "role/log/host_log.h"
#include "store/query.h"

/* A few at a time wait; what is more comes with the next checkpoint. */
enum { SHOWN_MAX = 64 };

struct shown {
	int64_t place;
	uint64_t entry;
};

/*
 * Those that wait for it.  A timestamp counts only as the last entry, for the
 * witnesses have seen no other one of those that are in the tree.
 */
static int
find_waiting(struct rows *rows, uint64_t size, struct shown *shown,
    size_t *ret_count, struct error *err)
{
	struct query *query;
	int more = 0;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT place, entry FROM bulletin WHERE needs = 1"
		" AND length(receipt) = 0 AND entry < ?1"
		" AND (type <> ?2 OR entry = ?1 - 1) ORDER BY entry",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)size);
	query_bind_int(query, 2, BULLETIN_TIMESTAMP);
	while (*ret_count < SHOWN_MAX && (more = query_next(query, err)) > 0)
		shown[(*ret_count)++] = (struct shown){
			.place = query_int(query, 0),
			.entry = (uint64_t)query_int(query, 1),
		};
	query_end(query);
	return more < 0 ? -1 : 0;
}

static int
save(struct rows *rows, int64_t place, const struct bytes *receipt,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE bulletin SET receipt = ?2 WHERE place = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, place);
	query_bind_data(query, 2, receipt->data, receipt->len);
	return query_finish(query, err);
}

int
bulletins_show(struct bulletins *bulletins, struct leaves *leaves,
    uint64_t size, const struct bytes *note, struct error *err)
{
	struct shown shown[SHOWN_MAX];
	size_t count;

	if (find_waiting(bulletins->options.rows, size, shown, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct bytes receipt = { 0 };
		int rc = host_log_receipt_by(leaves, shown[i].entry, size, note,
		    &receipt, err);

		if (rc == 0)
			rc = save(bulletins->options.rows, shown[i].place,
			    &receipt, err);
		bytes_free(&receipt);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
find_served(struct bulletins *bulletins, struct bulletins_held *held,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(bulletins->options.rows,
		"SELECT serial FROM bulletin AS b WHERE type = ?1 AND name = ?2"
		" AND " BULLETINS_MAY_LEAVE " ORDER BY place DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, held->type);
	query_bind_text(query, 2, held->name);
	found = query_next(query, err);
	if (found > 0)
		held->served = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

void
bulletins_shown(struct bulletins *bulletins)
{
	struct error err = { 0 };

	for (size_t i = 0; i < bulletins->held_count; i++)
		if (find_served(bulletins, &bulletins->held[i], &err) < 0)
			log_failure(&bulletins->options.env->log,
			    LOG_LEVEL_ERROR, "bulletin.shown", &err);
	bulletins->has_news = true;
	if (bulletins->first == NULL)
		bulletins_settle(bulletins);
}
