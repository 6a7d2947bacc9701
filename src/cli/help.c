#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/cli_parse.h"
#include "cli/help_topics.h"

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

static bool
has_first_word(const struct command *command, const char *word)
{
	size_t len = strlen(word);

	return text_starts(command->name, word) &&
	    (command->name[len] == ' ' || command->name[len] == '\0');
}

/* The commands that begin with `word`. */
static void
put_commands(const struct cli *cli, const char *word, struct bytes *to)
{
	for (size_t i = 0; cli->commands[i] != NULL; i++) {
		const struct command *command = cli->commands[i];

		if (has_first_word(command, word))
			bytes_put_format(to, "  %-20s %s\n", command->name,
			    cli_text(cli, command->summary_zh,
				command->summary));
	}
}

static void
put_title(const struct cli *cli, struct bytes *to)
{
	bytes_put_format(to, "yizhan %s - %s\n", YIZHAN_VERSION,
	    cli_text(cli, "驛站，公文電子交換系統",
		"electronic exchange of official documents"));
}

/* Of one first word, or of all those of an audience. */
static void
put_group(const struct cli *cli, const char *group, struct bytes *to)
{
	const struct help_audience *audience = help_audience_find(group);

	put_title(cli, to);
	if (audience == NULL) {
		put_heading(to, cli, "命令", "Commands");
		put_commands(cli, group, to);
	} else {
		put_heading(to, cli, audience->zh, audience->en);
		for (const struct help_topic *topic = audience->topics;
		     topic->word != NULL; topic++)
			put_commands(cli, topic->word, to);
	}
	bytes_put_format(to, "\n%s\n",
	    cli_text(cli, "在命令後加上 --help 可查看其範例與選項。",
		"Add --help to a command to see its examples and options."));
}

static void
put_overview(const struct cli *cli, struct bytes *to)
{
	put_title(cli, to);
	put_heading(to, cli, "範例", "Examples");
	put_indented(to,
	    "yizhan help doc\n"
	    "yizhan config check -c /etc/yizhan/yizhan.conf\n"
	    "yizhan explain E1102\n");
	for (const struct help_audience *audience = help_audiences;
	     audience->name != NULL; audience++) {
		bytes_put_format(to, "\n%s (yizhan help %s)\n",
		    cli_text(cli, audience->zh, audience->en), audience->name);
		for (const struct help_topic *topic = audience->topics;
		     topic->word != NULL; topic++)
			bytes_put_format(to, "  %-12s %s\n", topic->word,
			    cli_text(cli, topic->zh, topic->en));
	}
	bytes_put_format(to, "\n%s\n",
	    cli_text(cli,
		"yizhan help doc 列出一組命令；在命令後加上 --help "
		"可查看其範例與選項。",
		"yizhan help doc lists one group of commands; --help after a"
		" command shows its\nexamples and options."));
}

void
help_format(const struct cli *cli, const char *group, struct bytes *to)
{
	if (cli->command != NULL)
		put_command(cli, to);
	else if (group != NULL)
		put_group(cli, group, to);
	else
		put_overview(cli, to);
}
