/*
 * yizhan doc make: a letter in JSON becomes its DI, rosters and message form.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/doc_findings.h"
#include "cli/save_file.h"
#include "envelope/bundle.h"
#include "sys/file.h"

enum { MADE_MAX = 32 * 1024 * 1024, FILES_MAX = 1600, NAME_SIZE = 256 };

/* The files of the answer, as they are written into the folder. */
struct saving {
	const struct cli *cli;
	int dir;
	enum bundle_kind kind; /* of the record at hand */
	char name[NAME_SIZE];  /* of the file at hand */
	size_t name_len;
	int fd; /* -1 between files */
	uint64_t offset;
	char names[FILES_MAX][NAME_SIZE];
	size_t count; /* that are there now */
};

static int
begin_record(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct saving *saving = ctx;

	(void)len;
	saving->kind = kind;
	if (kind == BUNDLE_NAME) {
		saving->name_len = 0;
		return 0;
	}
	if (saving->count == FILES_MAX)
		return error_set_id(err, "E3106", ERROR_DENIED,
		    "more than %d files", FILES_MAX);
	if (save_create(saving->dir, saving->name, &saving->fd, err) < 0)
		return -1;
	saving->offset = 0;
	text_copy(saving->names[saving->count++], NAME_SIZE, saving->name);
	return 0;
}

static int
put_data(struct saving *saving, const uint8_t *data, size_t len,
    struct error *err)
{
	if (file_write_at(saving->fd, data, len, saving->offset, err) < 0)
		return -1;
	saving->offset += len;
	return 0;
}

static int
take_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct saving *saving = ctx;

	if (saving->kind == BUNDLE_FILE)
		return put_data(saving, data, len, err);
	if (len >= NAME_SIZE - saving->name_len)
		return error_set_id(err, "E3105", ERROR_MALFORMED,
		    "the name of a file is too long");
	memcpy(saving->name + saving->name_len, data, len);
	saving->name_len += len;
	saving->name[saving->name_len] = '\0';
	return 0;
}

static int
end_record(void *ctx, struct error *err)
{
	struct saving *saving = ctx;
	int rc = 0;

	if (saving->fd >= 0 && close(saving->fd) < 0)
		rc = error_set_errno(err, "writing %s", saving->name);
	saving->fd = -1;
	return rc;
}

/* All files or none. */
static int
save_all(struct saving *saving, const struct bytes *bundle, struct error *err)
{
	static const struct bundle_handler handler = { begin_record, take_data,
		end_record };
	struct bundle_reader reader =
	    bundle_reader_of(BUNDLE_FILES, MADE_MAX, &handler, saving);

	if (bundle_reader_push(&reader, bundle->data, bundle->len, err) == 0 &&
	    bundle_reader_finish(&reader, err) == 0)
		return 0;
	if (saving->fd >= 0)
		close(saving->fd);
	for (size_t i = 0; i < saving->count; i++)
		unlinkat(saving->dir, saving->names[i], 0);
	return -1;
}

static int
ask(struct answer *answer, const char *path, bool is_apart, struct error *err)
{
	static const struct http_header headers[] = {
		{ "content-type", "application/json" },
	};
	struct http_call call = { .method = "POST",
		.target = is_apart ? "/v1/documents:make?apart=1"
				   : "/v1/documents:make",
		.headers = headers,
		.header_count = 1,
		.body_fd = open(path, O_RDONLY | O_CLOEXEC),
		.answer_fd = -1 };
	int rc;

	if (call.body_fd < 0)
		return error_set_errno(err, "opening %s", path);
	rc = local_call(&answer->local, &call, &answer->http, err);
	close(call.body_fd);
	return rc;
}

static int
run_make(struct cli *cli, struct error *err)
{
	const char *folder = cli_value(cli, "to");
	struct saving *saving;
	struct answer answer = { 0 };
	int rc = -1;

	if (cli_argument(cli, 0) == NULL || folder == NULL)
		return cli_refuse(err, "doc make needs a file and --to DIR");
	saving = calloc(1, sizeof(*saving));
	if (saving == NULL)
		return error_set_memory(err);
	saving->cli = cli;
	saving->dir = saving->fd = -1;
	if (answer_open(&answer, cli, err) < 0)
		goto done;
	if (ask(&answer, cli_argument(cli, 0), cli_has(cli, "apart"), err) <
	    0) {
		doc_findings_print_refusal(&answer);
		goto done;
	}
	if (save_open_folder(folder, &saving->dir, err) == 0)
		rc = save_all(saving, &answer.http.body, err);
	for (size_t i = 0; rc == 0 && i < saving->count; i++)
		cli_say(cli, "%s\n", saving->names[i]);
done:
	if (saving->dir >= 0)
		close(saving->dir);
	free(saving);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "apart", 0, NULL,
	    "a letter for each recipient: 1.di, 1.sw, 2.di ..." },
	{ "to", 0, "DIR", "folder to write into; nothing is overwritten" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_make_command = {
	.name = "doc make",
	.summary = "make the files of a letter from its JSON form",
	.summary_zh = "由 JSON 產製公文檔案",
	.arguments = "LETTER.json",
	.arguments_max = 1,
	.examples = "yizhan doc make letter.json --to letter\n",
	.options = options,
	.run = run_make,
};
