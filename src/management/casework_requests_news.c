/* What became of the cases that a center and its hosts asked for. */
#include "management/casework_requests.h"

#include "base/bytes.h"
#include "base/error.h"
#include "case/case_library.h"
#include "json/json_write.h"
#include "management/casework_internal.h"
#include "management/casework_json.h"
#include "role/requests/requests_rows.h"
#include "store/query.h"
#include "store/rows.h"

enum { NEWS_CASES_MAX = 100 };

struct writing {
	const struct casework_news *news;
	struct json_writer *writer;
	int64_t seen[NEWS_CASES_MAX];
	size_t count;
	size_t bytes;
};

/* 1: it was written, or was already; 0: there is no more room; -1. */
static int
write_case(struct writing *writing, struct query *query, struct error *err)
{
	const struct casework_news *news = writing->news;
	struct casework_case file = { .number = 0 };
	struct bytes state = { 0 };
	struct json_writer inner = json_writer_to(&state);
	int64_t number = query_int(query, 2);
	int rc = -1;

	for (size_t i = 0; i < writing->count; i++)
		if (writing->seen[i] == number)
			return 1;
	if (casework_load(news->rows, news->library, query_text(query, 3),
		&file, err) == 0 &&
	    casework_json_case(news->rows, &file, news->now_ms, NULL, &inner,
		err) == 0 &&
	    json_write_done(&inner, err) == 0)
		rc = writing->count < NEWS_CASES_MAX &&
			writing->bytes + state.len < REQUESTS_NEWS_MAX
		    ? 1
		    : 0;
	if (rc > 0) {
		writing->seen[writing->count++] = number;
		writing->bytes += state.len + 256;
		json_write_begin_object(writing->writer, NULL);
		json_write_text(writing->writer, "id", query_text(query, 1));
		json_write_bool(writing->writer, "taken", true);
		json_write_bool(writing->writer, "open",
		    !case_is_over(file.definition, &file.status));
		json_write_text(writing->writer, "case_id", file.id);
		json_write_raw(writing->writer, "case", state.data, state.len);
		json_write_null(writing->writer, "refused");
		json_write_end(writing->writer);
	}
	bytes_free(&state);
	casework_case_free(&file);
	return rc;
}

static int
newest_place(struct rows *rows, int64_t *ret_newest, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, "SELECT coalesce(max(place), 0) FROM case_step",
		&query, err) < 0)
		return -1;
	more = query_next(query, err);
	*ret_newest = more > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
casework_requests_write_news(const struct casework_news *news,
    struct json_writer *writer, struct error *err)
{
	struct writing writing = { .news = news, .writer = writer };
	struct query *query;
	int64_t newest, next;
	int more, rc = 1;

	if (newest_place(news->rows, &newest, err) < 0)
		return -1;
	/* Casework of a backup begins its places anew. */
	next = news->after > newest ? 0 : news->after;
	if (query_begin(news->rows,
		"SELECT s.place, r.id, s.case_number, c.id FROM case_step s"
		" JOIN case_request r ON r.case_number = s.case_number"
		" AND r.is_opening = 1 AND r.center = ?2"
		" JOIN case_file c ON c.number = s.case_number"
		" WHERE s.place > ?1 ORDER BY s.place",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, next);
	query_bind_text(query, 2, news->center);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "requests");
	while ((more = query_next(query, err)) > 0 &&
	    (rc = write_case(&writing, query, err)) > 0)
		next = query_int(query, 0);
	query_end(query);
	json_write_end(writer);
	json_write_int(writer, "next", more == 0 ? newest : next);
	json_write_end(writer);
	return more < 0 || rc < 0 ? -1 : 0;
}
