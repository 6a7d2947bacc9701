/* What both registers are made of: where a piece begins and ends, and cells. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/register/register_internal.h"
#include "json/json_write.h"
#include "model/event.h"
#include "model/times.h"
#include "store/query.h"

enum {
	DAY_MS = 24 * 3600 * 1000,
	TAIPEI_MS = 8 * 3600 * 1000,
	YEAR_LEN = 4,
	ROC_YEAR_0 = 1911,
	WORD_SIZE = 48,
};

/* ---- the period, and what is looked for --------------------------------- */

static int64_t
begin_ms(const struct register_ask *ask)
{
	return ask->from_day * DAY_MS - TAIPEI_MS;
}

static int64_t
end_ms(const struct register_ask *ask)
{
	return (ask->until_day + 1) * DAY_MS - TAIPEI_MS;
}

int
register_speed(const struct register_ask *ask, int64_t *ret_speed,
    struct error *err)
{
	*ret_speed = -1;
	for (int i = 0; i < SPEED_COUNT; i++)
		if (text_equal(ask->speed, speed_name((enum speed)i)))
			*ret_speed = i;
	if (*ret_speed >= 0 || ask->speed[0] == '\0')
		return 0;
	return error_set_id(err, "E4315", ERROR_MALFORMED, "speed %.40s",
	    ask->speed);
}

/* ---- where a piece begins and ends ---------------------------------------- */

static int
parse_place(const struct register_ask *ask, struct register_walk *walk,
    struct error *err)
{
	const char *at = ask->cursor;
	int64_t *fields[] = { &walk->at, &walk->row, &walk->table.rows };
	char part[24];
	uint64_t number;

	walk->row = -1;
	for (size_t i = 0; *ask->cursor != '\0' && i < ARRAY_LEN(fields); i++) {
		size_t len = strcspn(at, ".");

		if (!text_copy_len(part, sizeof(part), at, len) ||
		    !text_parse_u64(part, INT64_MAX, &number))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "cursor is none that a list gave");
		*fields[i] = (int64_t)number;
		at += len + (at[len] == '.');
	}
	return 0;
}

static int
find_place(struct rows *rows, const char *sql, const struct register_ask *ask,
    int64_t at, int64_t *place, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_text(query, 1, ask->organisation.text);
	query_bind_int(query, 2, at);
	found = query_next(query, err);
	if (found > 0)
		*place = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* With so much to spare that the clock may have been set back by a day. */
static int
find_places(struct register_walk *walk, const struct register_ask *ask,
    struct error *err)
{
	const struct register_places *places = walk->places;

	walk->last_place = INT64_MAX;
	if (find_place(walk->rows, places->last_before, ask,
		begin_ms(ask) - DAY_MS, &walk->first_place, err) < 0)
		return -1;
	return find_place(walk->rows, places->first_from, ask,
	    end_ms(ask) + places->later_days * DAY_MS, &walk->last_place, err);
}

int
register_walk_begin(struct register_walk *walk, const struct register_ask *ask,
    struct register_piece *piece, struct error *err)
{
	struct register_table *table = &walk->table;
	bool is_by_words = ask->question[0] != '\0';

	if (is_by_words && find_places(walk, ask, err) < 0)
		return -1;
	walk->at = is_by_words ? walk->first_place : begin_ms(ask);
	table->format = ask->format;
	table->to = piece->to;
	table->writer = piece->writer;
	if (parse_place(ask, walk, err) < 0)
		return -1;
	if (table->format == REGISTER_JSON) {
		json_write_begin_object(table->writer, NULL);
		json_write_begin_array(table->writer, "rows");
	} else if (ask->cursor[0] == '\0') {
		register_table_head(table);
	}
	return 0;
}

static void
put_day(struct json_writer *writer, const char *name, int64_t day)
{
	char text[REGISTER_DAY_SIZE];

	register_day_format(day, text);
	json_write_text(writer, name, text);
}

static void
end_piece(struct register_walk *walk, const struct register_ask *ask,
    bool is_more, struct register_piece *piece)
{
	struct register_table *table = &walk->table;

	if (is_more)
		snprintf(piece->next, sizeof(piece->next),
		    "%" PRId64 ".%" PRId64 ".%" PRId64, walk->at, walk->row,
		    table->rows);
	else
		register_table_tail(table);
	if (table->format != REGISTER_JSON)
		return;
	json_write_end(piece->writer);
	json_write_text(piece->writer, "next", piece->next);
	put_day(piece->writer, "from", ask->from_day);
	put_day(piece->writer, "until", ask->until_day);
	json_write_end(piece->writer);
}

int
register_walk_run(struct register_walk *walk, const struct register_ask *ask,
    struct query *query, struct register_piece *piece, struct error *err)
{
	unsigned looked = 0;
	unsigned count = 0;
	bool is_more = false;
	int found;

	while ((found = query_next(query, err)) > 0) {
		bool is_wanted = query_int(query, 2) != 0;
		int64_t row = query_int(query, 1);

		/* So many that a piece is never long in the making. */
		is_more = looked++ == ask->budget ||
		    (is_wanted && count == ask->limit);
		if (is_more)
			break;
		walk->at = query_int(query, 0);
		walk->row = row;
		if (!is_wanted)
			continue;
		count++;
		found = walk->put(walk, row, err);
		if (found < 0)
			break;
	}
	query_end(query);
	if (found >= 0)
		end_piece(walk, ask, is_more, piece);
	return found < 0 ? -1 : 0;
}

void
register_bind(struct query *query, const struct register_ask *ask,
    const struct register_walk *walk)
{
	query_bind_text(query, 1, ask->organisation.text);
	query_bind_int(query, 2, walk->at);
	query_bind_int(query, 3, walk->row);
	query_bind_int(query, 4, end_ms(ask));
	query_bind_text(query, 5, ask->scope);
	query_bind_int(query, 6, (int64_t)ask->budget + 1);
	query_bind_text(query, 7, ask->unit);
	if (ask->question[0] == '\0')
		return;
	query_bind_text(query, 8, ask->question);
	query_bind_int(query, 9, walk->last_place);
	query_bind_int(query, 10, begin_ms(ask));
}

/* ---- cells ---------------------------------------------------------------- */

/* RFC 3339, and for people 115/11/27 09:05 in UTC+08:00; "" for none. */
void
register_put_time(struct register_table *table, int64_t at)
{
	char text[TIMES_RFC3339_SIZE] = "";
	char local[TIMES_RFC3339_SIZE] = "";
	char word[WORD_SIZE] = "";
	char year[YEAR_LEN + 1];
	uint64_t number = 0;

	if (at > 0) {
		times_format(at, text);
		times_format(at + TAIPEI_MS, local);
		(void)text_copy_len(year, sizeof(year), local, YEAR_LEN);
		(void)text_parse_u64(year, 9999, &number);
		snprintf(word, sizeof(word), "%d/%.2s/%.2s %.5s",
		    (int)number - ROC_YEAR_0, local + 5, local + 8, local + 11);
	}
	register_table_word(table, text, word);
}

void
register_put_id(struct register_table *table, struct query *query, int column)
{
	char text[ID_TEXT_SIZE] = "";
	struct id id;

	if (!query_is_null(query, column)) {
		query_id(query, column, &id);
		id_format(&id, text);
	}
	register_table_text(table, text);
}

void
register_put_speed(struct register_table *table, int64_t speed)
{
	static const char *const words[SPEED_COUNT] = { "普通件", "速件",
		"最速件" };
	bool is_known = speed >= 0 && speed < SPEED_COUNT;

	register_table_word(table,
	    is_known ? speed_name((enum speed)speed) : "",
	    is_known ? words[speed] : "");
}

/* ---- days ----------------------------------------------------------------- */

bool
register_day_parse(const char *text, int64_t *ret_day)
{
	char whole[TIMES_RFC3339_SIZE];
	int64_t at;

	if (strlen(text) != REGISTER_DAY_SIZE - 2)
		return false;
	snprintf(whole, sizeof(whole), "%sT00:00:00.000Z", text);
	if (!times_parse(whole, &at))
		return false;
	*ret_day = at / DAY_MS;
	return true;
}

void
register_day_format(int64_t day, char to[REGISTER_DAY_SIZE])
{
	char whole[TIMES_RFC3339_SIZE];

	times_format(day * DAY_MS, whole);
	(void)text_copy_len(to, REGISTER_DAY_SIZE, whole,
	    REGISTER_DAY_SIZE - 2);
}
