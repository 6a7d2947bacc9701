/*
 * yizhan log prove: does a file prove that a log told two stories?
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/contradiction.h"
#include "bulletin/root.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/log/log_keys.h"
#include "cli/offline.h"
#include "crypto/cert_cache.h"
#include "json/json_write.h"
#include "log/conflict.h"
#include "sys/clock.h"

enum { KEYS = 256, CERTS = 8, PROOF_MAX = CONTRADICTION_MAX };

static int
read_file(const char *path, struct bytes *to, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *room = bytes_extend(to, PROOF_MAX + 1);
	ssize_t len = -1;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	if (room == NULL) {
		close(fd);
		return error_set_memory(err);
	}
	len = read(fd, room, PROOF_MAX + 1);
	close(fd);
	to->len -= PROOF_MAX + 1 - (len > 0 ? (size_t)len : 0);
	return len < 0 ? error_set_errno(err, "reading %s", path) : 0;
}

/* By the key that signed both; the error of the last one that did not. */
static int
check(const struct conflict *conflict, const struct leaves_log_key *keys,
    size_t count, struct note_checkpoint checkpoints[2], struct error *err)
{
	struct note note;

	if (note_parse(conflict->small, conflict->small_len, &note, err) < 0)
		return -1;
	error_set_id(err, "E3405", ERROR_UNTRUSTED,
	    "no bulletin names a key of the log %s", note.checkpoint.origin);
	for (size_t i = 0; i < count; i++) {
		if (!text_equal(keys[i].origin, note.checkpoint.origin))
			continue;
		*err = (struct error){ 0 };
		if (conflict_check(conflict, keys[i].origin, keys[i].public_key,
			checkpoints, err) == 0)
			return 0;
	}
	return -1;
}

static int
report(const struct cli *cli, const struct note_checkpoint checkpoints[2],
    struct error *err)
{
	struct bytes text = { 0 };
	struct json_writer writer = json_writer_to(&text);
	char root[DIGEST_TEXT_SIZE];
	int rc = 0;

	if (cli->json) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "origin", checkpoints[0].origin);
		json_write_begin_array(&writer, "checkpoints");
		for (int i = 0; i < 2; i++) {
			json_write_begin_object(&writer, NULL);
			json_write_int(&writer, "size",
			    (int64_t)checkpoints[i].size);
			json_write_digest(&writer, "root",
			    &checkpoints[i].root);
			json_write_end(&writer);
		}
		json_write_end(&writer);
		json_write_end(&writer);
		rc = json_write_done(&writer, err);
		bytes_put_u8(&text, '\n');
	} else {
		bytes_put_text(&text,
		    cli_text(cli,
			"證明成立：同一份紀錄簽署了互相矛盾的檢查點\n",
			"proven: one log signed two checkpoints that cannot "
			"both be\n"));
		bytes_put_format(&text, "  %s\n", checkpoints[0].origin);
		for (int i = 0; i < 2; i++) {
			digest_format(&checkpoints[i].root, root);
			bytes_put_format(&text, "  %llu %s, %s %s\n",
			    (unsigned long long)checkpoints[i].size,
			    cli_text(cli, "筆紀錄", "records"),
			    cli_text(cli, "根", "root"), root);
		}
	}
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

/* By the key of the newest root of those in the folder. */
static int
check_contradiction(struct offline *offline,
    const struct contradiction *contradiction, enum timestamp_order *ret_order,
    struct error *err)
{
	const struct bulletin_role *role;
	struct cert_cache *certs = NULL;
	struct root root = { 0 };
	int rc =
	    offline_root(offline, offline_newest_root(offline), &root, err);

	role = rc > 0 ? root_role_of(&root, BULLETIN_TIMESTAMP, "") : NULL;
	if (rc >= 0 && role == NULL)
		rc = error_set_id(err, "E7011", ERROR_UNTRUSTED,
		    "no root names a key for timestamps");
	else if (rc > 0)
		rc = cert_cache_new(CERTS, &certs, err);
	if (rc == 0)
		rc = contradiction_check(contradiction, certs, role, ret_order,
		    err);
	cert_cache_free(certs);
	root_free(&root);
	return rc;
}

/* Two timestamps of management. */
static int
prove_contradiction(struct cli *cli, struct offline *offline,
    const struct bytes *data, struct error *err)
{
	struct contradiction contradiction = { .first = { 0 } };
	enum timestamp_order order;
	struct bytes text = { 0 };
	int rc = -1;

	if (contradiction_parse(data->data, data->len, &contradiction, err) ==
		0 &&
	    check_contradiction(offline, &contradiction, &order, err) == 0) {
		bytes_put_text(&text,
		    order == TIMESTAMP_CONTRADICTS
			? cli_text(cli,
			      "證明成立：管理層就同一序號簽署了兩份時戳通報\n",
			      "proven: management signed two timestamps that "
			      "name one serial with two digests\n")
			: cli_text(cli,
			      "證明成立：管理層後來的時戳通報列出較舊的序號\n",
			      "proven: a later timestamp of management names "
			      "an older serial\n"));
		cli_print(&text);
		rc = 0;
	}
	bytes_free(&text);
	contradiction_free(&contradiction);
	return rc;
}

static bool
is_contradiction(const struct bytes *data)
{
	size_t len = strlen(contradiction_mark);

	return data->len > len &&
	    memcmp(data->data, contradiction_mark, len) == 0;
}

static int
prove_conflict(struct cli *cli, struct offline *offline,
    const struct bytes *data, struct error *err)
{
	struct leaves_log_key *keys = calloc(KEYS, sizeof(*keys));
	struct note_checkpoint checkpoints[2];
	struct conflict conflict;
	size_t count;
	int rc = -1;

	if (keys == NULL)
		return error_set_memory(err);
	if (conflict_parse(data->data, data->len, &conflict, err) == 0 &&
	    log_keys_find(offline, NULL, clock_now_ms(), keys, KEYS, &count,
		err) == 0 &&
	    check(&conflict, keys, count, checkpoints, err) == 0)
		rc = report(cli, checkpoints, err);
	free(keys);
	return rc;
}

static int
run_prove(struct cli *cli, struct error *err)
{
	const char *path = cli_argument(cli, 0);
	const char *folder = cli_value(cli, "bulletins");
	const char *root = cli_value(cli, "root");
	const char *environment = cli_value(cli, "environment");
	struct offline *offline = NULL;
	struct bytes data = { 0 };
	int rc = -1;

	if (path == NULL || folder == NULL || root == NULL)
		cli_refuse(err,
		    "log prove needs a file, --bulletins and --root");
	else if (read_file(path, &data, err) == 0 &&
	    offline_open(folder, root,
		environment != NULL ? environment : "production",
		clock_now_ms(), &offline, err) == 0)
		rc = is_contradiction(&data)
		    ? prove_contradiction(cli, offline, &data, err)
		    : prove_conflict(cli, offline, &data, err);
	offline_close(offline);
	bytes_free(&data);
	return rc;
}

static const struct command_option options[] = {
	{ "bulletins", 0, "DIR", "bulletins to judge by, in order of names" },
	{ "root", 0, "SHA256", "digest of the first root bulletin" },
	{ "environment", 0, "NAME", "production unless given" },
	{ NULL, 0, NULL, NULL },
};

const struct command log_prove_command = {
	.name = "log prove",
	.summary = "check the proof that a log told two stories",
	.summary_zh = "驗證存證紀錄自相矛盾的證明",
	.arguments = "FILE",
	.arguments_max = 1,
	.examples = "yizhan log prove conflict.txt --bulletins DIR --root "
		    "SHA256\n",
	.options = options,
	.run = run_prove,
};
