#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/cli_parse.h"

static void
put_heading(struct bytes *to, const struct cli *cli, const char *chinese,
    const char *english)
{
	bytes_put_format(to, "\n%s\n", cli_text(cli, chinese, english));
}

/* Each line of `text` with two blanks before it. */
static void
put_indented(struct bytes *to, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		bytes_put_format(to, "  %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void
put_options(struct bytes *to, const struct command_option *options)
{
	char name[64];

	for (; options != NULL && options->name != NULL; options++) {
		struct bytes line = { 0 };

		bytes_put_format(&line, "--%s%s%s", options->name,
		    options->value != NULL ? " " : "",
		    options->value != NULL ? options->value : "");
		bytes_put_u8(&line, '\0');
		if (line.failed ||
		    !text_copy(name, sizeof(name), (const char *)line.data))
			name[0] = '\0';
		bytes_free(&line);
		if (options->letter != 0)
			bytes_put_format(to, "  -%c, %-22s %s\n",
			    options->letter, name, options->help);
		else
			bytes_put_format(to, "      %-22s %s\n", name,
			    options->help);
	}
}

static void
put_command(const struct cli *cli, struct bytes *to)
{
	const struct command *command = cli->command;

	bytes_put_format(to, "yizhan %s - %s\n", command->name,
	    cli_text(cli, command->summary_zh, command->summary));
	put_heading(to, cli, "範例", "Examples");
	put_indented(to, command->examples);
	put_heading(to, cli, "用法", "Usage");
	bytes_put_format(to, "  yizhan %s [OPTIONS]%s%s\n", command->name,
	    command->arguments[0] != '\0' ? " " : "", command->arguments);
	put_heading(to, cli, "選項", "Options");
	put_options(to, command->options);
	put_options(to, cli_common_options);
}

static void
put_list(const struct cli *cli, const char *group, struct bytes *to)
{
	size_t len = group != NULL ? strlen(group) : 0;

	for (size_t i = 0; cli->commands[i] != NULL; i++) {
		const struct command *command = cli->commands[i];

		if (group != NULL &&
		    (!text_starts(command->name, group) ||
			command->name[len] != ' '))
			continue;
		bytes_put_format(to, "  %-20s %s\n", command->name,
		    cli_text(cli, command->summary_zh, command->summary));
	}
}

void
help_format(const struct cli *cli, const char *group, struct bytes *to)
{
	if (cli->command != NULL) {
		put_command(cli, to);
		return;
	}
	bytes_put_format(to, "yizhan %s - %s\n", YIZHAN_VERSION,
	    cli_text(cli, "驛站，公文電子交換系統",
		"electronic exchange of official documents"));
	if (group == NULL) {
		put_heading(to, cli, "範例", "Examples");
		put_indented(to,
		    "yizhan help explain\n"
		    "yizhan config check -c /etc/yizhan/yizhan.conf\n"
		    "yizhan explain E1102\n");
	}
	put_heading(to, cli, "命令", "Commands");
	put_list(cli, group, to);
	bytes_put_format(to, "\n%s\n",
	    cli_text(cli, "在命令後加上 --help 可查看其範例與選項。",
		"Add --help to a command to see its examples and options."));
}
