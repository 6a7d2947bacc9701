/*
 * yizhan module show, selftest and zeroise: the crypto module of a host.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/module/module_keys.h"
#include "json/json_write.h"
#include "service/config.h"
#include "sys/clock.h"

enum { PATH_SIZE = 4096, FAILED_STATUS = 70 };

/* ---- show and selftest -------------------------------------------------- */

static const char *
word(const struct cli *cli, const char *name)
{
	static const struct {
		const char *name, *zh, *en;
	} words[] = {
		{ "ready", "可用", "ready" },
		{ "waits", "等待列有本程式的發行通報",
		    "waits for a release that names this program" },
		{ "failed", "錯誤狀態：停止一切使用，至重新啟動為止",
		    "error state: nothing is used until the next start" },
		{ "zeroised", "金鑰已銷毀", "keys destroyed" },
		{ "unchecked", "未比對", "not compared" },
		{ "manifest", "與建置清冊相符", "as its build manifest says" },
		{ "release", "與發行通報相符", "as the release bulletin says" },
		{ "differs", "與清冊不符", "another one than was released" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].name, name))
			return cli_text(cli, words[i].zh, words[i].en);
	return "";
}

static void
put_state(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *tests = json_value_member(root, "tests");
	const struct json_value *keys = json_value_member(root, "keys");

	bytes_put_format(to, "%s\n", word(cli, answer_text(root, "state")));
	if (answer_text(root, "failure")[0] != '\0') {
		bytes_put_text(to, "  ");
		answer_put(root, "failure", to);
		bytes_put_u8(to, '\n');
	}
	bytes_put_text(to, cli_text(cli, "程式 ", "program "));
	answer_put(root, "version", to);
	bytes_put_text(to, "  ");
	answer_put(root, "program", to);
	bytes_put_format(to, "  %s\n",
	    word(cli, answer_text(root, "integrity")));
	for (size_t i = 0; i < json_value_count(tests); i++) {
		const struct json_value *test = json_value_item(tests, i);
		bool passed = false;

		json_value_bool(json_value_member(test, "passed"), &passed);
		bytes_put_format(to, "  %s ",
		    passed ? cli_text(cli, "通過", "passed")
			   : cli_text(cli, "失敗", "FAILED"));
		answer_put(test, "name", to);
		bytes_put_u8(to, '\n');
	}
	for (size_t i = 0; i < json_value_count(keys); i++) {
		const struct json_value *key = json_value_item(keys, i);

		answer_put(key, "name", to);
		bytes_put_text(to, "  ");
		answer_put(key, "certificate", to);
		bytes_put_format(to, "  %s %" PRId64 "\n",
		    cli_text(cli, "使用次數", "uses"),
		    answer_integer(key, "uses"));
	}
}

/* A module that is not ready is worth another exit status. */
static int
report(struct cli *cli, const struct answer *answer, struct error *err)
{
	const struct json_value *root = answer_root(answer);
	struct bytes text = { 0 };
	int rc = 0;

	if (cli->json) {
		answer_print(answer);
	} else {
		put_state(cli, root, &text);
		rc = bytes_failed(&text, err);
		if (rc == 0)
			cli_print(&text);
	}
	bytes_free(&text);
	if (!text_equal(answer_text(root, "state"), "ready"))
		cli->exit_status = FAILED_STATUS;
	return rc;
}

static int
run_show(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    answer_get(&answer, "/v1/module", err) == 0)
		rc = report(cli, &answer, err);
	answer_close(&answer);
	return rc;
}

static int
run_selftest(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    answer_post(&answer, "/v1/module:selftest", "{}", err) == 0)
		rc = report(cli, &answer, err);
	answer_close(&answer);
	return rc;
}

/* ---- zeroise ------------------------------------------------------------ */

/* What is left of the keys, for who asks later what became of them. */
static int
write_evidence(const struct config *config, const struct module_keys *keys,
    struct error *err)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	char path[PATH_SIZE];
	int rc = -1;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", "yizhan-zeroised-1");
	json_write_text(&writer, "host", config->host.name);
	json_write_time(&writer, "time", clock_now_ms());
	json_write_begin_array(&writer, "keys");
	for (size_t i = 0; i < keys->count; i++) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "name", keys->items[i].name);
		json_write_digest(&writer, "certificate",
		    &keys->items[i].certificate);
		json_write_end(&writer);
	}
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(&json, '\n');
	snprintf(path, sizeof(path), "%s/zeroised-%lld.json", config->host.data,
	    (long long)clock_now_ms());
	if (json_write_done(&writer, err) == 0)
		rc = module_keys_write(path, &json, err);
	bytes_free(&json);
	return rc;
}

/* The running module first: then nobody can use them while they go. */
static int
zeroise_running(struct answer *answer, struct error *err)
{
	struct error why = { 0 };

	if (answer_post(answer, "/v1/module:zeroise", "{}", &why) == 0 ||
	    text_equal(why.id, "E1209"))
		return 0;
	*err = why;
	return -1;
}

static int
destroy(struct cli *cli, const struct config *config, struct error *err)
{
	struct module_keys keys = { 0 };
	struct bytes text = { 0 };
	int rc = module_keys_find(config, &keys, err);

	/* Evidence before the act: a crash between leaves the keys to go. */
	if (rc == 0)
		rc = write_evidence(config, &keys, err);
	if (rc == 0)
		rc = module_keys_destroy(config, &keys, err);
	if (rc == 0) {
		bytes_put_format(&text, "%s %zu\n",
		    cli_text(cli, "已銷毀金鑰數：", "keys destroyed:"),
		    keys.count);
		cli_print(&text);
	}
	bytes_free(&text);
	module_keys_free(&keys);
	return rc;
}

static int
run_zeroise(struct cli *cli, struct error *err)
{
	const char *confirm = cli_value(cli, "confirm");
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) < 0)
		;
	else if (confirm == NULL ||
	    !text_equal(confirm, answer.config->host.name))
		cli_refuse(err,
		    "--confirm must be %s, the name of the host whose keys are "
		    "to be destroyed",
		    answer.config->host.name);
	else if (zeroise_running(&answer, err) == 0)
		rc = destroy(cli, answer.config, err);
	answer_close(&answer);
	return rc;
}

/* ---- the commands -------------------------------------------------------- */

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command module_show_command = {
	.name = "module show",
	.summary = "the crypto module: state, self-tests, keys and their uses",
	.summary_zh = "密碼模組：狀態、自我測試、金鑰及使用次數",
	.arguments = "",
	.examples = "yizhan module show -c gateway.conf\n",
	.options = host_options,
	.run = run_show,
};

const struct command module_selftest_command = {
	.name = "module selftest",
	.summary = "have the crypto module test itself now",
	.summary_zh = "立即執行密碼模組自我測試",
	.arguments = "",
	.examples = "yizhan module selftest -c gateway.conf\n",
	.options = host_options,
	.run = run_selftest,
};

static const struct command_option zeroise_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "confirm", 0, "HOST", "name of the host, against mistakes" },
	{ NULL, 0, NULL, NULL },
};

const struct command module_zeroise_command = {
	.name = "module zeroise",
	.summary = "destroy the keys of the crypto module, for good",
	.summary_zh = "銷毀密碼模組的金鑰（無法復原）",
	.arguments = "",
	.examples =
	    "yizhan module zeroise -c gateway.conf --confirm gateway-1\n",
	.options = zeroise_options,
	.run = run_zeroise,
};
