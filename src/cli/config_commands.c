/*
 * yizhan config show, yizhan config check.
 */
#include "service/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "json/json_write.h"

extern char **environ;

static const char default_path[] = "/etc/yizhan/yizhan.conf";

static const char *
path_of(const struct cli *cli)
{
	const char *path = cli_value(cli, "config");

	if (path == NULL)
		path = getenv("YIZHAN_CONFIG");
	return path != NULL && path[0] != '\0' ? path : default_path;
}

static bool
is_listed(const struct cli *cli, const struct config_item *item)
{
	return cli_has(cli, "effective") || item->place.file != NULL;
}

static void
put_place(const struct config_place *place, struct bytes *to)
{
	if (place->file == NULL)
		bytes_put_text(to, "default");
	else if (place->line == 0)
		bytes_put_text(to, place->file);
	else
		bytes_put_format(to, "%s:%d", place->file, place->line);
}

/* INI text again; the place is a comment. */
static void
put_items(const struct cli *cli, const struct config *config, struct bytes *to)
{
	const char *section = "";
	struct bytes value = { 0 };
	struct config_item item;

	for (size_t i = 0; config_item(config, i, &item, &value); i++) {
		if (is_listed(cli, &item)) {
			if (!text_equal(section, item.section))
				bytes_put_format(to, "%s[%s]\n",
				    section[0] != '\0' ? "\n" : "",
				    item.section);
			section = item.section;
			bytes_put_format(to, "%s%s = %.*s ; ", item.key_prefix,
			    item.key, (int)value.len,
			    value.len > 0 ? (const char *)value.data : "");
			put_place(&item.place, to);
			bytes_put_text(to, "\n");
		}
		to->failed = to->failed || value.failed;
		bytes_clear(&value);
	}
	bytes_free(&value);
}

static void
write_item(struct json_writer *writer, const struct config_item *item,
    const struct bytes *value)
{
	struct bytes key = { 0 };

	bytes_put_format(&key, "%s%s", item->key_prefix, item->key);
	bytes_put_u8(&key, '\0');
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "section", item->section);
	json_write_text(writer, "key",
	    key.failed ? item->key : (const char *)key.data);
	json_write_text_len(writer, "value",
	    value->len > 0 ? (const char *)value->data : "", value->len);
	if (item->place.file != NULL)
		json_write_text(writer, "file", item->place.file);
	else
		json_write_null(writer, "file");
	json_write_int(writer, "line", item->place.line);
	json_write_text(writer, "help", item->help);
	json_write_end(writer);
	bytes_free(&key);
}

static int
write_items(const struct cli *cli, const struct config *config,
    struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct bytes value = { 0 };
	struct config_item item;

	json_write_begin_array(&writer, NULL);
	for (size_t i = 0; config_item(config, i, &item, &value); i++) {
		if (is_listed(cli, &item))
			write_item(&writer, &item, &value);
		bytes_clear(&value);
	}
	json_write_end(&writer);
	bytes_put_text(to, "\n");
	bytes_free(&value);
	return json_write_done(&writer, err);
}

static int
show_run(struct cli *cli, struct error *err)
{
	struct config *config;
	struct bytes out = { 0 };
	int rc = 0;

	if (config_load(path_of(cli), environ, &config, err) < 0)
		return -1;
	if (cli->json)
		rc = write_items(cli, config, &out, err);
	else
		put_items(cli, config, &out);
	if (rc == 0)
		rc = bytes_failed(&out, err);
	if (rc == 0)
		cli_print(&out);
	bytes_free(&out);
	config_free(config);
	return rc;
}

static int
check_run(struct cli *cli, struct error *err)
{
	const char *path = path_of(cli);
	struct config *config;

	if (config_load(path, environ, &config, err) < 0)
		return -1;
	config_free(config);
	if (cli->json)
		printf("{\"ok\":true}\n");
	else if (cli->verbosity >= 0)
		printf("%s: %s\n", path, cli_text(cli, "設定正確", "ok"));
	return 0;
}

static const struct command_option show_options[] = {
	{ "config", 'c', "FILE", "the file (/etc/yizhan/yizhan.conf)" },
	{ "effective", 0, NULL, "also what has its default value" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option check_options[] = {
	{ "config", 'c', "FILE", "the file (/etc/yizhan/yizhan.conf)" },
	{ NULL, 0, NULL, NULL },
};

const struct command config_show_command = {
	.name = "config show",
	.summary = "show the configuration and where each value comes from",
	.summary_zh = "顯示設定值及其來源",
	.arguments = "",
	.examples = "yizhan config show\n"
		    "yizhan config show --effective -c host.conf\n"
		    "yizhan config show --json\n",
	.options = show_options,
	.run = show_run,
};

const struct command config_check_command = {
	.name = "config check",
	.summary = "check the configuration without using it",
	.summary_zh = "檢查設定檔",
	.arguments = "",
	.examples = "yizhan config check -c host.conf\n",
	.options = check_options,
	.run = check_run,
};
