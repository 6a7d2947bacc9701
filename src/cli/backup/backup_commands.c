/*
 * yizhan backup, backup verify and restore.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/backup/backup_drill.h"
#include "cli/backup/backup_folder.h"
#include "cli/backup/backup_make.h"
#include "cli/backup/backup_record.h"
#include "cli/backup/backup_seal.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/host_store.h"
#include "cli/local.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "json/json_write.h"
#include "model/times.h"
#include "service/config.h"
#include "sys/clock.h"

enum { MIB = 1024 * 1024, RATE_MAX = 1000000, SHOWN_MAX = 1000 };

/* ---- backup ---------------------------------------------------------- */

static int
read_rate(const struct cli *cli, uint64_t *ret_rate, struct error *err)
{
	const char *text = cli_value(cli, "rate");

	*ret_rate = 0;
	if (text == NULL)
		return 0;
	if (!text_parse_u64(text, RATE_MAX, ret_rate) || *ret_rate == 0)
		return cli_refuse(err, "--rate takes mebibytes per second");
	*ret_rate *= MIB;
	return 0;
}

static void
remember_backup(const struct cli *cli, const struct config *config,
    const char *to, const struct backup_manifest *manifest)
{
	struct backup_record record = { 0 };
	struct error err = { 0 };

	/* A record that cannot be read is written anew. */
	if (backup_record_read(config->host.data, &record, &err) < 0)
		record = (struct backup_record){ 0 };
	err = (struct error){ 0 };
	record.backup_at = manifest->made_at;
	record.manifest = manifest->digest;
	if (!text_copy(record.to, sizeof(record.to), to))
		record.to[0] = '\0';
	if (backup_record_write(config->host.data, &record, &err) < 0)
		cli_say(cli, "%s: %s\n",
		    cli_text(cli, "備份完成，但未能記錄",
			"the backup is there, but could not be recorded"),
		    err.text);
}

static int
report_backup(const struct cli *cli, const char *to,
    const struct backup_manifest *manifest, bool is_sealed, bool was_running,
    struct error *err)
{
	struct bytes out = { 0 };
	struct json_writer writer = json_writer_to(&out);
	char digest[DIGEST_TEXT_SIZE];
	uint64_t bytes = 0;
	int rc = 0;

	for (size_t i = 0; i < manifest->file_count; i++)
		bytes += manifest->files[i].length;
	digest_format(&manifest->digest, digest);
	if (cli->json) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "to", to);
		json_write_text(&writer, "manifest", digest);
		json_write_time(&writer, "made", manifest->made_at);
		json_write_bool(&writer, "encrypted", is_sealed);
		json_write_bool(&writer, "was_running", was_running);
		json_write_int(&writer, "files", (int64_t)manifest->file_count);
		json_write_int(&writer, "bytes", (int64_t)bytes);
		json_write_int(&writer, "records", (int64_t)manifest->log.size);
		json_write_end(&writer);
		rc = json_write_done(&writer, err);
		bytes_put_u8(&out, '\n');
	} else {
		cli_put(&out, to);
		bytes_put_format(&out,
		    "\n  %zu %s, %" PRIu64 " MiB%s%s\n  %s  %s%s\n",
		    manifest->file_count, cli_text(cli, "個檔案", "files"),
		    bytes / MIB,
		    is_sealed ? cli_text(cli, "，已加密", ", encrypted") : "",
		    was_running ? ""
				: cli_text(cli, "（主機未執行）",
				      " (the host does not run)"),
		    digest, backup_manifest_name, is_sealed ? ".sealed" : "");
	}
	if (rc == 0 && bytes_failed(&out, err) < 0)
		rc = -1;
	if (rc == 0)
		cli_print(&out);
	bytes_free(&out);
	return rc;
}

static int
run_backup(struct cli *cli, struct error *err)
{
	struct backup_terms terms = { .to = cli_value(cli, "to"),
		.now = clock_now_ms() };
	struct backup_manifest manifest = { 0 };
	const char *recipient = cli_value(cli, "recipient");
	struct backup_key *key = NULL;
	struct config *config = NULL;
	bool was_running = false;
	int rc = -1;

	if (terms.to == NULL)
		return cli_refuse(err, "backup needs --to FOLDER");
	if (read_rate(cli, &terms.bytes_per_s, err) < 0 ||
	    local_open(cli, &config, &terms.local, err) < 0)
		return -1;
	terms.config = config;
	if (recipient == NULL || backup_key_new(recipient, &key, err) == 0) {
		terms.key = key;
		rc = backup_make(&terms, &manifest, &was_running, err);
	}
	if (rc == 0) {
		remember_backup(cli, config, terms.to, &manifest);
		rc = report_backup(cli, terms.to, &manifest, key != NULL,
		    was_running, err);
	}
	backup_key_free(key);
	backup_manifest_free(&manifest);
	config_free(config);
	return rc;
}

static const struct command_option backup_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "to", 0, "FOLDER", "the folder to make; must not be there" },
	{ "rate", 0, "MIB", "copy at most so many mebibytes per second" },
	{ "recipient", 0, "FILE", "encrypt it for the certificates of FILE" },
	{ NULL, 0, NULL, NULL },
};

const struct command backup_command = {
	.name = "backup",
	.summary = "copy a host's data consistently, while it runs",
	.summary_zh = "備份主機資料（服務不中斷）",
	.arguments = "",
	.examples = "yizhan backup -c center-a.conf --to /backup/2026-11-26\n"
		    "yizhan backup -c gateway.conf --to /backup/2026-11-26 "
		    "--recipient custodians.crt\n",
	.options = backup_options,
	.run = run_backup,
};

/* ---- the key of an encrypted one ------------------------------------- */

/* `*ret_key` stays NULL for a backup that is not encrypted. */
static int
open_key(const struct cli *cli, const char *backup, struct backup_key **ret_key,
    struct error *err)
{
	const char *path = cli_value(cli, "key");
	struct cert *cert = NULL;
	struct key *own = NULL;
	int rc = -1;

	if (!backup_is_sealed(backup))
		return 0;
	if (path == NULL)
		return error_set_id(err, "E4601", ERROR_DENIED,
		    "%s is encrypted", backup);
	if (trust_read_holder(cli, path, &own, &cert, err) == 0)
		rc = backup_key_open(backup, own, cert, ret_key, err);
	key_free(own);
	cert_free(cert);
	return rc;
}

/* ---- backup verify --------------------------------------------------- */

struct report {
	const struct cli *cli;
	struct bytes text;
	struct bytes json;
	struct json_writer writer;
	uint64_t shown;
};

static void
take_finding(void *ctx, const char *what, const char *why)
{
	struct report *report = ctx;

	if (++report->shown > SHOWN_MAX)
		return;
	bytes_put_text(&report->text, "✗ ");
	cli_put(&report->text, what);
	bytes_put_text(&report->text, ": ");
	cli_put(&report->text, why);
	bytes_put_u8(&report->text, '\n');
	json_write_begin_object(&report->writer, NULL);
	json_write_text(&report->writer, "what", what);
	json_write_text(&report->writer, "why", why);
	json_write_end(&report->writer);
}

static void
put_counts(struct report *report, const struct drill_counts *counts)
{
	const struct {
		const char *key, *chinese, *english;
		uint64_t number;
	} lines[] = {
		{ "files", "檔案", "files", counts->files },
		{ "bytes", "位元組", "bytes", counts->bytes },
		{ "payloads", "本文與內容（摘要相符）",
		    "payloads with their digests", counts->payloads },
		{ "bulletins", "公報", "bulletins", counts->bulletins },
		{ "documents", "公文", "documents", counts->documents },
		{ "deliveries", "遞送", "deliveries", counts->deliveries },
		{ "records", "存證紀錄", "log records", counts->records },
		{ "checkpoints", "有效檢查點", "good checkpoints",
		    counts->checkpoints },
		{ "receipts", "回條（簽章有效）",
		    "receipts with good signatures", counts->receipts },
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		json_write_int(&report->writer, lines[i].key,
		    (int64_t)lines[i].number);
		if (lines[i].number > 0)
			bytes_put_format(&report->text, "  %s %" PRIu64 "\n",
			    cli_text(report->cli, lines[i].chinese,
				lines[i].english),
			    lines[i].number);
	}
}

static int
report_drill(struct report *report, const struct backup_manifest *manifest,
    const struct drill_counts *counts, int64_t now, struct error *err)
{
	const struct cli *cli = report->cli;
	struct json_writer *writer = &report->writer;
	char made[TIMES_RFC3339_SIZE];

	json_write_end(writer);
	json_write_text(writer, "host", manifest->host);
	json_write_text(writer, "environment", manifest->environment);
	json_write_text(writer, "kind", manifest->kind);
	json_write_time(writer, "made", manifest->made_at);
	json_write_time(writer, "verified", now);
	json_write_digest(writer, "manifest", &manifest->digest);
	put_counts(report, counts);
	json_write_bool(writer, "good", counts->findings == 0);
	json_write_end(writer);
	times_format(manifest->made_at, made);
	bytes_put_format(&report->text, "%s %s (%s): %s\n", manifest->host,
	    made, manifest->environment,
	    counts->findings == 0 ? cli_text(cli, "可以還原", "can be restored")
				  : cli_text(cli, "有問題", "is not good"));
	bytes_put_u8(&report->json, '\n');
	if (json_write_done(writer, err) < 0 ||
	    bytes_failed(&report->text, err) < 0)
		return -1;
	cli_print(cli->json ? &report->json : &report->text);
	return 0;
}

static void
remember_drill(const struct cli *cli, const struct config *config,
    const struct backup_manifest *manifest, uint64_t findings, int64_t now)
{
	struct backup_record record = { 0 };
	struct error err = { 0 };

	if (backup_record_read(config->host.data, &record, &err) < 0)
		record = (struct backup_record){ 0 };
	err = (struct error){ 0 };
	if (findings > 0) {
		record.failed_at = now;
	} else {
		record.drill_at = now;
		record.drill_of = manifest->made_at;
		record.failed_at = 0;
	}
	if (backup_record_write(config->host.data, &record, &err) < 0)
		cli_say(cli, "%s: %s\n",
		    cli_text(cli, "未能記錄演練結果",
			"what came of it could not be recorded"),
		    err.text);
}

/* A new folder in --scratch, else in $TMPDIR, else in /var/tmp. */
static int
make_scratch(const struct cli *cli, char path[BACKUP_PATH_SIZE],
    struct error *err)
{
	const char *base = cli_value(cli, "scratch");

	if (base == NULL)
		base = getenv("TMPDIR");
	if (base == NULL || base[0] == '\0')
		base = "/var/tmp";
	if (snprintf(path, BACKUP_PATH_SIZE, "%s/yizhan-drill-XXXXXX", base) >=
	    BACKUP_PATH_SIZE)
		return error_set(err, ERROR_MALFORMED, "%.80s is too long",
		    base);
	return mkdtemp(path) != NULL
	    ? 0
	    : error_set_errno(err, "making a folder in %s", base);
}

/* The host that it is said to be of; the wrong one's backup proves nothing. */
static int
check_host(const struct config *config, const struct backup_manifest *manifest,
    struct error *err)
{
	if (text_equal(config->host.name, manifest->host) &&
	    text_equal(config->host.environment, manifest->environment) &&
	    config->host.kinds == host_store_kind(manifest->kind))
		return 0;
	return error_set_id(err, "E5043", ERROR_DENIED,
	    "it is of the %.20s %.40s in %.40s", manifest->kind, manifest->host,
	    manifest->environment);
}

/*
 * A manifest that does not hold is a finding like any other, and the only one,
 * since nothing else can be judged without it.
 */
static int
verify(struct report *report, struct drill_terms *terms,
    const struct config *config, struct error *err)
{
	struct backup_manifest manifest = { 0 };
	struct drill_counts counts = { 0 };
	int rc = -1;

	if (backup_folder_read_manifest(terms->backup, terms->key, &manifest,
		err) < 0) {
		if (text_equal(error_message_id(err), "E5040"))
			remember_drill(report->cli, config, &manifest, 1,
			    terms->now);
	} else if (check_host(config, &manifest, err) == 0 &&
	    backup_drill(terms, &manifest, &counts, err) == 0 &&
	    report_drill(report, &manifest, &counts, terms->now, err) == 0) {
		remember_drill(report->cli, config, &manifest, counts.findings,
		    terms->now);
		rc = counts.findings == 0
		    ? 0
		    : error_set_id(err, "E5040", ERROR_MALFORMED,
			  "%" PRIu64 " findings", counts.findings);
	}
	backup_manifest_free(&manifest);
	return rc;
}

static int
run_verify(struct cli *cli, struct error *err)
{
	struct report report = { .cli = cli };
	struct drill_terms terms = { .backup = cli_argument(cli, 0),
		.now = clock_now_ms(),
		.tell = take_finding,
		.ctx = &report };
	char scratch[BACKUP_PATH_SIZE];
	struct backup_key *key = NULL;
	struct config *config = NULL;
	struct local local;
	int rc = -1;

	if (terms.backup == NULL)
		return cli_refuse(err, "backup verify needs a folder");
	if (local_open(cli, &config, &local, err) < 0)
		return -1;
	terms.root = config->trust.fingerprint;
	terms.scratch = scratch;
	report.writer = json_writer_to(&report.json);
	json_write_begin_object(&report.writer, NULL);
	json_write_begin_array(&report.writer, "findings");
	if (open_key(cli, terms.backup, &key, err) == 0 &&
	    make_scratch(cli, scratch, err) == 0) {
		terms.key = key;
		rc = verify(&report, &terms, config, err);
		backup_folder_remove(scratch);
	}
	backup_key_free(key);
	bytes_free(&report.text);
	bytes_free(&report.json);
	config_free(config);
	return rc;
}

static const struct command_option verify_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "scratch", 0, "FOLDER", "where to restore to; else $TMPDIR" },
	{ "key", 0, "FILE", "key and certificate that open an encrypted one" },
	{ "passphrase-file", 0, "FILE", "of the key; else it is asked for" },
	{ NULL, 0, NULL, NULL },
};

const struct command backup_verify_command = {
	.name = "backup verify",
	.summary = "prove that a backup can be restored",
	.summary_zh = "還原演練：證明備份可以還原",
	.arguments = "FOLDER",
	.arguments_max = 1,
	.examples =
	    "yizhan backup verify -c center-a.conf /backup/2026-11-26\n",
	.options = verify_options,
	.run = run_verify,
};

/* ---- restore --------------------------------------------------------- */

/* The first fault stops it: what is damaged is not put in place. */
static void
take_fault(void *ctx, const char *what, const char *why)
{
	struct error *err = ctx;

	if (err->code == ERROR_NONE)
		error_set_id(err, "E5040", ERROR_MALFORMED, "%s %s", what, why);
}

/* Its next start must know that time was lost. */
static int
mark_restored(const struct backup_manifest *manifest, const char *folder,
    int64_t now, struct error *err)
{
	const struct store_restored restored = { now, manifest->made_at };
	struct host_store host;
	struct store *store = NULL;
	int rc = -1;

	if (host_store_open(host_store_kind(manifest->kind), folder, &host,
		err) < 0 ||
	    store_open(&host.options, NULL, NULL, &store, err) < 0)
		return -1;
	if (store_begin(store, err) == 0) {
		if (store_restored_set(store, &restored, err) == 0)
			rc = store_commit(store, err);
		else
			store_abort(store, err);
	}
	store_close(store);
	return rc;
}

static int
restore(const char *backup, const char *to, const struct backup_key *key,
    const struct backup_manifest *manifest, struct error *err)
{
	struct backup_folder folder;
	struct error fault = { 0 };
	int rc = -1;

	if (backup_folder_begin(to, &folder, err) < 0)
		return -1;
	if (backup_folder_copy(backup, folder.path, manifest, key, take_fault,
		&fault, err) == 0) {
		if (fault.code != ERROR_NONE)
			*err = fault;
		else if (mark_restored(manifest, folder.path, clock_now_ms(),
			     err) == 0)
			rc = backup_folder_finish(&folder, err);
	}
	if (rc < 0)
		backup_folder_abandon(&folder);
	return rc;
}

/* What only people can do now. */
static void
say_next(const struct cli *cli, const struct config *config, const char *to)
{
	cli_say(cli, "%s\n  %s\n", to,
	    config_has_kind(config, CONFIG_GATEWAY)
		? cli_text(cli,
		      "啟動前：放回 keeper.key 與金鑰檔（docs/backup.md）",
		      "before the start: put back keeper.key and the files of "
		      "the keys (docs/backup.md)")
		: cli_text(cli, "啟動前：放回金鑰檔（docs/backup.md）",
		      "before the start: put back the files of the keys "
		      "(docs/backup.md)"));
}

static int
run_restore(struct cli *cli, struct error *err)
{
	const char *backup = cli_argument(cli, 0);
	const char *to = cli_value(cli, "to");
	struct backup_manifest manifest = { 0 };
	struct backup_key *key = NULL;
	struct config *config = NULL;
	struct local local;
	int rc = -1;

	if (backup == NULL)
		return cli_refuse(err, "restore needs the folder of a backup");
	if (local_open(cli, &config, &local, err) < 0)
		return -1;
	if (to == NULL)
		to = config->host.data;
	if (open_key(cli, backup, &key, err) == 0 &&
	    backup_folder_read_manifest(backup, key, &manifest, err) == 0 &&
	    check_host(config, &manifest, err) == 0)
		rc = restore(backup, to, key, &manifest, err);
	backup_key_free(key);
	if (rc == 0)
		say_next(cli, config, to);
	backup_manifest_free(&manifest);
	config_free(config);
	return rc;
}

static const struct command_option restore_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "to", 0, "FOLDER", "its data folder, instead of host.data" },
	{ "key", 0, "FILE", "key and certificate that open an encrypted one" },
	{ "passphrase-file", 0, "FILE", "of the key; else it is asked for" },
	{ NULL, 0, NULL, NULL },
};

const struct command restore_command = {
	.name = "restore",
	.summary = "put a backup in place of lost data",
	.summary_zh = "以備份還原主機資料",
	.arguments = "FOLDER",
	.arguments_max = 1,
	.examples = "yizhan restore -c center-a.conf /backup/2026-11-26\n",
	.options = restore_options,
	.run = run_restore,
};
