#include "harness/document_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "document/dtd.h"

void
fixture_add(struct fixture *fixture, const char *name, const void *data,
    size_t len)
{
	struct bytes *text = &fixture->texts[fixture->count];

	assert_true(fixture->count < FIXTURE_FILES_MAX);
	bytes_put(text, data, len);
	fixture->files[fixture->count++] = (struct document_input){ name,
		document_kind_of_name(name), text->data, text->len };
}

void
fixture_add_text(struct fixture *fixture, const char *name, const char *text)
{
	fixture_add(fixture, name, text, strlen(text));
}

void
fixture_add_sample(struct fixture *fixture, const char *name,
    const char *sample)
{
	char path[4096];
	struct bytes text = { 0 };
	struct error err = { 0 };
	int fd;

	snprintf(path, sizeof(path), "%s/data/samples/%s",
	    getenv("SOURCE_ROOT"), sample);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(document_load(fd, document_kind_of_name(name), &text,
			     &err),
	    0);
	close(fd);
	fixture_add(fixture, name, text.data, text.len);
	bytes_free(&text);
}

/* Put `to` in the place of the first `from` of file `index`. */
void
fixture_change(struct fixture *fixture, size_t index, const char *from,
    const char *to)
{
	struct bytes *text = &fixture->texts[index];
	struct bytes changed = { 0 };
	char *found;

	bytes_put_u8(text, 0);
	found = strstr((char *)text->data, from);
	assert_non_null(found);
	bytes_put(&changed, text->data,
	    (size_t)((uint8_t *)found - text->data));
	bytes_put_text(&changed, to);
	bytes_put_text(&changed, found + strlen(from));
	bytes_free(text);
	*text = changed;
	fixture->files[index].data = text->data;
	fixture->files[index].len = text->len;
}

/* DTDs that were read before find just what those read for it do. */
static void
check_with_set(const struct fixture *fixture,
    const struct document_report *expected)
{
	struct document_report *report = NULL;
	struct dtd_set *dtds = NULL;
	struct error err = { 0 };

	assert_int_equal(dtd_set_new(&dtds, &err), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(document_check(fixture->files, fixture->count,
				     dtds, &report, &err),
		    0);
		assert_int_equal(report->accepted, expected->accepted);
		assert_int_equal(report->finding_count,
		    expected->finding_count);
		for (size_t j = 0; j < report->finding_count; j++) {
			const struct finding *was = &expected->findings[j];
			const struct finding *is = &report->findings[j];

			assert_string_equal(is->rule, was->rule);
			assert_string_equal(is->argument, was->argument);
			assert_string_equal(is->path, was->path);
		}
		document_report_free(report);
	}
	dtd_set_free(dtds);
}

void
fixture_check(struct fixture *fixture)
{
	struct error err = { 0 };

	document_report_free(fixture->report);
	fixture->report = NULL;
	assert_int_equal(document_check(fixture->files, fixture->count, NULL,
			     &fixture->report, &err),
	    0);
	check_with_set(fixture, fixture->report);
}

void
fixture_discard(struct fixture *fixture)
{
	document_report_free(fixture->report);
	for (size_t i = 0; i < fixture->count; i++)
		bytes_free(&fixture->texts[i]);
	memset(fixture, 0, sizeof(*fixture));
}

const struct finding *
fixture_find(const struct fixture *fixture, const char *rule)
{
	for (size_t i = 0; i < fixture->report->finding_count; i++)
		if (strcmp(fixture->report->findings[i].rule, rule) == 0)
			return &fixture->report->findings[i];
	return NULL;
}

/* For reading its fields: a finding that equals none if there is none. */
const struct finding *
fixture_the(const struct fixture *fixture, const char *rule)
{
	static const struct finding none = { .rule = "",
		.file = "",
		.path = "",
		.argument = "nothing found" };
	const struct finding *finding = fixture_find(fixture, rule);

	return finding == NULL ? &none : finding;
}

size_t
fixture_count(const struct fixture *fixture, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < fixture->report->finding_count; i++)
		count += strcmp(fixture->report->findings[i].rule, rule) == 0;
	return count;
}

void
fixture_assert_accepted(const struct fixture *fixture)
{
	const struct document_report *report = fixture->report;

	for (size_t i = 0; i < report->finding_count; i++)
		if (report->findings[i].severity == FINDING_ERROR)
			fail_msg("%s %s:%u %s %s", report->findings[i].rule,
			    report->findings[i].file, report->findings[i].line,
			    report->findings[i].path,
			    report->findings[i].argument);
	assert_true(report->accepted);
}

void
fixture_assert_refused(const struct fixture *fixture, const char *rule)
{
	assert_false(fixture->report->accepted);
	if (fixture_find(fixture, rule) != NULL)
		return;
	for (size_t i = 0; i < fixture->report->finding_count; i++)
		print_message("# %s %s\n", fixture->report->findings[i].rule,
		    fixture->report->findings[i].argument);
	fail_msg("no finding %s", rule);
}

const char fixture_pdf[] = "%PDF-1.7\n";
const size_t fixture_pdf_len = sizeof(fixture_pdf) - 1;
const char fixture_odt[] =
    "PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "mimetypeapplication/vnd.oasis.opendocument.text";
const size_t fixture_odt_len = sizeof(fixture_odt) - 1;

/* DI, two rosters, two attachments. */
void
fixture_add_letter(struct fixture *fixture, const char *sample)
{
	fixture_add_sample(fixture, "1.di", sample);
	fixture_add_sample(fixture, "1.sw", "rendered_04_letter_multi.sw");
	fixture_add_sample(fixture, "2.sw", "rendered_05_letter_noattach.sw");
	fixture_add(fixture, "376490000A_1150012345A0C_ATTCH1.pdf", fixture_pdf,
	    fixture_pdf_len);
	fixture_add(fixture, "376490000A_1150012345A0C_ATTCH2.odt", fixture_odt,
	    fixture_odt_len);
}

struct fixture
fixture_letter(void)
{
	struct fixture fixture = { 0 };

	fixture_add_letter(&fixture, "rendered_03_letter_multi.di");
	return fixture;
}

void
fixture_assert_rules(const struct fixture *fixture, const char *const *rules)
{
	size_t count = 0;

	for (; rules[count] != NULL; count++)
		if (fixture_find(fixture, rules[count]) == NULL)
			fail_msg("no finding %s", rules[count]);
	for (size_t i = 0; i < fixture->report->finding_count; i++) {
		const struct finding *finding = &fixture->report->findings[i];
		size_t k = 0;

		while (k < count && strcmp(rules[k], finding->rule) != 0)
			k++;
		if (k == count)
			fail_msg("found %s %s:%u %s %s", finding->rule,
			    finding->file, finding->line, finding->path,
			    finding->argument);
	}
}

void
fixture_put_roster(struct fixture *fixture, const char *name,
    const char *entries)
{
	struct bytes text = { 0 };

	bytes_put_format(&text,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 交換表單 SYSTEM \"104_roster_utf8.dtd\">\n"
	    "<交換表單>%s</交換表單>\n",
	    entries);
	fixture_add(fixture, name, text.data, text.len);
	bytes_free(&text);
}

struct fixture
fixture_meeting(void)
{
	struct fixture fixture = { 0 };

	fixture_add_sample(&fixture, "1.di", "rendered_09_meeting.di");
	fixture_put_roster(&fixture, "1.sw",
	    "<全銜>國家發展委員會檔案管理局</全銜>"
	    "<機關代碼>A41010000A</機關代碼>"
	    "<全銜>臺北市政府</全銜><機關代碼>379000000A</機關代碼>"
	    "<全銜>國立臺灣大學</全銜><機關代碼>A09670000Q</機關代碼>"
	    "<單位名>內政部戶政司</單位名><機關代碼>A01000000A</機關代碼>"
	    "<單位代碼>U610000</單位代碼><含附件>含附件</含附件>");
	fixture_add(&fixture, "A29000000G_1150098765_ATTCH1.pdf", fixture_pdf,
	    fixture_pdf_len);
	return fixture;
}

struct fixture
fixture_survey(void)
{
	struct fixture fixture = { 0 };

	fixture_add_sample(&fixture, "1.di", "rendered_10_survey.di");
	fixture_put_roster(&fixture, "1.sw",
	    "<全銜>內政部</全銜><機關代碼>A01000000A</機關代碼>"
	    "<全銜>新北市政府</全銜><機關代碼>382000000A</機關代碼>");
	return fixture;
}

struct fixture
fixture_notice(void)
{
	struct fixture fixture = { 0 };

	fixture_add_sample(&fixture, "1.di", "rendered_11_notice.di");
	fixture_add(&fixture, "A01000000A_1150000003_ATTCH1.odt", fixture_odt,
	    fixture_odt_len);
	return fixture;
}

void
fixture_assert_reader(const struct document_reader *reader,
    enum reader_kind kind, const char *name, bool with_attachments)
{
	assert_int_equal(reader->kind, kind);
	assert_string_equal(reader->name, name);
	assert_int_equal(reader->with_attachments, with_attachments);
}

void
fixture_assert_item(const struct document_item *item, const char *number,
    const char *text)
{
	assert_string_equal(item->number, number);
	assert_string_equal(item->text, text);
	assert_int_equal(item->item_count, 0);
}
