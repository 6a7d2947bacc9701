/*
 * yizhan release export: the bulletins by which a release can be checked where
 * no host runs, such as before the first one is installed (R5.3.2).
 */
#include "base/bytes.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/local.h"
#include "cli/release/release_saved.h"
#include "service/config.h"
#include "sys/clock.h"

static int export(const struct config *config, const char *folder,
    struct error *err)
{
	struct release_saved saved = { .root_count = 0 };
	enum freshness grade;
	int rc = release_saved_read_host(config, &saved, err);

	/* What would be refused elsewhere is not handed out. */
	if (rc == 0)
		rc = release_saved_judge(&saved, config->host.environment,
		    config->trust.fingerprint,
		    clock_now_ms() + config->test.clock_offset_ms, &grade, err);
	if (rc == 0)
		rc = release_saved_write(&saved, folder, err);
	release_saved_free(&saved);
	return rc;
}

static int
run_export(struct cli *cli, struct error *err)
{
	const char *folder = cli_value(cli, "to");
	struct config *config = NULL;
	struct local local;
	int rc;

	if (folder == NULL)
		return cli_refuse(err, "release export needs --to FOLDER");
	rc = local_open(cli, &config, &local, err);
	if (rc == 0)
		rc = export(config, folder, err);
	if (rc == 0)
		cli_say(cli, "%s %s --root %s --environment %s\n",
		    cli_text(cli,
			"已存，可於他處執行：yizhan release verify --bulletins",
			"saved; elsewhere: yizhan release verify --bulletins"),
		    folder, config->trust.fingerprint,
		    config->host.environment);
	config_free(config);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "to", 0, "FOLDER", "to be made; nothing is overwritten" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_export_command = {
	.name = "release export",
	.summary = "save the bulletins by which a release is checked elsewhere",
	.summary_zh = "匯出驗證發行版本所需的公報，供他處離線驗證",
	.arguments = "",
	.examples = "yizhan release export -c center.conf --to "
		    "/media/bulletins\n",
	.options = options,
	.run = run_export,
};
