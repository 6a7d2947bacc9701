/*
 * yizhan case open, code, attach and move: what is done in casework.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/case/case_words.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/signed.h"
#include "envelope/case_consent.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "service/config.h"
#include "sys/clock.h"

enum { ATTACHMENT_MAX = 4 << 20 };

static const char requests_path[] = "/v1/case-requests";

/* A gateway or center asks management, where management decides. */
static bool
asks_above(const struct answer *answer)
{
	return !config_has_kind(answer->config, CONFIG_MANAGEMENT);
}

/* What was asked for is on its way. */
static int
print_request(struct cli *cli, const struct answer *answer, struct error *err)
{
	const char *id = answer_text(answer_root(answer), "id");
	struct bytes text = { 0 };
	int rc;

	if (cli->json) {
		answer_print(answer);
		return 0;
	}
	bytes_put_format(&text, "%s\n", id);
	rc = bytes_failed(&text, err);
	cli_print(&text);
	bytes_free(&text);
	cli_say(cli, "%s yizhan case show %s\n",
	    cli_text(cli, "已收件並送往管理層；進度請見",
		"Kept, and on its way to management; see"),
	    id);
	return rc;
}

/* The case that an answer has, as JSON or a line, and its one-time code. */
static int
print_case(struct cli *cli, const struct answer *answer, struct error *err)
{
	const struct json_value *root = answer_root(answer);
	const char *code = answer_text(root, "code");
	struct bytes text = { 0 };
	int rc;

	if (cli->json) {
		answer_print(answer);
		return 0;
	}
	case_words_put_line(cli, root, &text);
	if (code[0] != '\0')
		bytes_put_format(&text, "%s %s\n",
		    cli_text(cli, "一次性代碼（24 小時內有效，只顯示這一次）：",
			"One-time code (24 hours, shown this once):"),
		    code);
	rc = bytes_failed(&text, err);
	cli_print(&text);
	bytes_free(&text);
	return rc;
}

static int
post(struct cli *cli, const struct bytes *target, const struct bytes *body,
    struct error *err)
{
	struct answer answer = { 0 };
	bool is_above = false;
	int rc = -1;

	if (bytes_failed(target, err) == 0 && bytes_failed(body, err) == 0 &&
	    answer_open(&answer, cli, err) == 0) {
		is_above = asks_above(&answer);
		rc = answer_post(&answer,
		    is_above ? requests_path : (const char *)target->data,
		    (const char *)body->data, err);
	}
	if (rc == 0)
		rc = is_above ? print_request(cli, &answer, err)
			      : print_case(cli, &answer, err);
	answer_close(&answer);
	return rc;
}

/* Open and close: which host it is. */
static int
find_out(const struct cli *cli, bool *ret_is_above, struct error *err)
{
	struct answer answer = { 0 };
	int rc = answer_open(&answer, cli, err);

	if (rc == 0)
		*ret_is_above = asks_above(&answer);
	answer_close(&answer);
	return rc;
}

static void
put_target(struct bytes *to, const char *id, const char *rest)
{
	bytes_put_text(to, "/v1/cases/");
	http_path_put(to, id);
	bytes_put_text(to, rest);
	bytes_put_u8(to, '\0');
}

/* ---- open ------------------------------------------------------------------------- */

static int
put_fields(const struct cli *cli, struct json_writer *writer, struct error *err)
{
	json_write_begin_object(writer, "fields");
	for (int i = 1; i < cli->argument_count; i++) {
		const char *text = cli_argument(cli, i);
		const char *equals = strchr(text, '=');
		char name[64];

		if (equals == NULL ||
		    !text_copy_len(name, sizeof(name), text,
			(size_t)(equals - text)))
			return cli_refuse(err, "%s is no FIELD=VALUE", text);
		json_write_text(writer, name, equals + 1);
	}
	json_write_end(writer);
	return 0;
}

static int
run_open(struct cli *cli, struct error *err)
{
	const char *definition = cli_argument(cli, 0);
	const char *note = cli_value(cli, "note");
	struct bytes body = { 0 };
	struct bytes target = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	if (definition == NULL)
		return cli_refuse(err,
		    "which procedure? See yizhan case definitions");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "definition", definition);
	json_write_text(&writer, "note", note != NULL ? note : "");
	if (put_fields(cli, &writer, err) == 0) {
		json_write_end(&writer);
		rc = json_write_done(&writer, err);
	}
	bytes_put_u8(&body, '\0');
	bytes_put_text(&target, "/v1/cases");
	bytes_put_u8(&target, '\0');
	if (rc == 0)
		rc = post(cli, &target, &body, err);
	bytes_free(&body);
	bytes_free(&target);
	return rc;
}

static const struct command_option open_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "note", 0, "TEXT", "what should be on record" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_open_command = {
	.name = "case open",
	.summary = "open a case",
	.summary_zh = "建立案件",
	.arguments = "DEFINITION FIELD=VALUE...",
	.arguments_max = -1,
	.examples = "yizhan case open change-name organisation=376470000A "
		    "name=NAME contact=WHO -c management.conf\n",
	.options = open_options,
	.run = run_open,
};

/* ---- code --------------------------------------------------------------------------- */

static int
run_code(struct cli *cli, struct error *err)
{
	const char *id = cli_argument(cli, 0);
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	const struct http_call call = { .method = "POST",
		.body_fd = -1,
		.answer_fd = -1 };
	struct http_call to = call;
	int rc = -1;

	if (id == NULL)
		return cli_refuse(err, "which case?");
	put_target(&target, id, ":code");
	to.target = (const char *)target.data;
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    local_call(&answer.local, &to, &answer.http, err) == 0 &&
	    answer_read(&answer, err) == 0)
		rc = print_case(cli, &answer, err);
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

static const struct command_option config_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_code_command = {
	.name = "case code",
	.summary = "give out another one-time code; the one before is void",
	.summary_zh = "發給新的一次性代碼，舊代碼作廢",
	.arguments = "CASE",
	.arguments_max = 1,
	.examples = "yizhan case code 115-000012-7K2M -c management.conf\n",
	.options = config_options,
	.run = run_code,
};

/* ---- attach ---------------------------------------------------------------------------- */

/* At a gateway or center: one more request about that one. */
static int
attach_above(struct cli *cli, const char *id, const char *path,
    const char *name, const char *evidence, struct error *err)
{
	struct bytes target = { 0 };
	struct bytes data = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	if (trust_read(path, ATTACHMENT_MAX, &data, err) == 0) {
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "case", id);
		json_write_text(&writer, "evidence", evidence);
		json_write_text(&writer, "name", name);
		json_write_base64(&writer, "file", data.data, data.len);
		json_write_end(&writer);
		rc = json_write_done(&writer, err);
	}
	bytes_put_u8(&body, '\0');
	if (rc == 0)
		rc = post(cli, &target, &body, err);
	bytes_free(&data);
	bytes_free(&body);
	return rc;
}

static int
run_attach(struct cli *cli, struct error *err)
{
	const char *id = cli_argument(cli, 0);
	const char *path = cli_argument(cli, 1);
	const char *evidence = cli_value(cli, "evidence");
	const char *name;
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	struct bytes data = { 0 };
	struct http_call call = { .method = "POST",
		.body_fd = -1,
		.answer_fd = -1 };
	bool is_above = false;
	int rc = -1;

	if (id == NULL || path == NULL || evidence == NULL)
		return cli_refuse(err,
		    "which case, which file, as which --evidence?");
	name = strrchr(path, '/');
	name = name != NULL ? name + 1 : path;
	if (find_out(cli, &is_above, err) < 0)
		return -1;
	if (is_above)
		return attach_above(cli, id, path, name, evidence, err);
	put_target(&target, id, "/attachments?evidence=");
	target.len--;
	http_path_put(&target, evidence);
	bytes_put_text(&target, "&name=");
	http_path_put(&target, name);
	bytes_put_u8(&target, '\0');
	if (trust_read(path, ATTACHMENT_MAX, &data, err) == 0 &&
	    bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0) {
		call.target = (const char *)target.data;
		call.body = data.data;
		call.body_len = data.len;
		if (local_call(&answer.local, &call, &answer.http, err) == 0 &&
		    answer_read(&answer, err) == 0)
			rc = print_case(cli, &answer, err);
	}
	answer_close(&answer);
	bytes_free(&target);
	bytes_free(&data);
	return rc;
}

static const struct command_option attach_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "evidence", 'e', "NAME", "as which evidence of the procedure" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_attach_command = {
	.name = "case attach",
	.summary = "attach evidence to a case",
	.summary_zh = "將證明附於案件",
	.arguments = "CASE FILE",
	.arguments_max = 2,
	.examples = "yizhan case attach 115-000012-7K2M letter.pdf "
		    "--evidence authority\n",
	.options = attach_options,
	.run = run_attach,
};

/* ---- move ----------------------------------------------------------------------------------- */

/* What the person signs: the case as it is now, and this move. */
static int
sign_consent(const struct cli *cli, struct answer *answer, const char *id,
    const char *move, const char *note, struct bytes *cms, struct error *err)
{
	struct case_consent consent = { .time_ms = clock_now_ms() };
	struct bytes target = { 0 };
	struct bytes json = { 0 };
	struct key *key = NULL;
	struct cert *cert = NULL;
	int rc = -1;

	put_target(&target, id, "");
	if (bytes_failed(&target, err) < 0 ||
	    answer_get(answer, (const char *)target.data, err) < 0)
		goto done;
	if (!digest_parse(answer_text(answer_root(answer), "last"),
		&consent.after) ||
	    !text_copy(consent.environment, sizeof(consent.environment),
		answer->config->host.environment) ||
	    !text_copy(consent.id, sizeof(consent.id), id) ||
	    !text_copy(consent.move, sizeof(consent.move), move) ||
	    !text_copy(consent.note, sizeof(consent.note), note)) {
		cli_refuse(err, "case, move or note is too long");
		goto done;
	}
	if (trust_read_holder(cli, cli_value(cli, "key"), &key, &cert, err) ==
		0 &&
	    case_consent_encode(&consent, &json, err) == 0) {
		struct signer signer = signer_of(cert, key);

		rc = signed_make(&signer, 1, json.data, json.len,
		    consent.time_ms, cms, err);
	}
done:
	key_free(key);
	cert_free(cert);
	bytes_free(&json);
	bytes_free(&target);
	return rc;
}

static int
put_move(const struct cli *cli, const struct bytes *cms, struct bytes *to,
    struct error *err)
{
	static const char *const names[] = { "note", "code", "fingerprint" };
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "move", cli_argument(cli, 1));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (cli_value(cli, names[i]) != NULL)
			json_write_text(&writer, names[i],
			    cli_value(cli, names[i]));
	if (cms->len > 0)
		json_write_base64(&writer, "signed", cms->data, cms->len);
	json_write_end(&writer);
	bytes_put_u8(to, '\0');
	return json_write_done(&writer, err);
}

/* At a gateway or center: what its organisation asks for, such as withdraw. */
static int
move_above(struct cli *cli, const char *id, const char *move, struct error *err)
{
	const char *note = cli_value(cli, "note");
	struct bytes target = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	if (cli_value(cli, "key") != NULL || cli_value(cli, "code") != NULL)
		return cli_refuse(err,
		    "keys and codes are for the management host");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "case", id);
	json_write_text(&writer, "move", move);
	json_write_text(&writer, "note", note != NULL ? note : "");
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0) {
		bytes_put_u8(&body, '\0');
		rc = post(cli, &target, &body, err);
	}
	bytes_free(&body);
	return rc;
}

static int
run_move(struct cli *cli, struct error *err)
{
	const char *id = cli_argument(cli, 0);
	const char *move = cli_argument(cli, 1);
	const char *note = cli_value(cli, "note");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	struct bytes cms = { 0 };
	struct bytes body = { 0 };
	bool is_above = false;
	int rc = 0;

	if (id == NULL || move == NULL)
		return cli_refuse(err, "which case, which move?");
	if (find_out(cli, &is_above, err) < 0)
		return -1;
	if (is_above)
		return move_above(cli, id, move, err);
	if (cli_value(cli, "key") != NULL)
		rc = answer_open(&answer, cli, err) < 0
		    ? -1
		    : sign_consent(cli, &answer, id, move,
			  note != NULL ? note : "", &cms, err);
	answer_close(&answer);
	put_target(&target, id, ":move");
	if (rc == 0 && put_move(cli, &cms, &body, err) == 0)
		rc = post(cli, &target, &body, err);
	else
		rc = -1;
	bytes_free(&target);
	bytes_free(&cms);
	bytes_free(&body);
	return rc;
}

static const struct command_option move_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "note", 0, "TEXT", "the reason; kept with the case" },
	{ "code", 0, "CODE", "the one-time code, as it was read out" },
	{ "fingerprint", 0, "CODE", "the request's check code, as read out" },
	{ "key", 'k', "FILE", "sign with this key and certificate" },
	{ "passphrase-file", 0, "FILE", "instead of asking for it" },
	{ NULL, 0, NULL, NULL },
};

const struct command case_move_command = {
	.name = "case move",
	.summary = "make a move of a case, or agree to it as one of two",
	.summary_zh = "辦理案件的步驟，或以二人之一的身分簽署同意",
	.arguments = "CASE MOVE",
	.arguments_max = 2,
	.examples = "yizhan case move 115-000012-7K2M check\n"
		    "yizhan case move 115-000012-7K2M approve --key wang.key\n",
	.options = move_options,
	.run = run_move,
};
