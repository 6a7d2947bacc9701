/*
 * yizhan trust prepare: a body, as JSON, becomes the draft of the bulletin
 * that follows what is in force.
 */
#include "cli/trust/trust_prepare.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_again.h"
#include "cli/trust/trust_draft.h"
#include "cli/trust/trust_files.h"
#include "cli/trust/trust_table.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "sys/clock.h"

static int
write_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct json_writer *writer = context;
	struct bytes json = { 0 };
	int rc = json_value_put(value, &json, err);

	if (rc == 0)
		json_write_raw(writer, key, json.data, json.len);
	bytes_free(&json);
	return rc;
}

void
trust_write_body(void *context, struct json_writer *writer)
{
	struct error err = { 0 };

	if (json_value_each(context, write_member, writer, &err) < 0)
		writer->bad_text = true;
}

int
trust_find_before(const struct cli *cli, enum bulletin_type type,
    const char *name, struct bulletin *ret_before, struct error *err)
{
	if (cli_has(cli, "first"))
		return 0;
	if (trust_newest(cli, "before", type, name, ret_before, err) == 0)
		return 0;
	return err->code == ERROR_NOT_FOUND
	    ? error_prefix(err, "give --first if there is none yet")
	    : -1;
}

static int
print_body(const struct bulletin *before, struct error *err)
{
	struct bytes text = { 0 };
	int rc = json_value_put(before->body, &text, err);

	bytes_put_u8(&text, '\n');
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

int
trust_prepare_body(const struct cli *cli, enum bulletin_type type,
    const char *name, const struct json_value *body,
    const struct bulletin *before, const struct bytes *was, struct error *err)
{
	bool is_root = type == BULLETIN_ROOT; /* judged by the one before */
	struct bulletin root = { 0 };
	struct bulletin_draft draft;
	int64_t now = clock_now_ms();
	int64_t term;
	int rc = -1;

	if (trust_days(cli, type, &term, err) < 0 ||
	    (!is_root &&
		trust_newest(cli, "root", BULLETIN_ROOT, "", &root, err) < 0))
		return -1;
	if (before->serial > 0)
		draft = bulletin_successor(before, now, now + term);
	else
		draft = (struct bulletin_draft){
			.environment = root.environment,
			.type = type,
			.name = name,
			.serial = 1,
			.issued_ms = now,
			.expires_ms = now + term,
		};
	rc = trust_write_draft(cli, &draft, trust_write_body,
	    (void *)(uintptr_t)body, before->serial > 0 ? before : NULL,
	    is_root ? NULL : &root, was, err);
	bulletin_free(&root);
	return rc;
}

/* The table of --csv, or what has ended: changes of the directory in force. */
static int
prepare_table(const struct cli *cli, const struct bulletin *before,
    struct error *err)
{
	struct json_document *document = NULL;
	struct bytes body = { 0 };
	struct bytes was = { 0 };
	int rc = -1;

	if ((cli_has(cli, "ended") ? trust_table_ended(cli, &body, &was, err)
				   : trust_table_read(cli, cli_argument(cli, 1),
					 before, &body, &was, err)) == 0 &&
	    json_read(body.data, body.len, body.len, &document, err) == 0)
		rc = trust_prepare_body(cli, BULLETIN_DIRECTORY, "",
		    json_root(document), before, &was, err);
	json_document_free(document);
	bytes_free(&body);
	bytes_free(&was);
	return rc;
}

/* What only says what it changed cannot be edited as if it said all. */
static int
refuse_change(const struct bulletin *before, struct error *err)
{
	if (before->serial == 0 || before->type != BULLETIN_DIRECTORY ||
	    json_value_member(before->body, "root") == NULL)
		return 0;
	return cli_refuse(err,
	    "the directory in force says only what it changed: see yizhan "
	    "directory show, and change it with a table (--csv)");
}

static int
prepare_file(const struct cli *cli, enum bulletin_type type, const char *name,
    const struct bulletin *before, struct error *err)
{
	const char *path = cli_argument(cli, 1);
	struct json_document *document = NULL;
	struct bytes text = { 0 };
	int rc = -1;

	if (cli_has(cli, "csv") || cli_has(cli, "ended"))
		return type == BULLETIN_DIRECTORY
		    ? prepare_table(cli, before, err)
		    : cli_refuse(err, "a table changes the directory");
	if (!cli_has(cli, "before") && refuse_change(before, err) < 0)
		return -1;
	if (trust_read(path, bulletin_bytes_max(type), &text, err) == 0 &&
	    json_read(text.data, text.len, text.len, &document, err) == 0)
		rc = json_value_is_object(json_root(document))
		    ? trust_prepare_body(cli, type, name, json_root(document),
			  before, NULL, err)
		    : cli_refuse(err, "%s is no JSON object", path);
	json_document_free(document);
	bytes_free(&text);
	/* A file says nothing of what else is in force. */
	if (rc == 0 && type == BULLETIN_ROOT && !cli_has(cli, "before"))
		rc = trust_again(cli, cli_value(cli, "to"), err);
	return rc;
}

static int
run_prepare(struct cli *cli, struct error *err)
{
	const char *type_name = cli_argument(cli, 0);
	const char *name = cli_value(cli, "name");
	struct bulletin before = { 0 };
	enum bulletin_type type;
	int rc;

	if (type_name == NULL || !bulletin_type_parse(type_name, &type))
		return cli_refuse(err, "which type of bulletin?");
	if (type == BULLETIN_TIMESTAMP ||
	    (type == BULLETIN_ROOT && cli_has(cli, "first")))
		return cli_refuse(err,
		    "a first root is made by trust init, a timestamp by the "
		    "management host");
	if (cli_has(cli, "print") + cli_has(cli, "ended") +
		    (cli_argument(cli, 1) != NULL) !=
		1 ||
	    (!cli_has(cli, "print") && cli_value(cli, "to") == NULL))
		return cli_refuse(err,
		    "either --print, or a body or --ended, and --to which "
		    "file?");
	if (name == NULL)
		name = "";
	if (trust_find_before(cli, type, name, &before, err) < 0)
		return -1;
	if (!cli_has(cli, "print"))
		rc = prepare_file(cli, type, name, &before, err);
	else
		rc = before.serial == 0 ? cli_refuse(err,
					      "--print and --first exclude "
					      "each other")
		    : refuse_change(&before, err) < 0
		    ? -1
		    : print_body(&before, err);
	bulletin_free(&before);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "name", 0, "CENTER", "whose access list" },
	{ "to", 'o', "FILE", "the draft to write" },
	{ "days", 0, "N", "until it expires" },
	{ "print", 0, NULL, "print the body in force, to be edited" },
	{ "csv", 0, NULL, "BODY is a table of changes to the directory" },
	{ "ended", 0, NULL, "take out what ended three months ago" },
	{ "center", 0, "NAME", "who serves new ones that name no center" },
	{ "supervises", 0, "CODE", "refuse what CODE does not supervise" },
	{ "serves", 0, "NAME", "refuse what center NAME does not serve" },
	{ "again", 0, "FOLDER", "drafts of what a new root has signed again" },
	{ "first", 0, NULL, "there is no bulletin of this type yet" },
	{ "before", 0, "FILE", "the one in force, instead of asking a host" },
	{ "root", 0, "FILE", "the root in force, instead of asking a host" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_prepare_command = {
	.name = "trust prepare",
	.summary = "make the draft of a bulletin from its body in JSON",
	.summary_zh = "由 JSON 內容產生待簽公報",
	.arguments = "TYPE [BODY]",
	.arguments_max = 2,
	.examples =
	    "yizhan trust prepare directory --print -c management.conf "
	    "> body.json\n"
	    "yizhan trust prepare directory body.json -c management.conf "
	    "--to directory-7.draft\n"
	    "yizhan trust prepare directory changes.csv --csv "
	    "-c management.conf --to directory-8.draft\n",
	.options = options,
	.run = run_prepare,
};
