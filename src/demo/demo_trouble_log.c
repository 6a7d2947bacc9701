#define _XOPEN_SOURCE 700 /* kill(), getpgid() */
/*
 * The log of a center of a running demo is rewritten by somebody who has its disk
 * and its key: a time in a record that others were told of long ago is another
 * one, all hashes fit, and the newest checkpoint is signed anew.  Nothing at the
 * center tells; what others hold signed does (docs/protocol.md 5).
 *
 * The center's processes are ended for that, as a power cut would, and start by
 * themselves again.
 */
#include "demo/demo_trouble.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/host_store.h"
#include "demo/demo_trouble_internal.h"
#include "log/note.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum {
	STEP_MS = 50,
	LIMIT_MS = 10000,
	RECORDS_MAX = 100000, /* a demo that ran for long */
};

struct forgery {
	const struct trouble *trouble;
	const struct demo_host *center;
	struct store *store;
	int64_t record; /* that is changed */
};

/* ---- the record -------------------------------------------------------- */

/* The first one that says that somebody signed for a letter. */
static int
find_record(struct forgery *forgery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(store_rows(forgery->store),
		"SELECT position FROM leaf WHERE"
		" instr(statement, CAST('\"event\":\"confirmed\"' AS BLOB))"
		" AND position < ?1 ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, RECORDS_MAX);
	found = query_next(query, err);
	if (found > 0)
		forgery->record = query_int(query, 0);
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "%s has logged no signature for a letter yet",
		    forgery->center->name);
	return found < 0 ? -1 : 0;
}

/* Another hour, as long as the true one. */
static int
put_other_time(const uint8_t *statement, size_t len, struct bytes *to,
    struct error *err)
{
	static const char member[] = "\"time\":\"2";
	enum { HOUR = sizeof(member) - 2 + 11 }; /* behind "2026-11-22T" */
	size_t start = to->len;

	bytes_put(to, statement, len);
	if (bytes_failed(to, err) < 0)
		return -1;
	for (size_t i = 0; i + HOUR + 2 < len; i++) {
		uint8_t *hour = to->data + start + i + HOUR;

		if (memcmp(statement + i, member, sizeof(member) - 1) != 0)
			continue;
		memcpy(hour, memcmp(hour, "08", 2) != 0 ? "08" : "09", 2);
		return 0;
	}
	return error_set(err, ERROR_SYSTEM, "the record has no time");
}

/* ---- the tree ---------------------------------------------------------- */

static int
append_told(struct forgery *forgery, struct query *query, struct error *err)
{
	struct bytes statement = { 0 };
	struct digest salt;
	uint64_t index = 0;
	size_t len;
	const uint8_t *told = query_data(query, 2, &len);
	int rc = 0;

	query_digest(query, 1, &salt);
	if (query_int(query, 0) == forgery->record)
		rc = put_other_time(told, len, &statement, err);
	else
		bytes_put(&statement, told, len);
	if (rc == 0 && query_failed(query, err) == 0 &&
	    bytes_failed(&statement, err) == 0)
		rc = leaves_append(store_leaves(forgery->store), &salt,
		    statement.data, statement.len, &index, err);
	else
		rc = -1;
	bytes_free(&statement);
	return rc;
}

/* All records again, in their order, with the one that is another. */
static int
rebuild(struct forgery *forgery, struct error *err)
{
	struct rows *rows = store_rows(forgery->store);
	struct query *query;
	int more = -1;

	if (rows_run(rows,
		"CREATE TEMP TABLE told AS"
		" SELECT position, salt, statement FROM leaf;"
		"DELETE FROM leaf; DELETE FROM tile",
		err) < 0 ||
	    leaves_reload(store_leaves(forgery->store), err) < 0 ||
	    query_begin(rows,
		"SELECT position, salt, statement FROM temp.told"
		" ORDER BY position",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0)
		if (append_told(forgery, query, err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

static int
put_note(struct forgery *forgery, const char *origin, struct bytes *note,
    struct error *err)
{
	const struct leaves *leaves = store_leaves(forgery->store);
	struct note_checkpoint checkpoint = { .size = leaves_size(leaves),
		.root = leaves_root(leaves) };
	struct bytes text = { 0 };
	struct bytes signature = { 0 };
	uint8_t public_key[NOTE_PUBLIC_LEN];
	struct demo_pair pair = { 0 };
	char path[TROUBLE_PATH_SIZE];
	int rc = -1;

	snprintf(path, sizeof(path), "%s.keys/log", forgery->center->name);
	text_copy(checkpoint.origin, sizeof(checkpoint.origin), origin);
	if (trouble_read_pair(forgery->trouble, path, &pair, err) == 0 &&
	    note_put_text(&checkpoint, &text, err) == 0 &&
	    key_sign(pair.key, text.data, text.len, &signature, err) == 0 &&
	    cert_ed25519(pair.cert, public_key))
		rc = note_put(&checkpoint, public_key, signature.data, note,
		    err);
	demo_pair_free(&pair);
	bytes_free(&text);
	bytes_free(&signature);
	return rc;
}

/* One that is signed, in the place of all that were. */
static int
sign_anew(struct forgery *forgery, struct error *err)
{
	struct leaves *leaves = store_leaves(forgery->store);
	struct bytes newest = { 0 };
	struct bytes forged = { 0 };
	struct note note;
	uint64_t size;
	int rc = -1;

	if (leaves_checkpoint_find(leaves, UINT64_MAX, &size, &newest, err) ==
		0 &&
	    note_parse(newest.data, newest.len, &note, err) == 0 &&
	    put_note(forgery, note.checkpoint.origin, &forged, err) == 0 &&
	    rows_run(store_rows(forgery->store), "DELETE FROM checkpoint",
		err) == 0)
		rc = leaves_checkpoint_add(leaves, leaves_size(leaves),
		    forged.data, forged.len, err);
	bytes_free(&newest);
	bytes_free(&forged);
	return rc;
}

static int
rewrite(struct forgery *forgery, struct error *err)
{
	if (find_record(forgery, err) < 0 ||
	    store_begin(forgery->store, err) < 0)
		return -1;
	if (rebuild(forgery, err) == 0 && sign_anew(forgery, err) == 0)
		return store_commit(forgery->store, err);
	store_abort(forgery->store, err);
	return -1;
}

/* ---- the center -------------------------------------------------------- */

/* All processes of a group but the first. */
static void
end_roles(pid_t group)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	uint64_t pid;

	while (processes != NULL && (entry = readdir(processes)) != NULL)
		if (text_parse_u64(entry->d_name, INT32_MAX, &pid) &&
		    (pid_t)pid != group && getpgid((pid_t)pid) == group)
			kill((pid_t)pid, SIGKILL);
	if (processes != NULL)
		closedir(processes);
}

/* Its own processes may need a moment to end. */
static int
open_store(struct forgery *forgery, struct host_store *store, const char *dir,
    struct error *err)
{
	for (int ms = 0;; ms += STEP_MS) {
		struct error why = { 0 };

		if (host_store_open(CONFIG_CENTER, dir, store, &why) == 0 &&
		    store_open(&store->options, NULL, NULL, &forgery->store,
			&why) == 0)
			return 0;
		if (why.code != ERROR_BUSY || ms >= LIMIT_MS) {
			*err = why;
			return -1;
		}
		poll(NULL, 0, STEP_MS);
	}
}

static int
forge(struct forgery *forgery, struct error *err)
{
	const struct trouble *trouble = forgery->trouble;
	struct host_store store;
	char dir[TROUBLE_PATH_SIZE];
	int rc;

	if (snprintf(dir, sizeof(dir), "%s/%s", trouble->folder,
		forgery->center->name) >= (int)sizeof(dir))
		return error_set(err, ERROR_MALFORMED, "%s: path too long",
		    trouble->folder);
	rc = open_store(forgery, &store, dir, err);
	if (rc == 0) {
		rc = rewrite(forgery, err);
		store_close(forgery->store);
	}
	return rc;
}

static const struct demo_host *
find_center(const char *name)
{
	for (int i = 0; name != NULL && i < DEMO_HOSTS; i++)
		if (demo_hosts[i].kind == DEMO_CENTER &&
		    (text_equal(demo_hosts[i].name, name) ||
			text_equal(demo_hosts[i].title, name)))
			return &demo_hosts[i];
	return NULL;
}

static int
run_tamper(struct cli *cli, struct error *err)
{
	struct trouble trouble = { 0 };
	struct forgery forgery = { .trouble = &trouble,
		.center = find_center(cli_argument(cli, 0)) };
	pid_t group;
	int rc;

	if (trouble_begin(&trouble, cli, err) < 0)
		return -1;
	if (forgery.center == NULL)
		return cli_refuse(err, "the demo has center-a and center-b");
	if (trouble_find_group(&trouble, forgery.center->name, &group, err) < 0)
		return -1;
	/* The first process starts the others again: after this. */
	kill(group, SIGSTOP);
	end_roles(group);
	rc = forge(&forgery, err);
	kill(group, SIGCONT);
	if (rc == 0)
		trouble_tell(&trouble, demo_host_find("gateway-1"),
		    "交換中心的存證紀錄已被竄改並重新簽署；下一件公文或簽收之後，"
		    "見證主機與閘道會發現，並保存證據。",
		    "The center's log was changed and signed anew; after the "
		    "next letter or signature its witnesses and the gateways "
		    "find out, and keep the proof.",
		    "problems");
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "any configuration of the demo" },
	{ NULL, 0, NULL, NULL },
};

const struct command demo_tamper_command = {
	.name = "demo tamper",
	.summary = "the log of a center of a running demo is changed",
	.summary_zh = "示範網路交換中心的存證紀錄遭竄改",
	.arguments = "CENTER",
	.arguments_max = 1,
	.examples = "yizhan demo tamper center-a\n",
	.options = options,
	.run = run_tamper,
};
