/*
 * EN and ESW of the former exchange: what they say, and what is wrong in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/document_fixture.h"

static const char *const nothing[] = { NULL };

static struct fixture
envelope(void)
{
	struct fixture fixture = { 0 };

	fixture_add_sample(&fixture, "1.en", "rendered_16_envelope.en");
	return fixture;
}

static struct fixture
encrypt_switch(void)
{
	struct fixture fixture = { 0 };

	fixture_add_sample(&fixture, "1.ESW", "rendered_17_encrypt_switch.esw");
	return fixture;
}

static void
an_envelope_is_read_whole(void **state)
{
	struct fixture fixture = envelope();
	const struct old_envelope *read;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	assert_null(fixture.report->document);
	assert_int_equal(fixture.report->envelope_count, 1);
	read = &fixture.report->envelopes[0];
	assert_string_equal(read->name, "1.en");
	assert_int_equal(read->kind, OLD_ENVELOPE_EN);
	assert_string_equal(read->sender.code.text, "376490000A");
	assert_string_equal(read->sender.name, "雲林縣政府");
	assert_int_equal(read->receiver_count, 2);
	assert_string_equal(read->receivers[1].code.text, "376530000A");
	assert_string_equal(read->receivers[1].name, "屏東縣政府");
	assert_string_equal(read->service, "DOC");
	assert_string_equal(read->application, "1150012345");
	assert_string_equal(read->subject,
	    "檢送「115年度公文電子交換作業說明會」簡報及報名表各1份，"
	    "請查照並轉知所屬。");
	assert_string_equal(read->expires, "2026-12-20 23:59:59");
	assert_int_equal(read->file_count, 3);
	assert_string_equal(read->files[2].name,
	    "376490000A_1150012345A0C_ATTCH1.pdf");
	assert_true(read->files[2].needs_signature);
	assert_string_equal(read->files[2].algorithm, "SHA256");
	assert_int_equal(strlen(read->files[2].hash), 64);
	assert_string_equal(read->files[2].note, "");
	assert_int_equal(read->card_count, 0);
	fixture_discard(&fixture);
}

static void
an_encrypt_switch_is_read_whole(void **state)
{
	struct fixture fixture = encrypt_switch();
	const struct old_envelope *read;

	(void)state;
	fixture_check(&fixture);

	fixture_assert_accepted(&fixture);
	fixture_assert_rules(&fixture, nothing);
	read = &fixture.report->envelopes[0];
	assert_int_equal(read->kind, OLD_ENVELOPE_ESW);
	assert_int_equal(read->card_count, 2);
	assert_string_equal(read->cards[1].code.text, "376530000A");
	assert_string_equal(read->cards[1].type, "GCA");
	assert_string_equal(read->cards[1].number, "GA00000000000002");
	assert_string_equal(read->cards[1].method, "RSA");
	assert_int_equal(read->cards[1].key_len, 4);
	assert_int_equal(read->receiver_count, 0);
	fixture_discard(&fixture);
}

static void
what_is_wrong_in_an_envelope_is_told(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *rule;
	} faults[] = {
		{ "<g2b2c-envelope>",
		    "<!DOCTYPE x SYSTEM \"y.dtd\">"
		    "<g2b2c-envelope>",
		    "E2023" },
		{ "<orgid>376470000A</orgid>", "<orgid>3764</orgid>", "E2110" },
		{ "<orgid>376470000A</orgid>", "", "E2108" },
		{ "<unitid></unitid>", "<unitid>x</unitid>", "E2110" },
		{ "<senderinfo>", "<senderinfo2/><senderinfo>", NULL },
		{ "<filename>1.di</filename>", "<filename>../1.di</filename>",
		    "E2120" },
		{ "<filename>1.di</filename>", "", "E2108" },
		{ "\">0000", "\">xyz", "E2157" },
		{ "algorithm=\"SHA256\"", "algorithm=\"MD5\"", "E2157" },
		{ "2026-12-20 23:59:59", "2026-12-20", "E2157" },
		{ "2026-12-20 23:59:59", "2026-13-20 23:59:59", "E2157" },
		{ "2026-12-20 23:59:59", "2026-12-20 23:59:5\xe4\xb8\x80",
		    "E2157" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct fixture fixture = envelope();

		fixture_change(&fixture, 0, faults[i].from, faults[i].to);
		fixture_check(&fixture);
		if (faults[i].rule == NULL)
			fixture_assert_accepted(&fixture);
		else
			assert_non_null(fixture_find(&fixture, faults[i].rule));
		fixture_discard(&fixture);
	}
}

static void
an_encrypt_switch_without_a_key_is_told(void **state)
{
	struct fixture fixture = encrypt_switch();

	(void)state;
	fixture_change(&fixture, 0, "<CipherData>AAAA</CipherData>", "");
	fixture_check(&fixture);
	assert_non_null(fixture_find(&fixture, "E2157"));
	fixture_discard(&fixture);
}

static void
another_root_is_no_envelope(void **state)
{
	struct fixture fixture = { 0 };

	(void)state;
	fixture_add_text(&fixture, "1.en", "<html/>");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2156");
	assert_int_equal(fixture.report->envelope_count, 0);
	fixture_discard(&fixture);
}

/* T-XML-01: the same pre-scan as for everything else. */
static void
an_envelope_hides_no_entity(void **state)
{
	struct fixture fixture = { 0 };

	(void)state;
	fixture_add_text(&fixture, "1.en",
	    "<!DOCTYPE g2b2c-envelope SYSTEM \"en.dtd\" ["
	    "<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"
	    "<g2b2c-envelope>&a;</g2b2c-envelope>");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2008");
	fixture_assert_refused(&fixture, "E2009");
	fixture_discard(&fixture);
}

static void
an_envelope_belongs_to_no_letter(void **state)
{
	struct fixture fixture = fixture_letter();

	(void)state;
	fixture_add_sample(&fixture, "1.en", "rendered_16_envelope.en");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2124");
	fixture_discard(&fixture);
	fixture = envelope();
	fixture_add_sample(&fixture, "1.esw", "rendered_17_encrypt_switch.esw");
	fixture_add_sample(&fixture, "2.esw", "rendered_17_encrypt_switch.esw");
	fixture_check(&fixture);
	fixture_assert_refused(&fixture, "E2129");
	fixture_discard(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_is_read_whole),
		cmocka_unit_test(an_encrypt_switch_is_read_whole),
		cmocka_unit_test(what_is_wrong_in_an_envelope_is_told),
		cmocka_unit_test(an_encrypt_switch_without_a_key_is_told),
		cmocka_unit_test(another_root_is_no_envelope),
		cmocka_unit_test(an_envelope_hides_no_entity),
		cmocka_unit_test(an_envelope_belongs_to_no_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
