/*
 * Receive numbers (收文號): a serial of each organisation and year.  The last
 * one given stands in a row of its own, so that a letter that is removed some
 * day leaves a gap and never a number that comes again.
 */
#include "gateway/inbox/inbox.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/inbox/inbox_rows.h"
#include "model/times.h"
#include "store/query.h"
#include "store/rows.h"

enum { TAIPEI_MS = 8 * 3600 * 1000, ROC_YEAR_0 = 1911, YEAR_DIGITS = 4 };

const char inbox_number_schema[] =
    "ALTER TABLE inbox_letter ADD COLUMN"
    " receive_number TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE inbox_number (org TEXT NOT NULL, year INTEGER NOT NULL,"
    " last INTEGER NOT NULL, PRIMARY KEY (org, year))"
    " STRICT, WITHOUT ROWID;";

static int64_t
roc_year(int64_t at_ms)
{
	char text[TIMES_RFC3339_SIZE];
	char digits[YEAR_DIGITS + 1];
	uint64_t year = 0;

	times_format(at_ms + TAIPEI_MS, text);
	text_copy_len(digits, sizeof(digits), text, YEAR_DIGITS);
	if (!text_parse_u64(digits, 9999, &year))
		year = ROC_YEAR_0;
	return (int64_t)year - ROC_YEAR_0;
}

static int
count_up(struct rows *rows, const char *org, int64_t year, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_number (org, year, last)"
		" VALUES (?1, ?2, 1) ON CONFLICT (org, year)"
		" DO UPDATE SET last = last + 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, org);
	query_bind_int(query, 2, year);
	return query_finish(query, err);
}

int
inbox_number_next(struct rows *rows, const struct org_code *recipient,
    int64_t at_ms, char ret_number[INBOX_NUMBER_SIZE], struct error *err)
{
	struct org_code org = org_code_parent(recipient);
	struct desk_settings settings;
	int64_t year = roc_year(at_ms);
	struct query *query;
	int found;

	if (desk_settings_find(rows, &org, &settings, err) < 0 ||
	    count_up(rows, org.text, year, err) < 0 ||
	    query_begin(rows,
		"SELECT last FROM inbox_number WHERE org = ?1 AND year = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, org.text);
	query_bind_int(query, 2, year);
	found = query_next(query, err);
	if (found > 0)
		receive_number_format(settings.number_form, year,
		    query_int(query, 0), ret_number);
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "no receive number");
	return found < 0 ? -1 : 0;
}
