#include "management/release_reports.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "store/query.h"

enum { FIELDS_MAX = 65536 };

/* Names of hosts, sorted; borrowed from the directory. */
struct names {
	const char **list;
	size_t count, room;
};

static int
add_name(struct names *names, const char *name, struct error *err)
{
	if (name[0] == '\0')
		return 0;
	if (names->count == names->room) {
		size_t room = names->room == 0 ? 256 : 2 * names->room;
		const char **list = realloc(names->list, room * sizeof(*list));

		if (list == NULL)
			return error_set_memory(err);
		names->list = list;
		names->room = room;
	}
	names->list[names->count++] = name;
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Many organisations live at one gateway: each host once. */
static void
sort_names(struct names *names)
{
	size_t kept = 0;

	if (names->count > 1)
		qsort(names->list, names->count, sizeof(names->list[0]),
		    compare_names);
	for (size_t i = 0; i < names->count; i++)
		if (kept == 0 ||
		    !text_equal(names->list[kept - 1], names->list[i]))
			names->list[kept++] = names->list[i];
	names->count = kept;
}

static int
collect(const struct directory *directory, struct names *names,
    struct error *err)
{
	for (uint32_t i = 0; i < directory_management_count(directory); i++)
		if (add_name(names, directory_management_at(directory, i).name,
			err) < 0)
			return -1;
	for (uint32_t i = 0; i < directory_center_count(directory); i++)
		if (add_name(names, directory_center_at(directory, i).name,
			err) < 0)
			return -1;
	for (uint32_t i = 0; i < directory_org_count(directory); i++) {
		struct directory_org org = directory_org_at(directory, i);

		if (org.status != ORG_DISSOLVED &&
		    add_name(names, org.host, err) < 0)
			return -1;
	}
	sort_names(names);
	return 0;
}

/* ---- one host ------------------------------------------------------------- */

static void
write_field(struct json_writer *writer, const struct json_value *fields,
    const char *name)
{
	const char *text = json_value_text(json_value_member(fields, name));

	json_write_text(writer, name, text != NULL ? text : "");
}

/* Columns id, fields, opened; NULL: it has not reported. */
static int
write_host(struct json_writer *writer, const char *name, struct query *query,
    struct error *err)
{
	static const char *const members[] = { "version", "code", "program",
		"by" };
	struct json_document *document = NULL;
	const char *text = query == NULL ? "{}" : query_text(query, 1);

	if (json_read(text, strlen(text), FIELDS_MAX, &document, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "host", name);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		write_field(writer, json_root(document), members[i]);
	json_write_text(writer, "case",
	    query == NULL ? "" : query_text(query, 0));
	if (query == NULL)
		json_write_null(writer, "reported");
	else
		json_write_time(writer, "reported", query_int(query, 2));
	json_write_end(writer);
	json_document_free(document);
	return 0;
}

/*
 * Of this host's own no request came; of all others nothing else counts, since
 * anybody with a token may open a case in which another's name stands.
 */
static const char own_report[] =
    "SELECT id, fields, opened FROM case_file"
    " WHERE definition = 'report-release' AND subject = ?1"
    " AND NOT EXISTS (SELECT 1 FROM case_request r"
    "  WHERE r.case_number = case_file.number AND r.is_opening = 1)"
    " ORDER BY number DESC LIMIT 1";
static const char report_of[] =
    "SELECT c.id, c.fields, c.opened FROM case_request r"
    " JOIN case_file c ON c.number = r.case_number"
    " WHERE r.host = ?1 AND r.is_opening = 1"
    " AND c.definition = 'report-release'"
    " ORDER BY r.at DESC, c.number DESC LIMIT 1";

static int
write_newest(struct rows *rows, const char *name, const char *own,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, text_equal(name, own) ? own_report : report_of,
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, name);
	more = query_next(query, err);
	if (more >= 0 &&
	    write_host(writer, name, more > 0 ? query : NULL, err) < 0)
		more = -1;
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
release_reports_write(struct rows *rows, const struct directory *directory,
    const char *own, struct json_writer *writer, struct error *err)
{
	struct names names = { .count = 0 };
	int rc = -1;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (collect(directory, &names, err) < 0)
		goto done;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "hosts");
	for (size_t i = 0; i < names.count; i++)
		if (write_newest(rows, names.list[i], own, writer, err) < 0)
			goto done;
	json_write_end(writer);
	json_write_end(writer);
	rc = 0;
done:
	free(names.list);
	return rc;
}
