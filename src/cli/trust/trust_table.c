#include "cli/trust/trust_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/trust/trust_files.h"
#include "directory/address_book.h"
#include "directory/directory_changes.h"
#include "directory/directory_prepare.h"
#include "directory/directory_tree.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "service/catalogue.h"

/* ---- what cannot be taken ---------------------------------------------------- */

static const char *
column_name(const struct address_book *book, uint32_t column)
{
	for (int f = 0; f < DIRECTORY_FIELD_COUNT; f++)
		if (column > 0 && book->columns[f] == column)
			return directory_field_name((enum directory_field)f);
	return "";
}

static void
put_problem(const struct cli *cli, const struct address_book *book,
    const struct address_problem *problem, struct bytes *to)
{
	const struct message *entry = catalogue_find(problem->id);
	const struct message_text *words = entry == NULL ? NULL
	    : cli->is_chinese                            ? &entry->zh
							 : &entry->en;
	const char *column = column_name(book, problem->column);

	bytes_put_format(to, "%s%u%s", cli_text(cli, "第 ", "line "),
	    problem->line, cli_text(cli, " 行", ""));
	if (problem->column > 0)
		bytes_put_format(to, "%s%u%s",
		    cli_text(cli, "第 ", ", column "), problem->column,
		    cli_text(cli, " 欄", ""));
	if (column[0] != '\0')
		bytes_put_format(to, "%s%s%s", cli_text(cli, "（", " ("),
		    column, cli_text(cli, "）", ")"));
	bytes_put_text(to, cli_text(cli, "：", ": "));
	bytes_put_format(to, "%s %s", problem->id,
	    words != NULL ? words->title : "");
	bytes_put_text(to, cli_text(cli, "（", " ("));
	cli_put(to, problem->text);
	bytes_put_text(to, cli_text(cli, "）。", "). "));
	if (words != NULL)
		bytes_put_text(to, words->next);
	bytes_put_u8(to, '\n');
}

static int
refuse(const struct cli *cli, const struct address_book *book,
    struct error *err)
{
	struct bytes text = { 0 };

	for (size_t i = 0;
	     i < book->problem_count && i < ADDRESS_BOOK_PROBLEMS_MAX; i++)
		put_problem(cli, book, &book->problems[i], &text);
	cli_print(&text);
	bytes_free(&text);
	return error_set_id(err, "E3915", ERROR_MALFORMED,
	    "%zu of the rows; nothing was prepared", book->problem_count);
}

/* ---- by the host --------------------------------------------------------------- */

static void
take_problem(const struct json_value *item, struct address_book *book,
    struct error *err)
{
	if (address_book_add_problem(book,
		(uint32_t)answer_integer(item, "line"),
		(uint32_t)answer_integer(item, "column"),
		answer_text(item, "rule"), answer_text(item, "text"), err) < 0)
		book->problem_count++;
}

static int
read_answer(const struct json_value *said, struct address_book *book,
    struct bytes *body, struct bytes *was, struct error *err)
{
	const struct json_value *problems = json_value_member(said, "problems");

	for (size_t i = 0; i < json_value_count(problems); i++)
		take_problem(json_value_item(problems, i), book, err);
	book->problem_count = (size_t)answer_integer(said, "problem_count");
	if (book->problem_count > 0)
		return 0;
	if (json_value_put(json_value_member(said, "body"), body, err) < 0)
		return -1;
	return json_value_put(json_value_member(said, "was"), was, err);
}

static int
ask_host(const struct cli *cli, struct address_book *book, struct bytes *body,
    struct bytes *was, struct error *err)
{
	static const char *const options[] = { "center", "supervises",
		"serves" };
	struct answer answer = { 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	int rc = -1;

	json_write_begin_object(&writer, NULL);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (cli_value(cli, options[i]) != NULL)
			json_write_text(&writer, options[i],
			    cli_value(cli, options[i]));
	directory_edits_write(book, &writer);
	json_write_end(&writer);
	bytes_put_u8(&json, '\0');
	if (json_write_done(&writer, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_post(&answer, "/v1/directory:prepare",
		(const char *)json.data, err) == 0)
		rc = read_answer(answer_root(&answer), book, body, was, err);
	answer_close(&answer);
	bytes_free(&json);
	return rc;
}

int
trust_table_ended(const struct cli *cli, struct bytes *body, struct bytes *was,
    struct error *err)
{
	struct address_book book = { .count = 0 };
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    answer_post(&answer, "/v1/directory:prepare", "{\"ended\":true}",
		err) == 0)
		rc = read_answer(answer_root(&answer), &book, body, was, err);
	answer_close(&answer);
	return rc;
}

/* ---- from a bulletin -------------------------------------------------------------- */

static int
compare_changes(const void *a, const void *b)
{
	return strcmp(((const struct directory_change *)a)->code.text,
	    ((const struct directory_change *)b)->code.text);
}

static int
look_up(void *ctx, const struct org_code *code, struct bytes *json,
    struct error *err)
{
	const struct directory_changes *all = ctx;
	const struct directory_change wanted = { .code = *code };
	const struct directory_change *found = all->count == 0
	    ? NULL
	    : bsearch(&wanted, all->list, all->count, sizeof(wanted),
		  compare_changes);

	(void)err;
	if (found == NULL)
		return 0;
	bytes_put(json, found->json.data, found->json.len);
	return 1;
}

static int
put_body(struct directory_tree *tree, struct directory_changes *changes,
    struct bytes *body, struct error *err)
{
	struct json_writer writer = json_writer_to(body);
	struct digest root;

	if (directory_tree_apply(tree, changes, NULL, err) < 0)
		return -1;
	root = directory_tree_root(tree);
	json_write_begin_object(&writer, NULL);
	directory_body_encode(changes, directory_tree_count(tree), &root,
	    &writer);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static int
lay_over(const struct cli *cli, struct directory_body *all,
    struct address_book *book, struct bytes *body, struct bytes *was,
    struct error *err)
{
	struct directory_changes changes = { 0 };
	struct directory_tree *tree = NULL;
	struct directory_basis basis = { .look_up = look_up,
		.ctx = &all->changes,
		.center = cli_value(cli, "center") };
	int rc = -1;

	if (directory_tree_new(&tree, err) == 0 &&
	    directory_tree_apply(tree, &all->changes, NULL, err) == 0) {
		basis.tree = tree;
		rc = directory_prepare(&basis, book, &changes, was, err);
	}
	if (rc == 0 && book->problem_count == 0)
		rc = put_body(tree, &changes, body, err);
	directory_changes_free(&changes);
	directory_tree_free(tree);
	return rc;
}

static int
use_before(const struct cli *cli, const struct bulletin *before,
    struct address_book *book, struct bytes *body, struct bytes *was,
    struct error *err)
{
	struct directory_body all = { .count = 0 };
	int rc;

	if (directory_body_decode(before, &all, err) < 0)
		return -1;
	rc = all.is_whole
	    ? lay_over(cli, &all, book, body, was, err)
	    : cli_refuse(err,
		  "the directory of --before says only what it changed: ask "
		  "the management host, with -c");
	directory_body_free(&all);
	return rc;
}

int
trust_table_read(const struct cli *cli, const char *path,
    const struct bulletin *before, struct bytes *body, struct bytes *was,
    struct error *err)
{
	struct address_book book = { .count = 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (trust_read(path, ADDRESS_BOOK_MAX, &text, err) < 0 ||
	    address_book_read(text.data, text.len, &book, err) < 0)
		goto done;
	rc = 0;
	if (book.problem_count == 0)
		rc = cli_has(cli, "before") && cli_value(cli, "config") == NULL
		    ? use_before(cli, before, &book, body, was, err)
		    : ask_host(cli, &book, body, was, err);
	if (rc == 0 && book.problem_count > 0)
		rc = refuse(cli, &book, err);
done:
	address_book_free(&book);
	bytes_free(&text);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}
