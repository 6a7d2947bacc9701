/*
 * yizhan release list: which release is in force, what of it is here, installed
 * and running.
 */
#include <inttypes.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/release/release_check.h"
#include "cli/release/release_host.h"
#include "json/json_write.h"
#include "release/release_pool.h"
#include "service/config.h"
#include "sys/file.h"

/* ---- list --------------------------------------------------------------- */

/* Which files of it are here: "3/12". */
static int
count_here(const struct release_host *host, size_t *ret_count,
    struct error *err)
{
	*ret_count = 0;
	for (size_t i = 0; i < host->release.count; i++) {
		int is_here =
		    release_pool_has(host->pool, &host->release.files[i], err);

		if (is_here < 0)
			return -1;
		*ret_count += is_here > 0;
	}
	return 0;
}

static void
write_release(const struct release_host *host, size_t here,
    struct json_writer *writer)
{
	const struct release *release = &host->release;

	json_write_begin_object(writer, "release");
	json_write_text(writer, "version", release->version);
	json_write_text(writer, "least", release->least);
	json_write_text(writer, "summary", release->summary);
	json_write_digest(writer, "code", &release->code);
	json_write_int(writer, "serial", (int64_t)host->bulletin.serial);
	json_write_time(writer, "issued", host->bulletin.issued_ms);
	json_write_int(writer, "files", (int64_t)release->count);
	json_write_int(writer, "here", (int64_t)here);
	json_write_int(writer, "bytes", (int64_t)release->bytes);
	json_write_end(writer);
}

static void
put_release(const struct release_host *host, size_t here, struct bytes *to)
{
	const struct cli *cli = host->cli;
	const struct release *release = &host->release;

	bytes_put_format(to, "%s %s  (%s %" PRIu64 ", %s)\n",
	    cli_text(cli, "發行版本", "in force"), release->version,
	    cli_text(cli, "公報序號", "serial"), host->bulletin.serial,
	    host->grade);
	release_host_put_code(cli, release, to);
	cli_put(to, release->summary);
	bytes_put_format(to, "\n%s %zu/%zu, %" PRIu64 " KiB\n",
	    cli_text(cli, "已取得檔案", "files here"), here, release->count,
	    release->bytes / 1024);
	if (release->least[0] != '\0')
		bytes_put_format(to, "%s %s\n",
		    cli_text(cli, "最低可用版本", "lowest that may run"),
		    release->least);
}

/* Version and program that the running host has. */
static int
read_running(struct release_host *host, char version[VERSION_SIZE],
    struct digest *ret_program, struct error *err)
{
	const struct json_value *root;

	if (answer_get(&host->answer, "/v1/module", err) < 0)
		return -1;
	root = answer_root(&host->answer);
	if (!text_copy(version, VERSION_SIZE, answer_text(root, "version")) ||
	    !digest_parse(answer_text(root, "program"), ret_program))
		return error_set(err, ERROR_MALFORMED,
		    "the host does not say which program it runs");
	return 0;
}

static int
print_list(struct cli *cli, struct release_host *host, struct error *err)
{
	struct release_links links = { .current = "" };
	struct bytes json = { 0 }, text = { 0 }, history = { 0 };
	struct json_writer writer = json_writer_to(&json);
	char running[VERSION_SIZE];
	struct digest program;
	size_t here = 0;
	int rc = -1;

	if (read_running(host, running, &program, err) < 0 ||
	    (host->folder >= 0 && release_host_links(host, &links, err) < 0) ||
	    (host->has_release && count_here(host, &here, err) < 0) ||
	    release_history_read(host->pool, &history, err) < 0)
		goto done;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "grade", host->grade);
	if (host->has_release) {
		write_release(host, here, &writer);
		put_release(host, here, &text);
	} else {
		bytes_put_text(&text,
		    cli_text(cli, "尚無發行通報\n",
			"no release is in force\n"));
	}
	json_write_text(&writer, "running", running);
	json_write_digest(&writer, "program", &program);
	json_write_text(&writer, "current", links.current);
	json_write_text(&writer, "previous", links.previous);
	json_write_raw(&writer, "history", history.data, history.len);
	json_write_end(&writer);
	bytes_put_format(&text, "%s %s\n",
	    cli_text(cli, "執行中版本", "running"), running);
	if (host->folder >= 0)
		bytes_put_format(&text, "%s %s  %s %s\n",
		    cli_text(cli, "已安裝", "installed"),
		    links.current[0] != '\0' ? links.current : "-",
		    cli_text(cli, "前一版本", "before it"),
		    links.previous[0] != '\0' ? links.previous : "-");
	bytes_put_u8(&json, '\n');
	rc = json_write_done(&writer, err);
	if (rc == 0)
		rc = bytes_failed(&text, err);
	if (rc == 0)
		cli_print(cli->json ? &json : &text);
done:
	bytes_free(&json);
	bytes_free(&text);
	bytes_free(&history);
	return rc;
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	int rc = release_host_open(&host, cli, true, err);

	if (rc == 0)
		rc = print_list(cli, &host, err);
	release_host_close(&host);
	return rc;
}

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_list_command = {
	.name = "release list",
	.summary = "which release is in force, here, installed and running",
	.summary_zh = "發行版本：通報、已取得、已安裝、執行中",
	.arguments = "",
	.examples = "yizhan release list -c gateway.conf\n",
	.options = list_options,
	.run = run_list,
};
