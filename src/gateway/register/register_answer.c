/* The requests for registers and statistics, at the query role. */
#include "gateway/register/register.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/desk/desk_read.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/search/search_text.h"
#include "role/people/people_admit.h"

enum {
	DAY_MS = 24 * 3600 * 1000,
	TAIPEI_MS = 8 * 3600 * 1000,
	PIECE_IN = 500,
	/* One may have gone to ten thousand. */
	PIECE_OUT = 50,
	/* Letters looked at for a piece: some 20 ms. */
	BUDGET = 4000,
	DAYS_BACK = 30, /* without a period */
	DAYS_MAX = 366 * 100,
};

static const char *const types[REGISTER_FORMAT_COUNT] = {
	[REGISTER_JSON] = "application/json",
	[REGISTER_CSV] = "text/csv; charset=utf-8",
	/* Of the table: the listener packs it. */
	[REGISTER_ODS] = "application/xml",
};

static int
bad(struct error *err, const char *what)
{
	return error_set_id(err, "E6723", ERROR_MALFORMED, "%s", what);
}

static int
read_period(const struct gateway_asked *asked, struct register_ask *ask,
    struct error *err)
{
	const char *from = gateway_query_param(asked, "from");
	const char *until = gateway_query_param(asked, "until");

	ask->until_day = (asked->reading.now + TAIPEI_MS) / DAY_MS;
	if (until[0] != '\0' && !register_day_parse(until, &ask->until_day))
		return bad(err, "until is a day, such as 2026-11-27");
	ask->from_day = ask->until_day - DAYS_BACK;
	if (from[0] != '\0' && !register_day_parse(from, &ask->from_day))
		return bad(err, "from is a day, such as 2026-11-01");
	if (ask->from_day > ask->until_day ||
	    ask->until_day - ask->from_day > DAYS_MAX)
		return bad(err,
		    "the first day comes after the last one, or "
		    "a hundred years before it");
	return 0;
}

static int
read_ask(const struct gateway_asked *asked, struct register_ask *ask,
    struct error *err)
{
	const char *format = gateway_query_param(asked, "format");

	if (desk_check_whole(asked, err) < 0 ||
	    desk_read_organisation(asked, &ask->organisation, err) < 0 ||
	    read_period(asked, ask, err) < 0 ||
	    gateway_query_limit(asked, &ask->limit, err) < 0)
		return -1;
	ask->organisation = org_code_parent(&ask->organisation);
	if (format[0] != '\0' && !register_format_parse(format, &ask->format))
		return bad(err, "format is json, csv or ods");
	text_copy(ask->scope, sizeof(ask->scope), asked->scope);
	ask->cursor = gateway_query_param(asked, "cursor");
	ask->question = "";
	ask->state = gateway_query_param(asked, "state");
	ask->unit = gateway_query_param(asked, "unit");
	ask->speed = gateway_query_param(asked, "speed");
	ask->budget = BUDGET;
	return 0;
}

/* `question` holds what `ask` points to. */
static int
read_question(const struct gateway_asked *asked, struct register_ask *ask,
    struct bytes *question, struct error *err)
{
	const char *text = gateway_query_param(asked, "q");

	if (text[0] == '\0')
		return 0;
	if (search_put_question(question, text, err) < 0)
		return -1;
	bytes_put_u8(question, '\0');
	ask->question = (const char *)question->data;
	return bytes_failed(question, err);
}

static void
begin(struct gateway_asked *asked, const struct register_ask *ask,
    struct register_piece *piece)
{
	piece->to = &asked->json;
	piece->writer = &asked->writer;
	if (ask->format != REGISTER_JSON)
		asked->type = types[ask->format];
}

/* Where the listener goes on, for what it puts together. */
static int
end(struct gateway_asked *asked, const struct register_piece *piece,
    struct error *err)
{
	text_copy(asked->next, sizeof(asked->next), piece->next);
	return bytes_failed(&asked->json, err);
}

/* One of the two, with no more than `most` rows at once. */
static int
answer(struct gateway_asked *asked, bool is_in, unsigned most,
    struct error *err)
{
	struct register_ask ask = { .format = REGISTER_JSON };
	struct register_piece piece = { 0 };
	struct bytes question = { 0 };
	struct rows *rows = asked->reading.rows;
	int rc = -1;

	if (read_ask(asked, &ask, err) < 0 ||
	    read_question(asked, &ask, &question, err) < 0)
		goto done;
	begin(asked, &ask, &piece);
	if (ask.format != REGISTER_JSON || ask.limit > most)
		ask.limit = most;
	rc = is_in ? register_read_in(rows, asked->reading.directory, &ask,
			 &piece, err)
		   : register_read_out(rows, &ask, &piece, err);
	if (rc == 0)
		rc = end(asked, &piece, err);
done:
	bytes_free(&question);
	return rc;
}

int
register_answer_in(struct gateway_asked *asked, struct error *err)
{
	return answer(asked, true, PIECE_IN, err);
}

int
register_answer_out(struct gateway_asked *asked, struct error *err)
{
	return answer(asked, false, PIECE_OUT, err);
}

int
register_answer_statistics(struct gateway_asked *asked, struct error *err)
{
	struct register_ask ask = { .format = REGISTER_JSON };
	struct register_piece piece = { 0 };
	struct org_code scope;

	if (read_ask(asked, &ask, err) < 0)
		return -1;
	/* Sums of the organisation are no figures of one unit. */
	if (org_code_parse(asked->scope, &scope) && org_code_is_unit(&scope))
		return error_set_id(err, "E6710", ERROR_DENIED,
		    "figures are those of a whole organisation");
	begin(asked, &ask, &piece);
	if (register_read_statistics(asked->reading.rows,
		asked->reading.directory, &ask, &piece, err) < 0)
		return -1;
	return end(asked, &piece, err);
}
