/* yizhan person: who may log in at a gateway. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "json/json_write.h"
#include "service/config.h"

enum { TARGET_SIZE = 96 };

static void
put_person(const struct cli *cli, const struct json_value *person,
    struct bytes *to)
{
	bytes_put_format(to, "%" PRId64 "  ", answer_integer(person, "id"));
	answer_put(person, "name", to);
	bytes_put_text(to, "  ");
	answer_put(person, "organisation", to);
	bytes_put_text(to, "  ");
	answer_put(person, "role", to);
	if (answer_text(person, "unit")[0] != '\0') {
		bytes_put_text(to, "  ");
		answer_put(person, "unit", to);
	}
	if (!answer_is_true(person, "enabled"))
		bytes_put_text(to, cli_text(cli, "  已停用", "  disabled"));
	bytes_put_text(to, "\n");
}

static void
put_persons(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "persons");

	for (size_t i = 0; i < json_value_count(list); i++)
		put_person(cli, json_value_item(list, i), to);
}

/* Whom cases registered at a management host. */
static void
put_registered(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "people");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *person = json_value_item(list, i);
		const struct json_value *offices =
		    json_value_member(person, "offices");

		answer_put(person, "name", to);
		bytes_put_text(to, "  ");
		answer_put(person, "organisation", to);
		bytes_put_text(to, " ");
		for (size_t j = 0; j < json_value_count(offices); j++) {
			bytes_put_u8(to, ' ');
			cli_put(to,
			    json_value_text(json_value_item(offices, j)));
		}
		bytes_put_text(to, "  ");
		answer_put(person, "certificate", to);
		if (answer_is_true(person, "ended"))
			bytes_put_text(to,
			    cli_text(cli, "  已註銷", "  ended"));
		bytes_put_text(to, "\n");
	}
}

/* The certificate's digest and end, which are all that a host keeps. */
static int
put_certificate(const char *path, struct json_writer *writer, struct error *err)
{
	struct cert *cert = NULL;
	int rc = -1;

	if (trust_read_cert(path, &cert, err) == 0 &&
	    cert_check_policy(cert, err) == 0) {
		json_write_digest(writer, "certificate",
		    cert_fingerprint(cert));
		json_write_time(writer, "certificate_ends",
		    cert_info(cert)->not_after_at);
		rc = 0;
	}
	cert_free(cert);
	return rc;
}

static int
run_person_add(struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	const char *certificate = cli_value(cli, "certificate");
	const char *role = cli_value(cli, "role");
	const char *organisation = cli_value(cli, "organisation");
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	if (name == NULL || role == NULL || organisation == NULL)
		return cli_refuse(err,
		    "NAME, --role (clerk, supervisor, operator, auditor) and "
		    "--organisation CODE say who it is");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "name", name);
	json_write_text(&writer, "role", role);
	json_write_text(&writer, "organisation", organisation);
	if (cli_has(cli, "unit"))
		json_write_text(&writer, "unit", cli_value(cli, "unit"));
	if (certificate == NULL ||
	    put_certificate(certificate, &writer, err) == 0) {
		json_write_end(&writer);
		rc = answer_open(&answer, cli, err);
	}
	if (rc == 0)
		rc = answer_post_body(&answer, "/v1/persons", &body, err);
	if (rc == 0)
		rc = answer_say(&answer, put_person, err);
	bytes_free(&body);
	answer_close(&answer);
	return rc;
}

static int
run_person_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = answer_open(&answer, cli, err);
	bool is_management =
	    rc == 0 && config_has_kind(answer.config, CONFIG_MANAGEMENT);

	if (rc == 0)
		rc = answer_get(&answer,
		    is_management ? "/v1/people" : "/v1/persons?limit=200",
		    err);
	if (rc == 0)
		rc = answer_say(&answer,
		    is_management ? put_registered : put_persons, err);
	answer_close(&answer);
	return rc;
}

/* At management, where cases register persons: the link of the one so named. */
static int
find_registered(struct answer *answer, const char *name, char to[TARGET_SIZE],
    struct error *err)
{
	const struct json_value *list;
	const char *certificate = "";
	size_t found = 0;
	bool is_ended;

	if (answer_get(answer, "/v1/people", err) < 0)
		return -1;
	list = json_value_member(answer_root(answer), "people");
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		is_ended = answer_is_true(item, "ended");
		if (is_ended ||
		    (!text_equal(answer_text(item, "name"), name) &&
			!text_equal(answer_text(item, "certificate"), name)))
			continue;
		certificate = answer_text(item, "certificate");
		found++;
	}
	if (found != 1)
		return error_set(err, ERROR_NOT_FOUND,
		    found == 0 ? "no person is named %.100s"
			       : "several are named %.100s: give the "
				 "fingerprint of the certificate",
		    name);
	snprintf(to, TARGET_SIZE, "/v1/people/%.64s:link", certificate);
	return 0;
}

/* POST /v1/persons/ID:verb of the person that the argument names. */
static int
act_on_person(struct cli *cli, const char *verb, struct bytes *body,
    answer_put_fn put, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int64_t id;
	int rc = -1;

	if (name == NULL)
		return cli_refuse(err, "which person? See yizhan person list");
	if (answer_open(&answer, cli, err) < 0)
		return -1;
	if (config_has_kind(answer.config, CONFIG_MANAGEMENT) &&
	    text_equal(verb, "link")) {
		rc = find_registered(&answer, name, target, err);
		if (rc == 0)
			rc = answer_post_body(&answer, target, body, err);
	} else if (answer_find_person(&answer, name, &id, err) == 0) {
		snprintf(target, sizeof(target), "/v1/persons/%" PRId64 ":%s",
		    id, verb);
		rc = answer_post_body(&answer, target, body, err);
	}
	if (rc == 0)
		rc = answer_say(&answer, put, err);
	answer_close(&answer);
	return rc;
}

static int
run_person_disable(struct cli *cli, struct error *err)
{
	return act_on_person(cli, "disable", NULL, put_person, err);
}

static int
run_person_enable(struct cli *cli, struct error *err)
{
	return act_on_person(cli, "enable", NULL, put_person, err);
}

/* Without a second argument back to the registry desk. */
static int
run_person_unit(struct cli *cli, struct error *err)
{
	const char *unit = cli_argument(cli, 1);
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "unit", unit != NULL ? unit : "");
	json_write_end(&writer);
	rc = act_on_person(cli, "unit", &body, put_person, err);
	bytes_free(&body);
	return rc;
}

static int
run_person_role(struct cli *cli, struct error *err)
{
	const char *role = cli_argument(cli, 1);
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc;

	if (role == NULL)
		return cli_refuse(err,
		    "which role? clerk, supervisor, operator or auditor");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "role", role);
	json_write_end(&writer);
	rc = act_on_person(cli, "role", &body, put_person, err);
	bytes_free(&body);
	return rc;
}

static void
put_link(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const char *base = cli_value(cli, "url");

	bytes_put_format(to,
	    "%s/login#code=", base != NULL ? base : "https://HOST:8443");
	answer_put(root, "code", to);
	bytes_put_text(to, "\n");
	cli_say(cli, "%s", cli_text(cli, "限用一次，有效至 ", "once, until "));
	cli_say(cli, "%s\n", answer_text(root, "expires_at"));
}

static int
run_person_link(struct cli *cli, struct error *err)
{
	const char *minutes = cli_value(cli, "minutes");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	uint64_t number = 0;
	int rc;

	if (minutes != NULL && !text_parse_u64(minutes, 1440, &number))
		return cli_refuse(err, "--minutes is a number");
	json_write_begin_object(&writer, NULL);
	if (minutes != NULL)
		json_write_int(&writer, "minutes", (int64_t)number);
	json_write_end(&writer);
	rc = act_on_person(cli, "link", &body, put_link, err);
	bytes_wipe(&body);
	return rc;
}

/* ---- the commands ----------------------------------------------------------- */

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option add_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "certificate", 0, "FILE", "certificate of the card, in PEM" },
	{ "role", 0, "ROLE", "clerk, supervisor, operator or auditor" },
	{ "organisation", 0, "CODE", "whose letters they are about" },
	{ "unit", 0, "CODE", "their unit; without it the registry desk" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option link_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "minutes", 0, "N",
	    "how long it can be used: 15 at most in "
	    "production" },
	{ "url", 0, "URL", "where people reach the gateway" },
	{ NULL, 0, NULL, NULL },
};

const struct command person_add_command = {
	.name = "person add",
	.summary = "register who may log in at a gateway",
	.summary_zh = "登記可登入閘道的人員",
	.arguments = "NAME",
	.arguments_max = 1,
	.examples = "yizhan person add 王小明 --certificate card.pem "
		    "--role clerk --organisation 376490000A\n",
	.options = add_options,
	.run = run_person_add,
};

const struct command person_list_command = {
	.name = "person list",
	.summary = "list who may log in",
	.summary_zh = "列出已登記的人員",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan person list\n",
	.options = host_options,
	.run = run_person_list,
};

const struct command person_link_command = {
	.name = "person link",
	.summary = "make a link that logs a person in once",
	.summary_zh = "產生一次性登入連結",
	.arguments = "NAME",
	.arguments_max = 1,
	.examples = "yizhan person link 王小明\n",
	.options = link_options,
	.run = run_person_link,
};

const struct command person_unit_command = {
	.name = "person unit",
	.summary = "set the unit of a person; without one the registry desk",
	.summary_zh = "設定人員所屬單位（不給單位即為登記桌）",
	.arguments = "NAME [UNIT]",
	.arguments_max = 2,
	.examples = "yizhan person unit 王小明 TAX\n",
	.options = host_options,
	.run = run_person_unit,
};

const struct command person_role_command = {
	.name = "person role",
	.summary = "give a person another role; their sessions end",
	.summary_zh = "變更人員的角色並結束其工作階段",
	.arguments = "NAME ROLE",
	.arguments_max = 2,
	.examples = "yizhan person role 王小明 supervisor\n",
	.options = host_options,
	.run = run_person_role,
};

const struct command person_disable_command = {
	.name = "person disable",
	.summary = "end a person's sessions and let them in no more",
	.summary_zh = "停用人員並結束其工作階段",
	.arguments = "NAME",
	.arguments_max = 1,
	.examples = "yizhan person disable 王小明\n",
	.options = host_options,
	.run = run_person_disable,
};

const struct command person_enable_command = {
	.name = "person enable",
	.summary = "let a person in again",
	.summary_zh = "重新啟用人員",
	.arguments = "NAME",
	.arguments_max = 1,
	.examples = "yizhan person enable 王小明\n",
	.options = host_options,
	.run = run_person_enable,
};
