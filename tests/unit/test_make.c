#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/dtd.h"
#include "document/finding.h"
#include "document/make.h"
#include "document/pool.h"
#include "harness/document_fixture.h"
#include "harness/random_document.h"

enum { ROUNDS = 400 }; /* of each kind; `make campaign` sets MAKE_ROUNDS */

static const enum doc_kind kinds[] = { DOC_KIND_LETTER, DOC_KIND_ORDER,
	DOC_KIND_NOTICE, DOC_KIND_MEETING, DOC_KIND_SURVEY, DOC_KIND_MEMO };

/* One making: the pool and the findings of it, and what came out. */
struct made {
	struct pool pool;
	struct findings findings;
	struct bytes bytes;
	int rc;
};

static void
set_up(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->findings.pool = &made->pool;
}

static void
tear_down(struct made *made)
{
	bytes_free(&made->bytes);
	pool_free(&made->pool);
}

static size_t
rounds(void)
{
	const char *text = getenv("MAKE_ROUNDS");
	uint64_t count;

	return text != NULL && text_parse_u64(text, 100000000, &count)
	    ? (size_t)count
	    : ROUNDS;
}

/* A letter that lacks nothing, to be spoiled. */
static struct document
plain_letter(void)
{
	static const struct document_sender senders[] = { { "雲林縣政府",
	    { "376490000A" } } };
	static const struct ref_no ref_nos[] = { { "府計字", "115", "0012345",
	    "", "" } };
	static const char *const contacts[] = { "承辦人：王○○" };
	static const struct document_reader originals[] = {
		{ .kind = READER_ORG, .name = "彰化縣政府", .title = "" }
	};
	static const struct document_file rosters[] = { { "", "1.sw", 0, 0 } };

	return (struct document){ .name = "1.di",
		.class_name = "",
		.senders = senders,
		.sender_count = 1,
		.ref_nos = ref_nos,
		.ref_no_count = 1,
		.issued_text = "",
		.issued = { 115, 11, 20 },
		.secrecy = "",
		.declassify = "",
		.subject = "檢送資料1份，請查照。",
		.address = "雲林路",
		.contacts = contacts,
		.contact_count = 1,
		.addressee = "",
		.attachment_note = "",
		.rosters = rosters,
		.roster_count = 1,
		.originals = originals,
		.original_count = 1,
		.venue = "",
		.unit = "",
		.handling = "",
		.signed_text = "" };
}

static void
write_letter(struct made *made, const struct document *document)
{
	struct error err = { 0 };

	set_up(made);
	made->rc = document_write(document, NULL, &made->pool, &made->findings,
	    &made->bytes, &err);
}

static const struct finding *
find(const struct made *made, const char *rule)
{
	for (size_t i = 0; i < made->findings.count; i++)
		if (text_equal(made->findings.items[i].rule, rule))
			return &made->findings.items[i];
	return NULL;
}

/* Refused for `rule` at `path`, with nothing written. */
static void
assert_refused(const struct document *document, const char *rule,
    const char *path)
{
	const struct finding *finding;
	struct made made;

	write_letter(&made, document);
	finding = find(&made, rule);
	if (made.rc != 0 || finding == NULL ||
	    !text_equal(finding->path, path)) {
		for (size_t i = 0; i < made.findings.count; i++)
			print_message("%s %s %s\n", made.findings.items[i].rule,
			    made.findings.items[i].path,
			    made.findings.items[i].argument);
		print_message("wanted %s %s, rc %d\n", rule, path, made.rc);
		fail();
	}
	assert_int_equal(made.bytes.len, 0);
	tear_down(&made);
}

static bool
holds(const struct made *made, const char *text)
{
	struct bytes copy = { 0 };
	bool found;

	bytes_put(&copy, made->bytes.data, made->bytes.len);
	bytes_put_u8(&copy, 0);
	found = strstr((const char *)copy.data, text) != NULL;
	bytes_free(&copy);
	return found;
}

/* ---- numbers --------------------------------------------------------- */

static void
assert_number(size_t depth, size_t nth, const char *expected)
{
	struct bytes bytes = { 0 };

	assert_true(make_item_number(depth, nth, &bytes));
	bytes_put_u8(&bytes, 0);
	assert_string_equal((const char *)bytes.data, expected);
	bytes_free(&bytes);
}

static void
items_are_numbered_by_their_place(void **state)
{
	struct bytes none = { 0 };

	(void)state;
	assert_number(0, 1, "一、");
	assert_number(0, 10, "十、");
	assert_number(0, 11, "十一、");
	assert_number(0, 20, "二十、");
	assert_number(0, 21, "二十一、");
	assert_number(0, 99, "九十九、");
	assert_number(0, 100, "一百、");
	assert_number(0, 101, "一百零一、");
	assert_number(0, 110, "一百一十、");
	assert_number(0, 112, "一百一十二、");
	assert_number(0, 999, "九百九十九、");
	assert_number(1, 12, "(十二)");
	assert_number(2, 10, "10、");
	assert_number(3, 3, "(3)");
	assert_number(4, 1, "甲、");
	assert_number(5, 10, "(癸)");
	assert_false(make_item_number(0, 1000, &none));
	assert_false(make_item_number(0, 0, &none));
	assert_false(make_item_number(4, 11, &none));
	assert_false(make_item_number(6, 1, &none));
	assert_int_equal(none.len, 0);
}

/* ---- what is written ------------------------------------------------- */

static void
a_letter_is_written_as_other_systems_write_it(void **state)
{
	static const struct document_file files[] = { { "", "a.pdf", 0, 0 },
		{ "", "b.odt", 0, 0 } };
	static const struct document_file message = { "", "1.dm", 0, 0 };
	static const struct document_item inner[] = { { "", "內", NULL, 0 },
		{ "", "二", NULL, 0 } };
	static const struct document_item items[] = { { "", "外", inner, 2 } };
	static const struct document_section sections[] = { { "說明：", "",
	    items, 1 } };
	struct document letter = plain_letter();
	struct made made;

	(void)state;
	letter.attachments = files;
	letter.attachment_count = 2;
	letter.message = &message;
	letter.sections = sections;
	letter.section_count = 1;
	letter.attachment_note = "如 <說明> & \"文\"";
	write_letter(&made, &letter);
	assert_int_equal(made.rc, 1);
	assert_int_equal(made.findings.count, 0);
	assert_true(holds(&made,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [\n"
	    "<!ENTITY ATTCH1 SYSTEM \"a.pdf\" NDATA _X>\n"
	    "<!ENTITY ATTCH2 SYSTEM \"b.odt\" NDATA _X>\n"
	    "<!ENTITY 表單 SYSTEM \"1.sw\" NDATA DI>\n"
	    "<!ENTITY 文書訊息表單 SYSTEM \"1.dm\" NDATA DM>\n"
	    "<!NOTATION DI SYSTEM \"\">\n"
	    "<!NOTATION _X SYSTEM \"\">\n"
	    "<!NOTATION DM SYSTEM \"\">\n"
	    "]>\n<函>\n<發文機關><全銜>雲林縣政府</全銜>"));
	assert_true(holds(&made, "<函類別 代碼=\"函\"/>"));
	assert_true(holds(&made,
	    "<受文者><交換表 交換表單=\"表單\">如正副本行文單位</交換表>"));
	assert_true(holds(&made, "<年月日>中華民國115年11月20日</年月日>"));
	assert_true(holds(&made,
	    "<附件><文字>如 &lt;說明&gt; &amp; \"文\"</文字>"
	    "<附件檔名 附件名=\"ATTCH1 ATTCH2\"/></附件>"));
	assert_true(holds(&made,
	    "<條列 序號=\"一、\"><文字>外</文字>\n"
	    "<條列 序號=\"(一)\"><文字>內</文字></條列>\n"
	    "<條列 序號=\"(二)\">"));
	tear_down(&made);
}

static void
an_empty_form_keeps_to_what_is_there(void **state)
{
	struct doc_message message = { "1.dm", DOC_MESSAGE_ERROR, "誤送", 0 };
	struct error err = { 0 };
	struct made made;

	(void)state;
	set_up(&made);
	assert_int_equal(doc_message_write(&message, &made.pool, &made.findings,
			     &made.bytes, &err),
	    1);
	assert_true(holds(&made, "<文書訊息代碼 代碼=\"4\"/>"));
	assert_true(holds(&made, "SYSTEM \"104_DM_utf8.dtd\">"));
	tear_down(&made);
	set_up(&made);
	message.code = (enum doc_message_code)7;
	assert_int_equal(doc_message_write(&message, &made.pool, &made.findings,
			     &made.bytes, &err),
	    0);
	assert_non_null(find(&made, "E2140"));
	assert_int_equal(made.bytes.len, 0);
	tear_down(&made);
}

/* ---- what is refused ------------------------------------------------- */

static void
a_text_that_xml_cannot_carry_is_told_not_changed(void **state)
{
	static const char *const bad[] = { "a\x01z", "a\x1bz", "a\x7fz",
		"a\xc2\x80z",         /* C1 */
		"a\xed\xa0\x80z",     /* a lone surrogate */
		"a\xed\xb0\x80",      /* the other half */
		"a\xef\xbf\xbe",      /* U+FFFE */
		"a\xef\xb7\x90",      /* U+FDD0 */
		"a\xf0\x9f\xbf\xbf",  /* U+1FFFF */
		"a\xf4\x8f\xbf\xbe",  /* U+10FFFE */
		"a\xff", "a\xc0\x80", /* no UTF-8 */
		"a\xf4\x90\x80\x80" };
	struct document letter = plain_letter();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		letter.subject = bad[i];
		assert_refused(&letter, "E2170", "/函/主旨/文字");
	}
}

static void
what_is_missing_or_wrong_is_told_with_its_place(void **state)
{
	static const struct document_sender no_code[] = { { "某府",
	    { "12" } } };
	static const struct ref_no bad_year[] = { { "字", "一一五", "1", "",
	    "" } };
	struct document letter = plain_letter();

	(void)state;
	letter.subject = " \n";
	assert_refused(&letter, "E2114", "/函/主旨/文字");
	letter = plain_letter();
	letter.senders = no_code;
	assert_refused(&letter, "E2110", "/函/發文機關[1]/機關代碼");
	letter = plain_letter();
	letter.sender_count = 0;
	assert_refused(&letter, "E2108", "/函");
	letter = plain_letter();
	letter.ref_nos = bad_year;
	assert_refused(&letter, "E2111", "/函/發文字號/文號");
	letter = plain_letter();
	letter.issued = (struct roc_date){ 115, 2, 30 };
	assert_refused(&letter, "E2112", "/函/發文日期/年月日");
	letter = plain_letter();
	letter.roster_count = 0;
	assert_refused(&letter, "E2130", "/函/受文者");
	letter = plain_letter();
	letter.class_name = "情書";
	assert_refused(&letter, "E2105", "/函/函類別");
	letter = plain_letter();
	letter.secrecy = "密";
	assert_refused(&letter, "E2201", "/函/密等及解密條件或保密期限/密等");
	letter = plain_letter();
	letter.name = "../1.di";
	assert_refused(&letter, "E2120", "");
	letter = plain_letter();
	letter.kind = DOC_KIND_ROSTER;
	assert_refused(&letter, "E2020", "");
}

static void
a_field_that_the_kind_has_not_is_no_silent_loss(void **state)
{
	struct document letter = plain_letter();

	(void)state;
	letter.venue = "會議室";
	assert_refused(&letter, "E2174", "/函");
	letter = plain_letter();
	letter.handling = "1";
	assert_refused(&letter, "E2174", "/函");
	letter = plain_letter();
	letter.unit = "人事處";
	assert_refused(&letter, "E2174", "/函");
}

static void
names_of_files_are_checked_and_cannot_end_the_doctype(void **state)
{
	struct document_file files[2] = { { "", "a.pdf", 0, 0 },
		{ "", "A.PDF", 0, 0 } };
	struct document letter = plain_letter();

	(void)state;
	letter.attachments = files;
	letter.attachment_count = 2;
	assert_refused(&letter, "E2127", "");
	files[1].name = "invoice.pdf.exe";
	assert_refused(&letter, "E2121", "");
	files[1].name = "a\" NDATA _X><!ENTITY x SYSTEM \"b.pdf";
	assert_refused(&letter, "E2120", "");
	files[1].name = "b.sw";
	assert_refused(&letter, "E2120", "");
	files[1].name = "b.pdf";
	files[1].entity = "x SYSTEM \"y\"><!ENTITY z";
	assert_refused(&letter, "E2012", "");
	files[1].entity = "1a";
	assert_refused(&letter, "E2012", "");
	files[1].entity = "ATTCH1";
	assert_refused(&letter, "E2012", "");
}

static void
items_nested_too_deep_or_too_many_are_refused(void **state)
{
	struct document_item chain[MAKE_ITEM_DEPTH_MAX + 1];
	static struct document_item many[1000];
	struct document_section section = { "說明：", "", chain, 1 };
	struct document letter = plain_letter();
	struct made made;

	(void)state;
	letter.sections = &section;
	letter.section_count = 1;
	for (size_t i = 0; i <= MAKE_ITEM_DEPTH_MAX; i++)
		chain[i] = (struct document_item){ "", "深", &chain[i + 1],
			i < MAKE_ITEM_DEPTH_MAX - 1 };
	write_letter(&made, &letter);
	assert_int_equal(made.rc, 1);
	assert_true(holds(&made, "序號=\"(甲)\""));
	tear_down(&made);
	chain[MAKE_ITEM_DEPTH_MAX - 1].item_count = 1;
	assert_refused(&letter, "E2172",
	    "/函/段落[1]/條列[1]/條列[1]/條列[1]/條列[1]/條列[1]/條列[1]");
	for (size_t i = 0; i < 1000; i++)
		many[i] = (struct document_item){ "", "多", NULL, 0 };
	section.items = many;
	section.item_count = 1000;
	assert_refused(&letter, "E2173", "/函/段落[1]");
}

static void
a_letter_longer_than_readers_take_is_not_made(void **state)
{
	struct document letter = plain_letter();
	struct document_section section = { "說明：", NULL, NULL, 0 };
	char *text = malloc(LETTER_LEN_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', LETTER_LEN_MAX);
	text[LETTER_LEN_MAX] = '\0';
	section.text = text;
	letter.sections = &section;
	letter.section_count = 1;
	assert_refused(&letter, "E2001", "");
	section.text = "";
	section.label = text;
	assert_refused(&letter, "E2011", "/函/段落[1]");
	free(text);
}

static void
a_roster_needs_recipients_with_codes(void **state)
{
	struct roster_entry entry = { .name = "某府",
		.code = { "376470000a" },
		.copy = "正本",
		.body_file = "",
		.file = "" };
	struct roster roster = { .name = "1.sw", .entries = &entry };
	struct error err = { 0 };
	struct made made;

	(void)state;
	set_up(&made);
	assert_int_equal(roster_write(&roster, NULL, &made.pool, &made.findings,
			     &made.bytes, &err),
	    0);
	assert_non_null(find(&made, "E2130"));
	roster.count = 1;
	entry.copy = "複本";
	assert_int_equal(roster_write(&roster, NULL, &made.pool, &made.findings,
			     &made.bytes, &err),
	    0);
	assert_non_null(find(&made, "E2110"));
	assert_non_null(find(&made, "E2105"));
	assert_int_equal(made.bytes.len, 0);
	tear_down(&made);
}

/* ---- what is made is read again -------------------------------------- */

static struct document_input
input_of(const struct made *made, const char *name)
{
	return (struct document_input){ name, document_kind_of_name(name),
		made->bytes.data, made->bytes.len };
}

static void
print_findings(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		print_message("%s line %u %s %s\n", findings->items[i].rule,
		    findings->items[i].line, findings->items[i].path,
		    findings->items[i].argument);
}

/* Nothing but what the texts of chance bring about. */
static bool
is_clean(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const char *rule = findings->items[i].rule;

		/* An unusual number, a weekday that is not that day's. */
		if (!text_equal(rule, "E2118") && !text_equal(rule, "E2152"))
			return false;
	}
	return true;
}

static void
check_document(uint64_t seed, enum doc_kind kind, const struct dtd_set *dtds)
{
	struct random random = random_from(seed);
	struct document document;
	struct document again;
	struct document_input input;
	const char *difference = "not read";
	struct error err = { 0 };
	struct made made;

	set_up(&made);
	random_document(&random, &made.pool, kind, &document);
	made.rc = document_write(&document, dtds, &made.pool, &made.findings,
	    &made.bytes, &err);
	input = input_of(&made, "1.di");
	if (made.rc == 1 &&
	    letter_read(&input, dtds, &made.pool, &made.findings, &again,
		&err) == 1)
		difference = document_difference(&document, &again);
	if (difference != NULL || !is_clean(&made.findings)) {
		print_findings(&made.findings);
		print_message("seed %llu kind %d: %s\n%.*s\n",
		    (unsigned long long)seed, (int)kind, difference,
		    (int)made.bytes.len, (const char *)made.bytes.data);
		fail();
	}
	tear_down(&made);
}

static void
documents_of_every_kind_come_back_as_they_were_made(void **state)
{
	struct dtd_set *dtds = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(dtd_set_new(&dtds, &err), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (uint64_t seed = 0; seed < rounds(); seed++)
			check_document(seed, kinds[i], dtds);
	dtd_set_free(dtds);
}

static void
check_roster(uint64_t seed, const struct dtd_set *dtds)
{
	struct random random = random_from(seed);
	const char *difference = "not read";
	struct document_input input;
	struct error err = { 0 };
	struct roster roster;
	struct roster again;
	struct made made;

	set_up(&made);
	random_roster(&random, &made.pool, &roster);
	made.rc = roster_write(&roster, dtds, &made.pool, &made.findings,
	    &made.bytes, &err);
	input = input_of(&made, "1.sw");
	if (made.rc == 1 &&
	    roster_read(&input, dtds, &made.pool, &made.findings, &again,
		&err) == 1)
		difference = roster_difference(&roster, &again);
	if (difference != NULL || made.findings.count > 0) {
		print_findings(&made.findings);
		print_message("seed %llu: %s\n", (unsigned long long)seed,
		    difference);
		fail();
	}
	tear_down(&made);
}

static void
check_message(uint64_t seed)
{
	struct random random = random_from(seed);
	struct document_input input;
	struct error err = { 0 };
	struct doc_message message;
	struct doc_message again;
	struct made made;

	set_up(&made);
	random_doc_message(&random, &made.pool, &message);
	assert_int_equal(doc_message_write(&message, &made.pool, &made.findings,
			     &made.bytes, &err),
	    1);
	input = input_of(&made, "1.dm");
	assert_int_equal(doc_message_read(&input, &made.pool, &made.findings,
			     &again, &err),
	    1);
	assert_int_equal(made.findings.count, 0);
	assert_int_equal(again.code, message.code);
	assert_string_equal(again.remark, message.remark);
	tear_down(&made);
}

static void
rosters_and_messages_come_back_as_they_were_made(void **state)
{
	struct dtd_set *dtds = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(dtd_set_new(&dtds, &err), 0);
	for (uint64_t seed = 0; seed < rounds(); seed++) {
		check_roster(seed, dtds);
		check_message(seed);
	}
	dtd_set_free(dtds);
}

static void
samples_come_back_as_they_were_read(void **state)
{
	static const char *const samples[] = { "real_01_sign_1131000908.di",
		"rendered_03_letter_multi.di", "rendered_06_letter_resend.di",
		"rendered_09_meeting.di", "rendered_10_survey.di",
		"rendered_11_notice.di" };

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct fixture fixture = { 0 };
		struct document first;
		struct document again;
		struct document_input input;
		const char *difference;
		struct error err = { 0 };
		struct made made;

		set_up(&made);
		fixture_add_sample(&fixture, "1.di", samples[i]);
		assert_int_equal(letter_read(&fixture.files[0], NULL,
				     &made.pool, &made.findings, &first, &err),
		    1);
		made.rc = document_write(&first, NULL, &made.pool,
		    &made.findings, &made.bytes, &err);
		print_findings(&made.findings);
		assert_int_equal(made.rc, 1);
		input = input_of(&made, "1.di");
		assert_int_equal(letter_read(&input, NULL, &made.pool,
				     &made.findings, &again, &err),
		    1);
		difference = document_difference(&first, &again);
		if (difference != NULL)
			print_message("%s: %s\n", samples[i], difference);
		assert_null(difference);
		tear_down(&made);
		fixture_discard(&fixture);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_numbered_by_their_place),
		cmocka_unit_test(a_letter_is_written_as_other_systems_write_it),
		cmocka_unit_test(an_empty_form_keeps_to_what_is_there),
		cmocka_unit_test(
		    a_text_that_xml_cannot_carry_is_told_not_changed),
		cmocka_unit_test(
		    what_is_missing_or_wrong_is_told_with_its_place),
		cmocka_unit_test(
		    a_field_that_the_kind_has_not_is_no_silent_loss),
		cmocka_unit_test(
		    names_of_files_are_checked_and_cannot_end_the_doctype),
		cmocka_unit_test(items_nested_too_deep_or_too_many_are_refused),
		cmocka_unit_test(a_letter_longer_than_readers_take_is_not_made),
		cmocka_unit_test(a_roster_needs_recipients_with_codes),
		cmocka_unit_test(
		    documents_of_every_kind_come_back_as_they_were_made),
		cmocka_unit_test(
		    rosters_and_messages_come_back_as_they_were_made),
		cmocka_unit_test(samples_come_back_as_they_were_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
