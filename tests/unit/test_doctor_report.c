#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/doctor/doctor_report.h"
#include "json/json_read.h"

static const int64_t day_ms = 24 * 3600 * (int64_t)1000;

static void
reminders_come_six_times(void **state)
{
	static const int days[][2] = { { 400, 0 }, { 91, 0 }, { 90, 90 },
		{ 61, 90 }, { 60, 60 }, { 30, 30 }, { 29, 30 }, { 14, 14 },
		{ 8, 14 }, { 7, 7 }, { 2, 7 }, { 1, 1 }, { 0, 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		assert_int_equal(doctor_report_reminder(days[i][0]),
		    days[i][1]);
}

static void
an_expired_certificate_fails_and_a_late_one_warns(void **state)
{
	struct cli cli = { .is_chinese = false };
	struct doctor_report report;
	int64_t now = 1795318245000;
	const char *text;

	(void)state;
	doctor_report_begin(&report, &cli);
	doctor_report_add_cert(&report, "a", now + 91 * day_ms, now);
	assert_int_equal(report.warned + report.failed, 0);
	doctor_report_add_cert(&report, "b", now + 21 * day_ms, now);
	assert_int_equal(report.warned, 1);
	doctor_report_add_cert(&report, "c", now - 1, now);
	assert_int_equal(report.failed, 1);
	doctor_report_end(&report, true);
	bytes_put_u8(&report.text, '\0');
	text = (const char *)report.text.data;

	assert_non_null(strstr(text, " 1  a                    ok "));
	assert_non_null(strstr(text, "21 days left"));
	assert_non_null(strstr(text, " 3  c                    FAIL "));
	assert_non_null(strstr(text, "1 failed, 1 warning\n"));
	doctor_report_free(&report);
}

static void
what_hosts_say_does_not_steer_the_terminal(void **state)
{
	struct cli cli = { .is_chinese = true };
	struct doctor_report report;

	(void)state;
	doctor_report_begin(&report, &cli);
	doctor_report_add(&report, "x\x1b[2J", "ok", "y\ny\x1b]0;z\a", "");
	doctor_report_end(&report, true);
	assert_null(memchr(report.text.data, '\x1b', report.text.len));
	assert_null(memchr(report.text.data, '\a', report.text.len));
	doctor_report_free(&report);
}

static void
json_is_one_object(void **state)
{
	struct cli cli = { .json = true };
	struct doctor_report report;
	struct json_document *document;
	struct error err = { 0 };
	int64_t failed;

	(void)state;
	doctor_report_begin(&report, &cli);
	doctor_report_add(&report, "disk", "failed", "full", "add room");
	doctor_report_end(&report, false);
	assert_int_equal(json_read(report.text.data, report.text.len, 4096,
			     &document, &err),
	    0);
	assert_int_equal(json_value_count(
			     json_value_member(json_root(document), "checks")),
	    1);
	assert_true(
	    json_value_integer(json_value_member(json_root(document), "failed"),
		&failed));
	assert_int_equal(failed, 1);
	json_document_free(document);
	doctor_report_free(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reminders_come_six_times),
		cmocka_unit_test(
		    an_expired_certificate_fails_and_a_late_one_warns),
		cmocka_unit_test(what_hosts_say_does_not_steer_the_terminal),
		cmocka_unit_test(json_is_one_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
