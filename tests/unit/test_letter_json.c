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
#include "document/document.h"
#include "document/pool.h"
#include "envelope/bundle.h"
#include "json/json_read.h"
#include "role/reader/letter_json.h"
#include "role/reader/reader_work.h"

enum { PATH_SIZE = 512, FILE_SIZE = 65536, FILES_MAX = 8 };

static void
read_sample(const char *name, struct bytes *to)
{
	char path[PATH_SIZE];
	FILE *file;
	uint8_t *room;

	snprintf(path, sizeof(path), "%s/data/samples/make/%s",
	    getenv("SOURCE_ROOT"), name);
	file = fopen(path, "rb");
	assert_non_null(file);
	room = bytes_extend(to, FILE_SIZE);
	to->len = fread(room, 1, FILE_SIZE, file);
	fclose(file);
}

/* What the reader answers; its blobs live as long as `answer`. */
static struct message_made
make(const void *json, size_t len, struct bytes *answer)
{
	struct message_make request = { blob_of(json, len) };
	struct message_made made;
	struct error err = { 0 };

	assert_int_equal(reader_make(&request, NULL, answer, &err), 0);
	assert_int_equal(codec_decode(message_fields(MESSAGE_MADE),
			     answer->data, answer->len, &made, &err),
	    0);
	return made;
}

/* ---- the files of a bundle ------------------------------------------- */

struct files {
	struct bytes names[FILES_MAX];
	struct bytes data[FILES_MAX];
	size_t count;
	enum bundle_kind kind;
};

static int
begin(void *context, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct files *files = context;

	(void)len;
	(void)err;
	assert_true(files->count < FILES_MAX);
	files->kind = kind;
	return 0;
}

static int
take(void *context, const uint8_t *data, size_t len, struct error *err)
{
	struct files *files = context;

	(void)err;
	bytes_put(files->kind == BUNDLE_NAME ? &files->names[files->count]
					     : &files->data[files->count],
	    data, len);
	return 0;
}

static int
end(void *context, struct error *err)
{
	struct files *files = context;

	(void)err;
	if (files->kind == BUNDLE_NAME)
		bytes_put_u8(&files->names[files->count], 0);
	else
		files->count++;
	return 0;
}

static void
files_read(struct files *files, struct blob bundle)
{
	static const struct bundle_handler handler = { begin, take, end };
	struct bundle_reader reader =
	    bundle_reader_of(BUNDLE_FILES, 1 << 20, &handler, files);
	struct error err = { 0 };

	assert_int_equal(bundle_reader_push(&reader, bundle.data, bundle.len,
			     &err),
	    0);
	assert_int_equal(bundle_reader_finish(&reader, &err), 0);
}

static void
files_free(struct files *files)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		bytes_free(&files->names[i]);
		bytes_free(&files->data[i]);
	}
}

/* ---- tests ----------------------------------------------------------- */

/* What is made is checked as if it were sent, with its attachments. */
static void
assert_accepted(const struct files *files)
{
	static const char pdf[] = "%PDF-1.7\n";
	struct document_input inputs[FILES_MAX + 4];
	struct document_report *report = NULL;
	struct error err = { 0 };
	size_t count = files->count;

	for (size_t i = 0; i < files->count; i++) {
		const char *name = (const char *)files->names[i].data;

		inputs[i] =
		    (struct document_input){ name, document_kind_of_name(name),
			    files->data[i].data, files->data[i].len };
	}
	for (int again = 0; again < 2; again++) {
		document_report_free(report);
		assert_int_equal(document_check(inputs, count, NULL, &report,
				     &err),
		    0);
		assert_non_null(report->document);
		for (size_t i = 0;
		     again == 0 && i < report->document->attachment_count; i++)
			inputs[count++] = (struct document_input){
				text_dup(report->document->attachments[i].name),
				DOCUMENT_ATTACHMENT, (const uint8_t *)pdf,
				sizeof(pdf) - 1
			};
	}
	for (size_t i = 0; i < report->finding_count; i++)
		if (report->findings[i].severity == FINDING_ERROR)
			print_message("%s %s %s\n", report->findings[i].rule,
			    report->findings[i].path,
			    report->findings[i].argument);
	assert_true(report->accepted);
	document_report_free(report);
	for (size_t i = files->count; i < count; i++)
		free((void *)(uintptr_t)inputs[i].name);
}

static void
each_example_becomes_files_that_are_accepted(void **state)
{
	static const struct {
		const char *name;
		size_t files;
		const char *first;
	} examples[] = {
		{ "letter.json", 3, "1.di" },
		{ "resend.json", 3, "2.di" },
		{ "order.json", 2, "1.di" },
		{ "notice.json", 2, "1.di" },
		{ "meeting_notice.json", 2, "1.di" },
		{ "survey_notice.json", 2, "1.di" },
		{ "memo.json", 1, "1.di" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct message_made made;
		struct files files = { 0 };
		struct bytes json = { 0 };
		struct bytes answer = { 0 };

		read_sample(examples[i].name, &json);
		made = make(json.data, json.len, &answer);
		if (!made.is_made)
			print_message("%s: %.*s\n", examples[i].name,
			    (int)made.json.len, (const char *)made.json.data);
		assert_true(made.is_made);
		files_read(&files, made.bundle);
		assert_int_equal(files.count, examples[i].files);
		assert_string_equal((const char *)files.names[0].data,
		    examples[i].first);
		assert_accepted(&files);
		files_free(&files);
		bytes_free(&json);
		bytes_free(&answer);
	}
}

/* The first finding of `json`; refused, nothing made. */
static void
assert_refused(const char *json, const char *rule, const char *path)
{
	struct bytes answer = { 0 };
	struct message_made made = make(json, strlen(json), &answer);
	struct json_document *report = NULL;
	const struct json_value *list;
	struct error err = { 0 };
	bool found = false;

	assert_false(made.is_made);
	assert_int_equal(made.bundle.len, 0);
	assert_int_equal(json_read(made.json.data, made.json.len, 1 << 20,
			     &report, &err),
	    0);
	list = json_value_member(json_root(report), "findings");
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		if (text_equal(json_value_text(json_value_member(item, "rule")),
			rule) &&
		    text_equal(json_value_text(
				   json_value_member(item, "element")),
			path))
			found = json_value_member(item, "remedy") != NULL;
	}
	if (!found)
		print_message("wanted %s %s in %.*s\n", rule, path,
		    (int)made.json.len, (const char *)made.json.data);
	assert_true(found);
	json_document_free(report);
	bytes_free(&answer);
}

static void
what_the_form_does_not_know_is_named_by_its_path(void **state)
{
	(void)state;
	assert_refused("{\"format\":\"yizhan-letter-1\",\"sujbect\":\"x\"}",
	    "E2175", "/sujbect");
	assert_refused("{\"subject\":\"x\"}", "E2175", "");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"subject\":3}",
	    "E2175", "/subject");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"kind\":\"poem\"}",
	    "E2175", "/kind");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"sections\":[{},"
		       "{\"items\":[{\"text\":true}]}]}",
	    "E2175", "/sections/1/items/0/text");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"senders\":"
		       "[{\"code\":\"123\"}]}",
	    "E2110", "/senders/0/code");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"originals\":"
		       "[{\"with_attachments\":true}]}",
	    "E2175", "/originals/0/with_attachments");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"message\":"
		       "{\"code\":-1}}",
	    "E2175", "/message/code");
	assert_refused("[]", "E2175", "");
	assert_refused("{", "E2175", "");
	assert_refused("{\"a\":1,\"a\":2}", "E2175", "");
	assert_refused("{\"a\":\"\\u000姓名\"}", "E2175", "");
	/* A lone surrogate never becomes text. */
	assert_refused("{\"format\":\"yizhan-letter-1\",\"subject\":"
		       "\"\\ud800\"}",
	    "E2175", "");
}

static void
a_form_without_a_subject_tells_the_element(void **state)
{
	(void)state;
	assert_refused("{\"format\":\"yizhan-letter-1\"}", "E2114",
	    "/函/主旨/文字");
	assert_refused("{\"format\":\"yizhan-letter-1\","
		       "\"kind\":\"meeting_notice\"}",
	    "E2114", "/開會通知單/開會事由/文字");
	assert_refused("{\"format\":\"yizhan-letter-1\",\"subject\":"
		       "\"a\\u0001b\"}",
	    "E2170", "/函/主旨/文字");
}

static void
texts_lose_blanks_at_their_ends_and_carriage_returns(void **state)
{
	static const char json[] =
	    "{\"format\":\"yizhan-letter-1\",\"subject\":"
	    "\" \\u3000\\r\\na\\r\\nb\\rc \\n\",\"issue_date\":\"2026-02-03\","
	    "\"signed_date\":\"民國115年1月1日\"}";
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };
	struct letter_json letter;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(letter_json_read(json, sizeof(json) - 1, &pool,
			     &findings, &letter, &err),
	    1);
	assert_string_equal(letter.document.subject, "a\nb\nc");
	assert_string_equal(letter.document.issued_text, "中華民國115年2月3日");
	assert_string_equal(letter.document.signed_text, "民國115年1月1日");
	assert_string_equal(letter.document.venue, "");
	pool_free(&pool);
}

static void
recipients_listed_twice_are_found_before_sending(void **state)
{
	struct bytes json = { 0 };
	struct bytes twice = { 0 };
	const char *at;

	(void)state;
	read_sample("letter.json", &json);
	bytes_put_u8(&json, 0);
	at = strstr((const char *)json.data, "376530000A");
	assert_non_null(at);
	bytes_put(&twice, json.data, (size_t)(at - (const char *)json.data));
	bytes_put_text(&twice, "376470000A");
	bytes_put_text(&twice, at + 10);
	bytes_put_u8(&twice, 0);
	assert_refused((const char *)twice.data, "E2131", "/交換表單/全銜[2]");
	bytes_free(&json);
	bytes_free(&twice);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_example_becomes_files_that_are_accepted),
		cmocka_unit_test(
		    what_the_form_does_not_know_is_named_by_its_path),
		cmocka_unit_test(a_form_without_a_subject_tells_the_element),
		cmocka_unit_test(
		    texts_lose_blanks_at_their_ends_and_carriage_returns),
		cmocka_unit_test(
		    recipients_listed_twice_are_found_before_sending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
