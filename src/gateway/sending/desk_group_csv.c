#include "gateway/sending/desk_group.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/text.h"

enum column {
	COLUMN_GROUP,
	COLUMN_TITLE,
	COLUMN_CODE,
	COLUMN_NAME,
	COLUMN_ATTACHMENTS,
	COLUMN_COPY,
	COLUMN_COUNT
};

/* As they are written, and as programs may call them. */
static const char *const names[COLUMN_COUNT] = { "群組代碼", "群組名稱",
	"機關代碼", "機關名稱", "含附件", "本別" };
static const char *const plain_names[COLUMN_COUNT] = { "group", "title", "code",
	"name", "with_attachments", "copy" };

/* ---- writing --------------------------------------------------------- */

static void
put_member(const struct desk_group *group, const struct desk_member *member,
    struct bytes *to)
{
	csv_put(to, true, group->code);
	csv_put(to, false, group->title);
	csv_put(to, false, member->code.text);
	csv_put(to, false, member->name);
	csv_put(to, false, member->with_attachments ? "含附件" : "不含附件");
	csv_put(to, false, member->is_copy ? "副本" : "正本");
	csv_put_end(to);
}

struct writing {
	struct rows *rows;
	const struct org_code *organisation;
	struct bytes *to;
};

static int
put_group(void *ctx, const char *code, struct error *err)
{
	const struct writing *writing = ctx;
	struct desk_group group = { 0 };
	int found = desk_group_find(writing->rows, writing->organisation, code,
	    0, &group, err);

	for (size_t i = 0; found > 0 && i < group.count; i++)
		put_member(&group, &group.members[i], writing->to);
	desk_group_free(&group);
	return found < 0 ? -1 : 0;
}

int
desk_group_write_csv(struct rows *rows, const struct org_code *organisation,
    struct bytes *to, struct error *err)
{
	struct org_code parent = org_code_parent(organisation);
	struct writing writing = { rows, &parent, to };

	bytes_put_text(to, "\xef\xbb\xbf");
	for (int i = 0; i < COLUMN_COUNT; i++)
		csv_put(to, i == 0, names[i]);
	csv_put_end(to);
	if (desk_group_each(rows, &parent, put_group, &writing, err) < 0)
		return -1;
	return bytes_failed(to, err);
}

/* ---- reading --------------------------------------------------------- */

struct reading {
	struct csv csv;
	int columns[CSV_COLUMNS_MAX]; /* what each is; COLUMN_COUNT: nothing */
	size_t count;
	struct desk_group group; /* at hand */
};

static int
wrong(uint32_t line, const char *why, struct error *err)
{
	return error_set_id(err, "E6618", ERROR_MALFORMED, "line %u: %s", line,
	    why);
}

static int
read_columns(struct reading *reading, struct error *err)
{
	bool has[COLUMN_COUNT + 1] = { false };
	struct csv_row row;

	(void)csv_next(&reading->csv, &row);
	if (row.is_broken || row.count > CSV_COLUMNS_MAX)
		return wrong(row.line, "no line of column names", err);
	reading->count = row.count;
	for (size_t i = 0; i < row.count; i++) {
		int column = text_find(names, COLUMN_COUNT, row.fields[i]);

		if (column < 0)
			column =
			    text_find(plain_names, COLUMN_COUNT, row.fields[i]);
		reading->columns[i] = column < 0 ? COLUMN_COUNT : column;
		has[reading->columns[i]] = true;
	}
	if (has[COLUMN_GROUP] && has[COLUMN_CODE])
		return 0;
	return wrong(row.line, "columns 群組代碼 and 機關代碼 are needed", err);
}

static const char *
value_of(const struct reading *reading, const struct csv_row *row,
    enum column column)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->columns[i] == (int)column)
			return csv_text(row->fields[i]);
	return "";
}

/* What a word says, or `otherwise` for none; -1 for another word. */
static int
read_word(const char *text, const char *yes, const char *no, int otherwise)
{
	if (text[0] == '\0')
		return otherwise;
	if (text_equal(text, yes) || text_equal(text, "true"))
		return 1;
	return text_equal(text, no) || text_equal(text, "false") ? 0 : -1;
}

static int
read_member(struct reading *reading, const struct csv_row *row,
    struct error *err)
{
	struct desk_member *member =
	    desk_group_add_member(&reading->group, err);
	int with = read_word(value_of(reading, row, COLUMN_ATTACHMENTS),
	    "含附件", "不含附件", 1);
	int copy =
	    read_word(value_of(reading, row, COLUMN_COPY), "副本", "正本", 0);

	if (member == NULL)
		return -1;
	if (!org_code_parse(value_of(reading, row, COLUMN_CODE), &member->code))
		return wrong(row->line, "機關代碼 is no code", err);
	if (!text_copy(member->name, sizeof(member->name),
		value_of(reading, row, COLUMN_NAME)))
		return wrong(row->line, "機關名稱 is too long", err);
	if (with < 0 || copy < 0)
		return wrong(row->line,
		    "含附件, 不含附件, 正本 or 副本 is expected", err);
	member->with_attachments = with > 0;
	member->is_copy = copy > 0;
	return 0;
}

/* The row's group is the one at hand, or another one begins. */
static int
turn_to(struct reading *reading, const struct csv_row *row,
    desk_group_read_fn fn, void *ctx, struct error *err)
{
	const char *code = value_of(reading, row, COLUMN_GROUP);
	const char *title = value_of(reading, row, COLUMN_TITLE);
	struct desk_group *group = &reading->group;

	if (text_equal(group->code, code))
		return 0;
	if (group->code[0] != '\0' && fn(ctx, group, err) < 0)
		return -1;
	desk_group_free(group);
	if (!desk_group_code_is_good(code) ||
	    !text_copy(group->code, sizeof(group->code), code))
		return wrong(row->line, "群組代碼 is no code of a group", err);
	if (!text_copy(group->title, sizeof(group->title), title))
		return wrong(row->line, "群組名稱 is too long", err);
	return 0;
}

static int
read_row(struct reading *reading, const struct csv_row *row,
    desk_group_read_fn fn, void *ctx, struct error *err)
{
	if (row->is_broken)
		return wrong(row->line, "a quote does not end", err);
	if (csv_row_is_empty(row))
		return 0;
	if (row->count != reading->count)
		return wrong(row->line, "not as many fields as columns", err);
	for (size_t i = 0; i < row->count; i++)
		if (!text_is_utf8(row->fields[i], strlen(row->fields[i])))
			return wrong(row->line, "not UTF-8", err);
	if (turn_to(reading, row, fn, ctx, err) < 0)
		return -1;
	return read_member(reading, row, err);
}

static int
read_rows(struct reading *reading, desk_group_read_fn fn, void *ctx,
    struct error *err)
{
	struct csv_row row;

	if (read_columns(reading, err) < 0)
		return -1;
	while (csv_next(&reading->csv, &row))
		if (read_row(reading, &row, fn, ctx, err) < 0)
			return -1;
	return reading->group.code[0] != '\0' ? fn(ctx, &reading->group, err)
					      : 0;
}

int
desk_group_read_csv(struct blob table, desk_group_read_fn fn, void *ctx,
    struct error *err)
{
	struct reading reading = { .count = 0 };
	char *text;
	int rc = -1;

	if (table.len > DESK_GROUP_CSV_MAX ||
	    (table.len > 0 && memchr(table.data, '\0', table.len) != NULL))
		return wrong(1, "a table of at most 4 MiB, without NUL", err);
	text = text_dup_len((const char *)table.data, table.len);
	if (text == NULL)
		return error_set_memory(err);
	reading.csv = csv_begin(text, table.len);
	rc = read_rows(&reading, fn, ctx, err);
	desk_group_free(&reading.group);
	free(text);
	return rc;
}
