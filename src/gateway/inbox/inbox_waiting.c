#include "gateway/inbox/inbox_waiting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_read.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_view.h"
#include "json/json_write.h"
#include "model/event.h"
#include "store/query.h"
#include "store/rows.h"

enum { CURSOR_SIZE = 24 };

/* ---- sums ------------------------------------------------------------ */

/* From the index inbox_letter_state alone, but for a person of a unit. */
static int
count(struct rows *rows, const struct inbox_view *view, enum inbox_state state,
    int64_t counts[SPEED_COUNT], struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT speed, count(*) FROM inbox_letter WHERE shown > 0"
		" AND state = ?1 AND substr(recipient, 1, length(?2)) = ?2"
		" AND (?3 = 0 OR assignee = ?4 OR (unit <> '' AND unit = ?5))"
		" GROUP BY speed",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, state);
	query_bind_text(query, 2, view->scope);
	query_bind_int(query, 3, view->is_limited);
	query_bind_int(query, 4, view->person);
	query_bind_text(query, 5, view->unit);
	while ((more = query_next(query, err)) > 0) {
		int64_t speed = query_int(query, 0);

		if (speed >= 0 && speed < SPEED_COUNT)
			counts[speed] = query_int(query, 1);
	}
	query_end(query);
	return more;
}

int
inbox_waiting_sums(struct rows *rows, const struct inbox_view *view,
    struct json_writer *writer, struct error *err)
{
	int64_t opened[SPEED_COUNT] = { 0 };
	int64_t unreadable[SPEED_COUNT] = { 0 };
	int64_t sum = 0;

	if (count(rows, view, INBOX_OPENED, opened, err) < 0 ||
	    count(rows, view, INBOX_UNREADABLE, unreadable, err) < 0)
		return -1;
	json_write_begin_object(writer, "received");
	for (int i = SPEED_COUNT - 1; i >= 0; i--) {
		json_write_int(writer, speed_name((enum speed)i), opened[i]);
		sum += unreadable[i];
	}
	json_write_end(writer);
	json_write_int(writer, "unreadable", sum);
	return 0;
}

/* ---- the list -------------------------------------------------------- */

/* Behind an entry of the list. */
struct place {
	enum speed speed;
	int64_t shown;
};

/* "fast-12". */
static int
parse_cursor(const char *text, struct place *place, struct error *err)
{
	const char *dash = strchr(text, '-');
	char name[CURSOR_SIZE];
	uint64_t shown;

	*place = (struct place){ .speed = SPEED_FASTEST };
	if (text[0] == '\0')
		return 0;
	if (dash == NULL ||
	    !text_copy_len(name, sizeof(name), text, (size_t)(dash - text)) ||
	    !speed_parse(name, &place->speed) ||
	    !text_parse_u64(dash + 1, INT64_MAX, &shown))
		return error_set_id(err, "E4315", ERROR_MALFORMED,
		    "cursor %.40s", text);
	place->shown = (int64_t)shown;
	return 0;
}

struct found {
	int64_t rows[INBOX_LIST_MAX + 1];
	struct place places[INBOX_LIST_MAX + 1];
	size_t count;
};

/* Those of one urgency after `shown`, until `max` are found in all. */
static int
find(struct rows *rows, const struct inbox_view *view,
    const struct place *after, struct found *found, size_t max,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT id, shown FROM inbox_letter WHERE shown > 0"
		" AND shown > ?1 AND state = ?2 AND speed = ?3"
		" AND substr(recipient, 1, length(?4)) = ?4"
		" AND (?6 = 0 OR assignee = ?7 OR (unit <> '' AND unit = ?8))"
		" ORDER BY shown LIMIT ?5",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, after->shown);
	query_bind_int(query, 2, INBOX_OPENED);
	query_bind_int(query, 3, after->speed);
	query_bind_text(query, 4, view->scope);
	query_bind_int(query, 6, view->is_limited);
	query_bind_int(query, 7, view->person);
	query_bind_text(query, 8, view->unit);
	query_bind_int(query, 5, (int64_t)(max - found->count));
	while ((more = query_next(query, err)) > 0 && found->count < max) {
		found->rows[found->count] = query_int(query, 0);
		found->places[found->count++] =
		    (struct place){ after->speed, query_int(query, 1) };
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

static int
find_all(struct rows *rows, const struct inbox_waiting_ask *ask, size_t max,
    struct found *found, struct error *err)
{
	enum speed only = SPEED_COUNT;
	struct place after;

	if (parse_cursor(ask->cursor, &after, err) < 0)
		return -1;
	if (ask->speed[0] != '\0' && !speed_parse(ask->speed, &only))
		return error_set_id(err, "E4315", ERROR_MALFORMED,
		    "speed %.40s", ask->speed);
	for (int speed = (int)after.speed; speed >= 0; speed--) {
		struct place from = { (enum speed)speed,
			speed == (int)after.speed ? after.shown : 0 };

		if ((only == SPEED_COUNT || speed == (int)only) &&
		    found->count < max &&
		    find(rows, ask->view, &from, found, max, err) < 0)
			return -1;
	}
	return 0;
}

int
inbox_waiting_list(struct rows *rows, const struct directory *directory,
    const struct inbox_waiting_ask *ask, struct json_writer *writer,
    struct error *err)
{
	size_t max = ask->limit < INBOX_LIST_MAX ? ask->limit : INBOX_LIST_MAX;
	struct found found = { .count = 0 };
	char next[CURSOR_SIZE] = "";
	size_t shown;

	/* One more than asked for tells whether there is another page. */
	if (find_all(rows, ask, max + 1, &found, err) < 0)
		return -1;
	shown = found.count < max ? found.count : max;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "documents");
	for (size_t i = 0; i < shown; i++)
		if (inbox_read_entry(rows, directory, found.rows[i], writer,
			err) < 0)
			return -1;
	json_write_end(writer);
	if (found.count > max)
		snprintf(next, sizeof(next), "%s-%" PRId64,
		    speed_name(found.places[max - 1].speed),
		    found.places[max - 1].shown);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return 0;
}
