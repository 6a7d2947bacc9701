/* Lists of cases, of their steps and of people. */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "json/json_write.h"
#include "management/casework_json.h"
#include "management/casework_query_internal.h"
#include "store/query.h"

enum { LIST_MAX = 500, LIST_USUAL = 100, STEPS_MAX = 1000 };

/* Columns number, id, definition, subject, organisation, state, since, due, is_open, opened. */
static void
write_line(const struct casework_read *asked, struct query *query)
{
	const struct case_definition *definition =
	    case_library_find(asked->casework->library, query_text(query, 2));
	int state = definition == NULL
	    ? CASE_NONE
	    : case_find_state(definition, query_text(query, 5));
	struct json_writer *writer = asked->writer;
	bool is_open = query_int(query, 8) != 0;
	int64_t due = query_is_null(query, 7) ? INT64_MAX : query_int(query, 7);

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "id", query_text(query, 1));
	json_write_text(writer, "definition", query_text(query, 2));
	if (definition != NULL && state != CASE_NONE) {
		json_write_begin_object(writer, "title");
		json_write_text(writer, "zh", definition->title.zh);
		json_write_text(writer, "en", definition->title.en);
		json_write_end(writer);
		json_write_begin_object(writer, "state_title");
		json_write_text(writer, "zh",
		    definition->states[state].title.zh);
		json_write_text(writer, "en",
		    definition->states[state].title.en);
		json_write_end(writer);
	}
	json_write_text(writer, "subject", query_text(query, 3));
	json_write_text(writer, "organisation", query_text(query, 4));
	json_write_text(writer, "state", query_text(query, 5));
	json_write_bool(writer, "open", is_open);
	json_write_time(writer, "since", query_int(query, 6));
	casework_json_time(writer, "due", due);
	json_write_bool(writer, "overdue", is_open && due <= asked->now_ms);
	json_write_time(writer, "opened", query_int(query, 9));
	json_write_end(writer);
}

static int
read_limit(const struct casework_read *asked, uint64_t *ret_limit,
    uint64_t *ret_cursor, struct error *err)
{
	const char *limit = casework_read_param(asked, "limit");
	const char *cursor = casework_read_param(asked, "cursor");

	*ret_limit = LIST_USUAL;
	*ret_cursor = INT64_MAX;
	if ((limit[0] != '\0' &&
		(!text_parse_u64(limit, LIST_MAX, ret_limit) ||
		    *ret_limit == 0)) ||
	    (cursor[0] != '\0' &&
		!text_parse_u64(cursor, INT64_MAX, ret_cursor)))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "limit is 1 to %d, cursor what the list before gave",
		    LIST_MAX);
	return 0;
}

static int
begin_list(struct casework_read *asked, struct query **ret_query,
    uint64_t cursor, struct error *err)
{
	const char *open = casework_read_param(asked, "open");

	if (query_begin(asked->rows,
		"SELECT number, id, definition, subject, organisation, state,"
		" since, due, is_open, opened FROM case_file"
		" WHERE number < ?1 AND (?2 = '' OR definition = ?2)"
		" AND (?3 = '' OR state = ?3)"
		" AND (?4 = '' OR organisation = ?4)"
		" AND (?5 = 0 OR (is_open = 1 AND due <= ?6))"
		" AND (?7 = 0 OR is_open = 1)"
		" ORDER BY number DESC",
		ret_query, err) < 0)
		return -1;
	query_bind_int(*ret_query, 1, (int64_t)cursor);
	query_bind_text(*ret_query, 2,
	    casework_read_param(asked, "definition"));
	query_bind_text(*ret_query, 3, casework_read_param(asked, "state"));
	query_bind_text(*ret_query, 4,
	    casework_read_param(asked, "organisation"));
	query_bind_int(*ret_query, 5,
	    http_target_param(asked->target, "overdue") != NULL);
	query_bind_int(*ret_query, 6, asked->now_ms);
	query_bind_int(*ret_query, 7,
	    http_target_param(asked->target, "open") != NULL &&
		!text_equal(open, "0"));
	return 0;
}

int
casework_read_list(struct casework_read *asked, struct error *err)
{
	uint64_t limit, cursor, count = 0;
	int64_t last = 0;
	struct query *query;
	char next[24] = "";
	int more;

	if (read_limit(asked, &limit, &cursor, err) < 0 ||
	    begin_list(asked, &query, cursor, err) < 0)
		return -1;
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "cases");
	while ((more = query_next(query, err)) > 0) {
		if (!casework_read_may_see(asked, query_text(query, 4)))
			continue;
		if (count == limit) {
			snprintf(next, sizeof(next), "%" PRId64, last);
			break;
		}
		last = query_int(query, 0);
		write_line(asked, query);
		count++;
	}
	query_end(query);
	json_write_end(asked->writer);
	json_write_text(asked->writer, "next", next);
	json_write_end(asked->writer);
	return more < 0 ? -1 : 0;
}

int
casework_read_steps(struct casework_read *asked, struct error *err)
{
	const char *after_text = casework_read_param(asked, "after");
	uint64_t after = 0;
	struct query *query;
	int more;

	if (after_text[0] != '\0' &&
	    !text_parse_u64(after_text, INT64_MAX, &after))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "after is a place that a list before gave");
	if (query_begin(asked->rows,
		"SELECT place, record, leaf, consent FROM case_step"
		" WHERE place > ?1 ORDER BY place LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)after);
	query_bind_int(query, 2, STEPS_MAX);
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "steps");
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *data = query_data(query, 1, &len);

		json_write_begin_object(asked->writer, NULL);
		json_write_int(asked->writer, "place", query_int(query, 0));
		json_write_text_len(asked->writer, "record", data, len);
		if (query_is_null(query, 2))
			json_write_null(asked->writer, "entry");
		else
			json_write_int(asked->writer, "entry",
			    query_int(query, 2));
		data = query_data(query, 3, &len);
		if (data != NULL)
			json_write_base64(asked->writer, "consent", data, len);
		json_write_end(asked->writer);
	}
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	query_end(query);
	return more;
}

int
casework_read_people(struct casework_read *asked, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(asked->rows,
		"SELECT name, organisation, fingerprint, offices, is_ended,"
		" case_id, since FROM person ORDER BY name, fingerprint",
		&query, err) < 0)
		return -1;
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "people");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(asked->writer, NULL);
		json_write_text(asked->writer, "name", query_text(query, 0));
		json_write_text(asked->writer, "organisation",
		    query_text(query, 1));
		json_write_text(asked->writer, "certificate",
		    query_text(query, 2));
		casework_json_offices(asked->writer, "offices",
		    (unsigned)query_int(query, 3));
		json_write_bool(asked->writer, "ended",
		    query_int(query, 4) != 0);
		json_write_text(asked->writer, "case", query_text(query, 5));
		json_write_time(asked->writer, "since", query_int(query, 6));
		json_write_end(asked->writer);
	}
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	query_end(query);
	return more;
}
