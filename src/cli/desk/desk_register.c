/* yizhan desk register and desk statistics: what came in, what was sent, sums. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "http/http_path.h"
#include "sys/file.h"

enum { FILE_MODE = 0644 };

/* By the ending of the file: ods, csv, json. */
static const char *
format_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	if (dot != NULL && text_equal(dot, ".ods"))
		return "ods";
	return dot != NULL && text_equal(dot, ".json") ? "json" : "csv";
}

static void
put_param(const struct cli *cli, const char *option, const char *name,
    struct bytes *to)
{
	const char *value = cli_value(cli, option);

	if (value == NULL)
		return;
	bytes_put_format(to, "&%s=", name);
	http_path_put(to, value);
}

/* Straight into the file, which is new, and gone when it is not whole. */
static int
save(struct answer *answer, const char *target, const char *path,
    struct error *err)
{
	struct http_call call = { .method = "GET",
		.target = target,
		.body_fd = -1,
		.answer_fd = -1 };
	int rc;

	if (text_equal(path, "-")) {
		call.answer_fd = STDOUT_FILENO;
		return local_call(&answer->local, &call, &answer->http, err);
	}
	call.answer_fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (call.answer_fd < 0)
		return error_set_errno(err, "cannot make %s", path);
	rc = local_call(&answer->local, &call, &answer->http, err);
	if (close(call.answer_fd) < 0 && rc == 0)
		rc = error_set_errno(err, "cannot write %s", path);
	if (rc < 0)
		unlink(path);
	else
		cli_say(answer->cli, "%s\n", path);
	return rc;
}

static int
fetch(struct cli *cli, const char *path, struct error *err)
{
	const char *file = cli_value(cli, "to");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	char code[ANSWER_CODE_SIZE];
	int rc = -1;

	if (file == NULL)
		return cli_refuse(err,
		    "--to FILE is where it goes: .ods, .csv or .json, or -");
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_organisation(&answer, code, err) == 0) {
		bytes_put_format(&target, "%s?organisation=%s&format=%s", path,
		    code, format_of(file));
		put_param(cli, "from", "from", &target);
		put_param(cli, "until", "until", &target);
		put_param(cli, "find", "q", &target);
		put_param(cli, "state", "state", &target);
		put_param(cli, "unit", "unit", &target);
		bytes_put_u8(&target, '\0');
		rc = bytes_failed(&target, err);
	}
	if (rc == 0)
		rc = save(&answer, (const char *)target.data, file, err);
	bytes_free(&target);
	answer_close(&answer);
	return rc;
}

static int
run_register(struct cli *cli, struct error *err)
{
	const char *which = cli_argument(cli, 0);

	if (which != NULL && text_equal(which, "in"))
		return fetch(cli, "/v1/registers/in", err);
	if (which != NULL && text_equal(which, "out"))
		return fetch(cli, "/v1/registers/out", err);
	return cli_refuse(err, "in (收文登記簿) or out (發文登記簿)?");
}

static int
run_statistics(struct cli *cli, struct error *err)
{
	return fetch(cli, "/v1/statistics", err);
}

static const struct command_option register_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "organisation", 0, "CODE",
	    "of which organisation, where several are" },
	{ "from", 0, "DAY", "such as 2026-11-01; 30 days before the last" },
	{ "until", 0, "DAY", "the last day; today" },
	{ "find", 0, "TEXT", "letters with this in subject, number or name" },
	{ "state", 0, "STATE", "such as opened (in), open (out), returned" },
	{ "unit", 0, "CODE", "of a unit; none: of no unit" },
	{ "to", 0, "FILE", "where it goes: .ods, .csv or .json; - for CSV" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option statistics_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "organisation", 0, "CODE",
	    "of which organisation, where several are" },
	{ "from", 0, "DAY", "such as 2026-11-01; 30 days before the last" },
	{ "until", 0, "DAY", "the last day; today" },
	{ "to", 0, "FILE", "where it goes: .ods, .csv or .json; - for CSV" },
	{ NULL, 0, NULL, NULL },
};

const struct command desk_register_command = {
	.name = "desk register",
	.summary = "save the register of what came in, or was sent",
	.summary_zh = "匯出收文或發文登記簿",
	.arguments = "in|out",
	.arguments_max = 1,
	.examples = "yizhan desk register in --from 2026-11-01 --until "
		    "2026-11-30 --to in.ods\n",
	.options = register_options,
	.run = run_register,
};

const struct command desk_statistics_command = {
	.name = "desk statistics",
	.summary = "save sums by month, speed and correspondent",
	.summary_zh = "匯出收發文統計",
	.arguments = "",
	.examples = "yizhan desk statistics --from 2026-01-01 --until "
		    "2026-12-31 --to 2026.ods\n",
	.options = statistics_options,
	.run = run_statistics,
};
