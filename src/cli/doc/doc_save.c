/*
 * yizhan doc save: the files of a letter, or its signed package, into a folder.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/save_file.h"
#include "sys/clock.h"

enum { TARGET_SIZE = ANSWER_TARGET_SIZE + 32 };

static void
show_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct progress *progress = ctx;

	(void)total;
	progress_update(progress, done, (int64_t)(clock_steady_us() / 1000));
}

static int
save_one(struct answer *answer, int dir, const char *target, const char *name,
    int64_t length, const char *digest, struct error *err)
{
	struct progress progress =
	    progress_start(answer->cli, name, length > 0 ? (uint64_t)length : 0,
		(int64_t)(clock_steady_us() / 1000));
	struct http_call call = { .method = "GET",
		.target = target,
		.body_fd = -1,
		.progress = show_progress,
		.ctx = &progress };
	struct http_answer got = { 0 };
	int rc = -1;

	if (save_create(dir, name, &call.answer_fd, err) < 0)
		return -1;
	rc = local_call(&answer->local, &call, &got, err);
	progress_end(&progress);
	http_answer_free(&got);
	if (close(call.answer_fd) < 0 && rc == 0)
		rc = error_set_errno(err, "writing %s", name);
	if (rc == 0)
		rc = save_check_digest(dir, name, digest, err);
	if (rc == 0)
		cli_say(answer->cli, "%s\n", name);
	else
		unlinkat(dir, name, 0);
	return rc;
}

static int
save_files(struct answer *answer, int dir, const char *letter,
    struct error *err)
{
	const struct json_value *files =
	    json_value_member(answer_root(answer), "files");
	char target[TARGET_SIZE];

	for (size_t i = 0; i < json_value_count(files); i++) {
		const struct json_value *file = json_value_item(files, i);

		snprintf(target, sizeof(target), "%s/files/%zu", letter, i);
		if (save_one(answer, dir, target, answer_text(file, "name"),
			answer_integer(file, "length"),
			answer_text(file, "sha256"), err) < 0)
			return -1;
	}
	return 0;
}

static int
save_package(struct answer *answer, int dir, const char *letter,
    struct error *err)
{
	char target[TARGET_SIZE];
	char name[128];

	snprintf(target, sizeof(target), "%s/package", letter);
	snprintf(name, sizeof(name), "%s-%s.asice",
	    answer_text(answer_root(answer), "waybill_id"),
	    answer_text(answer_root(answer), "recipient"));
	return save_one(answer, dir, target, name,
	    answer_integer(answer_root(answer), "package_length"),
	    answer_text(answer_root(answer), "package"), err);
}

static int
run_save(struct cli *cli, struct error *err)
{
	const char *folder = cli_value(cli, "to");
	struct answer answer = { 0 };
	char letter[ANSWER_TARGET_SIZE];
	int dir = -1;
	int rc = -1;

	if (cli_argument(cli, 0) == NULL || folder == NULL)
		return cli_refuse(err, "doc save needs a letter and --to DIR");
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_find_inbox(&answer, cli_argument(cli, 0), letter, err) ==
		0 &&
	    answer_get(&answer, letter, err) == 0 &&
	    save_open_folder(folder, &dir, err) == 0)
		rc = cli_has(cli, "package")
		    ? save_package(&answer, dir, letter, err)
		    : save_files(&answer, dir, letter, err);
	if (rc == 0 && cli->json)
		answer_print(&answer);
	if (dir >= 0)
		close(dir);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "to", 0, "DIR", "folder to write into; nothing is overwritten" },
	{ "package", 0, NULL, "the signed package instead of its files" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_save_command = {
	.name = "doc save",
	.summary = "write the files of a letter that came in to a folder",
	.summary_zh = "將收到的公文檔案存到資料夾",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples = "yizhan doc save WAYBILL/376470000A --to letter\n",
	.options = options,
	.run = run_save,
};
