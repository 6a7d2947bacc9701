/*
 * yizhan doc print, view and preview: a letter as people see it, in a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "service/catalogue.h"

enum { TARGET_SIZE = ANSWER_TARGET_SIZE + 96, NAME_SIZE = 80 };

/* ---- the file -------------------------------------------------------- */

static int
write_all(int fd, const struct bytes *data, const char *name, struct error *err)
{
	for (size_t done = 0; done < data->len;) {
		ssize_t count = write(fd, data->data + done, data->len - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set_errno(err, "writing %s", name);
		done += (size_t)count;
	}
	return 0;
}

/* Nothing is overwritten, and nothing half written is left. */
static int
save(const char *path, const struct bytes *data, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return error_set_errno(err, "creating %s", path);
	rc = write_all(fd, data, path, err);
	if (close(fd) < 0 && rc == 0)
		rc = error_set_errno(err, "writing %s", path);
	if (rc < 0)
		unlink(path);
	return rc;
}

static int
put_out(const struct answer *answer, const char *path, struct error *err)
{
	const struct bytes *data = &answer->http.body;

	if (!text_equal(path, "-"))
		return save(path, data, err);
	if (isatty(STDOUT_FILENO) != 0 &&
	    !text_starts(answer->http.content_type, "text/"))
		return cli_refuse(err,
		    "a PDF is not for a terminal: give --to FILE");
	cli_print(data);
	return 0;
}

/* ---- what is told of it ---------------------------------------------- */

/* "U+4DAE U+2B6AD" as a list. */
static void
write_missing(struct json_writer *writer, const char *missing)
{
	json_write_begin_array(writer, "missing");
	while (*missing != '\0') {
		size_t len = strcspn(missing, " ");

		json_write_text_len(writer, NULL, missing, len);
		missing += len;
		missing += strspn(missing, " ");
	}
	json_write_end(writer);
}

static int
tell_json(const struct answer *answer, const char *path, struct error *err)
{
	struct bytes text = { 0 };
	struct json_writer writer = json_writer_to(&text);
	uint64_t pages = 0;
	int rc;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "file", path);
	json_write_text(&writer, "type", answer->http.content_type);
	json_write_int(&writer, "length", (int64_t)answer->http.body.len);
	if (text_parse_u64(answer->http.pages, UINT32_MAX, &pages))
		json_write_int(&writer, "pages", (int64_t)pages);
	write_missing(&writer, answer->http.missing);
	json_write_end(&writer);
	rc = json_write_done(&writer, err);
	bytes_put_u8(&text, '\n');
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

/* What no font could draw is a finding about the letter (E2160). */
static void
warn_missing(const struct answer *answer)
{
	const struct cli *cli = answer->cli;
	const struct message *message = catalogue_find("E2160");

	if (answer->http.missing[0] == '\0' || message == NULL)
		return;
	cli_say(cli, "%s E2160 %s%s%s\n    %s\n",
	    cli_text(cli, "注意", "warning"),
	    cli_text(cli, message->zh.title, message->en.title),
	    cli_text(cli, "：", ": "), answer->http.missing,
	    cli_text(cli, message->zh.next, message->en.next));
}

static int
tell(const struct answer *answer, const char *path, struct error *err)
{
	const struct cli *cli = answer->cli;

	if (cli->json && !text_equal(path, "-"))
		return tell_json(answer, path, err);
	warn_missing(answer);
	if (answer->http.pages[0] != '\0')
		cli_say(cli, "%s  %s %s\n", path, answer->http.pages,
		    cli_text(cli, "頁", "pages"));
	else
		cli_say(cli, "%s\n", path);
	return 0;
}

static int
finish(const struct answer *answer, const char *path, struct error *err)
{
	return put_out(answer, path, err) < 0 ? -1 : tell(answer, path, err);
}

/* ---- letters that are there ------------------------------------------ */

/* Without --to: named after the receive number, or else after the id. */
static int
name_file(struct answer *answer, const char *letter, const char *ending,
    char name[NAME_SIZE], struct error *err)
{
	const char *stem;

	if (answer_get(answer, letter, err) < 0)
		return -1;
	stem = answer_text(answer_root(answer), "receive_number");
	if (stem[0] == '\0')
		stem = answer_text(answer_root(answer), "id");
	if (stem[0] == '\0' || strspn(stem, "0123456789abcdef-") < strlen(stem))
		stem = "letter";
	snprintf(name, NAME_SIZE, "%.60s%s", stem, ending);
	return 0;
}

static int
put_target(const struct cli *cli, const char *letter, const char *what,
    struct bytes *to, struct error *err)
{
	const char *recipient = cli_value(cli, "recipient");

	if (recipient != NULL && !text_starts(letter, "/v1/outbox/"))
		return cli_refuse(err,
		    "--recipient is for letters that were sent");
	bytes_put_format(to, "%s/%s", letter, what);
	if (recipient != NULL) {
		bytes_put_text(to, "?recipient=");
		http_path_put(to, recipient);
	}
	bytes_put_u8(to, '\0');
	return bytes_failed(to, err);
}

static int
fetch(struct answer *answer, const char *what, const char *ending,
    struct error *err)
{
	const struct cli *cli = answer->cli;
	const char *path = cli_value(cli, "to");
	char letter[ANSWER_TARGET_SIZE];
	struct bytes target = { 0 };
	char name[NAME_SIZE];
	int rc = -1;

	if (answer_open(answer, cli, err) == 0 &&
	    answer_find(answer, cli_argument(cli, 0), letter, err) == 0 &&
	    put_target(cli, letter, what, &target, err) == 0 &&
	    (path != NULL ||
		name_file(answer, letter, ending, name, err) == 0) &&
	    answer_fetch(answer, (const char *)target.data, err) == 0)
		rc = finish(answer, path != NULL ? path : name, err);
	bytes_free(&target);
	return rc;
}

static int
run_shown(struct cli *cli, const char *what, const char *ending,
    struct error *err)
{
	struct answer answer = { .cli = cli };
	int rc;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which letter?");
	rc = fetch(&answer, what, ending, err);
	answer_close(&answer);
	return rc;
}

static int
run_print(struct cli *cli, struct error *err)
{
	return run_shown(cli, "print", ".pdf", err);
}

static int
run_view(struct cli *cli, struct error *err)
{
	return run_shown(cli, "view", ".html", err);
}

/* ---- letters to be --------------------------------------------------- */

static int
run_preview(struct cli *cli, struct error *err)
{
	const char *path = cli_value(cli, "to");
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	if (path == NULL ||
	    (!text_ends(path, ".pdf") && !text_ends(path, ".html")))
		return cli_refuse(err,
		    "doc preview needs --to FILE.pdf or --to FILE.html");
	snprintf(target, sizeof(target), "/v1/documents:preview?as=%s",
	    text_ends(path, ".pdf") ? "pdf" : "html");
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_send_files(&answer, target, "", err) == 0)
		rc = finish(&answer, path, err);
	answer_close(&answer);
	return rc;
}

static const struct command_option shown_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "to", 0, "FILE", "file to write, which must not exist; - is output" },
	{ "recipient", 0, "CODE",
	    "of a letter that was sent: the copy of this recipient" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option preview_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "to", 0, "FILE", "X.pdf or X.html to write, which must not exist" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_print_command = {
	.name = "doc print",
	.summary = "write a letter as a PDF to print",
	.summary_zh = "將公文輸出為可列印的 PDF",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples = "yizhan doc print WAYBILL/376470000A --to letter.pdf\n"
		    "yizhan doc print ID --recipient 376470000A\n",
	.options = shown_options,
	.run = run_print,
};

const struct command doc_view_command = {
	.name = "doc view",
	.summary = "write a letter as a page to read on screen",
	.summary_zh = "將公文輸出為可閱讀的網頁",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples = "yizhan doc view WAYBILL/376470000A --to letter.html\n",
	.options = shown_options,
	.run = run_view,
};

const struct command doc_preview_command = {
	.name = "doc preview",
	.summary = "show what files will look like, without sending them",
	.summary_zh = "預覽公文檔案的樣貌（不寄送）",
	.arguments = "FILE...",
	.arguments_max = -1,
	.examples = "yizhan doc preview letter.di letter.sw --to letter.pdf\n",
	.options = preview_options,
	.run = run_preview,
};
