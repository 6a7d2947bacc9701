#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/document_fixture.h"

/*
 * T-XML-01..06: a letter as it would be, but for one place.  The table gives
 * the whole file.
 */
#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
#define DOCTYPE(subset) \
	HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [" subset "]>\n"

static const struct {
	const char *text;
	const char *rule;
} hostile[] = {
	{ DOCTYPE("<!ENTITY a \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY a SYSTEM \"file:///etc/passwd\">") "<函/>",
	    "E2008" },
	{ DOCTYPE("<!ENTITY a PUBLIC \"x\" \"y\">") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY a PUBLIC \"x\" \"y\" NDATA z>") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY % p \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY % p SYSTEM \"a.ent\">%p;") "<函/>", "E2008" },
	{ DOCTYPE("%p;") "<函/>", "E2008" },
	{ DOCTYPE("<!ELEMENT 函 ANY>") "<函/>", "E2008" },
	{ DOCTYPE("<!ATTLIST 函 a CDATA \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<?php x ?>") "<函/>", "E2008" },
	{ DOCTYPE("<!NOTATION n PUBLIC \"x\">") "<函/>", "E2008" },
	{ DOCTYPE("<![INCLUDE[ ]]>") "<函/>", "E2008" },
	{ DOCTYPE("<!ENTITY a SYSTEM '\">' NDATA") "<函/>", "E2006" },
	{ DOCTYPE("<!ENTITY a SYSTEM 'x' NDATA n") "<函/>", "E2006" },
	{ DOCTYPE("<!-- ") "<函/>", "E2006" },
	{ DOCTYPE("junk") "<函/>", "E2006" },
	{ DOCTYPE("<!ENTITY a SYSTEM 'x' NDATA n>") "<函/>", "E2012" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"http://127.0.0.1:9/104_2_utf8.dtd\">"
	       "<函/>",
	    "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"file:///104_2_utf8.dtd\"><函/>",
	    "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"../104_2_utf8.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"C:\\104_2_utf8.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"mine.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"104_basic_utf8.ent\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 PUBLIC \"x\" \"104_2_utf8.dtd\"><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函><函/>", "E2007" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" x><函/>", "E2006" },
	{ HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd", "E2007" },
	{ HEAD "<函/>", "E2006" },
	{ HEAD "<!DOCTYPE html SYSTEM \"104_2_utf8.dtd\"><html/>", "E2023" },
	{ DOCTYPE("") "<函>&a;</函>", "E2009" },
	{ DOCTYPE("") "<函 a='&a;'/>", "E2009" },
	{ DOCTYPE("") "<函>&</函>", "E2009" },
	{ DOCTYPE("") "<函>&#0;</函>", "E2005" },
	{ DOCTYPE("") "<函>&#xffffffff;</函>", "E2005" },
	{ DOCTYPE("") "<!DOCTYPE 函 [<!ENTITY a 'x'>]><函/>", "E2008" },
	{ DOCTYPE("") "<函><!ENTITY a 'x'></函>", "E2008" },
	{ DOCTYPE("") "<簽/>", "E2023" },
	{ DOCTYPE("") "<函></函", "E2005" },
	{ DOCTYPE("") "<函 a='", "E2005" },
	{ DOCTYPE("") "<函><![CDATA[", "E2005" },
	{ DOCTYPE("") "<函/><函/>", "E2005" },
	{ DOCTYPE("") "", "E2005" },
	{ DOCTYPE("") "<函>\x01</函>", "E2004" },
	{ DOCTYPE("") "<函>\xff</函>", "E2004" },
	{ DOCTYPE("") "<函>\xc0\x80</函>", "E2004" },
	{ DOCTYPE("") "<函 xmlns='urn:x'/>", "E2104" },
	{ DOCTYPE("") "<x:函 xmlns:x='urn:x'/>", "E2104" },
	{ "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><函/>", "E2003" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?><函/>", "E2003" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-", "E2003" },
	{ "\xef\xbb\xbf<?xml version='1.0' encoding='Big5'?><函/>", "E2003" },
	{ "<?xml version=\"9.0\"?><!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\"><函/>",
	    "E2005" },
	{ "\xff\xfe<\0", "E2003" },
	{ "", "E2002" },
	{ "\xef\xbb\xbf", "E2002" },
	{ " " DOCTYPE("") "<函/>", "E2005" },
};

static void
hostile_xml_is_refused_under_its_own_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct fixture fixture = { 0 };

		fixture_add_text(&fixture, "1.di", hostile[i].text);
		fixture_check(&fixture);
		if (fixture_find(&fixture, hostile[i].rule) == NULL)
			print_message("# case %zu: %s\n", i, hostile[i].text);
		fixture_assert_refused(&fixture, hostile[i].rule);
		fixture_discard(&fixture);
	}
}

static void
a_nul_is_refused(void **state)
{
	static const char text[] = DOCTYPE("") "<函>\0</函>";
	struct fixture fixture = { 0 };

	(void)state;
	fixture_add(&fixture, "1.di", text, sizeof(text) - 1);
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2004");
	assert_string_equal(fixture_the(&fixture, "E2004")->argument, "U+0000");
	fixture_discard(&fixture);
}

static void
put_many(struct bytes *to, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes_put_text(to, text);
}

/* `count` times `many`, between `before` and `after`. */
static void
assert_bomb_refused(const char *before, const char *many, size_t count,
    const char *after, const char *rule)
{
	struct fixture fixture = { 0 };
	struct bytes text = { 0 };

	bytes_put_text(&text, before);
	put_many(&text, many, count);
	bytes_put_text(&text, after);
	fixture_add(&fixture, "1.di", text.data, text.len);
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, rule);
	assert_true(fixture.report->finding_count <= FINDINGS_MAX);
	bytes_free(&text);
	fixture_discard(&fixture);
}

static void
bombs_cost_little_and_are_refused(void **state)
{
	(void)state;
	assert_bomb_refused(DOCTYPE("") "<函>", "<條列>", 80000, "</函>",
	    "E2010");
	assert_bomb_refused(DOCTYPE("") "<函 a='", "x", 70000, "'/>", "E2011");
	assert_bomb_refused(DOCTYPE("") "<函 ", "a=''", 33, "/>", "E2011");
	assert_bomb_refused(DOCTYPE("") "<函>", "&x;", 300000, "</函>",
	    "E2009");
	assert_bomb_refused(DOCTYPE("") "<函>", "<x/>", 200000, "</函>",
	    "E2102");
	assert_bomb_refused(DOCTYPE("") "<函>", "<附件檔名/>", 50000, "</函>",
	    "E2106");
	assert_bomb_refused(HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [",
	    "<!ENTITY a 'x'>", 60000, "]><函/>", "E2008");
	assert_bomb_refused(HEAD "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [",
	    "<!ENTITY a SYSTEM 'x' NDATA n>", 30000, "]><函/>", "E2012");
	assert_bomb_refused(DOCTYPE("") "<函>", "x", LETTER_LEN_MAX, "</函>",
	    "E2001");
}

static void
a_full_list_of_findings_says_that_there_are_more(void **state)
{
	struct fixture fixture = { 0 };
	struct bytes text = { 0 };

	(void)state;
	bytes_put_text(&text, DOCTYPE("") "<函>");
	put_many(&text, "<x/>", 1000);
	bytes_put_text(&text, "</函>");
	fixture_add(&fixture, "1.di", text.data, text.len);
	fixture_check(&fixture);

	assert_int_equal(fixture.report->finding_count, FINDINGS_MAX);
	assert_true(fixture.report->finding_left_out >= 800);
	bytes_free(&text);
	fixture_discard(&fixture);
}

static void
put_roster(struct bytes *to, size_t count)
{
	bytes_put_text(to,
	    HEAD "<!DOCTYPE 交換表單 SYSTEM \"104_roster_utf8.dtd\">\n"
		 "<交換表單>\n");
	for (size_t i = 0; i < count; i++)
		bytes_put_format(to,
		    "<全銜>機關%zu</全銜><機關代碼>A%08zuH</機關代碼>\n", i, i);
	bytes_put_text(to, "</交換表單>\n");
}

static void
a_roster_of_thousands_is_read_and_of_more_refused(void **state)
{
	struct fixture fixture = { 0 };
	struct bytes text = { 0 };

	(void)state;
	put_roster(&text, ROSTER_RECIPIENTS_MAX);
	fixture_add(&fixture, "1.sw", text.data, text.len);
	fixture_check(&fixture);
	assert_int_equal(fixture.report->roster_count, 1);
	assert_int_equal(fixture.report->rosters[0].count,
	    ROSTER_RECIPIENTS_MAX);
	assert_int_equal(fixture.report->rosters[0].entries[4999].line, 5003);
	assert_null(fixture_find(&fixture, "E2135"));
	fixture_discard(&fixture);
	bytes_clear(&text);
	put_roster(&text, ROSTER_RECIPIENTS_MAX + 1);
	fixture_add(&fixture, "1.sw", text.data, text.len);
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2135");
	fixture_discard(&fixture);
	bytes_free(&text);
}

/* Killed by the first call that would open a file or a socket. */
static void
forbid_files_and_sockets(void)
{
#define FORBID(number)                                     \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
#ifdef SYS_open
		FORBID(SYS_open),
#endif
#ifdef SYS_stat
		FORBID(SYS_stat),
#endif
		FORBID(SYS_openat),
		FORBID(SYS_newfstatat),
		FORBID(SYS_socket),
		FORBID(SYS_connect),
		FORBID(SYS_execve),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(3);
}

static int
check_in_a_sandbox(const struct fixture *fixture)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct document_report *report;
		struct error err = { 0 };

		forbid_files_and_sockets();
		if (document_check(fixture->files, fixture->count, NULL,
			&report, &err) < 0)
			_exit(2);
		_exit(report->accepted ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
checking_opens_no_file_and_no_socket(void **state)
{
	struct fixture fixture = fixture_letter();
	struct fixture bomb = { 0 };
	int status;

	(void)state;
	status = check_in_a_sandbox(&fixture);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	fixture_add_sample(&bomb, "1.di", "invalid_19_xxe_and_bomb.di");
	status = check_in_a_sandbox(&bomb);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	fixture_discard(&fixture);
	fixture_discard(&bomb);
}

static void
the_hostile_sample_is_refused_for_all_its_reasons(void **state)
{
	struct fixture fixture = { 0 };

	(void)state;
	fixture_add_sample(&fixture, "1.di", "invalid_19_xxe_and_bomb.di");
	fixture_check(&fixture);

	assert_false(fixture.report->accepted);
	assert_null(fixture.report->document);
	assert_int_equal(fixture_count(&fixture, "E2007"), 1);
	assert_int_equal(fixture_count(&fixture, "E2008"), 6);
	assert_int_equal(fixture_count(&fixture, "E2009"), 2);
	assert_int_equal(fixture_count(&fixture, "E2120"), 1);
	assert_int_equal(fixture_the(&fixture, "E2120")->line, 6);
	fixture_discard(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_xml_is_refused_under_its_own_rule),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(bombs_cost_little_and_are_refused),
		cmocka_unit_test(
		    a_full_list_of_findings_says_that_there_are_more),
		cmocka_unit_test(
		    a_roster_of_thousands_is_read_and_of_more_refused),
		cmocka_unit_test(checking_opens_no_file_and_no_socket),
		cmocka_unit_test(
		    the_hostile_sample_is_refused_for_all_its_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
