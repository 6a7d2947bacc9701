#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"

/* A definition that holds; each test breaks one thing of it. */
static const char good[] = "[case]\n"                  /* 1 */
			   "name = sample\n"           /* 2 */
			   "title.zh = 範例\n"         /* 3 */
			   "title.en = Sample\n"       /* 4 */
			   "clause = R3\n"             /* 5 */
			   "first = begun\n"           /* 6 */
			   "subject = who\n"           /* 7 */
			   "[field who]\n"             /* 8 */
			   "title.zh = 何人\n"         /* 9 */
			   "title.en = Who\n"          /* 10 */
			   "kind = text\n"             /* 11 */
			   "required = yes\n"          /* 12 */
			   "[evidence paper]\n"        /* 13 */
			   "title.zh = 文件\n"         /* 14 */
			   "title.en = Paper\n"        /* 15 */
			   "[state begun]\n"           /* 16 */
			   "title.zh = 已開始\n"       /* 17 */
			   "title.en = Begun\n"        /* 18 */
			   "days = 3\n"                /* 19 */
			   "due = approve\n"           /* 20 */
			   "open = yes\n"              /* 21 */
			   "[state ready]\n"           /* 22 */
			   "title.zh = 待生效\n"       /* 23 */
			   "title.en = Ready\n"        /* 24 */
			   "effect = rename\n"         /* 25 */
			   "[state done]\n"            /* 26 */
			   "title.zh = 結束\n"         /* 27 */
			   "title.en = Done\n"         /* 28 */
			   "final = yes\n"             /* 29 */
			   "[move approve]\n"          /* 30 */
			   "title.zh = 核定\n"         /* 31 */
			   "title.en = Approve\n"      /* 32 */
			   "from = begun\n"            /* 33 */
			   "to = ready\n"              /* 34 */
			   "who = officer\n"           /* 35 */
			   "persons = 2\n"             /* 36 */
			   "signed = yes\n"            /* 37 */
			   "needs = paper\n"           /* 38 */
			   "[move publish]\n"          /* 39 */
			   "title.zh = 生效\n"         /* 40 */
			   "title.en = In force\n"     /* 41 */
			   "from = ready\n"            /* 42 */
			   "to = done\n"               /* 43 */
			   "who = system\n"            /* 44 */
			   "when = published\n"        /* 45 */
			   "[notice late]\n"           /* 46 */
			   "state = begun\n"           /* 47 */
			   "before = 1\n"              /* 48 */
			   "to = clerk\n"              /* 49 */
			   "text.zh = 明日到期\n"      /* 50 */
			   "text.en = Due tomorrow\n"; /* 51 */

struct work {
	struct case_definition definition;
	struct case_findings findings;
	char text[8192];
};

static struct work *
work_new(void)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	return work;
}

/* The sample with line `line` replaced; NULL takes it away. */
static void
with_line(struct work *work, int line, const char *text)
{
	const char *at = good;
	size_t len = 0;

	for (int i = 1; *at != '\0'; i++) {
		size_t size = strcspn(at, "\n") + 1;

		if (i != line) {
			memcpy(work->text + len, at, size);
			len += size;
		} else if (text != NULL) {
			len += (size_t)snprintf(work->text + len,
			    sizeof(work->text) - len, "%s\n", text);
		}
		at += size;
	}
	work->text[len] = '\0';
}

static int
read_text(struct work *work)
{
	memset(&work->findings, 0, sizeof(work->findings));
	return case_definition_read(work->text, strlen(work->text),
	    &work->definition, &work->findings);
}

static void
a_good_definition_is_read_as_it_stands(void **state)
{
	struct work *work = work_new();
	const struct case_definition *definition = &work->definition;

	(void)state;
	with_line(work, 0, NULL);
	assert_int_equal(read_text(work), 0);
	assert_string_equal(definition->name, "sample");
	assert_int_equal(definition->state_count, 3);
	assert_int_equal(definition->first, 0);
	assert_int_equal(definition->states[0].days, 3);
	assert_int_equal(definition->states[0].due, 0);
	assert_int_equal(definition->states[1].due, CASE_NONE);
	assert_int_equal(definition->moves[0].persons, 2);
	assert_int_equal(definition->moves[0].needs, 1);
	assert_int_equal(definition->moves[1].when, CASE_WHEN_PUBLISHED);
	assert_int_equal(definition->notices[0].move, CASE_NONE);
	assert_int_equal(definition->organisation, CASE_NONE);
	free(work);
}

static void
a_bad_one_is_refused_with_line_and_remedy(void **state)
{
	static const struct {
		int line;         /* that is changed */
		const char *text; /* NULL: taken away */
		int told;         /* line of the first finding */
		const char *says;
	} cases[] = {
		{ 1, "[cases]", 1, "no section" },
		{ 1, "[case", 1, "without its end" },
		{ 2, "name = Sample", 2, "name is" },
		{ 2, NULL, 1, "has no name" },
		{ 3, NULL, 1, "has no title.zh" },
		{ 4, "title.en =", 4, "is empty" },
		{ 5, "clauses = R3", 5, "has no clauses" },
		{ 6, "first = began", 6, "no [state began]" },
		{ 7, "subject = whom", 7, "no [field whom]" },
		{ 11, "kind = word", 11, "no kind" },
		{ 12, "required = no", 8, "may be missing" },
		{ 12, "required = maybe", 12, "required is" },
		{ 16, "[state Begun]", 16, "is no name" },
		{ 19, "days = 0", 19, "days is 1 to" },
		{ 19, NULL, 16, "for no move" },
		{ 20, NULL, 16, "for no move" },
		{ 20, "due = publish", 16, "does not have" },
		{ 20, "due = approved", 20, "no [move approved]" },
		{ 22, "[state begun]", 22, "is there twice" },
		{ 25, "effect = everything", 25, "effect is" },
		{ 25, NULL, 22, "do not go together" },
		{ 29, NULL, 16, "has no way out" },
		{ 33, "from = ready", 16, "does not have" },
		{ 34, "to = done", 22, "never reached" },
		{ 35, "who = king", 35, "names no office" },
		{ 35, "who = clerk", 30, "is for officers" },
		{ 36, "persons = 3", 36, "persons is 1 to 2" },
		{ 36, NULL, 22, "on one person's word" },
		{ 37, NULL, 30, "told apart by their keys" },
		{ 38, "needs = papers", 38, "no [evidence papers]" },
		{ 38, "needs paper", 38, "neither a section" },
		{ 38, "signed = no", 38, "signed twice" },
		{ 38, "code = yes", 30, "that nobody gets" },
		{ 38, "apart-from = approve", 30, "apart from itself" },
		{ 44, "who = officer", 39, "needs a moment" },
		{ 45, "when = overdue", 22, "do not go together" },
		{ 45, "when = ready", 45, "when is" },
		{ 48, "before = 3", 46, "before no deadline" },
		{ 48, NULL, 46, "before no deadline" },
		{ 47, NULL, 46, "not said when" },
		{ 49, "to = everybody", 49, "nobody is" },
		{ 49, "to = organisation", 46, "not named" },
		{ 50, NULL, 46, "has no text.zh" },
	};
	struct work *work = work_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool is_told = false;

		with_line(work, cases[i].line, cases[i].text);
		assert_int_equal(read_text(work), -1);
		for (size_t k = 0; k < work->findings.count; k++) {
			const struct case_finding *finding =
			    &work->findings.items[k];

			assert_true(finding->remedy[0] != '\0');
			is_told |= finding->line == cases[i].told &&
			    strstr(finding->text, cases[i].says) != NULL;
		}
		if (!is_told)
			print_message("line %d: told %d \"%s\"\n",
			    cases[i].line, work->findings.items[0].line,
			    work->findings.items[0].text);
		assert_true(is_told);
	}
	free(work);
}

static void
text_that_is_none_is_refused(void **state)
{
	struct work *work = work_new();
	static const char binary[] = "[case]\nname = a\0b\n";

	(void)state;
	assert_int_equal(case_definition_read(binary, sizeof(binary),
			     &work->definition, &work->findings),
	    -1);
	assert_int_equal(case_definition_read("\xff\xfe", 2, &work->definition,
			     &work->findings),
	    -1);
	work->text[0] = '\0';
	assert_int_equal(read_text(work), -1);
	memset(work->text, 'x', 2000);
	work->text[2000] = '\0';
	assert_int_equal(read_text(work), -1);
	free(work);
}

/* What is built in holds, in both languages, and every file is there. */
static void
every_built_in_definition_holds(void **state)
{
	struct work *work = work_new();
	struct case_library *library = NULL;
	struct error err = { 0 };

	(void)state;
	assert_true(case_text_count >= 12);
	for (size_t i = 0; i < case_text_count; i++) {
		char file[64];

		memset(&work->findings, 0, sizeof(work->findings));
		if (case_definition_read(case_texts[i].text, case_texts[i].len,
			&work->definition, &work->findings) < 0)
			fail_msg("%s:%d: %s (%s)", case_texts[i].file,
			    work->findings.items[0].line,
			    work->findings.items[0].text,
			    work->findings.items[0].remedy);
		snprintf(file, sizeof(file), "%s.ini", work->definition.name);
		assert_string_equal(file, case_texts[i].file);
	}
	assert_int_equal(case_library_new(&library, &err), 0);
	assert_int_equal(case_library_count(library), case_text_count);
	assert_non_null(case_library_find(library, "dissolve"));
	assert_null(case_library_find(library, "abolish"));
	case_library_free(library);
	free(work);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_definition_is_read_as_it_stands),
		cmocka_unit_test(a_bad_one_is_refused_with_line_and_remedy),
		cmocka_unit_test(text_that_is_none_is_refused),
		cmocka_unit_test(every_built_in_definition_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
