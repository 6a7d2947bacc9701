/*
 * yizhan release verify: whether a release, or one file, is what was released;
 * nothing of it is run.  By a running host, by what a host that does not run has
 * stored, or by the bulletins of a folder (R5.3.2, T-REL-05).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/release/release_check.h"
#include "cli/release/release_host.h"
#include "crypto/sha256.h"
#include "json/json_write.h"
#include "release/release_pool.h"
#include "service/config.h"
#include "sys/file.h"

enum { CHUNK = 8192 };

/* dpkg's own, where no configuration names another. */
static const char packages_path[] = "/var/lib/dpkg/status";

struct verifying {
	struct cli *cli;
	struct release_host host;
	const char *path;      /* of a folder or a file; NULL: the pool */
	const char *is_as;     /* of a file, which one of the release it is */
	int list;              /* of packages; -1 for a file */
	struct bytes words;    /* of the packages that differ */
	bool is_other_machine; /* the packages are told, and refuse nothing */
};

/* ---- one file ---------------------------------------------------------------- */

static int
digest_of(const char *path, struct digest *ret_digest, struct error *err)
{
	uint8_t chunk[CHUNK];
	struct sha256 *sha = NULL;
	ssize_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = -1;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	if (sha256_new(&sha, err) == 0) {
		while ((len = read(fd, chunk, sizeof(chunk))) > 0)
			sha256_update(sha, chunk, (size_t)len);
		rc = len < 0 ? error_set_errno(err, "reading %s", path) : 0;
		sha256_final(sha, ret_digest);
	}
	sha256_free(sha);
	close(fd);
	return rc;
}

static int
verify_file(struct verifying *verifying, struct error *err)
{
	const struct release *release = &verifying->host.release;
	struct digest digest;

	if (digest_of(verifying->path, &digest, err) < 0)
		return -1;
	if (digest_equal(&digest, &release->code))
		verifying->is_as = release_manifest_name;
	for (size_t i = 0; i < release->count; i++)
		if (digest_equal(&digest, &release->files[i].sha256))
			verifying->is_as = release->files[i].path;
	return verifying->is_as != NULL
	    ? 0
	    : error_set_id(err, "E7604", ERROR_UNTRUSTED,
		  "%.200s is none of the %zu files of %s", verifying->path,
		  release->count, release->version);
}

/* ---- a folder, the pool --------------------------------------------------------- */

/* The manifest of the folder must be the bulletin's: no other release's. */
static int
check_manifest(const struct release *release, int folder, struct error *err)
{
	struct release there = { 0 };
	struct bytes json = { 0 };
	int rc = file_read_all(folder, release_manifest_name, RELEASE_JSON_MAX,
	    &json, err);

	if (rc == 0)
		rc = release_parse(json.data, json.len, &there, err);
	if (rc == 0 && !digest_equal(&there.code, &release->code))
		rc = error_set_id(err, "E7602", ERROR_UNTRUSTED,
		    "its %s has another check code than the release %s",
		    release_manifest_name, release->version);
	release_free(&there);
	bytes_free(&json);
	return rc;
}

static int
verify_folder(struct verifying *verifying, struct error *err)
{
	const struct release *release = &verifying->host.release;
	int folder = -1;
	int rc = -1;

	if (file_open_dir(verifying->path, &folder, err) < 0)
		return -1;
	if (check_manifest(release, folder, err) == 0 &&
	    release_check_folder(folder, release, err) == 0)
		rc = file_open(folder, release_sbom_path, FILE_READ,
		    &verifying->list, err);
	file_close(folder);
	return rc;
}

static int
verify_pool(struct verifying *verifying, struct error *err)
{
	const struct release *release = &verifying->host.release;
	int pool = verifying->host.pool;

	if (pool < 0)
		return cli_refuse(err,
		    "with --bulletins: which folder or file is to be checked?");
	if (release_check_pool(pool, release, err) < 0)
		return -1;
	return release_pool_source(&pool,
	    release_find(release, release_sbom_path), &verifying->list, err);
}

static int
verify_content(struct verifying *verifying, struct error *err)
{
	struct stat status;

	if (verifying->path == NULL)
		return verify_pool(verifying, err);
	if (stat(verifying->path, &status) < 0)
		return error_set_errno(err, "%s", verifying->path);
	return S_ISDIR(status.st_mode) ? verify_folder(verifying, err)
				       : verify_file(verifying, err);
}

/* ---- what goes with it ------------------------------------------------------------ */

/* What a person read elsewhere, if it was given. */
static int
check_code(const struct release_host *host, struct error *err)
{
	const char *typed = cli_value(host->cli, "check-code");

	if (typed == NULL || draft_code_matches(&host->release.code, typed))
		return 0;
	return error_set_id(err, "E7614", ERROR_DENIED,
	    "that is not the check code of %s", host->release.version);
}

/*
 * Of the host that the release is for; what a machine without one lacks is told
 * alone: it may be the desk at which somebody looks at a stick.
 */
static int
check_packages(struct verifying *verifying, struct error *err)
{
	const struct config *config = verifying->host.answer.config;
	struct error why = { 0 };

	if (verifying->list < 0)
		return 0;
	if (config != NULL)
		return release_check_packages(config->release.packages,
		    config->release.exact != 0, verifying->list,
		    &verifying->words, err);
	verifying->is_other_machine =
	    release_check_packages(packages_path, false, verifying->list,
		&verifying->words, &why) < 0;
	if (!verifying->is_other_machine ||
	    text_equal(error_message_id(&why), "E7613"))
		return 0;
	bytes_clear(&verifying->words);
	bytes_put_text(&verifying->words, why.text);
	return bytes_failed(&verifying->words, err);
}

/* ---- the answer -------------------------------------------------------------------- */

static void
put_grade(const struct verifying *verifying, struct bytes *to)
{
	const struct release_host *host = &verifying->host;
	const struct cli *cli = verifying->cli;

	if (!host->is_saved)
		return;
	bytes_put_text(to,
	    cli_text(cli, "未詢問主機，依所存公報判定\n",
		"no host was asked: judged by saved bulletins\n"));
	if (release_host_is_fresh(host))
		return;
	bytes_put_text(to,
	    cli_text(cli,
		"公報已久，可能已有更新的版本：安裝前請取得新公報，並核對更版通知"
		"的檢核碼\n",
		"the bulletins are old, and a newer release may be in force: "
		"get new ones before installing, and compare the check code "
		"with the notice\n"));
}

static void
put_words(const struct verifying *verifying, struct bytes *to)
{
	const struct cli *cli = verifying->cli;
	const struct release_host *host = &verifying->host;

	if (verifying->is_as != NULL)
		bytes_put_format(to, "%s %s %s %s\n", verifying->path,
		    cli_text(cli, "即為", "is"), verifying->is_as,
		    cli_text(cli, "，與發行通報相符，未遭竄改：",
			"as the bulletin names it, unchanged:"));
	bytes_put_format(to, "%s %s\n", host->release.version,
	    verifying->is_as != NULL
		? host->release.summary
		: cli_text(cli, "與發行通報相符，未遭竄改",
		      "is what the bulletin names, unchanged"));
	release_host_put_code(cli, &host->release, to);
	put_grade(verifying, to);
	if (verifying->words.len > 0)
		bytes_put_format(to, "%s %.*s\n",
		    verifying->is_other_machine
			? cli_text(cli,
			      "本機套件與清單不符，安裝於此之前須處理：",
			      "packages of this machine differ, and would "
			      "refuse an installation here:")
			: cli_text(cli, "套件較新：", "newer packages:"),
		    (int)verifying->words.len,
		    (const char *)verifying->words.data);
}

static void
write_answer(const struct verifying *verifying, struct json_writer *writer)
{
	const struct release_host *host = &verifying->host;

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "version", host->release.version);
	json_write_digest(writer, "code", &host->release.code);
	json_write_text(writer, "file",
	    verifying->is_as != NULL ? verifying->is_as : "");
	json_write_text(writer, "by", host->is_saved ? "bulletins" : "host");
	json_write_text(writer, "grade", host->grade);
	json_write_text_len(writer, "packages",
	    (const char *)verifying->words.data, verifying->words.len);
	json_write_bool(writer, "fits", !verifying->is_other_machine);
	json_write_end(writer);
}

static int
say_verified(const struct verifying *verifying, struct error *err)
{
	struct bytes text = { 0 };
	struct json_writer writer = json_writer_to(&text);
	int rc;

	if (verifying->cli->json) {
		write_answer(verifying, &writer);
		bytes_put_u8(&text, '\n');
		rc = json_write_done(&writer, err);
	} else {
		put_words(verifying, &text);
		rc = bytes_failed(&text, err);
	}
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

/* ---- the command --------------------------------------------------------------------- */

static int
verify(struct verifying *verifying, struct error *err)
{
	struct release_host *host = &verifying->host;

	if (check_code(host, err) < 0 || verify_content(verifying, err) < 0 ||
	    check_packages(verifying, err) < 0)
		return release_host_alarm(host, err);
	/* One file of it says nothing of the others. */
	if (verifying->is_as == NULL &&
	    release_host_note(host, &host->release, RELEASE_VERIFIED,
		cli_has(verifying->cli, "check-code") ? "check code typed" : "",
		err) < 0)
		return -1;
	return say_verified(verifying, err);
}

static int
run_verify(struct cli *cli, struct error *err)
{
	struct verifying verifying = { .cli = cli,
		.host = { .cli = cli },
		.path = cli_argument(cli, 0),
		.list = -1 };
	const char *bulletins = cli_value(cli, "bulletins");
	int rc = bulletins != NULL
	    ? release_host_open_saved(&verifying.host, cli, bulletins, err)
	    : release_host_open(&verifying.host, cli, false, err);

	if (rc == 0)
		rc = verify(&verifying, err);
	file_close(verifying.list);
	bytes_free(&verifying.words);
	release_host_close(&verifying.host);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "bulletins", 0, "DIR", "judge by these, and ask no host" },
	{ "root", 0, "SHA256", "digest of the first root bulletin" },
	{ "environment", 0, "NAME", "production unless given" },
	{ "check-code", 0, "CODE", "what was read elsewhere, to be compared" },
	{ "by", 0, "NAME", "who does it, for the record" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_verify_command = {
	.name = "release verify",
	.summary = "compare a release or a file with the release bulletin",
	.summary_zh = "驗證程式檢核碼：與發行通報及本機套件比對",
	.arguments = "[FOLDER|FILE]",
	.arguments_max = 1,
	.examples =
	    "yizhan release verify -c gateway.conf\n"
	    "yizhan release verify -c gateway.conf /media/yizhan-0.2.0\n"
	    "yizhan release verify --bulletins /media/bulletins --root 5f0c… "
	    "/media/yizhan-0.2.0\n",
	.options = options,
	.run = run_verify,
};
