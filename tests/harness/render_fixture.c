#include "harness/render_fixture.h"

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

#include "base/error.h"
#include "base/text.h"

enum { PATH_SIZE = 4096, ARGS_MAX = 12, NUMBER_SIZE = 16 };

#define COMMON                                                \
	.mark = RENDER_MARK_ORIGINAL, .dispatch = "電子交換", \
	.created_at_ms = 1795000000000

static const struct render_receipt receipt = { .number = "1150004711",
	.time = "中華民國115年11月26日 10:08",
	.qr_text = "yizhan:0197f3c2-0000-7000-8000-000000000000:"
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c" };

const struct render_case render_cases[] = {
	{ "letter", { "data/samples/rendered_03_letter_multi.di" },
	    { COMMON, .archive_number = "115/0101/1", .retention = "10" },
	    false },
	{ "received",
	    { "data/samples/rendered_03_letter_multi.di",
		"data/samples/rendered_04_letter_multi.sw" },
	    { COMMON, .received = &receipt, .recipient = "彰化縣政府" },
	    false },
	{ "long", { "tests/pictures/long.di" },
	    { COMMON, .received = &receipt,
		.delegation = "本案依分層負責規定授權處長決行" },
	    false },
	{ "deep", { "tests/pictures/deep.di" },
	    { COMMON,
		.recipient_address = "640201\n雲林縣斗六市雲林路二段515號" },
	    false },
	{ "joint", { "tests/pictures/joint.di" }, { COMMON }, false },
	{ "order", { "tests/pictures/order.di" },
	    { COMMON, .profile = RENDER_PROFILE_MANUAL }, false },
	{ "notice", { "data/samples/rendered_11_notice.di" }, { COMMON },
	    false },
	{ "meeting", { "data/samples/rendered_09_meeting.di" }, { COMMON },
	    false },
	{ "survey", { "data/samples/rendered_10_survey.di" },
	    { .mark = RENDER_MARK_COPY, .dispatch = "電子交換" }, false },
	{ "memo", { "tests/pictures/memo.di" },
	    { .created_at_ms = 1795000000000 }, false },
	{ "lists",
	    { "data/samples/rendered_06_letter_resend.di",
		"data/samples/rendered_07_resend_attr.dm",
		"tests/pictures/list.sw" },
	    { COMMON }, true },
};

const size_t render_case_count = ARRAY_LEN(render_cases);

const struct render_case *
render_case_find(const char *name)
{
	for (size_t i = 0; i < render_case_count; i++)
		if (text_equal(render_cases[i].name, name))
			return &render_cases[i];
	fail_msg("there is no case %s", name);
	return NULL;
}

static void
load(const char *file, struct bytes *to)
{
	char path[PATH_SIZE];
	struct error err = { 0 };
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("SOURCE_ROOT"), file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s cannot be opened", path);
	assert_int_equal(document_load(fd, document_kind_of_name(file), to,
			     &err),
	    0);
	close(fd);
}

struct document_report *
render_case_read(const struct render_case *render_case)
{
	struct document_input inputs[RENDER_CASE_FILES];
	struct bytes texts[RENDER_CASE_FILES] = { 0 };
	struct document_report *report = NULL;
	struct error err = { 0 };
	size_t count = 0;

	for (; count < RENDER_CASE_FILES && render_case->files[count] != NULL;
	     count++) {
		const char *file = render_case->files[count];

		load(file, &texts[count]);
		inputs[count] = (struct document_input){ strrchr(file, '/') + 1,
			document_kind_of_name(file), texts[count].data,
			texts[count].len };
	}
	assert_int_equal(document_check(inputs, count, NULL, &report, &err), 0);
	assert_non_null(report->document);
	for (size_t i = 0; i < count; i++)
		bytes_free(&texts[i]);
	return report;
}

struct bytes
render_case_print(struct renderer *renderer,
    const struct render_case *render_case, struct render_report *ret_report)
{
	struct document_report *report = render_case_read(render_case);
	struct render_input input = { .document = render_case->lists_only
		    ? NULL
		    : report->document,
		.message = report->message,
		.rosters = report->rosters,
		.roster_count = report->roster_count };
	struct bytes pdf = { 0 };
	struct error err = { 0 };

	if (render_pdf(renderer, &input, &render_case->options, &pdf,
		ret_report, &err) < 0)
		fail_msg("%s: %s", render_case->name, err.text);
	document_report_free(report);
	return pdf;
}

static void
run(FILE *in, FILE *out, const char *const *argv)
{
	char *args[ARGS_MAX] = { NULL };

	for (size_t i = 0; argv[i] != NULL && i + 1 < ARGS_MAX; i++)
		args[i] = text_dup(argv[i]);
	if (dup2(fileno(in), 0) < 0 || dup2(fileno(out), 1) < 0)
		_exit(126);
	execvp(args[0], args);
	_exit(127);
}

struct bytes
render_tool(const struct bytes *pdf, const char *const *argv)
{
	FILE *in = tmpfile();
	FILE *out = tmpfile();
	struct bytes result = { 0 };
	int status = -1;
	long len;
	pid_t pid;

	assert_non_null(in);
	assert_non_null(out);
	assert_int_equal(fwrite(pdf->data, pdf->len, 1, in), 1);
	assert_int_equal(fflush(in), 0);
	pid = fork();
	if (pid == 0)
		run(in, out, argv);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s ended with %d", argv[0], status);
	assert_int_equal(fseek(out, 0, SEEK_END), 0);
	len = ftell(out);
	assert_true(len >= 0);
	rewind(out);
	if (len > 0)
		assert_int_equal(fread(bytes_extend(&result, (size_t)len),
				     (size_t)len, 1, out),
		    1);
	fclose(in);
	fclose(out);
	return result;
}

char *
render_text(const struct bytes *pdf, const char *option)
{
	const char *const argv[] = { "pdftotext", "/dev/stdin", "-", option,
		NULL };
	const char *const with[] = { "pdftotext", option, "/dev/stdin", "-",
		NULL };
	struct bytes text = render_tool(pdf, option != NULL ? with : argv);
	char *copy = text_dup_len((const char *)text.data, text.len);

	assert_non_null(copy);
	bytes_free(&text);
	return copy;
}

void
render_strip(char *text)
{
	char *to = text;

	for (char *at = text; *at != '\0';) {
		if (text_starts(at, "　")) {
			at += strlen("　");
		} else if (strchr(" \t\r\n\f", *at) != NULL) {
			at++;
		} else {
			*to++ = *at++;
		}
	}
	*to = '\0';
}

/* A number of a PGM's head. */
static unsigned
head_number(const struct bytes *pgm, size_t *at)
{
	unsigned value = 0;

	while (*at < pgm->len && (pgm->data[*at] < '0' || pgm->data[*at] > '9'))
		++*at;
	while (*at < pgm->len && pgm->data[*at] >= '0' && pgm->data[*at] <= '9')
		value = value * 10 + (unsigned)(pgm->data[(*at)++] - '0');
	return value;
}

struct picture
render_picture(const struct bytes *pdf, unsigned page, unsigned dpi)
{
	char number[NUMBER_SIZE], resolution[NUMBER_SIZE];
	const char *const argv[] = { "pdftoppm", "-gray", "-r", resolution,
		"-f", number, "-singlefile", "/dev/stdin", NULL };
	struct picture picture = { 0 };
	struct bytes pgm;
	size_t at = 2;

	snprintf(number, sizeof(number), "%u", page);
	snprintf(resolution, sizeof(resolution), "%u", dpi);
	pgm = render_tool(pdf, argv);
	assert_true(pgm.len > 2 && memcmp(pgm.data, "P5", 2) == 0);
	picture.width = head_number(&pgm, &at);
	picture.height = head_number(&pgm, &at);
	assert_int_equal(head_number(&pgm, &at), 255);
	at++;
	assert_int_equal(pgm.len - at, picture.width * picture.height);
	picture.dots = malloc(pgm.len - at);
	assert_non_null(picture.dots);
	memcpy(picture.dots, pgm.data + at, pgm.len - at);
	bytes_free(&pgm);
	return picture;
}
