/*
 * Registers (收文登記簿, 發文登記簿) and statistics of an organisation over a
 * period: civil days in UTC+08:00, the last one included.
 */
#ifndef GATEWAY_REGISTER_H
#define GATEWAY_REGISTER_H

#include <stdint.h>

#include "base/attr.h"
#include "gateway/register/register_table.h"
#include "model/org.h"

struct bytes;
struct directory;
struct error;
struct gateway_asked;
struct json_writer;
struct rows;

/*
 * Indexes of the registers, and sums by day, speed and correspondent, which
 * triggers keep in the transaction of each change: a year is a few thousand
 * rows, however many letters it has.
 */
extern const char register_schema[];
extern const char register_in_schema[];
extern const char register_out_schema[];
extern const char register_document_schema[];

enum { REGISTER_CURSOR_SIZE = 72 };

struct register_ask {
	struct org_code organisation; /* never a unit */
	char scope[ORG_TEXT_SIZE];    /* of whom of these; "": all */
	int64_t from_day;             /* since 1970, in UTC+08:00 */
	int64_t until_day;            /* included */
	/* Which of them: "" is any.  Of what was sent, `state` is a column. */
	const char *question; /* of search_put_question() */
	const char *state;
	const char *unit; /* "none": of no unit */
	const char *speed;
	const char *cursor; /* "" from the first row on */
	unsigned limit;
	unsigned budget; /* letters looked at for one piece */
	enum register_format format;
};

/*
 * What comes of one piece: at most `limit` rows, and fewer, even none, when
 * `budget` letters were looked at; `next` has where it goes on.
 */
struct register_piece {
	struct bytes *to;
	struct json_writer *writer;      /* of JSON */
	char next[REGISTER_CURSOR_SIZE]; /* "": this was the last one */
};

int register_read_in(struct rows *rows, const struct directory *directory,
    const struct register_ask *ask, struct register_piece *piece,
    struct error *err) MUST_CHECK;
int register_read_out(struct rows *rows, const struct register_ask *ask,
    struct register_piece *piece, struct error *err) MUST_CHECK;
int register_read_statistics(struct rows *rows,
    const struct directory *directory, const struct register_ask *ask,
    struct register_piece *piece, struct error *err) MUST_CHECK;

/* "2026-11-27" as a day, and back. */
bool register_day_parse(const char *text, int64_t *ret_day);
enum { REGISTER_DAY_SIZE = 12 };
void register_day_format(int64_t day, char to[REGISTER_DAY_SIZE]);

/* GET /v1/registers/in, /v1/registers/out, /v1/statistics at the query role. */
int register_answer_in(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int register_answer_out(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int register_answer_statistics(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;

#endif
