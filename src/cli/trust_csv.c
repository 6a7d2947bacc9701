#include "cli/trust_csv.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum { NO_COLUMN = -1 };

/* One line, its fields as texts. */
struct line {
	char *fields[TRUST_CSV_COLUMNS_MAX]; /* ours */
	size_t count;
	bool is_used;
};

struct table {
	struct line names;
	struct line *lines;
	size_t count, size;
	int code; /* column */
	int letter_bytes;
};

struct reading {
	const char *at;
	const char *end;
	size_t line;
};

static void
line_free(struct line *line)
{
	for (size_t i = 0; i < line->count; i++)
		free(line->fields[i]);
}

static void
table_free(struct table *table)
{
	line_free(&table->names);
	for (size_t i = 0; i < table->count; i++)
		line_free(&table->lines[i]);
	free(table->lines);
}

static int
mistake(const struct reading *reading, const char *what, struct error *err)
{
	return error_set(err, ERROR_MALFORMED, "line %zu of the table: %s",
	    reading->line, what);
}

/* ---- reading ------------------------------------------------------------ */

/* The next field, without its quotes; stops before the comma or line's end. */
static bool
read_field(struct reading *reading, char *to)
{
	bool is_quoted = reading->at < reading->end && *reading->at == '"';
	size_t len = 0;

	reading->at += is_quoted;
	while (reading->at < reading->end) {
		char c = *reading->at;

		if (is_quoted && c == '"') {
			reading->at++;
			if (reading->at == reading->end ||
			    *reading->at != '"') {
				is_quoted = false;
				break;
			}
		} else if (!is_quoted && (c == ',' || c == '\n' || c == '\r')) {
			break;
		}
		if (len + 1 == TRUST_CSV_FIELD_SIZE || c == '\0')
			return false;
		to[len++] = c;
		reading->at++;
	}
	to[len] = '\0';
	return !is_quoted;
}

/* To the beginning of the next line; false if something else follows. */
static bool
end_line(struct reading *reading)
{
	if (reading->at < reading->end && *reading->at == '\r')
		reading->at++;
	if (reading->at == reading->end)
		return true;
	return *reading->at++ == '\n';
}

static int
read_line(struct reading *reading, struct line *line, struct error *err)
{
	char field[TRUST_CSV_FIELD_SIZE];

	reading->line++;
	for (;;) {
		if (line->count == TRUST_CSV_COLUMNS_MAX)
			return mistake(reading, "too many fields", err);
		if (!read_field(reading, field))
			return mistake(reading,
			    "a field is too long, or its quote does not end",
			    err);
		line->fields[line->count] = text_dup(field);
		if (line->fields[line->count] == NULL)
			return error_set_memory(err);
		line->count++;
		if (reading->at == reading->end || *reading->at != ',')
			break;
		reading->at++;
	}
	return end_line(reading)
	    ? 0
	    : mistake(reading, "something follows a quote", err);
}

static int
find_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->names.count; i++)
		if (text_equal(table->names.fields[i], name))
			return (int)i;
	return NO_COLUMN;
}

static int
read_names(struct reading *reading, struct table *table, struct error *err)
{
	if (read_line(reading, &table->names, err) < 0)
		return -1;
	table->code = find_column(table, "code");
	table->letter_bytes = find_column(table, "letter_bytes");
	if (table->code == NO_COLUMN)
		return mistake(reading, "no column is named code", err);
	for (size_t i = 0; i < table->names.count; i++)
		if (table->names.fields[i][0] == '\0' ||
		    find_column(table, table->names.fields[i]) != (int)i ||
		    text_equal(table->names.fields[i], "keys") ||
		    text_equal(table->names.fields[i], "accepts"))
			return mistake(reading, "a column twice, or of no text",
			    err);
	return 0;
}

static struct line *
add_line(struct table *table)
{
	if (table->count == table->size) {
		size_t size = table->size * 2 + 64;
		struct line *lines =
		    realloc(table->lines, size * sizeof(*lines));

		if (lines == NULL)
			return NULL;
		table->lines = lines;
		table->size = size;
	}
	table->lines[table->count] = (struct line){ .count = 0 };
	return &table->lines[table->count++];
}

static int
read_table(const void *csv, size_t len, struct table *table, struct error *err)
{
	struct reading reading = { csv, (const char *)csv + len, 0 };

	if (!text_is_utf8(csv, len))
		return error_set(err, ERROR_MALFORMED,
		    "the table is not UTF-8");
	if (len >= 3 && memcmp(csv, "\xef\xbb\xbf", 3) == 0)
		reading.at += 3;
	if (read_names(&reading, table, err) < 0)
		return -1;
	while (reading.at < reading.end) {
		struct line *line = add_line(table);

		if (line == NULL)
			return error_set_memory(err);
		if (read_line(&reading, line, err) < 0)
			return -1;
		if (line->count != table->names.count)
			return mistake(&reading,
			    "not as many fields as columns", err);
	}
	return 0;
}

/* ---- by code -------------------------------------------------------------- */

struct by_code {
	const char *code;
	struct line *line;
};

static int
compare_codes(const void *a, const void *b)
{
	return strcmp(((const struct by_code *)a)->code,
	    ((const struct by_code *)b)->code);
}

static int
sort_codes(struct table *table, struct by_code **ret_sorted, struct error *err)
{
	struct by_code *sorted = calloc(table->count + 1, sizeof(*sorted));

	if (sorted == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < table->count; i++)
		sorted[i] =
		    (struct by_code){ table->lines[i].fields[table->code],
			    &table->lines[i] };
	if (table->count > 1)
		qsort(sorted, table->count, sizeof(*sorted), compare_codes);
	for (size_t i = 1; i < table->count; i++) {
		if (!text_equal(sorted[i - 1].code, sorted[i].code))
			continue;
		error_set(err, ERROR_MALFORMED, "the table has %.32s twice",
		    sorted[i].code);
		free(sorted);
		return -1;
	}
	*ret_sorted = sorted;
	return 0;
}

/* ---- writing ---------------------------------------------------------------- */

static int
write_bytes(struct json_writer *writer, const char *text, struct error *err)
{
	uint64_t number;

	if (!text_parse_u64(text, INT64_MAX, &number))
		return error_set(err, ERROR_MALFORMED,
		    "\"%.32s\" is no number of letter_bytes", text);
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes", (int64_t)number);
	json_write_end(writer);
	return 0;
}

static int
write_raw(struct json_writer *writer, const char *key,
    const struct json_value *value, struct error *err)
{
	struct bytes json = { 0 };
	int rc = json_value_put(value, &json, err);

	if (rc == 0)
		json_write_raw(writer, key, json.data, json.len);
	bytes_free(&json);
	return rc;
}

/* An organisation that is known, while its members are gone through. */
struct laying {
	const struct table *table;
	const struct line *line;
	struct json_writer *writer;
	uint32_t written; /* a bit for each column */
};

static int
lay_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct laying *laying = context;
	int column = text_equal(key, "accepts")
	    ? laying->table->letter_bytes
	    : find_column(laying->table, key);

	if (column == NO_COLUMN)
		return write_raw(laying->writer, key, value, err);
	laying->written |= (uint32_t)1 << column;
	if (column == laying->table->letter_bytes)
		return write_bytes(laying->writer, laying->line->fields[column],
		    err);
	json_write_text(laying->writer, key, laying->line->fields[column]);
	return 0;
}

static int
write_known(const struct table *table, const struct line *line,
    const struct json_value *organisation, struct json_writer *writer,
    struct error *err)
{
	struct laying laying = { table, line, writer, 0 };
	int rc;

	json_write_begin_object(writer, NULL);
	rc = json_value_each(organisation, lay_member, &laying, err);
	json_write_end(writer);
	if (rc == 0 &&
	    laying.written != ((uint32_t)1 << table->names.count) - 1)
		return error_set(err, ERROR_MALFORMED,
		    "the table has a column that organisations have not");
	return rc;
}

static int
write_new(const struct table *table, const struct line *line,
    struct json_writer *writer, struct error *err)
{
	int rc = 0;

	json_write_begin_object(writer, NULL);
	for (size_t i = 0; i < line->count && rc == 0; i++) {
		if ((int)i == table->letter_bytes)
			rc = write_bytes(writer, line->fields[i], err);
		else
			json_write_text(writer, table->names.fields[i],
			    line->fields[i]);
	}
	json_write_begin_array(writer, "keys");
	json_write_end(writer);
	json_write_end(writer);
	return rc;
}

static int
write_organisations(struct table *table, const struct by_code *sorted,
    const struct json_value *list, struct json_writer *writer,
    struct error *err)
{
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		struct by_code wanted = {
			json_value_text(json_value_member(item, "code")), NULL
		};
		const struct by_code *found = wanted.code == NULL
		    ? NULL
		    : bsearch(&wanted, sorted, table->count, sizeof(*sorted),
			  compare_codes);

		if (found != NULL)
			found->line->is_used = true;
		if ((found != NULL
			    ? write_known(table, found->line, item, writer, err)
			    : write_raw(writer, NULL, item, err)) < 0)
			return -1;
	}
	for (size_t i = 0; i < table->count; i++)
		if (!table->lines[i].is_used &&
		    write_new(table, &table->lines[i], writer, err) < 0)
			return -1;
	return 0;
}

int
trust_csv_apply(const struct json_value *body, const void *csv, size_t len,
    struct bytes *to, struct error *err)
{
	struct table table = { .count = 0 };
	struct by_code *sorted = NULL;
	struct json_writer writer = json_writer_to(to);
	int rc = -1;

	if (read_table(csv, len, &table, err) < 0 ||
	    sort_codes(&table, &sorted, err) < 0)
		goto done;
	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "organisations");
	rc = write_organisations(&table, sorted,
	    json_value_member(body, "organisations"), &writer, err);
	json_write_end(&writer);
	json_write_end(&writer);
	if (rc == 0)
		rc = json_write_done(&writer, err);
done:
	free(sorted);
	table_free(&table);
	return rc;
}
