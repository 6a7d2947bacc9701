#include "directory/address_book.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/text.h"

/* ---- what columns and values are called -------------------------------------- */

struct word {
	const char *word;
	int value;
};

enum { COLUMN_UNUSED = DIRECTORY_FIELD_COUNT, COLUMN_UNKNOWN };

/* Besides the names of directory_field_name(). */
static const struct word columns[] = {
	{ "ORGID", DIRECTORY_FIELD_CODE },
	{ "機關代碼", DIRECTORY_FIELD_CODE },
	{ "ORGNAME", DIRECTORY_FIELD_NAME },
	{ "機關名稱", DIRECTORY_FIELD_NAME },
	{ "STATUSCODE", DIRECTORY_FIELD_STATUS },
	{ "狀態", DIRECTORY_FIELD_STATUS },
	{ "異動", DIRECTORY_FIELD_ACTION },
	{ "類別", DIRECTORY_FIELD_KIND },
	{ "交換中心", DIRECTORY_FIELD_CENTER },
	{ "上級機關", DIRECTORY_FIELD_SUPERVISOR },
	{ "承接機關", DIRECTORY_FIELD_SUCCESSOR },
	{ "主機", DIRECTORY_FIELD_HOST },
	{ "公文大小上限", DIRECTORY_FIELD_LETTER_BYTES },
	{ "UPDATETIME", COLUMN_UNUSED },
	{ "異動時間", COLUMN_UNUSED },
	{ "備註", COLUMN_UNUSED },
	{ "note", COLUMN_UNUSED },
};

/* Other words for a value, and the value. */
struct synonym {
	enum directory_field field;
	const char *word;
	const char *value;
};

/* T, D and F are those of the published address book. */
static const struct synonym synonyms[] = {
	{ DIRECTORY_FIELD_STATUS, "T", "active" },
	{ DIRECTORY_FIELD_STATUS, "F", "paper" },
	{ DIRECTORY_FIELD_STATUS, "D", "dissolved" },
	{ DIRECTORY_FIELD_STATUS, "啟用", "active" },
	{ DIRECTORY_FIELD_STATUS, "紙本", "paper" },
	{ DIRECTORY_FIELD_STATUS, "中止", "suspended" },
	{ DIRECTORY_FIELD_STATUS, "裁撤", "dissolved" },
	{ DIRECTORY_FIELD_KIND, "機關", "agency" },
	{ DIRECTORY_FIELD_KIND, "學校", "school" },
	{ DIRECTORY_FIELD_KIND, "事業", "enterprise" },
	{ DIRECTORY_FIELD_KIND, "法人", "corporation" },
	{ DIRECTORY_FIELD_KIND, "團體", "group" },
	{ DIRECTORY_FIELD_KIND, "公司", "firm" },
	{ DIRECTORY_FIELD_ACTION, "新增", "add" },
	{ DIRECTORY_FIELD_ACTION, "變更", "change" },
	{ DIRECTORY_FIELD_ACTION, "刪除", "remove" },
};

static int
column_of(const char *name)
{
	enum directory_field field;

	if (directory_field_parse(name, &field))
		return (int)field;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (text_equal(columns[i].word, name))
			return columns[i].value;
	return COLUMN_UNKNOWN;
}

static const char *
value_of(enum directory_field field, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(synonyms); i++)
		if (synonyms[i].field == field &&
		    text_equal(synonyms[i].word, text))
			return synonyms[i].value;
	return text;
}

/* ---- problems ------------------------------------------------------------------ */

void
address_book_free(struct address_book *book)
{
	free(book->edits);
	free(book->problems);
	free(book->text);
	memset(book, 0, sizeof(*book));
}

int
address_book_add_problem(struct address_book *book, uint32_t line,
    uint32_t column, const char *id, const char *text, struct error *err)
{
	struct address_problem *problem;

	if (book->problem_count >= ADDRESS_BOOK_PROBLEMS_MAX) {
		book->problem_count++;
		return 0;
	}
	if (book->problems == NULL)
		book->problems =
		    calloc(ADDRESS_BOOK_PROBLEMS_MAX, sizeof(*book->problems));
	if (book->problems == NULL)
		return error_set_memory(err);
	problem = &book->problems[book->problem_count++];
	problem->line = line;
	problem->column = column;
	text_copy(problem->id, sizeof(problem->id), id);
	if (!text_copy(problem->text, sizeof(problem->text), text))
		text_copy_len(problem->text, sizeof(problem->text), text,
		    sizeof(problem->text) - 1);
	return 0;
}

/* ---- lines ---------------------------------------------------------------------- */

struct reading {
	struct address_book *book;
	struct csv csv;
	int columns[ADDRESS_BOOK_COLUMNS_MAX]; /* fields, in their order */
	size_t column_count;
};

static int
problem(const struct reading *reading, uint32_t line, size_t column,
    const char *id, const char *text, struct error *err)
{
	return address_book_add_problem(reading->book, line, (uint32_t)column,
	    id, text, err);
}

/* The fields of the next line; `ret_is_good` false: it has its problem. */
static int
take_row(struct reading *reading, struct csv_row *row, bool *ret_is_good,
    struct error *err)
{
	(void)csv_next(&reading->csv, row);
	*ret_is_good = !row->is_broken;
	if (*ret_is_good)
		return 0;
	return problem(reading, row->line, row->count + 1, "E3909",
	    "a quote does not end", err);
}

/* ---- rows ------------------------------------------------------------------------- */

static bool
may_be_empty(int column)
{
	return column == DIRECTORY_FIELD_CENTER ||
	    column == DIRECTORY_FIELD_SUPERVISOR ||
	    column == DIRECTORY_FIELD_SUCCESSOR ||
	    column == DIRECTORY_FIELD_HOST;
}

/*
 * A field of a row into the change; its problem if it cannot be.  An empty one
 * says nothing, "-" says that there is none.
 */
static int
take_value(const struct reading *reading, const struct csv_row *row, size_t at,
    struct directory_edit *edit, bool *ret_is_good, struct error *err)
{
	int column = reading->columns[at];
	const char *text = row->fields[at];
	bool is_good = true;

	if (column == COLUMN_UNUSED ||
	    (text[0] == '\0' && column != DIRECTORY_FIELD_CODE))
		return 0;
	if (text_equal(text, "-") && may_be_empty(column))
		text = "";
	text = value_of((enum directory_field)column, text);
	if (column == DIRECTORY_FIELD_CODE)
		is_good = org_code_parse(text, &edit->code);
	else if (column == DIRECTORY_FIELD_ACTION)
		is_good = directory_action_parse(text, &edit->action);
	else
		edit->fields[column] = text;
	if (is_good)
		return 0;
	*ret_is_good = false;
	return problem(reading, row->line, at + 1, "E3910",
	    column == DIRECTORY_FIELD_CODE
		? "a code has 10 or 17 of 0-9 and A-Z"
		: "the action is add, change or remove",
	    err);
}

static int
add_edit(struct address_book *book, const struct directory_edit *edit,
    struct error *err)
{
	if (book->count == book->size) {
		size_t size = book->size * 2 + 256;
		struct directory_edit *edits =
		    realloc(book->edits, size * sizeof(*edits));

		if (edits == NULL)
			return error_set_memory(err);
		book->edits = edits;
		book->size = size;
	}
	book->edits[book->count++] = *edit;
	return 0;
}

/* The byte of a row that is not of UTF-8: in which field. */
static size_t
broken_field(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (!text_is_utf8(row->fields[i], strlen(row->fields[i])))
			return i + 1;
	return 0;
}

static int
take_edit(const struct reading *reading, const struct csv_row *row,
    struct error *err)
{
	struct directory_edit edit = { .line = row->line };
	bool is_good = true;
	size_t broken;

	if (row->count != reading->column_count)
		return problem(reading, row->line, 0, "E3907",
		    "not as many fields as columns", err);
	broken = broken_field(row);
	if (broken > 0)
		return problem(reading, row->line, broken, "E3908", "not UTF-8",
		    err);
	for (size_t i = 0; i < row->count; i++)
		if (take_value(reading, row, i, &edit, &is_good, err) < 0)
			return -1;
	return is_good ? add_edit(reading->book, &edit, err) : 0;
}

/* ---- columns ------------------------------------------------------------------------ */

/* Without a line of names: as published, of which the end may be missing. */
static void
take_usual_columns(struct reading *reading, size_t count)
{
	static const int usual[] = { DIRECTORY_FIELD_CODE, DIRECTORY_FIELD_NAME,
		DIRECTORY_FIELD_STATUS, COLUMN_UNUSED };

	for (size_t i = 0; i < count && i < ARRAY_LEN(usual); i++)
		reading->columns[i] = usual[i];
	reading->column_count =
	    count < ARRAY_LEN(usual) ? count : ARRAY_LEN(usual);
}

static int
take_columns(struct reading *reading, const struct csv_row *row,
    struct error *err)
{
	bool has_code = false;

	for (size_t i = 0; i < row->count; i++) {
		int column = column_of(row->fields[i]);

		reading->columns[i] = column;
		has_code |= column == DIRECTORY_FIELD_CODE;
		for (size_t k = 0; k < i; k++)
			if (reading->columns[k] == column &&
			    column != COLUMN_UNUSED)
				column = COLUMN_UNKNOWN;
		if (column == COLUMN_UNKNOWN &&
		    problem(reading, row->line, i + 1, "E3912",
			"this column is not known, or twice", err) < 0)
			return -1;
	}
	reading->column_count = row->count;
	if (has_code)
		return 0;
	return problem(reading, row->line, 0, "E3912",
	    "no column is named code", err);
}

/* The first line; true if it is a row as well. */
static int
begin(struct reading *reading, struct csv_row *row, bool *ret_is_row,
    struct error *err)
{
	struct org_code code;
	bool is_good;

	*ret_is_row = false;
	if (take_row(reading, row, &is_good, err) < 0)
		return -1;
	if (!is_good)
		return 0;
	if (row->count > ADDRESS_BOOK_COLUMNS_MAX)
		return problem(reading, row->line, 0, "E3912",
		    "too many columns", err);
	*ret_is_row = org_code_parse(row->fields[0], &code);
	if (!*ret_is_row)
		return take_columns(reading, row, err);
	take_usual_columns(reading, row->count);
	return 0;
}

static int
read_rows(struct reading *reading, struct error *err)
{
	struct csv_row row = { 0 };
	bool is_row, is_good;

	if (begin(reading, &row, &is_row, err) < 0)
		return -1;
	for (size_t i = 0; i < reading->column_count; i++)
		if (reading->columns[i] < DIRECTORY_FIELD_COUNT)
			reading->book->columns[reading->columns[i]] =
			    (uint32_t)i + 1;
	/* With its columns wrong, every row would be. */
	if (reading->book->problem_count > 0)
		return 0;
	if (is_row && take_edit(reading, &row, err) < 0)
		return -1;
	while (reading->csv.at < reading->csv.end) {
		if (take_row(reading, &row, &is_good, err) < 0)
			return -1;
		if (is_good && !csv_row_is_empty(&row) &&
		    take_edit(reading, &row, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- codes twice ---------------------------------------------------------------------- */

static int
compare_edits(const void *a, const void *b)
{
	const struct directory_edit *left =
	    *(const struct directory_edit *const *)a;
	const struct directory_edit *right =
	    *(const struct directory_edit *const *)b;
	int order = strcmp(left->code.text, right->code.text);

	return order != 0              ? order
	    : left->line < right->line ? -1
				       : left->line > right->line;
}

static int
find_twice(struct address_book *book, struct error *err)
{
	const struct directory_edit **sorted =
	    calloc(book->count + 1, sizeof(struct directory_edit *));
	int rc = 0;

	if (sorted == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < book->count; i++)
		sorted[i] = &book->edits[i];
	qsort(sorted, book->count, sizeof(struct directory_edit *),
	    compare_edits);
	for (size_t i = 1; i < book->count && rc == 0; i++)
		if (org_code_equal(&sorted[i - 1]->code, &sorted[i]->code))
			rc = address_book_add_problem(book, sorted[i]->line,
			    book->columns[DIRECTORY_FIELD_CODE], "E3913",
			    "an earlier line has this code", err);
	free(sorted);
	return rc;
}

/* A NUL would end a field before its end. */
static int
find_nul(struct address_book *book, const char *text, size_t len,
    struct error *err)
{
	const char *nul = memchr(text, '\0', len);
	uint32_t line = 1;

	if (nul == NULL)
		return 0;
	for (const char *at = text; at < nul; at++)
		line += *at == '\n';
	return address_book_add_problem(book, line, 0, "E3908", "a NUL", err);
}

static int
compare_problems(const void *a, const void *b)
{
	const struct address_problem *left = a;
	const struct address_problem *right = b;

	return left->line < right->line ? -1 : left->line > right->line;
}

int
address_book_read(const void *text, size_t len, struct address_book *ret_book,
    struct error *err)
{
	struct address_book book = { .count = 0 };
	struct reading reading = { .book = &book };

	if (len > ADDRESS_BOOK_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "a table of more than %d bytes", ADDRESS_BOOK_MAX);
	book.text = text_dup_len(text, len);
	if (book.text == NULL)
		return error_set_memory(err);
	reading.csv = csv_begin(book.text, len);
	if (find_nul(&book, text, len, err) < 0 ||
	    read_rows(&reading, err) < 0 || find_twice(&book, err) < 0) {
		address_book_free(&book);
		return -1;
	}
	if (book.problems != NULL)
		qsort(book.problems,
		    book.problem_count < ADDRESS_BOOK_PROBLEMS_MAX
			? book.problem_count
			: ADDRESS_BOOK_PROBLEMS_MAX,
		    sizeof(*book.problems), compare_problems);
	*ret_book = book;
	return 0;
}

/* ---- kinds ------------------------------------------------------------------------------ */

static bool
is_school(const char *name)
{
	static const char *const ends[] = { "國民小學", "國民中學", "高級中學",
		"高級中等學校", "職業學校", "大學", "學院", "幼兒園", "國小",
		"國中", "國民中小學" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (text_ends(name, ends[i]))
			return true;
	return false;
}

enum org_kind
address_book_kind(const struct org_code *code, const char *name)
{
	if (text_starts(code->text, "EB"))
		return ORG_FIRM;
	if (text_starts(code->text, "XC") || text_starts(code->text, "XD"))
		return ORG_GROUP;
	return is_school(name) ? ORG_SCHOOL : ORG_AGENCY;
}
