/*
 * yizhan case draft: what approved cases want published becomes the draft of a
 * bulletin, for officers to sign on their own machines.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_draft.h"
#include "cli/trust/trust_prepare.h"
#include "crypto/cert.h"
#include "crypto/trust.h"
#include "directory/body_change.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "model/standing.h"
#include "model/times.h"
#include "sys/clock.h"

/* A draft while changes are laid over the body in force. */
struct drafting {
	struct cli *cli;
	enum bulletin_type type;
	const char *name;
	struct bulletin before;
	struct trust *trust;
	struct json_document *body; /* as far as it is; NULL: in force */
	struct bytes entries; /* of the directory: an array that is not ended */
	struct bytes was;     /* ... and what they change, as it was */
	size_t changes;
};

/* ---- certificates ----------------------------------------------------------------- */

static int
open_trust(const struct cli *cli, struct trust **ret_trust, struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct root root = { 0 };
	int rc = trust_newest(cli, "root", BULLETIN_ROOT, "", &bulletin, err);

	if (rc == 0)
		rc = root_decode(&bulletin, &root, err);
	if (rc == 0)
		rc = trust_new(ret_trust, err);
	for (size_t i = 0; rc == 0 && i < root.anchor_count; i++) {
		struct cert *anchor = NULL;

		rc = cert_parse(root.anchors[i].data, root.anchors[i].len,
		    &anchor, err);
		if (rc == 0)
			rc = trust_add_anchor(*ret_trust, anchor, err);
		cert_free(anchor);
	}
	root_free(&root);
	bulletin_free(&bulletin);
	return rc;
}

/* `not_after` is NULL where the entry does not say it. */
static int
check_cert(const struct drafting *drafting, const char *base64,
    const char *not_after, const char *about, struct error *err)
{
	struct bytes der = { 0 };
	struct cert *cert = NULL;
	struct error why = { 0 };
	int64_t said = 0;
	int rc = -1;

	if (base64 == NULL ||
	    base64_parse(base64, strlen(base64), &der, &why) < 0 ||
	    cert_parse(der.data, der.len, &cert, &why) < 0 ||
	    trust_check(drafting->trust, cert, clock_now_ms(), &why) < 0)
		error_set_id(err, "E7119", ERROR_UNTRUSTED, "%s: %s", about,
		    why.text);
	else if (not_after != NULL &&
	    (!times_parse(not_after, &said) ||
		said / 1000 != cert_info(cert)->not_after_at / 1000))
		error_set_id(err, "E7119", ERROR_UNTRUSTED,
		    "%s: it is valid until another time than the entry says",
		    about);
	else
		rc = 0;
	cert_free(cert);
	bytes_free(&der);
	return rc;
}

/* What would be refused by every host is refused before officers sign it. */
static int
check_entry(const struct drafting *drafting, const struct json_value *entry,
    struct error *err)
{
	const struct json_value *keys = json_value_member(entry, "keys");
	const struct json_value *tls = json_value_member(entry, "tls");
	const char *about = answer_text(entry, "code");

	if (about[0] == '\0')
		about = answer_text(entry, "name");
	for (size_t i = 0; i < json_value_count(keys); i++) {
		const struct json_value *key = json_value_item(keys, i);
		enum key_state state;

		if (!key_state_parse(answer_text(key, "state"), &state) ||
		    !key_state_is_usable(state))
			continue;
		if (check_cert(drafting, answer_text(key, "certificate"),
			answer_text(key, "not_after"), about, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < json_value_count(tls); i++)
		if (check_cert(drafting,
			json_value_text(json_value_item(tls, i)), NULL, about,
			err) < 0)
			return -1;
	return 0;
}

/* ---- changes ------------------------------------------------------------------------- */

static int
put_entry(struct drafting *drafting, const struct json_value *entry,
    struct error *err)
{
	bytes_put_text(&drafting->entries,
	    drafting->entries.len == 0 ? "{\"entries\":[" : ",");
	return json_value_put(entry, &drafting->entries, err);
}

/* The management host has the whole directory: it makes the body. */
static int
prepare_directory(struct drafting *drafting, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	int rc = -1;

	bytes_put_text(&drafting->entries, "]}");
	bytes_put_u8(&drafting->entries, '\0');
	if (bytes_failed(&drafting->entries, err) == 0 &&
	    answer_open(&answer, drafting->cli, err) == 0 &&
	    answer_post(&answer, "/v1/directory:prepare",
		(const char *)drafting->entries.data, err) == 0 &&
	    json_value_put(json_value_member(answer_root(&answer), "body"),
		&body, err) == 0 &&
	    json_value_put(json_value_member(answer_root(&answer), "was"),
		&drafting->was, err) == 0)
		rc = json_read(body.data, body.len, body.len, &drafting->body,
		    err);
	answer_close(&answer);
	bytes_free(&body);
	return rc;
}

static int
lay_over(struct drafting *drafting, const struct json_value *change,
    struct error *err)
{
	const struct json_value *entries = json_value_member(change, "entries");
	const struct json_value *body = drafting->body != NULL
	    ? json_root(drafting->body)
	    : drafting->before.body;
	struct json_document *next = NULL;
	struct bytes json = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_value_count(entries); i++)
		rc = check_entry(drafting, json_value_item(entries, i), err);
	for (size_t i = 0; rc == 0 && i < json_value_count(entries) &&
	     drafting->type == BULLETIN_DIRECTORY;
	     i++)
		rc = put_entry(drafting, json_value_item(entries, i), err);
	if (rc < 0 || drafting->type == BULLETIN_DIRECTORY) {
		drafting->changes += rc == 0;
		return rc;
	}
	rc = body_change_apply(body, change, &json, err);
	if (rc == 0)
		rc = json_read(json.data, json.len, json.len, &next, err);
	bytes_free(&json);
	if (rc < 0)
		return -1;
	json_document_free(drafting->body);
	drafting->body = next;
	drafting->changes++;
	return 0;
}

static int
take_case(struct drafting *drafting, const struct json_value *item,
    struct error *err)
{
	const struct json_value *changes = json_value_member(item, "changes");
	const char *failed = answer_text(item, "failed");
	size_t before = drafting->changes;

	if (failed[0] != '\0')
		cli_say(drafting->cli, "%s %s: %s\n",
		    cli_text(drafting->cli, "略過", "left out:"),
		    answer_text(item, "case"), failed);
	for (size_t i = 0; i < json_value_count(changes); i++) {
		const struct json_value *change = json_value_item(changes, i);

		if (!text_equal(answer_text(change, "type"),
			bulletin_type_name(drafting->type)) ||
		    !text_equal(answer_text(change, "name"), drafting->name))
			continue;
		if (lay_over(drafting, change, err) < 0)
			return error_prefix(err, "%s",
			    answer_text(item, "case"));
	}
	if (drafting->changes > before)
		cli_say(drafting->cli, "%s %s\n",
		    cli_text(drafting->cli, "納入案件", "with case"),
		    answer_text(item, "case"));
	return 0;
}

static int
take_cases(struct drafting *drafting, struct error *err)
{
	const char *wanted = cli_value(drafting->cli, "case");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	const struct json_value *cases;
	int rc = -1;

	bytes_put_text(&target, "/v1/case-changes");
	if (wanted != NULL) {
		bytes_put_text(&target, "?case=");
		http_path_put(&target, wanted);
	}
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, drafting->cli, err) == 0)
		rc = answer_get(&answer, (const char *)target.data, err);
	bytes_free(&target);
	cases =
	    rc == 0 ? json_value_member(answer_root(&answer), "cases") : NULL;
	for (size_t i = 0; rc == 0 && i < json_value_count(cases); i++)
		rc = take_case(drafting, json_value_item(cases, i), err);
	answer_close(&answer);
	return rc;
}

static int
make_draft(struct drafting *drafting, struct error *err)
{
	if (trust_find_before(drafting->cli, drafting->type, drafting->name,
		&drafting->before, err) < 0 ||
	    open_trust(drafting->cli, &drafting->trust, err) < 0 ||
	    take_cases(drafting, err) < 0)
		return -1;
	if (drafting->changes == 0)
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no approved case changes this bulletin");
	if (drafting->type == BULLETIN_DIRECTORY &&
	    prepare_directory(drafting, err) < 0)
		return -1;
	return trust_prepare_body(drafting->cli, drafting->type, drafting->name,
	    json_root(drafting->body), &drafting->before,
	    drafting->was.len > 0 ? &drafting->was : NULL, err);
}

static int
run_draft(struct cli *cli, struct error *err)
{
	const char *type = cli_argument(cli, 0);
	struct drafting drafting = { .cli = cli,
		.name = cli_value(cli, "name") };
	int rc;

	if (type == NULL || !bulletin_type_parse(type, &drafting.type))
		return cli_refuse(err, "which type of bulletin?");
	if (cli_value(cli, "to") == NULL)
		return cli_refuse(err, "--to which file?");
	if (drafting.name == NULL)
		drafting.name = "";
	rc = make_draft(&drafting, err);
	json_document_free(drafting.body);
	bytes_free(&drafting.entries);
	bytes_free(&drafting.was);
	trust_free(drafting.trust);
	bulletin_free(&drafting.before);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "name", 0, "CENTER", "whose access list" },
	{ "case", 0, "CASE", "this case alone" },
	{ "to", 'o', "FILE", "the draft to write" },
	{ "days", 0, "N", "until it expires" },
	{ "first", 0, NULL, "there is no bulletin of this type yet" },
	{ "before", 0, "FILE", "the one in force, instead of asking a host" },
	{ "root", 0, "FILE", "the root in force, instead of asking a host" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_draft_command = {
	.name = "case draft",
	.summary = "make the draft of a bulletin from approved cases",
	.summary_zh = "由已核定的案件產生待簽公報",
	.arguments = "TYPE",
	.arguments_max = 1,
	.examples =
	    "yizhan case draft directory -c management.conf "
	    "--to directory-8.draft\n"
	    "yizhan case draft access --name center-a -c management.conf "
	    "--to access-5.draft\n",
	.options = options,
	.run = run_draft,
};
