/*
 * yizhan evidence export and verify.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/evidence/evidence_check.h"
#include "cli/evidence/evidence_report.h"
#include "crypto/sha256.h"
#include "model/org.h"
#include "sys/clock.h"

enum { TARGET_SIZE = ANSWER_TARGET_SIZE + 64, CHUNK = 65536, MODE = 0644 };

/* ---- export ---------------------------------------------------------- */

/*
 * "DOCUMENT/CODE" of what was sent, or "WAYBILL/CODE" of what came in; a letter
 * with one recipient needs no code.
 */
static int
find_target(struct answer *answer, const char *name, char target[TARGET_SIZE],
    struct error *err)
{
	char letter[ANSWER_TARGET_SIZE], document[ANSWER_TARGET_SIZE];
	const char *slash = strchr(name, '/');
	const struct json_value *list;
	const char *code = slash != NULL ? slash + 1 : "";
	struct error ignored = { 0 };

	if (!text_copy_len(document, sizeof(document), name,
		slash != NULL ? (size_t)(slash - name) : strlen(name)))
		return cli_refuse(err, "%.40s is no letter", name);
	if (answer_find(answer, document, letter, &ignored) < 0 ||
	    !text_starts(letter, "/v1/outbox/")) {
		if (answer_find_inbox(answer, name, letter, err) < 0)
			return -1;
		snprintf(target, TARGET_SIZE, "%s/evidence", letter);
		return 0;
	}
	if (answer_get(answer, letter, err) < 0)
		return -1;
	list = json_value_member(answer_root(answer), "deliveries");
	if (code[0] == '\0' && json_value_count(list) == 1)
		code = answer_text(json_value_item(list, 0), "recipient");
	if (code[0] == '\0')
		return cli_refuse(err,
		    "the letter has %zu recipients: give DOCUMENT/CODE",
		    json_value_count(list));
	if (!org_code_parse(code, &(struct org_code){ { 0 } }))
		return cli_refuse(err, "%.20s is no code of a recipient", code);
	snprintf(target, TARGET_SIZE, "%s/evidence?recipient=%s", letter, code);
	return 0;
}

/* Nothing is overwritten, and nothing is left that is not whole. */
static int
save(struct answer *answer, const char *target, const char *path,
    struct error *err)
{
	struct http_call call = { .method = "GET",
		.target = target,
		.body_fd = -1,
		.answer_fd =
		    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE) };
	struct http_answer got = { 0 };
	int rc;

	if (call.answer_fd < 0)
		return errno == EEXIST
		    ? error_set(err, ERROR_EXISTS, "%s is there already", path)
		    : error_set_errno(err, "creating %s", path);
	rc = local_call(&answer->local, &call, &got, err);
	http_answer_free(&got);
	if (close(call.answer_fd) < 0 && rc == 0)
		rc = error_set_errno(err, "writing %s", path);
	if (rc < 0)
		unlink(path);
	return rc;
}

static int
run_export(struct cli *cli, struct error *err)
{
	const char *path = cli_value(cli, "to");
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	if (cli_argument(cli, 0) == NULL || path == NULL)
		return cli_refuse(err,
		    "evidence export needs a letter and --to FILE");
	if (answer_open(&answer, cli, err) == 0 &&
	    find_target(&answer, cli_argument(cli, 0), target, err) == 0)
		rc = save(&answer, target, path, err);
	if (rc == 0)
		cli_say(cli, "%s\n", path);
	answer_close(&answer);
	return rc;
}

/* ---- verify ---------------------------------------------------------- */

static int
open_file(const char *path, int *ret_fd, struct error *err)
{
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? error_set_errno(err, "opening %s", path) : 0;
}

static int
read_evidence(const char *path, struct bytes *to, struct error *err)
{
	ssize_t len = -1;
	int fd;

	if (open_file(path, &fd, err) < 0)
		return -1;
	do {
		uint8_t *room = bytes_extend(to, CHUNK);

		if (room == NULL)
			break;
		len = read(fd, room, CHUNK);
		to->len -= CHUNK - (len > 0 ? (size_t)len : 0);
	} while (len > 0 && to->len <= EVIDENCE_BYTES_MAX);
	if (bytes_failed(to, err) == 0 && len < 0)
		error_set_errno(err, "reading %s", path);
	close(fd);
	return err->code == ERROR_NONE ? 0 : -1;
}

/* Of any length: packages are large. */
static int
digest_file(const char *path, struct digest *ret_digest, struct error *err)
{
	struct sha256 *sha = NULL;
	uint8_t *chunk = malloc(CHUNK);
	ssize_t len = -1;
	int fd = -1;
	int rc = -1;

	if (chunk == NULL) {
		error_set_memory(err);
		goto done;
	}
	if (open_file(path, &fd, err) < 0 || sha256_new(&sha, err) < 0)
		goto done;
	while ((len = read(fd, chunk, CHUNK)) > 0)
		sha256_update(sha, chunk, (size_t)len);
	sha256_final(sha, ret_digest);
	rc = len < 0 ? error_set_errno(err, "reading %s", path) : 0;
done:
	sha256_free(sha);
	free(chunk);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
report(const struct cli *cli, const struct evidence_verdict *verdict,
    struct error *err)
{
	struct bytes text = { 0 };
	int rc = 0;

	if (cli->json) {
		rc = evidence_report_json(verdict, &text, err);
		bytes_put_u8(&text, '\n');
	} else {
		evidence_report_words(cli, verdict, &text);
	}
	if (rc == 0 && bytes_failed(&text, err) < 0)
		rc = -1;
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

static int
run_verify(struct cli *cli, struct error *err)
{
	const char *path = cli_argument(cli, 0);
	const char *environment = cli_value(cli, "environment");
	struct evidence_terms terms = { .root = cli_value(cli, "root"),
		.environment = environment != NULL ? environment : "production",
		.bulletins = cli_value(cli, "bulletins"),
		.now = clock_now_ms() };
	struct evidence_verdict *verdict = calloc(1, sizeof(*verdict));
	struct bytes data = { 0 };
	int rc = -1;

	if (verdict == NULL) {
		error_set_memory(err);
	} else if (path == NULL || terms.root == NULL) {
		cli_refuse(err, "evidence verify needs a file and --root");
	} else if ((cli_value(cli, "package") == NULL ||
		       digest_file(cli_value(cli, "package"), &terms.package,
			   err) == 0) &&
	    read_evidence(path, &data, err) == 0) {
		rc = evidence_check(data.data, data.len, &terms, verdict, err);
		rc = rc == 0 ? report(cli, verdict, err)
			     : error_prefix(err, "%s", path);
	}
	bytes_free(&data);
	free(verdict);
	return rc;
}

static const struct command_option export_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway to ask" },
	{ "to", 0, "FILE", "file to write; nothing is overwritten" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option verify_options[] = {
	{ "root", 0, "SHA256", "digest of the first root bulletin" },
	{ "environment", 0, "NAME", "production unless given" },
	{ "bulletins", 0, "DIR", "bulletins that are not in the file" },
	{ "package", 0, "FILE", "package that must be the letter delivered" },
	{ NULL, 0, NULL, NULL },
};

const struct command evidence_export_command = {
	.name = "evidence export",
	.summary = "write the evidence of one delivery to a file",
	.summary_zh = "將一件遞送的存證匯出成檔案",
	.arguments = "DOCUMENT/CODE|WAYBILL/CODE",
	.arguments_max = 1,
	.examples = "yizhan evidence export DOCUMENT/376470000A --to "
		    "evidence.zip\n",
	.options = export_options,
	.run = run_export,
};

const struct command evidence_verify_command = {
	.name = "evidence verify",
	.summary = "check the evidence of a delivery without any host",
	.summary_zh = "離線驗證一件遞送的存證",
	.arguments = "FILE",
	.arguments_max = 1,
	.examples = "yizhan evidence verify evidence.zip --root SHA256\n",
	.options = verify_options,
	.run = run_verify,
};
