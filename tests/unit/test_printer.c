/*
 * The printer: a document becomes a PDF or a page in a copy that can do
 * nothing else, and what is too much costs that copy alone.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "printer/printer_internal.h"
#include "render/render.h"
#include "service/roles.h"
#include "sys/clock.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/nursery.h"
#include "sys/process.h"

enum { PATH_SIZE = 512 };

/* An asker and a printer, on one loop. */
struct fixture {
	struct loop *loop;
	struct printer printer;
	struct peer *asker;
	struct peer *served;
	struct bytes files; /* of the request */
	struct message_render request;
	struct bytes answer; /* body of the last one */
	struct message_rendered rendered;
	uint16_t type;
	struct error failed;
	int awaited;
};

static const struct peer_handler no_handlers[] = { { MESSAGE_NONE, NULL } };

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(printer_open(&fixture->printer, fixture->loop, NULL,
			     &err),
	    0);
	assert_non_null(fixture->printer.tools.paper);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "printer",
			     no_handlers, NULL, on_gone, NULL, &fixture->asker,
			     &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "query",
			     printer_handlers, &fixture->printer, on_gone, NULL,
			     &fixture->served, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	printer_close(&fixture->printer);
	peer_close(fixture->asker);
	peer_close(fixture->served);
	bytes_free(&fixture->files);
	bytes_free(&fixture->answer);
	loop_free(fixture->loop);
}

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_failed failed;
	struct error err = { 0 };

	fixture->type = message->type;
	memset(&fixture->failed, 0, sizeof(fixture->failed));
	bytes_clear(&fixture->answer);
	bytes_put(&fixture->answer, message->body, message->len);
	if (message->type == MESSAGE_FAILED &&
	    message_read(message, MESSAGE_FAILED, &failed, &failed.error) == 0)
		fixture->failed = failed.error;
	if (message->type == MESSAGE_RENDERED)
		assert_int_equal(codec_decode(message_fields(MESSAGE_RENDERED),
				     fixture->answer.data, fixture->answer.len,
				     &fixture->rendered, &err),
		    0);
	if (--fixture->awaited == 0)
		loop_stop(fixture->loop);
}

static void
add(struct fixture *fixture, const char *name, const void *data, size_t len)
{
	struct message_check_file file = { .len = len,
		.data = blob_of(data, len) };

	assert_true(text_copy(file.name, sizeof(file.name), name));
	message_list_add(&fixture->files, MESSAGE_CHECK_FILE, &file);
}

static void
add_sample(struct fixture *fixture, const char *name, const char *sample)
{
	char path[PATH_SIZE];
	struct bytes text = { 0 };
	struct error err = { 0 };
	int fd;

	snprintf(path, sizeof(path), "%s/data/samples/%s",
	    getenv("SOURCE_ROOT"), sample);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(document_load(fd, document_kind_of_name(name), &text,
			     &err),
	    0);
	close(fd);
	add(fixture, name, text.data, text.len);
	bytes_free(&text);
}

/* A letter whose 主旨 and 說明 are `subject` and `body`. */
static void
add_letter(struct fixture *fixture, const char *subject,
    const struct bytes *body)
{
	struct bytes text = { 0 };

	bytes_put_format(&text,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" []>\n"
	    "<函><發文機關><全銜>雲林縣政府</全銜><機關代碼>376490000A"
	    "</機關代碼></發文機關><函類別 代碼=\"函\"/><地址>路</地址>"
	    "<聯絡方式>王</聯絡方式><受文者><全銜>彰化縣政府</全銜>"
	    "<機關代碼>376470000A</機關代碼></受文者><發文日期><年月日>"
	    "中華民國115年11月20日</年月日></發文日期><發文字號><文字>府字"
	    "</文字></發文字號><主旨><文字>%s</文字></主旨>",
	    subject);
	bytes_put(&text, body->data, body->len);
	bytes_put_text(&text, "<正本><全銜>彰化縣政府</全銜></正本></函>\n");
	add(fixture, "1.di", text.data, text.len);
	bytes_free(&text);
}

static void
ask_only(struct fixture *fixture, enum message_format format)
{
	struct error err = { 0 };

	fixture->request.format = (uint8_t)format;
	fixture->request.files = blob_of_bytes(&fixture->files);
	fixture->awaited++;
	assert_int_equal(peer_ask(fixture->asker, MESSAGE_RENDER,
			     &fixture->request, -1, on_answer, fixture, NULL,
			     &err),
	    0);
}

static void
ask(struct fixture *fixture, enum message_format format)
{
	struct error err = { 0 };

	ask_only(fixture, format);
	assert_int_equal(loop_run(fixture->loop, &err), 0);
}

/* True if the page holds the text. */
static bool
has(const struct fixture *fixture, const char *text)
{
	struct bytes page = { 0 };
	bool found;

	bytes_put(&page, fixture->rendered.data.data,
	    fixture->rendered.data.len);
	bytes_put_u8(&page, '\0');
	found = strstr((const char *)page.data, text) != NULL;
	bytes_free(&page);
	return found;
}

static void
a_letter_becomes_a_pdf_and_a_page(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	add_sample(&fixture, "1.sw", "rendered_04_letter_multi.sw");
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	assert_memory_equal(fixture.rendered.data.data, "%PDF-", 5);
	assert_int_equal(fixture.rendered.pages, 1);
	assert_string_equal(fixture.rendered.missing, "");
	ask(&fixture, MESSAGE_FORMAT_HTML);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	assert_int_equal(fixture.rendered.pages, 0);
	assert_true(has(&fixture, "<!DOCTYPE html>"));
	assert_true(has(&fixture, "府計管一字第1150012345號"));
	/* The list of recipients does not go with a letter. */
	assert_false(has(&fixture, "A29000000G"));
	tear_down(&fixture);
}

static void
the_roster_says_whose_copy_it_is(void **state)
{
	static const struct {
		const char *code;
		const char *mark;
		const char *name;
	} copies[] = {
		{ "376470000A", "<p class=\"copy\">正本</p>",
		    "<dd class=\"text\">彰化縣政府</dd>" },
		{ "A41010000A", "<p class=\"copy\">副本</p>",
		    "<dd class=\"text\">國家發展委員會檔案管理局</dd>" },
		/* Nobody of that code: the asker's words stand. */
		{ "A99999999X", "<p class=\"copy\">抄本</p>",
		    "<dd class=\"text\">某機關</dd>" },
	};
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	add_sample(&fixture, "1.sw", "rendered_04_letter_multi.sw");
	fixture.request.mark = RENDER_MARK_TRANSCRIPT;
	text_copy(fixture.request.name, sizeof(fixture.request.name), "某機關");
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		text_copy(fixture.request.recipient,
		    sizeof(fixture.request.recipient), copies[i].code);
		ask(&fixture, MESSAGE_FORMAT_HTML);
		assert_true(has(&fixture, copies[i].mark));
		assert_true(has(&fixture, copies[i].name));
	}
	tear_down(&fixture);
}

static void
a_received_copy_has_its_number(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	fixture.request.is_received = true;
	text_copy(fixture.request.number, sizeof(fixture.request.number),
	    "1150000017");
	text_copy(fixture.request.time, sizeof(fixture.request.time),
	    "中華民國115年11月26日 10:08:11");
	text_copy(fixture.request.verify, sizeof(fixture.request.verify),
	    "yizhan:01a21776/376470000A?sha256=00");
	ask(&fixture, MESSAGE_FORMAT_HTML);
	assert_true(has(&fixture, "收文號：1150000017"));
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	tear_down(&fixture);
}

static void
what_no_font_has_is_reported(void **state)
{
	struct fixture fixture;
	struct bytes none = { 0 };

	(void)state;
	set_up(&fixture);
	add_letter(&fixture, "\xf0\x9f\x90\xb4請查照。", &none);
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	assert_string_equal(fixture.rendered.missing, "U+1F434");
	tear_down(&fixture);
}

/* The words of the check tell what is wrong with a file. */
static void
what_cannot_be_read_is_refused_by_name(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.di", "invalid_19_xxe_and_bomb.di");
	ask(&fixture, MESSAGE_FORMAT_HTML);
	assert_int_equal(fixture.type, MESSAGE_FAILED);
	assert_string_equal(fixture.failed.id, "E2007");
	bytes_clear(&fixture.files);
	add(&fixture, "a.pdf", "%PDF-1.4", 8);
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_FAILED);
	assert_string_not_equal(fixture.failed.id, "");
	tear_down(&fixture);
}

static void
a_roster_alone_can_be_looked_at(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.sw", "rendered_04_letter_multi.sw");
	ask(&fixture, MESSAGE_FORMAT_HTML);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	assert_true(has(&fixture, "A29000000G"));
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	tear_down(&fixture);
}

static void
a_broken_request_is_refused_and_work_goes_on(void **state)
{
	static const uint8_t broken[] = { 0, 0, 0, 9, 'x' };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	bytes_put(&fixture.files, broken, sizeof(broken));
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_FAILED);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	bytes_clear(&fixture.files);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	ask(&fixture, (enum message_format)7);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	fixture.request.mark = 9;
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	fixture.request.mark = 0;
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	tear_down(&fixture);
}

static void
without_fonts_there_are_still_pages(void **state)
{
	struct fixture fixture;
	struct error *why;

	(void)state;
	set_up(&fixture);
	renderer_free(fixture.printer.tools.paper);
	fixture.printer.tools.paper = NULL;
	why = &fixture.printer.tools.no_paper;
	error_set_id(why, "E1220", ERROR_SYSTEM, "no font");
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_string_equal(fixture.failed.id, "E1220");
	ask(&fixture, MESSAGE_FORMAT_HTML);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	tear_down(&fixture);
}

/* `depth` items one inside the other. */
static void
put_deep(struct bytes *to, int depth)
{
	bytes_put_text(to, "<段落 段名=\"說明：\"><文字></文字>");
	for (int i = 0; i < depth; i++)
		bytes_put_text(to, "<條列 序號=\"一、\"><文字>深</文字>");
	for (int i = 0; i < depth; i++)
		bytes_put_text(to, "</條列>");
	bytes_put_text(to, "</段落>");
}

/* As long as a letter may be: shown, or refused by name, in bounded time. */
static void
ask_for_too_much(struct fixture *fixture, const char *what)
{
	uint64_t before = clock_steady_us();

	ask(fixture, MESSAGE_FORMAT_PDF);
	print_message("# %s as PDF: %s, %u pages, %u ms\n", what,
	    fixture->type == MESSAGE_FAILED ? fixture->failed.id : "shown",
	    fixture->type == MESSAGE_RENDERED ? fixture->rendered.pages : 0,
	    (unsigned)((clock_steady_us() - before) / 1000));
	if (fixture->type == MESSAGE_FAILED)
		assert_int_equal(fixture->failed.code, ERROR_MALFORMED);
	before = clock_steady_us();
	ask(fixture, MESSAGE_FORMAT_HTML);
	print_message("# %s as page: %s, %zu bytes, %u ms\n", what,
	    fixture->type == MESSAGE_FAILED ? fixture->failed.id : "shown",
	    fixture->type == MESSAGE_RENDERED ? fixture->rendered.data.len : 0,
	    (unsigned)((clock_steady_us() - before) / 1000));
	if (fixture->type == MESSAGE_FAILED)
		assert_int_equal(fixture->failed.code, ERROR_MALFORMED);
}

static void
what_is_too_much_ends_in_time(void **state)
{
	struct fixture fixture;
	struct bytes body = { 0 };

	(void)state;
	set_up(&fixture);
	bytes_put_text(&body, "<段落 段名=\"說明：\"><文字>");
	while (body.len < LETTER_LEN_MAX - 4096)
		bytes_put_text(&body, "一丁七丈三上下不丑且");
	bytes_put_text(&body, "</文字></段落>");
	add_letter(&fixture, "長", &body);
	ask_for_too_much(&fixture, "1 MiB in one paragraph");

	bytes_clear(&body);
	bytes_put_text(&body, "<段落 段名=\"說明：\"><文字></文字>");
	while (body.len < LETTER_LEN_MAX - 4096)
		bytes_put_text(&body,
		    "<條列 序號=\"一、\"><文字>一</文字></條列>");
	bytes_put_text(&body, "</段落>");
	bytes_clear(&fixture.files);
	add_letter(&fixture, "多", &body);
	ask_for_too_much(&fixture, "20,000 items");

	bytes_clear(&body);
	put_deep(&body, 60);
	bytes_clear(&fixture.files);
	add_letter(&fixture, "深", &body);
	ask_for_too_much(&fixture, "60 levels");

	/* And the next one is as good as any. */
	bytes_clear(&fixture.files);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	bytes_free(&body);
	tear_down(&fixture);
}

/* More than copies may run: the rest is told to come again. */
static void
too_many_at_once_are_told_so(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	for (int i = 0; i < 40; i++)
		ask_only(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(loop_run(fixture.loop, &err), 0);
	assert_int_equal(fixture.awaited, 0);
	ask(&fixture, MESSAGE_FORMAT_PDF);
	assert_int_equal(fixture.type, MESSAGE_RENDERED);
	assert_int_equal(nursery_running(fixture.printer.nursery), 0);
	tear_down(&fixture);
}

/* Both walls at once: the printer's, and inside it that of a copy. */
static void
a_printer_works_inside_its_sandbox(void **state)
{
	struct sandbox sandbox = role_sandbox(ROLE_PRINTER);
	struct fixture fixture;
	struct error err = { 0 };
	bool has_landlock;
	int status;
	pid_t pid;

	(void)state;
	set_up(&fixture);
	add_sample(&fixture, "1.di", "rendered_03_letter_multi.di");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(&sandbox, &has_landlock, &err) < 0)
			_exit(2);
		ask(&fixture, MESSAGE_FORMAT_PDF);
		if (fixture.type != MESSAGE_RENDERED)
			_exit(3);
		ask(&fixture, MESSAGE_FORMAT_HTML);
		_exit(fixture.type != MESSAGE_RENDERED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_becomes_a_pdf_and_a_page),
		cmocka_unit_test(the_roster_says_whose_copy_it_is),
		cmocka_unit_test(a_received_copy_has_its_number),
		cmocka_unit_test(what_no_font_has_is_reported),
		cmocka_unit_test(what_cannot_be_read_is_refused_by_name),
		cmocka_unit_test(a_roster_alone_can_be_looked_at),
		cmocka_unit_test(a_broken_request_is_refused_and_work_goes_on),
		cmocka_unit_test(without_fonts_there_are_still_pages),
		cmocka_unit_test(what_is_too_much_ends_in_time),
		cmocka_unit_test(too_many_at_once_are_told_so),
		cmocka_unit_test(a_printer_works_inside_its_sandbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
