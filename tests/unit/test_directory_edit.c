#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/address_book.h"
#include "directory/directory_changes.h"
#include "directory/directory_edit.h"
#include "directory/directory_entry.h"
#include "directory/directory_prepare.h"
#include "directory/directory_tree.h"
#include "json/json_read.h"

/* ---- tables ------------------------------------------------------------------ */

static struct address_book
read_book(const char *text)
{
	struct address_book book = { .count = 0 };
	struct error err = { 0 };

	if (address_book_read(text, strlen(text), &book, &err) < 0)
		fail_msg("%s", err.text);
	return book;
}

/* "3:2 E3910 5:0 E3907": line, column and rule of each problem. */
static void
check_problems(const char *text, const char *wanted)
{
	struct address_book book = read_book(text);
	struct bytes found = { 0 };

	for (size_t i = 0; i < book.problem_count; i++)
		bytes_put_format(&found, "%s%u:%u %s", i > 0 ? " " : "",
		    book.problems[i].line, book.problems[i].column,
		    book.problems[i].id);
	bytes_put_u8(&found, '\0');
	assert_string_equal((const char *)found.data, wanted);
	bytes_free(&found);
	address_book_free(&book);
}

static void
the_published_book_is_read(void **state)
{
	struct address_book book =
	    read_book("\xef\xbb\xbfORGID,ORGNAME,STATUSCODE,UPDATETIME\r\n"
		      "200000000A,總統府,T,2025-12-08 11:23:23\r\n"
		      "EB12345678,\"某,公司\",F,\r\n\r\n"
		      "200000000AU100000,總統府\"秘書\"長,D,x");

	(void)state;
	assert_int_equal(book.problem_count, 0);
	assert_int_equal(book.count, 3);
	assert_string_equal(book.edits[0].code.text, "200000000A");
	assert_string_equal(book.edits[0].fields[DIRECTORY_FIELD_STATUS],
	    "active");
	assert_string_equal(book.edits[1].fields[DIRECTORY_FIELD_NAME],
	    "某,公司");
	assert_string_equal(book.edits[1].fields[DIRECTORY_FIELD_STATUS],
	    "paper");
	assert_string_equal(book.edits[2].fields[DIRECTORY_FIELD_STATUS],
	    "dissolved");
	assert_int_equal(book.edits[2].line, 5);
	assert_null(book.edits[2].fields[DIRECTORY_FIELD_CENTER]);
	address_book_free(&book);
}

static void
lines_of_code_tab_and_name_are_read(void **state)
{
	struct address_book book =
	    read_book("376490000A\t雲林縣政府\r\n\nXC12345678\t某校");

	(void)state;
	assert_int_equal(book.problem_count, 0);
	assert_int_equal(book.count, 2);
	assert_string_equal(book.edits[1].fields[DIRECTORY_FIELD_NAME], "某校");
	address_book_free(&book);
}

static void
every_problem_has_its_place(void **state)
{
	(void)state;
	check_problems("code,name\n3764,x\n376490000A,y,z\n376470000A,ok\n",
	    "2:1 E3910 3:0 E3907");
	check_problems("code,name\n376490000A,x\n376470000A,\xff\n",
	    "3:2 E3908");
	check_problems("code,name\n376490000A,\"x\n376470000A,y\n",
	    "2:2 E3909");
	/* Lines after such a one are counted from where it began. */
	check_problems("code,name\n376490000A,\"x\n3764,y\n",
	    "2:2 E3909 3:1 E3910");
	check_problems("code,name\n376490000A,\"x\"\"\"\"y\n3764,z\n"
		       "376470000A,ok\n",
	    "2:2 E3909 3:1 E3910");
	check_problems("code,nmae\n376490000A,x\n", "1:2 E3912");
	check_problems("name\nx\n", "1:0 E3912");
	check_problems("code,name,name\n", "1:3 E3912");
	check_problems("code,action\n376490000A,delete\n", "2:2 E3910");
	check_problems("機關代碼,機關名稱\n376490000A,甲\n376470000A,乙\n"
		       "376490000A,丙\n",
	    "4:1 E3913");
	check_problems("", "1:1 E3912 1:0 E3912");
	/* A field over two lines counts as both. */
	check_problems("code,name\n376490000A,\"x\ny\"\nbad,z\n", "4:1 E3910");
}

static void
problems_beyond_the_limit_are_counted(void **state)
{
	struct bytes text = { 0 };
	struct address_book book = { .count = 0 };
	struct error err = { 0 };

	(void)state;
	bytes_put_text(&text, "code,name\n");
	for (int i = 0; i < 3000; i++)
		bytes_put_text(&text, "bad,x\n");
	assert_int_equal(address_book_read(text.data, text.len, &book, &err),
	    0);
	assert_int_equal(book.problem_count, 3000);
	assert_int_equal(book.problems[ADDRESS_BOOK_PROBLEMS_MAX - 1].line,
	    ADDRESS_BOOK_PROBLEMS_MAX + 1);
	address_book_free(&book);
	bytes_free(&text);
}

static void
kinds_are_read_off_codes_and_names(void **state)
{
	static const struct {
		const char *code, *name;
		enum org_kind kind;
	} cases[] = {
		{ "376490000A", "雲林縣政府", ORG_AGENCY },
		{ "376495000T", "雲林縣斗六市鎮西國民小學", ORG_SCHOOL },
		{ "A09000000E", "國立臺灣大學", ORG_SCHOOL },
		{ "EB12345678", "某大學股份有限公司", ORG_FIRM },
		{ "XC12345678", "某私立高級中學", ORG_GROUP },
		{ "XD12345678", "議員某服務處", ORG_GROUP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct org_code code;

		assert_true(org_code_parse(cases[i].code, &code));
		assert_int_equal(address_book_kind(&code, cases[i].name),
		    cases[i].kind);
	}
}

/* ---- one entry ------------------------------------------------------------------ */

static struct directory_edit
edit_of(const char *code, enum directory_action action)
{
	struct directory_edit edit = { .action = action };

	assert_true(org_code_parse(code, &edit.code));
	return edit;
}

static struct entry_org
must_apply(const struct directory_edit *edit, const struct entry_org *before)
{
	struct entry_org after = { .name = NULL };
	enum directory_field field;
	struct error err = { 0 };

	if (directory_edit_apply(edit, before, &after, &field, &err) < 0)
		fail_msg("%s", err.text);
	return after;
}

static void
must_fail(const struct directory_edit *edit, const struct entry_org *before,
    const char *id, enum directory_field wanted)
{
	struct entry_org after;
	enum directory_field field;
	struct error err = { 0 };

	assert_int_equal(directory_edit_apply(edit, before, &after, &field,
			     &err),
	    -1);
	assert_string_equal(err.id, id);
	assert_int_equal(field, wanted);
}

static void
a_new_unit_is_supervised_by_its_organisation(void **state)
{
	struct directory_edit edit =
	    edit_of("A01000000AU610000", DIRECTORY_ADD);
	struct entry_org after;

	(void)state;
	edit.fields[DIRECTORY_FIELD_NAME] = "內政部戶政司";
	edit.fields[DIRECTORY_FIELD_CENTER] = "center-a";
	after = must_apply(&edit, NULL);
	assert_string_equal(after.supervisor.text, "A01000000A");
	assert_string_equal(after.center, "center-a");
	assert_int_equal(after.status, ORG_ACTIVE);
	entry_org_free(&after);
}

static void
a_change_keeps_what_it_does_not_name(void **state)
{
	struct directory_edit add = edit_of("376490000A", DIRECTORY_ADD);
	struct directory_edit change = edit_of("376490000A", DIRECTORY_CHANGE);
	struct entry_key key = { .use = KEY_SEAL, .state = KEY_ACTIVE };
	struct entry_org before, after;
	struct error err = { 0 };

	(void)state;
	add.fields[DIRECTORY_FIELD_NAME] = "雲林縣政府";
	add.fields[DIRECTORY_FIELD_CENTER] = "center-a";
	add.fields[DIRECTORY_FIELD_LETTER_BYTES] = "1000";
	before = must_apply(&add, NULL);
	bytes_put(&key.certificate, "\x30\x00", 2);
	assert_int_equal(directory_edit_key(&before, &key, &err), 0);
	change.fields[DIRECTORY_FIELD_STATUS] = "dissolved";
	change.fields[DIRECTORY_FIELD_SUCCESSOR] = "376470000A";
	after = must_apply(&change, &before);
	assert_string_equal(after.name, "雲林縣政府");
	assert_string_equal(after.center, "center-a");
	assert_int_equal(after.accepts_letter_bytes, 1000);
	assert_int_equal(after.key_count, 1);
	assert_int_equal(after.status, ORG_DISSOLVED);
	assert_string_equal(after.successor.text, "376470000A");
	bytes_free(&key.certificate);
	entry_org_free(&before);
	entry_org_free(&after);
}

static void
what_does_not_go_together_is_refused(void **state)
{
	struct directory_edit add = edit_of("376490000A", DIRECTORY_ADD);
	struct directory_edit edit;
	struct entry_org before;

	(void)state;
	must_fail(&add, NULL, "E3910", DIRECTORY_FIELD_NAME);
	add.fields[DIRECTORY_FIELD_NAME] = "雲林縣政府";
	before = must_apply(&add, NULL);
	must_fail(&add, &before, "E3911", DIRECTORY_FIELD_ACTION);
	edit = edit_of("376490000A", DIRECTORY_CHANGE);
	must_fail(&edit, NULL, "E3911", DIRECTORY_FIELD_ACTION);
	edit.fields[DIRECTORY_FIELD_STATUS] = "closed";
	must_fail(&edit, &before, "E3910", DIRECTORY_FIELD_STATUS);
	edit.fields[DIRECTORY_FIELD_STATUS] = NULL;
	edit.fields[DIRECTORY_FIELD_SUCCESSOR] = "376470000A";
	must_fail(&edit, &before, "E3910", DIRECTORY_FIELD_SUCCESSOR);
	edit.fields[DIRECTORY_FIELD_SUCCESSOR] = NULL;
	edit.fields[DIRECTORY_FIELD_SUPERVISOR] = "376490000A";
	must_fail(&edit, &before, "E3910", DIRECTORY_FIELD_SUPERVISOR);
	edit.fields[DIRECTORY_FIELD_SUPERVISOR] = NULL;
	edit.fields[DIRECTORY_FIELD_CENTER] = "Center A";
	must_fail(&edit, &before, "E3910", DIRECTORY_FIELD_CENTER);
	entry_org_free(&before);
}

static void
put_key(struct entry_org *org, const char *der, enum key_state key_state)
{
	struct entry_key key = { .use = KEY_SIGN, .state = key_state };
	struct error err = { 0 };

	bytes_put(&key.certificate, der, 3);
	assert_int_equal(directory_edit_key(org, &key, &err), 0);
	bytes_free(&key.certificate);
}

static void
a_new_key_makes_the_old_one_retire(void **state)
{
	struct entry_org org = { .name = NULL };

	(void)state;
	put_key(&org, "one", KEY_ACTIVE);
	put_key(&org, "two", KEY_NEXT);
	put_key(&org, "thr", KEY_NEXT);
	assert_int_equal(org.key_count, 2);
	put_key(&org, "thr", KEY_ACTIVE);
	assert_int_equal(org.key_count, 2);
	assert_int_equal(org.keys[0].state, KEY_RETIRING);
	assert_int_equal(org.keys[1].state, KEY_ACTIVE);
	put_key(&org, "one", KEY_REVOKED);
	assert_int_equal(org.key_count, 2);
	entry_org_free(&org);
}

/* ---- many, against a directory ---------------------------------------------------- */

struct kept {
	struct directory_tree *tree;
	struct directory_changes all;
};

static int
look_up(void *ctx, const struct org_code *code, struct bytes *json,
    struct error *err)
{
	const struct kept *kept = ctx;

	(void)err;
	for (size_t i = 0; i < kept->all.count; i++)
		if (org_code_equal(&kept->all.list[i].code, code)) {
			bytes_put(json, kept->all.list[i].json.data,
			    kept->all.list[i].json.len);
			return 1;
		}
	return 0;
}

static struct kept
keep(const char *table)
{
	struct kept kept = { .tree = NULL };
	struct address_book book = read_book(table);
	struct error err = { 0 };

	assert_int_equal(directory_tree_new(&kept.tree, &err), 0);
	for (size_t i = 0; i < book.count; i++) {
		struct entry_org org = must_apply(&book.edits[i], NULL);

		assert_int_equal(directory_changes_put(&kept.all, &org, &err),
		    0);
		entry_org_free(&org);
	}
	assert_int_equal(directory_tree_apply(kept.tree, &kept.all, NULL, &err),
	    0);
	address_book_free(&book);
	return kept;
}

static void
release(struct kept *kept)
{
	directory_tree_free(kept->tree);
	directory_changes_free(&kept->all);
}

/* What `table` makes of the directory; how many problems it has. */
static size_t
prepare(struct kept *kept, const char *table, struct directory_changes *changes,
    struct bytes *was, struct address_book *book)
{
	const struct directory_basis basis = { .tree = kept->tree,
		.look_up = look_up,
		.ctx = kept,
		.center = "center-a" };
	struct error err = { 0 };

	*book = read_book(table);
	if (directory_prepare(&basis, book, changes, was, &err) < 0)
		fail_msg("%s", err.text);
	return book->problem_count;
}

static const char three[] = "code,name\n376490000A,雲林縣政府\n"
			    "376470000A,彰化縣政府\n376530000A,屏東縣政府\n";

static void
a_delta_says_what_changes_and_nothing_else(void **state)
{
	struct kept kept = keep(three);
	struct directory_changes changes = { 0 };
	struct json_document *document = NULL;
	struct address_book book;
	struct bytes was = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(prepare(&kept,
			     "code,action,name\n"
			     "376490000A,change,雲林縣府\n"
			     "376470000A,put,彰化縣政府\n"
			     "376530000A,remove,屏東縣政府\n"
			     "376550000A,add,花蓮縣政府\n",
			     &changes, &was, &book),
	    0);
	assert_int_equal(changes.count, 3);
	assert_string_equal(changes.list[0].code.text, "376490000A");
	assert_true(changes.list[1].is_removed);
	assert_int_equal(json_read(was.data, was.len, was.len, &document, &err),
	    0);
	assert_int_equal(json_value_count(json_root(document)), 2);
	json_document_free(document);
	address_book_free(&book);
	directory_changes_free(&changes);
	bytes_free(&was);
	release(&kept);
}

static bool
says(const struct bytes *json, const char *text)
{
	char all[4096];

	snprintf(all, sizeof(all), "%.*s", (int)json->len,
	    (const char *)json->data);
	return strstr(all, text) != NULL;
}

static void
an_empty_field_says_nothing_and_a_dash_empties(void **state)
{
	struct kept kept = keep("code,name,center\n376490000A,甲,center-b\n"
				"376470000A,乙,center-b\n");
	struct directory_changes changes = { 0 };
	struct address_book book;
	struct bytes was = { 0 };

	(void)state;
	assert_int_equal(prepare(&kept,
			     "code,name,center,status\n"
			     "376490000A,,,\n376470000A,,-,\n"
			     "376530000A,丙,,\n",
			     &changes, &was, &book),
	    0);
	assert_int_equal(changes.count, 2);
	assert_true(says(&changes.list[0].json,
	    "\"name\":\"乙\",\"kind\":\"agency\",\"status\":\"active\","
	    "\"center\":\"\""));
	/* Who is new and names none gets the usual one. */
	assert_true(says(&changes.list[1].json, "\"center\":\"center-a\""));
	address_book_free(&book);
	directory_changes_free(&changes);
	bytes_free(&was);
	release(&kept);
}

static void
whoever_is_named_must_be_there(void **state)
{
	struct kept kept = keep(three);
	struct directory_changes changes = { 0 };
	struct address_book book;
	struct bytes was = { 0 };

	(void)state;
	/* The successor comes with the same table, the supervisor goes. */
	assert_int_equal(prepare(&kept,
			     "code,action,name,status,successor,supervisor\n"
			     "376490000A,change,甲,dissolved,376550000A,\n"
			     "376550000A,add,乙,active,,376530000A\n"
			     "376530000A,remove,丙,active,,\n"
			     "376470000A,change,丁,dissolved,999999999Z,\n",
			     &changes, &was, &book),
	    2);
	assert_int_equal(book.problems[0].line, 3);
	assert_int_equal(book.problems[0].column, 6);
	assert_string_equal(book.problems[0].id, "E3914");
	assert_int_equal(book.problems[1].line, 5);
	assert_int_equal(book.problems[1].column, 5);
	address_book_free(&book);
	directory_changes_free(&changes);
	bytes_free(&was);
	release(&kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_book_is_read),
		cmocka_unit_test(lines_of_code_tab_and_name_are_read),
		cmocka_unit_test(every_problem_has_its_place),
		cmocka_unit_test(problems_beyond_the_limit_are_counted),
		cmocka_unit_test(kinds_are_read_off_codes_and_names),
		cmocka_unit_test(a_new_unit_is_supervised_by_its_organisation),
		cmocka_unit_test(a_change_keeps_what_it_does_not_name),
		cmocka_unit_test(what_does_not_go_together_is_refused),
		cmocka_unit_test(a_new_key_makes_the_old_one_retire),
		cmocka_unit_test(a_delta_says_what_changes_and_nothing_else),
		cmocka_unit_test(
		    an_empty_field_says_nothing_and_a_dash_empties),
		cmocka_unit_test(whoever_is_named_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
