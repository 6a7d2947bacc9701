#include "cli/cli_parse.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/help_topics.h"
#include "service/suggest.h"

enum { COMMON_HELP, COMMON_JSON, COMMON_QUIET, COMMON_VERBOSE };

const struct command_option cli_common_options[] = {
	[COMMON_HELP] = { "help", 'h', NULL, "show this help" },
	[COMMON_JSON] = { "json", 0, NULL, "write JSON to standard output" },
	[COMMON_QUIET] = { "quiet", 'q', NULL, "say nothing but errors" },
	[COMMON_VERBOSE] = { "verbose", 'v', NULL, "say more; twice: all" },
	{ NULL, 0, NULL, NULL },
};

/* The words that are still to be read. */
struct words {
	char **at;
	char **end;
};

/* One option as typed: "--config=x", "--config", "-cx" or "-c". */
struct typed {
	char name[SUGGEST_WORD_MAX + 1]; /* "" for a letter */
	char letter;
	const char *value; /* in the same word, or NULL */
};

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

static struct typed
typed_option(const char *word)
{
	struct typed typed = { .letter = word[1] };
	size_t len;

	if (word[1] != '-') {
		typed.value = word[2] != '\0' ? word + 2 : NULL;
		return typed;
	}
	word += 2;
	len = strcspn(word, "=");
	if (!text_copy_len(typed.name, sizeof(typed.name), word, len))
		text_copy(typed.name, sizeof(typed.name), "-");
	typed.value = word[len] == '=' ? word + len + 1 : NULL;
	return typed;
}

static int
find_option(const struct command_option *options, const struct typed *typed)
{
	for (int i = 0; options != NULL && options[i].name != NULL; i++) {
		if (typed->name[0] != '\0'
			? text_equal(options[i].name, typed->name)
			: options[i].letter == typed->letter)
			return i;
	}
	return -1;
}

static void
offer_options(struct suggest *suggest, const struct command_option *options)
{
	for (; options != NULL && options->name != NULL; options++)
		suggest_offer(suggest, options->name);
}

static int
refuse_option(const struct cli *cli, const char *word,
    const struct typed *typed, struct error *err)
{
	struct suggest suggest = suggest_for(typed->name);

	offer_options(&suggest, cli_common_options);
	if (cli->command != NULL)
		offer_options(&suggest, cli->command->options);
	if (suggest.best != NULL)
		return error_set_id(err, "E1202", ERROR_MALFORMED,
		    "there is no option %s; did you mean --%s", word,
		    suggest.best);
	return error_set_id(err, "E1202", ERROR_MALFORMED,
	    "there is no option %s", word);
}

static int
take_common(struct cli *cli, int option, const struct typed *typed,
    struct cli_parse *parse, struct error *err)
{
	if (typed->value != NULL)
		return cli_refuse(err, "--%s takes no value",
		    cli_common_options[option].name);
	if (option == COMMON_HELP)
		parse->wants_help = true;
	if (option == COMMON_JSON)
		cli->json = true;
	if (option == COMMON_QUIET)
		cli->verbosity = -1;
	if (option == COMMON_VERBOSE)
		cli->verbosity++;
	return 0;
}

static int
take_own(struct cli *cli, int option, const struct typed *typed,
    struct words *words, struct error *err)
{
	const struct command_option *known = &cli->command->options[option];
	const char *value = typed->value;

	if (option >= CLI_OPTIONS_MAX)
		return error_set(err, ERROR_SYSTEM, "too many options");
	if (known->value == NULL && value != NULL)
		return cli_refuse(err, "--%s takes no value", known->name);
	if (known->value == NULL)
		value = "";
	if (value == NULL && words->at < words->end)
		value = *words->at++;
	if (value == NULL)
		return cli_refuse(err, "--%s needs %s", known->name,
		    known->value);
	cli->values[option] = value;
	return 0;
}

static int
take_option(struct cli *cli, const char *word, struct words *words,
    struct cli_parse *parse, struct error *err)
{
	struct typed typed = typed_option(word);
	int option;

	if (cli->command != NULL) {
		option = find_option(cli->command->options, &typed);
		if (option >= 0)
			return take_own(cli, option, &typed, words, err);
	}
	option = find_option(cli_common_options, &typed);
	if (option >= 0)
		return take_common(cli, option, &typed, parse, err);
	if (text_equal(word, "--version")) {
		parse->wants_version = true;
		return 0;
	}
	return refuse_option(cli, word, &typed, err);
}

/* The second word of "GROUP SECOND" if `name` is such, else NULL. */
static const char *
second_word(const char *name, const char *group)
{
	size_t len = strlen(group);

	return text_starts(name, group) && name[len] == ' ' ? name + len + 1
							    : NULL;
}

static int
refuse_command(const struct cli *cli, const char *first, struct error *err)
{
	struct suggest suggest = suggest_for(first);

	suggest_offer(&suggest, "help");
	for (size_t i = 0; cli->commands[i] != NULL; i++) {
		const char *name = cli->commands[i]->name;

		suggest_offer(&suggest, name);
		if (second_word(name, first) != NULL)
			return error_set_id(err, "E1201", ERROR_MALFORMED,
			    "\"%s\" needs a second word; see yizhan %s --help",
			    first, first);
	}
	if (suggest.best != NULL)
		return error_set_id(err, "E1201", ERROR_MALFORMED,
		    "there is no command \"%s\"; did you mean \"%s\"", first,
		    suggest.best);
	return error_set_id(err, "E1201", ERROR_MALFORMED,
	    "there is no command \"%s\"", first);
}

/* Refuse the second word of a group: "config shwo". */
static int
refuse_second(const struct cli *cli, const char *group, const char *second,
    struct error *err)
{
	struct suggest suggest = suggest_for(second);

	for (size_t i = 0; cli->commands[i] != NULL; i++) {
		const char *known = second_word(cli->commands[i]->name, group);

		if (known != NULL)
			suggest_offer(&suggest, known);
	}
	if (suggest.best != NULL)
		return error_set_id(err, "E1201", ERROR_MALFORMED,
		    "there is no command \"%s %s\"; did you mean \"%s %s\"",
		    group, second, group, suggest.best);
	return error_set_id(err, "E1201", ERROR_MALFORMED,
	    "there is no command \"%s %s\"", group, second);
}

static const struct command *
find_command(const struct cli *cli, const char *first, const char *second)
{
	const struct command *found = NULL;

	for (size_t i = 0; cli->commands[i] != NULL; i++) {
		const char *known = second_word(cli->commands[i]->name, first);

		if (text_equal(cli->commands[i]->name, first))
			found = cli->commands[i];
		if (known != NULL && second != NULL &&
		    text_equal(known, second))
			return cli->commands[i];
	}
	return found;
}

static bool
is_group(const struct cli *cli, const char *first)
{
	for (size_t i = 0; cli->commands[i] != NULL; i++)
		if (second_word(cli->commands[i]->name, first) != NULL)
			return true;
	return false;
}

/* Take the command's one or two words. */
static int
take_command(struct cli *cli, struct words *words, struct cli_parse *parse,
    struct error *err)
{
	const char *first = *words->at;
	const char *second = words->at + 1 < words->end ? words->at[1] : NULL;

	cli->command = find_command(cli, first, second);
	if (cli->command != NULL) {
		words->at += strchr(cli->command->name, ' ') != NULL ? 2 : 1;
		return 0;
	}
	if (!is_group(cli, first))
		return refuse_command(cli, first, err);
	if (second != NULL && !is_option(second))
		return refuse_second(cli, first, second, err);
	parse->group = first;
	words->at++;
	return 0;
}

/* Options before the command; they can only be common ones. */
static int
take_leading(struct cli *cli, struct words *words, struct cli_parse *parse,
    struct error *err)
{
	while (words->at < words->end && is_option(*words->at)) {
		const char *word = *words->at++;

		if (take_option(cli, word, words, parse, err) < 0)
			return -1;
	}
	return 0;
}

static int
take_rest(struct cli *cli, struct words *words, struct cli_parse *parse,
    struct error *err)
{
	bool are_options = true;

	/* Arguments move to the front; what they overwrite has been read. */
	cli->arguments = words->at;
	while (words->at < words->end) {
		char *word = *words->at++;

		if (are_options && text_equal(word, "--"))
			are_options = false;
		else if (!are_options || !is_option(word))
			cli->arguments[cli->argument_count++] = word;
		else if (take_option(cli, word, words, parse, err) < 0)
			return -1;
	}
	return 0;
}

static int
check_arguments(const struct cli *cli, struct error *err)
{
	int max = cli->command->arguments_max;

	if (max < 0 || cli->argument_count <= max)
		return 0;
	if (max == 0)
		return cli_refuse(err, "\"%s\": %s takes no arguments",
		    cli->arguments[0], cli->command->name);
	return cli_refuse(err, "\"%s\": %s takes at most %d arguments",
	    cli->arguments[max], cli->command->name, max);
}

int
cli_parse(struct cli *cli, int argc, char **argv, struct cli_parse *ret_parse,
    struct error *err)
{
	struct words words = { argv + (argc > 0), argv + argc };
	struct cli_parse parse = { 0 };
	bool is_help = false;

	if (take_leading(cli, &words, &parse, err) < 0)
		return -1;
	if (words.at < words.end && text_equal(*words.at, "help")) {
		words.at++;
		is_help = true;
	}
	if (is_help && words.at < words.end &&
	    help_audience_find(*words.at) != NULL)
		parse.group = *words.at++;
	else if (words.at < words.end && !is_option(*words.at) &&
	    take_command(cli, &words, &parse, err) < 0)
		return -1;
	if (take_rest(cli, &words, &parse, err) < 0)
		return -1;
	if (is_help || (cli->command == NULL && parse.group == NULL))
		parse.wants_help = true;
	if (cli->command == NULL && !parse.wants_help)
		return refuse_command(cli, parse.group, err);
	if (!parse.wants_help && check_arguments(cli, err) < 0)
		return -1;
	*ret_parse = parse;
	return 0;
}
