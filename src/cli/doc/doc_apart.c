#include "cli/doc/doc_apart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/doc_findings.h"
#include "crypto/sha256.h"
#include "http/http_path.h"
#include "model/digest.h"
#include "model/id.h"

enum { KEY_SIZE = 160, TARGET_SIZE = 512, PIECE = 65536, FILES_A_REQUEST = 32 };

struct series {
	struct answer *answer;
	struct local_file *files;
	size_t count;
	char key[KEY_SIZE];
	char draft[ID_TEXT_SIZE];
	int64_t version;
};

/* ---- showing --------------------------------------------------------- */

static void
put_series(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *letters = json_value_member(root, "letters");

	answer_put(root, "id", to);
	bytes_put_text(to, "  ");
	answer_put(root, "title", to);
	bytes_put_u8(to, '\n');
	for (size_t i = 0; i < json_value_count(letters); i++) {
		const struct json_value *letter = json_value_item(letters, i);

		bytes_put_text(to, "  ");
		answer_put(letter, "document_id", to);
		bytes_put_text(to, "  ");
		answer_put(letter, "recipient", to);
		bytes_put_u8(to, ' ');
		answer_put(letter, "name", to);
		bytes_put_text(to, "  ");
		answer_put_word(cli, answer_text(letter, "state"), to);
		bytes_put_text(to, "  ");
		answer_put_time(letter, "since", to);
		bytes_put_u8(to, '\n');
	}
}

static void
show(const struct answer *answer)
{
	struct bytes text = { 0 };

	if (answer->cli->json) {
		answer_print(answer);
		return;
	}
	put_series(answer->cli, answer_root(answer), &text);
	cli_print(&text);
	bytes_free(&text);
}

static int
run_series(struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	struct id id;
	int rc = -1;

	if (name == NULL || !id_parse(name, &id))
		return cli_refuse(err, "which series?  Give its id");
	snprintf(target, sizeof(target), "/v1/series/%s%s", name,
	    cli_has(cli, "undo") ? ":undo" : "");
	if (answer_open(&answer, cli, err) == 0)
		rc = cli_has(cli, "undo")
		    ? answer_post(&answer, target, "{}", err)
		    : answer_get(&answer, target, err);
	if (rc == 0)
		show(&answer);
	answer_close(&answer);
	return rc;
}

static const struct command_option series_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "undo", 0, NULL, "undo all of it while it is held" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_series_command = {
	.name = "doc series",
	.summary = "show what became of copies that were written apart",
	.summary_zh = "查詢分繕各份公文的狀態",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan doc series 01a205dd-7d09-7fce-b9d4-a4d154863e54\n",
	.options = series_options,
	.run = run_series,
};

/* ---- the key --------------------------------------------------------- */

/* Its name with the 0 behind it, then its bytes. */
static int
add_file(struct sha256 *sha, const struct local_file *file, struct error *err)
{
	char *piece = malloc(PIECE);
	FILE *in = fopen(file->path, "rb");
	size_t len;
	int rc = -1;

	sha256_update(sha, file->name, strlen(file->name) + 1);
	if (piece == NULL)
		error_set_memory(err);
	else if (in == NULL)
		error_set_errno(err, "%s", file->path);
	else {
		while ((len = fread(piece, 1, PIECE, in)) > 0)
			sha256_update(sha, piece, len);
		rc = ferror(in) ? error_set_errno(err, "%s", file->path) : 0;
	}
	if (in != NULL)
		fclose(in);
	free(piece);
	return rc;
}

/* What --key says, or else what all files are. */
static int
make_key(struct series *series, struct error *err)
{
	const char *key = cli_value(series->answer->cli, "key");
	struct sha256 *sha = NULL;
	struct digest digest;
	int rc = 0;

	if (key != NULL)
		return text_copy(series->key, sizeof(series->key), key)
		    ? 0
		    : cli_refuse(err, "--key is too long");
	if (sha256_new(&sha, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < series->count; i++)
		rc = add_file(sha, &series->files[i], err);
	sha256_final(sha, &digest);
	sha256_free(sha);
	digest_format(&digest, series->key);
	return rc;
}

/* ---- the draft ------------------------------------------------------- */

static int
take_draft(struct series *series, struct error *err)
{
	const struct json_value *root;

	if (answer_read(series->answer, err) < 0)
		return -1;
	root = answer_root(series->answer);
	text_copy(series->draft, sizeof(series->draft),
	    answer_text(root, "id"));
	series->version = answer_integer(root, "version");
	return 0;
}

static bool
is_sent(const struct series *series)
{
	return text_equal(answer_text(answer_root(series->answer), "state"),
	    "sent");
}

/* Of a draft that is there already some have come. */
static size_t
count_there(const struct series *series)
{
	return json_value_count(
	    json_value_member(answer_root(series->answer), "files"));
}

static int
keep(struct series *series, struct error *err)
{
	char target[TARGET_SIZE] = "/v1/drafts";
	size_t done = 0;

	while (done < series->count) {
		size_t left = series->count - done;

		if (done > 0)
			snprintf(target, sizeof(target),
			    "/v1/drafts/%s:files?version=%lld", series->draft,
			    (long long)series->version);
		if (answer_send_list(series->answer, target,
			done > 0 ? "" : series->key, series->files + done,
			left < FILES_A_REQUEST ? left : FILES_A_REQUEST,
			err) < 0 ||
		    take_draft(series, err) < 0)
			return -1;
		if (is_sent(series))
			return 0;
		if (count_there(series) <= done)
			return error_set(err, ERROR_BUSY,
			    "the draft does not take the files");
		done = count_there(series);
	}
	return 0;
}

/* ---- sending --------------------------------------------------------- */

static int
put_target(const struct series *series, struct bytes *to, struct error *err)
{
	const char *accept = cli_value(series->answer->cli, "accept");
	const char *undo = cli_value(series->answer->cli, "undo");

	bytes_put_format(to,
	    "/v1/drafts/%s:send-apart?version=%lld&undo=", series->draft,
	    (long long)series->version);
	http_path_put(to, undo != NULL ? undo : "0");
	bytes_put_text(to, "&accept=");
	http_path_put(to, accept != NULL ? accept : "");
	bytes_put_u8(to, '\0');
	return bytes_failed(to, err);
}

/* What was refused is no draft that somebody would look for. */
static void
discard(struct series *series)
{
	struct error ignored = { 0 };
	char target[TARGET_SIZE];

	snprintf(target, sizeof(target), "/v1/drafts/%s:discard?version=%lld",
	    series->draft, (long long)series->version);
	(void)!answer_post(series->answer, target, "{}", &ignored);
}

static int
send_all(struct series *series, struct error *err)
{
	struct bytes target = { 0 };
	int rc = -1;

	if (put_target(series, &target, err) == 0)
		rc = answer_post(series->answer, (const char *)target.data,
		    "{}", err);
	bytes_free(&target);
	if (rc == 0) {
		show(series->answer);
		return 0;
	}
	doc_findings_print_refusal(series->answer);
	if (err->code == ERROR_MALFORMED)
		discard(series);
	return -1;
}

int
doc_apart_send(struct answer *answer, struct error *err)
{
	const struct cli *cli = answer->cli;
	struct series series = { .answer = answer };
	int rc = -1;

	series.files =
	    calloc((size_t)cli->argument_count + 1, sizeof(*series.files));
	if (series.files == NULL)
		return error_set_memory(err);
	for (int i = 0; cli_argument(cli, i) != NULL; i++) {
		const char *path = cli_argument(cli, i);
		const char *slash = strrchr(path, '/');

		series.files[series.count++] = (struct local_file){
			.name = slash != NULL ? slash + 1 : path,
			.path = path,
		};
	}
	if (series.count == 0)
		rc = cli_refuse(err, "no .di among the files");
	else if (make_key(&series, err) == 0 && keep(&series, err) == 0)
		rc = send_all(&series, err);
	free(series.files);
	return rc;
}
