/*
 * yizhan release stage, install and return: a release is laid down beside the
 * one that runs, started by one rename, and gone back from (R5.3.2).
 */
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/release/release_check.h"
#include "cli/release/release_host.h"
#include "cli/trust/trust_files.h"
#include "release/release_pool.h"
#include "service/config.h"
#include "sys/file.h"

enum { TYPED_SIZE = 256 };

/* ---- what may follow ------------------------------------------------------- */

static int
check_follows(const struct release_host *host, struct error *err)
{
	struct release_links links;
	struct release installed = { 0 };
	struct error why = { 0 };
	bool is_owned = true;
	int rc;

	if (release_host_check_fresh(host, err) < 0 ||
	    release_host_links(host, &links, err) < 0)
		return -1;
	/* One whose bulletin cannot be read bars lower versions all the same. */
	if (links.current[0] != '\0' &&
	    release_host_laid(host, links.current, &installed, &is_owned,
		&why) < 0)
		is_owned = true;
	rc = release_may_follow(&host->release, links.current, !is_owned, err);
	release_free(&installed);
	return rc;
}

/* The packages of this host against the list among the files that are here. */
static int
check_packages(const struct release_host *host, release_source_fn source,
    void *context, struct error *err)
{
	const struct release_file *list =
	    release_find(&host->release, release_sbom_path);
	struct bytes differences = { 0 };
	const struct config *config = host->answer.config;
	int fd = -1;
	int rc = -1;

	if (list == NULL)
		return error_set_id(err, "E7606", ERROR_MALFORMED,
		    "it has no %s", release_sbom_path);
	if (source(context, list, &fd, err) == 0)
		rc = release_check_packages(config->release.packages,
		    config->release.exact != 0, fd, &differences, err);
	file_close(fd);
	bytes_free(&differences);
	return rc;
}

/* ---- stage ----------------------------------------------------------------- */

static int
lay_down(struct release_host *host, struct error *err)
{
	const struct release_laid laid = { .release = &host->release,
		.cms = host->cms.data,
		.cms_len = host->cms.len,
		.source = release_pool_source,
		.context = &host->pool };

	if (check_follows(host, err) < 0 ||
	    release_check_pool(host->pool, &host->release, err) < 0 ||
	    check_packages(host, release_pool_source, &host->pool, err) < 0)
		return -1;
	return release_folder_stage(host->folder, &laid, err);
}

static int
run_stage(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	int rc = release_host_open(&host, cli, false, err);

	if (rc == 0) {
		rc = lay_down(&host, err);
		if (rc < 0)
			(void)release_host_alarm(&host, err);
	}
	if (rc == 0)
		rc = release_host_note(&host, &host.release, RELEASE_STAGED, "",
		    err);
	if (rc == 0)
		rc = release_host_say(&host, &host.release,
		    "已備妥，接著：yizhan release install",
		    "is laid down; next: yizhan release install", err);
	release_host_close(&host);
	return rc;
}

/* ---- install ----------------------------------------------------------------- */

static int
open_laid(void *context, const struct release_file *file, int *ret_fd,
    struct error *err)
{
	return file_open(*(const int *)context, file->path, FILE_READ, ret_fd,
	    err);
}

/* As it lies there, not as it once came: all of it once more. */
static int
check_laid(struct release_host *host, struct error *err)
{
	int below = -1;
	int rc;

	if (release_folder_check(host->folder, &host->release, err) < 0 ||
	    file_open_dir_at(host->folder, host->release.version, &below, err) <
		0)
		return -1;
	rc = release_check_folder(below, &host->release, err);
	if (rc == 0)
		rc = check_packages(host, open_laid, &below, err);
	file_close(below);
	return rc;
}

/* A person has compared the check code with one that came by another way. */
static int
ask_code(const struct release_host *host, struct error *err)
{
	const struct cli *cli = host->cli;
	const char *given = cli_value(cli, "check-code");
	char typed[TYPED_SIZE];

	if (given == NULL) {
		if (trust_ask(cli,
			cli_text(cli, "請輸入更版通知所載檢核碼的前四組：",
			    "Type the first four groups of the check code, as "
			    "the notice of the release has it: "),
			typed, sizeof(typed), err) < 0)
			return -1;
		given = typed;
	}
	return draft_code_matches(&host->release.code, given)
	    ? 0
	    : error_set_id(err, "E7614", ERROR_DENIED,
		  "that is not the check code of %s", host->release.version);
}

static int
install(struct release_host *host, struct error *err)
{
	if (check_follows(host, err) < 0 || check_laid(host, err) < 0 ||
	    ask_code(host, err) < 0)
		return -1;
	/* Before the act: a crash between leaves a line too many. */
	if (release_host_note(host, &host->release, RELEASE_INSTALLED,
		"check code typed", err) < 0)
		return -1;
	return release_folder_switch(host->folder, host->release.version, err);
}

static int
run_install(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	int rc = release_host_open(&host, cli, false, err);

	if (rc == 0) {
		rc = install(&host, err);
		if (rc < 0)
			(void)release_host_alarm(&host, err);
	}
	if (rc == 0)
		rc = release_host_say(&host, &host.release,
		    "已安裝。請重新啟動服務，再執行 yizhan release confirm",
		    "is installed. Restart the service, then: yizhan release "
		    "confirm",
		    err);
	release_host_close(&host);
	return rc;
}

/* ---- return -------------------------------------------------------------------- */

static int
go_back(struct release_host *host, struct release *to, struct error *err)
{
	struct release_links links;
	bool is_owned = false;

	if (release_host_links(host, &links, err) < 0)
		return -1;
	if (links.previous[0] == '\0' ||
	    text_equal(links.previous, links.current))
		return error_set_id(err, "E7616", ERROR_NOT_FOUND,
		    "no other version is kept");
	if (release_host_laid(host, links.previous, to, &is_owned, err) < 0)
		return -1;
	if (!is_owned)
		return error_set_id(err, "E7003", ERROR_UNTRUSTED,
		    "those who signed %s may not by now", to->version);
	if (release_may_return(&host->release, to->version, err) < 0 ||
	    release_folder_check(host->folder, to, err) < 0 ||
	    release_host_note(host, to, RELEASE_RETURNED, links.current, err) <
		0)
		return -1;
	return release_folder_switch(host->folder, to->version, err);
}

static int
run_return(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	struct release to = { 0 };
	int rc = release_host_open(&host, cli, false, err);

	if (rc == 0) {
		rc = go_back(&host, &to, err);
		if (rc < 0)
			(void)release_host_alarm(&host, err);
	}
	if (rc == 0)
		rc = release_host_say(&host, &to, "已回復。請重新啟動服務",
		    "is installed again. Restart the service", err);
	release_free(&to);
	release_host_close(&host);
	return rc;
}

/* ---- the commands ----------------------------------------------------------- */

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "by", 0, "NAME", "who does it, for the record" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_stage_command = {
	.name = "release stage",
	.summary = "lay a release down beside the one that runs",
	.summary_zh = "備妥發行版本，不影響執行中的版本",
	.arguments = "",
	.examples = "yizhan release stage -c gateway.conf\n",
	.options = host_options,
	.run = run_stage,
};

static const struct command_option install_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "check-code", 0, "CODE", "as the notice of the release has it" },
	{ "by", 0, "NAME", "who does it, for the record" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_install_command = {
	.name = "release install",
	.summary = "start the release that was laid down from now on",
	.summary_zh = "核對檢核碼後安裝已備妥的版本",
	.arguments = "",
	.examples = "yizhan release install -c gateway.conf\n",
	.options = install_options,
	.run = run_install,
};

const struct command release_return_command = {
	.name = "release return",
	.summary = "go back to the version that was installed before",
	.summary_zh = "回復前一版本",
	.arguments = "",
	.examples = "yizhan release return -c gateway.conf\n",
	.options = host_options,
	.run = run_return,
};
