#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli_parse.h"
#include "cli/help.h"
#include "json/json_write.h"
#include "service/catalogue.h"

static bool
wants_chinese(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return text_starts(value, "zh");
	}
	return false;
}

static bool
wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (no_color == NULL || no_color[0] == '\0') && term != NULL &&
	    !text_equal(term, "dumb") && isatty(STDOUT_FILENO) == 1;
}

const char *
cli_value(const struct cli *cli, const char *name)
{
	const struct command_option *options = cli->command->options;

	for (int i = 0; options != NULL && options[i].name != NULL; i++)
		if (text_equal(options[i].name, name))
			return cli->values[i];
	return NULL;
}

bool
cli_has(const struct cli *cli, const char *name)
{
	return cli_value(cli, name) != NULL;
}

const char *
cli_argument(const struct cli *cli, int index)
{
	return index < cli->argument_count ? cli->arguments[index] : NULL;
}

int
cli_refuse(struct error *err, const char *fmt, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return error_set_id(err, "E1203", ERROR_MALFORMED, "%s", text);
}

const char *
cli_text(const struct cli *cli, const char *chinese, const char *english)
{
	return cli->is_chinese ? chinese : english;
}

void
cli_put(struct bytes *to, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\"\\");

		text_put_escaped(to, text, len);
		text += len;
		if (*text != '\0')
			bytes_put_u8(to, (uint8_t)*text++);
	}
}

void
cli_print(const struct bytes *text)
{
	if (text->len > 0)
		fwrite(text->data, 1, text->len, stdout);
}

void
cli_say(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	if (cli->verbosity < 0)
		return;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
}

static void
put_json_error(const struct error *err, const struct message *message,
    const struct message_text *text, struct bytes *to)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_begin_object(&writer, "error");
	json_write_text(&writer, "id", message->id);
	json_write_text(&writer, "title", text->title);
	json_write_text(&writer, "detail", err->text);
	json_write_text(&writer, "cause", text->cause);
	json_write_text(&writer, "next", text->next);
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_text(to, "\n");
}

void
cli_format_error(const struct cli *cli, const struct error *err,
    struct bytes *to)
{
	const struct message *message = catalogue_of_error(err);
	const struct message_text *text =
	    cli->is_chinese ? &message->zh : &message->en;

	if (cli->json) {
		put_json_error(err, message, text, to);
		return;
	}
	bytes_put_format(to, "yizhan: %s %s%s", message->id, text->title,
	    cli_text(cli, "：", ": "));
	cli_put(to, err->text);
	bytes_put_format(to, "\n  %s%s\n  %s%s\n",
	    cli_text(cli, "原因：", "why:  "), text->cause,
	    cli_text(cli, "處理：", "next: "), text->next);
}

static int
show_error(const struct cli *cli, const struct error *err)
{
	struct bytes text = { 0 };
	int status = catalogue_of_error(err)->exit_status;

	cli_format_error(cli, err, &text);
	fwrite(text.data, 1, text.len, stderr);
	bytes_free(&text);

	/* A failure must never look like success to a script. */
	return status != 0 ? status : 1;
}

static int
run(struct cli *cli, int argc, char **argv, struct error *err)
{
	struct cli_parse parse;
	struct bytes help = { 0 };
	int rc;

	if (cli_parse(cli, argc, argv, &parse, err) < 0)
		return -1;
	if (parse.wants_version) {
		printf("yizhan %s\n", YIZHAN_VERSION);
		return 0;
	}
	if (!parse.wants_help)
		return cli->command->run(cli, err);
	help_format(cli, parse.group, &help);
	cli_print(&help);
	rc = bytes_failed(&help, err);
	bytes_free(&help);
	return rc;
}

int
cli_main(const struct command *const *commands, int argc, char **argv)
{
	struct error err = { 0 };
	struct cli cli = {
		.commands = commands,
		.program = argc > 0 ? argv[0] : "yizhan",
		.is_chinese = wants_chinese(),
		.has_color = wants_color(),
	};
	int rc = run(&cli, argc, argv, &err);

	/* Output that did not arrive is a failure, however well we worked. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		if (rc == 0)
			error_set_errno(&err, "standard output");
		rc = -1;
	}
	return rc < 0 ? show_error(&cli, &err) : cli.exit_status;
}
