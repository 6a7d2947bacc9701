#define _XOPEN_SOURCE 700 /* nftw() */
#include "demo/demo_command.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "demo/demo_hosts.h"
#include "demo/demo_keys.h"
#include "demo/demo_network.h"
#include "demo/demo_people.h"
#include "demo/demo_setup.h"
#include "demo/demo_story.h"
#include "json/json_write.h"
#include "sys/clock.h"

enum { REMOVE_FDS = 16 };

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void
remove_folder(const char *folder)
{
	nftw(folder, remove_entry, REMOVE_FDS, FTW_DEPTH | FTW_PHYS);
}

/* --keep and --setup name a folder; otherwise one that goes with the demo. */
static int
choose_folder(const struct cli *cli, char folder[DEMO_PATH_SIZE],
    bool *ret_is_ours, struct error *err)
{
	const char *wanted = cli_value(cli, "keep");
	const char *tmp = getenv("TMPDIR");
	char here[DEMO_PATH_SIZE];

	if (wanted == NULL)
		wanted = cli_value(cli, "setup");
	*ret_is_ours = wanted == NULL;
	if (wanted == NULL) {
		snprintf(folder, DEMO_PATH_SIZE, "%s/yizhan-demo-XXXXXX",
		    tmp != NULL ? tmp : "/var/tmp");
		return mkdtemp(folder) != NULL
		    ? 0
		    : error_set_errno(err, "making a folder like %s", folder);
	}
	if (wanted[0] == '/')
		here[0] = '\0';
	else if (getcwd(here, sizeof(here)) == NULL)
		return error_set_errno(err, "finding this folder");
	if (snprintf(folder, DEMO_PATH_SIZE, "%s%s%s", here,
		here[0] != '\0' ? "/" : "", wanted) >= DEMO_PATH_SIZE)
		return error_set(err, ERROR_MALFORMED, "path too long");
	return 0;
}

static int
bring_up(struct demo_story *story, struct demo_hosts *hosts, struct error *err)
{
	if (demo_hosts_start(story->folder, hosts, err) < 0)
		return -1;
	for (int i = 0; i < DEMO_HOSTS; i++) {
		if (demo_hosts_wait(hosts, i, err) < 0)
			return -1;
		demo_tell(story, "%-11s %s:%d  %s", demo_hosts[i].name,
		    demo_hosts[i].address, DEMO_PORT, demo_hosts[i].title);
	}
	if (demo_publish(story, err) < 0)
		return -1;
	demo_tell(story, "%d %s %zu %s", DEMO_HOSTS,
	    cli_text(story->cli,
		"台主機皆已驗證公告（根憑證、網路、通訊錄、時戳），機關數",
		"hosts verified root, network, directory and timestamp;"),
	    demo_org_count, cli_text(story->cli, "", "organisations"));
	return 0;
}

static int
tell_what_next(const struct demo_story *story, struct error *err)
{
	const char *program = story->cli->program;
	char name[DEMO_NAME_SIZE];

	if (demo_inbox_name(story, "gateway-3", name, err) < 0)
		return -1;

	demo_tell(story, "%s",
	    cli_text(story->cli, "屏東縣政府等待有人簽收：就是您",
		"屏東縣政府 waits for a person to sign: that is you"));
	cli_say(story->cli, "\n  export YIZHAN_CONFIG=%s/gateway-3.conf\n",
	    story->folder);
	cli_say(story->cli, "  %s doc list --in\n", program);
	cli_say(story->cli, "  %s doc show %s\n", program, name);
	cli_say(story->cli, "  %s doc print %s --to letter.pdf\n", program,
	    name);
	cli_say(story->cli, "  %s doc confirm %s\n", program, name);
	cli_say(story->cli, "  %s doc show %s -c %s/gateway-1.conf\n\n",
	    program, story->document, story->folder);
	cli_say(story->cli, "%s\n",
	    cli_text(story->cli, "在另一個終端機製造狀況，看畫面怎麼說：",
		"Trouble, from another terminal; see what the pages say:"));
	cli_say(story->cli, "  %s demo hold 屏東縣政府\n", program);
	cli_say(story->cli, "  %s demo chaos --drop 30%%\n", program);
	cli_say(story->cli, "  %s demo expire-card 彰化縣政府\n", program);
	cli_say(story->cli, "  %s demo lose-card 彰化縣政府\n", program);
	cli_say(story->cli, "  %s demo tamper center-a\n\n", program);
	cli_say(story->cli, "%s\n",
	    cli_has(story->cli, "keep")
		? cli_text(story->cli, "Ctrl-C 停止全部，資料留在該資料夾。",
		      "Ctrl-C stops everything; the folder stays.")
		: cli_text(story->cli, "Ctrl-C 停止全部並刪除資料。",
		      "Ctrl-C stops everything and deletes the data."));
	return 0;
}

static void
wait_for_user(void)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &number);
}

/* Ctrl-C waits its turn: what was started is always stopped. */
static void
hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
print_result(const struct demo_story *story)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	uint64_t us = clock_steady_us() - story->started_us;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "folder", story->folder);
	json_write_text(&writer, "document", story->document);
	json_write_int(&writer, "milliseconds", (int64_t)(us / 1000));
	json_write_end(&writer);
	bytes_put_u8(&json, '\n');
	cli_print(&json);
	bytes_free(&json);
}

static int
play(struct demo_story *story, struct demo_hosts *hosts, struct error *err)
{
	bool is_check = cli_has(story->cli, "check");

	if (bring_up(story, hosts, err) < 0 || demo_send(story, err) < 0 ||
	    demo_confirm(story, err) < 0 || demo_verify(story, err) < 0)
		return -1;
	if (demo_people(story, err) < 0)
		return -1;
	if (story->cli->json)
		print_result(story);
	if (!is_check) {
		if (tell_what_next(story, err) < 0)
			return -1;
		wait_for_user();
	}
	return 0;
}

static int
run(struct cli *cli, struct error *err)
{
	char folder[DEMO_PATH_SIZE];
	bool is_setup = cli_value(cli, "setup") != NULL;
	/* Document systems of this machine may be told what happens. */
	struct demo_options options = { .folder = folder,
		.now_ms = clock_now_ms(),
		.keys = cli_value(cli, "keys"),
		.valid_ms = is_setup ? 0 : demo_long_ms,
		.extra = is_setup ? NULL : "[webhook]\naddresses = 127.0.0.1" };
	struct demo_story story = { .cli = cli,
		.folder = folder,
		.started_us = clock_steady_us(),
		.confirm_all = cli_has(cli, "check") };
	struct demo_hosts hosts = { .folder = folder };
	bool is_ours;
	int rc;

	if (choose_folder(cli, folder, &is_ours, err) < 0)
		return -1;
	for (int i = 0; i < DEMO_HOSTS; i++)
		hosts.ready_fds[i] = -1;
	hold_signals();
	rc = demo_setup(&options, err);
	if (rc == 0 && !is_setup) {
		demo_tell(&story, "%s",
		    cli_text(cli, "測試憑證與金鑰（僅供示範）",
			"test keys and certificates (demo only)"));
		rc = play(&story, &hosts, err);
		demo_hosts_stop(&hosts);
	}
	if (is_ours)
		remove_folder(folder);
	return rc;
}

static const struct command_option options[] = {
	{ "check", 0, NULL, "run through without waiting; success or failure" },
	{ "keep", 0, "DIR", "use this folder and leave it" },
	{ "setup", 0, "DIR", "only make keys and configurations there" },
	{ "keys", 0, "DIR",
	    "with the organisations' keys of the network there" },
	{ NULL, 0, NULL, NULL },
};

const struct command demo_command = {
	.name = "demo",
	.summary = "bring up a whole network and send a real letter",
	.summary_zh = "啟動完整示範網路並寄送一份真實公文",
	.arguments = "",
	.examples = "yizhan demo\nyizhan demo --check\n",
	.options = options,
	.run = run,
};
