/*
 * One piece of a register, whichever it is: rows are walked in the order of the
 * register, and those that are wanted are put into the table.
 *
 * A walk goes by the index of the period, or, when words are looked for, by the
 * index of words, whose ids are the places in which letters entered.  Those are
 * in the order of time as well, but for a clock that was set back and for what
 * was given up later than it came: the ends of the period are taken with so
 * much to spare, and each row is then held against the period itself.
 */
#ifndef GATEWAY_REGISTER_INTERNAL_H
#define GATEWAY_REGISTER_INTERNAL_H

#include <stdint.h>

#include "base/attr.h"
#include "gateway/register/register.h"
#include "gateway/register/register_table.h"

struct directory;
struct error;
struct query;
struct rows;

/*
 * The statements that find such ends for ?1 organisation and ?2 an instant: the
 * place of the last letter before it, and of the first one from it on.
 */
struct register_places {
	const char *last_before;
	const char *first_from;
	int64_t later_days; /* a letter may enter so much later than it came */
};

struct register_walk {
	struct register_table table;
	struct rows *rows;
	const struct directory *directory; /* may be NULL */
	const struct register_places *places;
	/* Where it stands: time and row, or place and row of what was found. */
	int64_t at;
	int64_t row;
	/* Of what is found by words: after the one, to the other included. */
	int64_t first_place;
	int64_t last_place;
	/* Put row `row` of the letters into the table. */
	int (*put)(struct register_walk *walk, int64_t row, struct error *err);
};

/* The speed that is looked for, -1 for any; E4315. */
int register_speed(const struct register_ask *ask, int64_t *ret_speed,
    struct error *err) MUST_CHECK;

/* Where it begins, and, if words are looked for, between which places. */
int register_walk_begin(struct register_walk *walk,
    const struct register_ask *ask, struct register_piece *piece,
    struct error *err) MUST_CHECK;

/*
 * Bind what both registers have: ?1 organisation, ?2 and ?3 where the walk
 * stands, ?4 end of the period, ?5 scope, ?6 how many are looked at, ?7 unit;
 * of words ?8 the question, ?9 last place, ?10 beginning of the period.
 */
void register_bind(struct query *query, const struct register_ask *ask,
    const struct register_walk *walk);

/* Walk its rows (where it stands, row, whether it is wanted) and end it. */
int register_walk_run(struct register_walk *walk,
    const struct register_ask *ask, struct query *query,
    struct register_piece *piece, struct error *err) MUST_CHECK;

/* RFC 3339, and for people 115/11/27 09:05 in UTC+08:00; "" for none. */
void register_put_time(struct register_table *table, int64_t at);
void register_put_id(struct register_table *table, struct query *query,
    int column);
void register_put_speed(struct register_table *table, int64_t speed);

#endif
