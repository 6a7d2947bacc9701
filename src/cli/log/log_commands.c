/*
 * yizhan log audit and conflicts.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/local.h"
#include "cli/log/log_audit.h"
#include "cli/log/log_remote.h"
#include "json/json_write.h"
#include "service/config.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { TRIES = 5, PAUSE_NS = 200 * 1000 * 1000, SHOWN_MAX = 1000 };

/* What an audit found, as text and as JSON. */
struct report {
	const struct cli *cli;
	struct bytes text;
	struct bytes json;
	struct json_writer writer;
	uint64_t loose; /* findings that a running host mends by itself */
	uint64_t count;
};

static const char *
fault_words(const struct cli *cli, enum leaves_fault fault)
{
	static const char *const words[LEAVES_FAULT_COUNT][2] = {
		[LEAVES_MISSING] = { "紀錄不存在", "missing" },
		[LEAVES_CHANGED] = { "紀錄遭變更", "changed" },
		[LEAVES_HASHES] = { "雜湊不符", "hashes differ" },
		[LEAVES_REWRITTEN] = { "與簽署的檢查點不符",
		    "not what was signed" },
		[LEAVES_SHORT] = { "紀錄遭截斷", "cut off" },
		[LEAVES_UNSIGNED] = { "檢查點無效", "bad checkpoint" },
		[LEAVES_LOOSE] = { "沒有檢查點", "under no checkpoint" },
		[LEAVES_STRANGE] = { "不屬於這份紀錄", "does not belong here" },
	};

	return cli_text(cli, words[fault][0], words[fault][1]);
}

static void
take_finding(void *ctx, const struct leaves_finding *finding)
{
	struct report *report = ctx;
	struct json_writer *writer = &report->writer;

	report->loose += finding->fault == LEAVES_LOOSE;
	if (++report->count > SHOWN_MAX)
		return;
	bytes_put_format(&report->text, "✗ %llu",
	    (unsigned long long)finding->first);
	if (finding->last != finding->first)
		bytes_put_format(&report->text, "-%llu",
		    (unsigned long long)finding->last);
	bytes_put_format(&report->text, "  %s: %s\n",
	    fault_words(report->cli, finding->fault), finding->why);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "fault", leaves_fault_name(finding->fault));
	json_write_int(writer, "first", (int64_t)finding->first);
	json_write_int(writer, "last", (int64_t)finding->last);
	json_write_text(writer, "why", finding->why);
	json_write_end(writer);
}

static void
begin_report(struct report *report, const char *center)
{
	bytes_clear(&report->text);
	bytes_clear(&report->json);
	report->loose = report->count = 0;
	report->writer = json_writer_to(&report->json);
	json_write_begin_object(&report->writer, NULL);
	json_write_text(&report->writer, "center", center);
	json_write_begin_array(&report->writer, "findings");
}

static void
put_proofs(struct report *report, const struct log_remote_found *found)
{
	struct json_writer *writer = &report->writer;
	const struct bytes *proofs = &found->proofs;

	json_write_int(writer, "authorities", found->authorities);
	json_write_int(writer, "quorum", found->quorum);
	json_write_text_len(writer, "proofs", (const char *)proofs->data,
	    proofs->len);
	bytes_put_format(&report->text, "  %s %u, %s %u\n",
	    cli_text(report->cli, "共同簽署的機關", "cosigned by authorities"),
	    found->authorities, cli_text(report->cli, "至少", "at least"),
	    found->quorum);
	bytes_put(&report->text, proofs->data, proofs->len);
}

/* `found` only of an audit over the network. */
static int
end_report(struct report *report, const char *center,
    const struct leaves_summary *summary, const struct log_remote_found *found,
    struct error *err)
{
	struct json_writer *writer = &report->writer;
	char root[DIGEST_TEXT_SIZE];

	json_write_end(writer);
	json_write_int(writer, "records", (int64_t)summary->records);
	json_write_int(writer, "attested", (int64_t)summary->attested);
	json_write_int(writer, "checkpoints", (int64_t)summary->checkpoints);
	json_write_digest(writer, "root", &summary->root);
	digest_format(&summary->root, root);
	bytes_put_format(&report->text, "%s: %llu %s, %llu %s\n  %s %s\n",
	    center, (unsigned long long)summary->records,
	    cli_text(report->cli, "筆紀錄", "records"),
	    (unsigned long long)summary->checkpoints,
	    cli_text(report->cli, "個有效檢查點", "good checkpoints"),
	    cli_text(report->cli, "根", "root"), root);
	if (found != NULL)
		put_proofs(report, found);
	json_write_end(writer);
	if (json_write_done(writer, err) < 0)
		return -1;
	bytes_put_u8(&report->json, '\n');
	cli_print(report->cli->json ? &report->json : &report->text);
	return 0;
}

/*
 * A host that runs signs its newest records a moment after they are stored:
 * what is loose only then is looked at again.
 */
static int
audit(const struct log_audit_terms *terms, struct report *report,
    struct leaves_summary *summary, struct error *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < TRIES; i++) {
		begin_report(report, terms->center);
		if (log_audit(terms, summary, err) < 0)
			return -1;
		if (report->loose == 0 || report->loose != report->count)
			break;
		if (i + 1 < TRIES)
			nanosleep(&pause, NULL);
	}
	return 0;
}

static int
judge_findings(const struct leaves_summary *summary, struct error *err)
{
	return summary->findings == 0
	    ? 0
	    : error_set_id(err, "E5007", ERROR_MALFORMED, "%llu findings",
		  (unsigned long long)summary->findings);
}

/* What was seen now is what the next audit compares with. */
static int
keep(const char *path, const struct bytes *note, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char folder[PATH_MAX];
	int dir, rc;

	if (!text_copy_len(folder, sizeof(folder), len > 0 ? path : ".",
		len > 0 ? len : 1))
		return cli_refuse(err, "the path is too long");
	if (file_open_dir(folder, &dir, err) < 0)
		return -1;
	rc = file_replace(dir, path + len, note->data, note->len, err);
	close(dir);
	return rc;
}

/* Over the network, through our own host. */
static int
audit_remote(struct cli *cli, const struct config *config,
    const struct local *local, struct error *err)
{
	const char *kept = cli_value(cli, "keep");
	const struct log_trust_terms by = { .folder = config->host.data,
		.kinds = config->host.kinds,
		.name = cli_value(cli, "of"),
		.root = config->trust.fingerprint,
		.environment = config->host.environment,
		.now = clock_now_ms() };
	struct report report = { .cli = cli };
	struct log_remote_terms terms = { .by = &by,
		.local = local,
		.kept = cli->arguments,
		.kept_count = cli->argument_count,
		.memory = kept,
		.tell = take_finding,
		.ctx = &report };
	struct log_remote_found found;
	struct leaves_summary summary;
	int rc;

	begin_report(&report, by.name);
	rc = log_remote_audit(&terms, &summary, &found, err);
	if (rc == 0)
		rc = end_report(&report, by.name, &summary, &found, err);
	if (rc == 0)
		rc = judge_findings(&summary, err);
	if (rc == 0 && kept != NULL && found.note.len > 0)
		rc = keep(kept, &found.note, err);
	bytes_free(&found.note);
	bytes_free(&found.proofs);
	bytes_free(&report.text);
	bytes_free(&report.json);
	return rc;
}

static int
run_audit(struct cli *cli, struct error *err)
{
	struct report report = { .cli = cli };
	struct config *config = NULL;
	struct log_audit_terms terms = { .kept = cli->arguments,
		.kept_count = cli->argument_count,
		.now = clock_now_ms(),
		.tell = take_finding,
		.ctx = &report };
	struct leaves_summary summary;
	struct local local;
	int rc = -1;

	if (local_open(cli, &config, &local, err) < 0)
		return -1;
	if (cli_value(cli, "of") != NULL) {
		rc = audit_remote(cli, config, &local, err);
		goto done;
	}
	terms.folder = cli_value(cli, "data");
	if (terms.folder == NULL)
		terms.folder = config->host.data;
	terms.center = config->host.name;
	terms.root = config->trust.fingerprint;
	terms.environment = config->host.environment;
	terms.is_management = !config_has_kind(config, CONFIG_CENTER);
	if (terms.is_management &&
	    !config_has_kind(config, CONFIG_MANAGEMENT)) {
		cli_refuse(err, "only a center and management have a log");
		goto done;
	}
	if (audit(&terms, &report, &summary, err) < 0 ||
	    end_report(&report, terms.center, &summary, NULL, err) < 0)
		goto done;
	rc = judge_findings(&summary, err);
done:
	bytes_free(&report.text);
	bytes_free(&report.json);
	config_free(config);
	return rc;
}

/* ---- conflicts ------------------------------------------------------- */

/* Several lines, none of which steers a terminal. */
static void
put_lines(struct bytes *to, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		text_put_escaped(to, text, len);
		bytes_put_u8(to, '\n');
		text += text[len] == '\n' ? len + 1 : len;
	}
}

static int
run_conflicts(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	const struct json_value *list;
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, "/v1/conflicts", err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		list = json_value_member(answer_root(&answer), "conflicts");
		for (size_t i = 0; i < json_value_count(list); i++)
			put_lines(&text,
			    answer_text(json_value_item(list, i), "proof"));
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static const struct command_option conflicts_options[] = {
	{ "config", 'c', "FILE", "configuration of the witness" },
	{ NULL, 0, NULL, NULL },
};

const struct command log_conflicts_command = {
	.name = "log conflicts",
	.summary = "print the proofs that logs told two stories",
	.summary_zh = "列出存證紀錄自相矛盾的證明",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan log conflicts -c center-b.conf\n",
	.options = conflicts_options,
	.run = run_conflicts,
};

static const struct command_option audit_options[] = {
	{ "config", 'c', "FILE", "configuration of the center" },
	{ "data", 0, "DIR", "a copy of its data folder, instead of that" },
	{ "of", 0, "HOST", "the log of this host instead, over the network" },
	{ "keep", 0, "FILE",
	    "with --of: compare with the checkpoint there, and replace it" },
	{ NULL, 0, NULL, NULL },
};

const struct command log_audit_command = {
	.name = "log audit",
	.summary = "check a center's log against all that was signed",
	.summary_zh = "稽核交換中心的存證紀錄",
	.arguments = "[CHECKPOINT...]",
	.arguments_max = -1,
	.examples = "yizhan log audit -c center-a.conf\n"
		    "yizhan log audit -c center-a.conf --data COPY "
		    "parts/receipts/*/checkpoint.txt\n"
		    "yizhan log audit -c center-a.conf --of management "
		    "--keep management.txt\n",
	.options = audit_options,
	.run = run_audit,
};
