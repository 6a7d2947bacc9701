#include "center/epoch/center_feed_again.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "directory/directory.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "store/query.h"
#include "store/store.h"

static bool
is_fetched_by(const struct directory *directory, const char *recipient,
    const char *host)
{
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code code;

	return org_code_parse(recipient, &code) &&
	    directory_find_receiver(directory, &code, &receiver, &seal) &&
	    text_equal(receiver.host, host);
}

static int
add_deliveries(struct center *center, const char *host, struct error *err)
{
	const struct directory *directory = spool_directory(&center->spool);
	struct rows *rows = store_rows(center->spool.store);
	struct query *query;
	int more;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (query_begin(rows,
		"SELECT d.id, d.recipient, w.entry FROM delivery AS d"
		" JOIN waybill AS w ON w.id = d.waybill"
		" WHERE d.center = ?1 AND w.payload <> 0"
		" AND d.state NOT IN (?2, ?3, ?4) ORDER BY d.id",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center->name);
	query_bind_int(query, 2, DELIVERY_EXPIRED);
	query_bind_int(query, 3, DELIVERY_WITHDRAWN);
	query_bind_int(query, 4, DELIVERY_QUARANTINED);
	while ((more = query_next(query, err)) > 0)
		if (is_fetched_by(directory, query_text(query, 1), host) &&
		    center_feed_add(center, host, query_int(query, 0),
			(uint64_t)query_int(query, 2), err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* What was stated here of deliveries that this center decides. */
static int
add_acts(struct center *center, const char *host, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT a.entry FROM act AS a"
		" JOIN delivery AS d ON d.id = a.delivery"
		" JOIN waybill AS w ON w.id = d.waybill"
		" WHERE w.host = ?1 ORDER BY a.entry",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	while ((more = query_next(query, err)) > 0)
		if (center_feed_add(center, host, 0,
			(uint64_t)query_int(query, 0), err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* That it accepted what the host handed in: the host may have lost it. */
static int
add_accepted(struct center *center, const char *host, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT entry FROM waybill WHERE host = ?1 AND origin = ?2"
		" ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_text(query, 2, center->name);
	while ((more = query_next(query, err)) > 0)
		if (center_feed_add(center, host, 0,
			(uint64_t)query_int(query, 0), err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* What its recipients stated of letters whose content is here no more. */
static int
add_own_acts(struct center *center, const char *host, struct error *err)
{
	const struct directory *directory = spool_directory(&center->spool);
	struct rows *rows = store_rows(center->spool.store);
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT a.entry, d.recipient FROM act AS a"
		" JOIN delivery AS d ON d.id = a.delivery"
		" JOIN waybill AS w ON w.id = d.waybill"
		" WHERE w.payload = 0 AND d.center = ?1 ORDER BY a.entry",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center->name);
	while ((more = query_next(query, err)) > 0)
		if (is_fetched_by(directory, query_text(query, 1), host) &&
		    center_feed_add(center, host, 0,
			(uint64_t)query_int(query, 0), err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* The waybill of another center's receipt, if `host` handed it in. */
static int
is_of_host(struct rows *rows, const void *json, size_t len, const char *host,
    struct error *err)
{
	struct receipt receipt = { 0 };
	struct statement statement = { 0 };
	struct error ignored = { 0 };
	struct center_waybill waybill;
	int found = 0;

	if (receipt_decode(json, len, &receipt, &ignored) == 0 &&
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, &ignored) == 0)
		found = center_waybill_find_named(rows, &statement.waybill_id,
		    &statement.waybill, &waybill, err);
	statement_free(&statement);
	receipt_free(&receipt);
	return found > 0 ? text_equal(waybill.host, host) : found;
}

/* What other centers stated, and this one repeated. */
static int
add_remotes(struct center *center, const char *host, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct query *query;
	int more;

	if (query_begin(rows, "SELECT entry, json FROM remote ORDER BY entry",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 1, &len);
		int its = is_of_host(rows, json, len, host, err);

		if (its < 0 ||
		    (its > 0 &&
			center_feed_add(center, host, 0,
			    (uint64_t)query_int(query, 0), err) < 0)) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

int
center_feed_again(struct center *center, const char *host, struct error *err)
{
	if (add_deliveries(center, host, err) < 0 ||
	    add_accepted(center, host, err) < 0 ||
	    add_acts(center, host, err) < 0 ||
	    add_own_acts(center, host, err) < 0)
		return -1;
	return add_remotes(center, host, err);
}
