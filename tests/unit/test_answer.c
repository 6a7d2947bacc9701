#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/answer.h"
#include "cli/cli.h"

static const char id[] = "01a205dd-7d09-7fce-b9d4-a4d154863e54";

/* The document's text, or its line of a list, NUL at the end. */
static struct bytes
text_of(const char *json, bool is_chinese, bool is_line)
{
	struct cli cli = { .is_chinese = is_chinese };
	struct json_document *document;
	struct bytes text = { 0 };
	struct error err = { 0 };

	assert_int_equal(json_read(json, strlen(json), 65536, &document, &err),
	    0);
	if (is_line)
		answer_put_line(&cli, json_root(document), &text);
	else
		answer_put_document(&cli, json_root(document), &text);
	bytes_put_u8(&text, '\0');
	assert_int_equal(bytes_failed(&text, &err), 0);
	json_document_free(document);
	return text;
}

static void
the_timeline_of_each_recipient_comes_last(void **state)
{
	static const char json[] =
	    "{\"id\":\"01a205dd-7d09-7fce-b9d4-a4d154863e54\","
	    "\"reference\":\"府字第1號\",\"subject\":\"測試\","
	    "\"sender\":\"376490000A\",\"sender_name\":\"示範縣政府\","
	    "\"state\":\"sent\",\"deliveries\":["
	    "{\"recipient\":\"376470000A\",\"name\":\"示範區公所\","
	    "\"state\":\"returned\",\"reason\":\"misdirected\","
	    "\"flags\":[\"paper_copy\"],\"events\":["
	    "{\"event\":\"accepted\",\"at\":\"center-a\","
	    "\"time\":\"2026-11-22T03:04:05.000Z\",\"signer\":\"center\"},"
	    "{\"event\":\"opened\",\"at\":\"center-b\","
	    "\"time\":\"2026-11-22T03:05:06.000Z\",\"signer\":\"module\"}]}]}";
	static const char *const parts[] = { "府字第1號  測試\n",
		"376490000A 示範縣政府", "376470000A 示範區公所",
		"已退回：誤送", "[另寄紙本]",
		"115年11月22日 11:04:05  已送出，交換中  center-a (center)\n",
		"115年11月22日 11:05:06  已送達，待對方簽收  center-b" };
	struct bytes text = text_of(json, true, false);
	const char *at = (const char *)text.data;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		at = strstr(at, parts[i]);
		assert_non_null(at);
	}
	bytes_free(&text);
}

static void
words_of_a_letter_do_not_steer_the_terminal(void **state)
{
	static const char json[] =
	    "{\"id\":\"x\",\"reference\":\"\\u001b[2J\","
	    "\"subject\":\"a\\u202efdp\\nb\",\"sender\":\"376490000A\","
	    "\"sender_name\":\"\\u0007\",\"state\":\"\\u001b]0;s\","
	    "\"files\":[{\"name\":\"\\u001b[1m.pdf\",\"length\":1}],"
	    "\"deliveries\":[{\"recipient\":\"\\u001b[1m\",\"name\":\"\\u009b\","
	    "\"state\":\"refused\",\"reason\":\"\\u001b[3m\","
	    "\"flags\":[\"\\u001b[4m\"],\"events\":[{\"event\":\"\\u001b[5m\","
	    "\"at\":\"\\u001b[6m\",\"time\":\"\",\"signer\":\"\\u001b\"}]}]}";
	struct bytes text;

	(void)state;
	for (int is_line = 0; is_line < 2; is_line++) {
		text = text_of(json, false, is_line != 0);
		assert_null(strchr((char *)text.data, '\x1b'));
		assert_null(strchr((char *)text.data, '\a'));
		assert_null(strstr((char *)text.data, "\u202e"));
		bytes_free(&text);
	}
}

static void
states_have_words_in_both_languages(void **state)
{
	struct cli chinese = { .is_chinese = true };
	struct cli english = { .is_chinese = false };

	(void)state;
	assert_string_equal(answer_word(&chinese, "relayed"),
	    "已到對方交換中心");
	assert_string_equal(answer_word(&english, "confirmed"), "signed for");
	assert_string_equal(answer_word(&english, "unheard"), "unheard");
}

static void
names_of_letters_lead_to_one_place(void **state)
{
	static const char *const bad[] = { "", "1", "../health/376470000A",
		"01a205dd-7d09-7fce-b9d4-a4d154863e54/",
		"01a205dd-7d09-7fce-b9d4-a4d154863e54/../../health",
		"01a205dd-7d09-7fce-b9d4-a4d154863e54/376470000A?x",
		"01a205dd-7d09-7fce-b9d4-a4d154863e54/376470000A/files/0" };
	char target[ANSWER_TARGET_SIZE];
	struct answer answer = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(answer_find(&answer,
			     "01a205dd-7d09-7fce-b9d4-a4d154863e54/376470000A",
			     target, &err),
	    0);
	assert_string_equal(target,
	    "/v1/inbox/01a205dd-7d09-7fce-b9d4-a4d154863e54/376470000A");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(answer_find(&answer, bad[i], target, &err),
		    -1);
		assert_string_equal(error_message_id(&err), "E1203");
	}
}

static void
a_line_of_the_inbox_can_be_passed_on(void **state)
{
	struct bytes text =
	    text_of("{\"waybill_id\":\"01a205dd-7d09-7fce-b9d4-a4d154863e54\","
		    "\"recipient\":\"376470000A\",\"state\":\"opened\"}",
		false, true);

	(void)state;
	assert_memory_equal(text.data, id, strlen(id));
	assert_memory_equal(text.data + strlen(id), "/376470000A ", 12);
	bytes_free(&text);
}

static void
a_line_of_the_outbox_counts_its_deliveries(void **state)
{
	struct bytes text = text_of(
	    "{\"id\":\"x\",\"state\":\"sent\",\"subject\":\"a \\\"b\\\"\","
	    "\"deliveries\":[{\"state\":\"confirmed\"},"
	    "{\"state\":\"returned\"},{\"state\":\"confirmed\"}]}",
	    false, true);

	(void)state;
	assert_string_equal((char *)text.data,
	    "x  returned ×1, signed for ×2    a \"b\"\n");
	bytes_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_timeline_of_each_recipient_comes_last),
		cmocka_unit_test(words_of_a_letter_do_not_steer_the_terminal),
		cmocka_unit_test(states_have_words_in_both_languages),
		cmocka_unit_test(names_of_letters_lead_to_one_place),
		cmocka_unit_test(a_line_of_the_inbox_can_be_passed_on),
		cmocka_unit_test(a_line_of_the_outbox_counts_its_deliveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
