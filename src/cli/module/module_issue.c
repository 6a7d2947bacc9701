/*
 * yizhan module code, issue and list at management; init and install at the
 * gateway whose crypto module it is (docs/crypto-module.md).
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/module/module_case.h"
#include "cli/module/module_keys.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "json/json_write.h"
#include "model/org.h"
#include "role/keeper/keeper_file.h"
#include "role/keeper/module_text.h"
#include "service/config.h"
#include "sys/clock.h"

enum { PATH_SIZE = 4096, KEY_FILE_MAX = 65536 };

/* ---- at management ------------------------------------------------------- */

/* "A,B" as the items of an array. */
static int
write_codes(struct json_writer *writer, const char *list, struct error *err)
{
	while (*list != '\0') {
		size_t len = strcspn(list, ",");
		char text[ORG_TEXT_SIZE];
		struct org_code code;

		if (!text_copy_len(text, sizeof(text), list, len) ||
		    !org_code_parse(text, &code))
			return cli_refuse(err,
			    "--organisations is a list of codes such as "
			    "376490000A,376470000A");
		json_write_text(writer, NULL, text);
		list += len + (list[len] == ',');
	}
	return 0;
}

static int
put_code_request(const struct cli *cli, struct bytes *body, struct error *err)
{
	struct json_writer writer = json_writer_to(body);
	const char *host = cli_argument(cli, 0);
	const char *codes = cli_value(cli, "organisations");

	if (host == NULL || codes == NULL)
		return cli_refuse(err,
		    "for which host, and --organisations of which codes?");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "host", host);
	json_write_begin_array(&writer, "organisations");
	if (write_codes(&writer, codes, err) < 0)
		return -1;
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(body, '\0');
	return json_write_done(&writer, err);
}

static int
run_code(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (put_code_request(cli, &body, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_post(&answer, "/v1/modules:code",
		    (const char *)body.data, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		answer_put(answer_root(&answer), "code", &text);
		bytes_put_format(&text, "\n%s ",
		    cli_text(cli, "有效至", "valid until"));
		answer_put(answer_root(&answer), "expires", &text);
		bytes_put_u8(&text, '\n');
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&body);
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

/* The certificate of the answer, as a PEM file. */
static int
save_certificate(const struct answer *answer, const char *path,
    struct error *err)
{
	const char *base64 = answer_text(answer_root(answer), "certificate");
	struct bytes der = { 0 };
	struct bytes pem = { 0 };
	struct cert *cert = NULL;
	int rc = -1;

	if (base64_parse(base64, strlen(base64), &der, err) == 0 &&
	    cert_parse(der.data, der.len, &cert, err) == 0) {
		cert_put_pem(cert, &pem);
		rc = bytes_failed(&pem, err) < 0
		    ? -1
		    : trust_write(path, pem.data, pem.len, err);
	}
	cert_free(cert);
	bytes_free(&der);
	bytes_free(&pem);
	return rc;
}

static int
run_issue(struct cli *cli, struct error *err)
{
	const char *path = cli_argument(cli, 0);
	const char *to = cli_value(cli, "to");
	struct answer answer = { 0 };
	struct bytes request = { 0 };
	int rc = -1;

	if (cli_value(cli, "case") != NULL && path == NULL && to == NULL)
		return module_case_issue(cli, cli_value(cli, "case"), err);
	if (path == NULL || to == NULL)
		return cli_refuse(err,
		    "which request, and --to which file? Or which --case?");
	if (trust_read(path, MODULE_TEXT_MAX, &request, err) == 0) {
		bytes_put_u8(&request, '\0');
		if (bytes_failed(&request, err) == 0 &&
		    answer_open(&answer, cli, err) == 0 &&
		    answer_post(&answer, "/v1/modules",
			(const char *)request.data, err) == 0)
			rc = save_certificate(&answer, to, err);
	}
	if (rc == 0)
		answer_print(&answer);
	bytes_free(&request);
	answer_close(&answer);
	return rc;
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	const struct json_value *list;
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, "/v1/modules", err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		list = json_value_member(answer_root(&answer), "modules");
		for (size_t i = 0; i < json_value_count(list); i++) {
			const struct json_value *one = json_value_item(list, i);

			answer_put(one, "host", &text);
			bytes_put_text(&text, "  ");
			answer_put(one, "organisations", &text);
			bytes_put_text(&text, "  ");
			answer_put(one, "fingerprint", &text);
			bytes_put_text(&text, "  ");
			answer_put(one, "issued_at", &text);
			bytes_put_u8(&text, '\n');
		}
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

/* ---- at the gateway ------------------------------------------------------- */

static int
open_config(const struct cli *cli, struct config **ret_config,
    struct error *err)
{
	struct local local;

	return local_open(cli, ret_config, &local, err);
}

/* Where the module's key is, or is to be. */
static int
find_path(const struct config *config, const char *ending, char to[PATH_SIZE],
    struct error *err)
{
	for (size_t i = 0; i < config->key_count; i++) {
		const struct config_key *key = &config->keys[i];

		if (!text_equal(key->name, "module") ||
		    !text_starts(key->source, "file:"))
			continue;
		snprintf(to, PATH_SIZE, "%s%s", key->source + 5, ending);
		return 0;
	}
	return cli_refuse(err,
	    "the configuration has no key.module = file:/PATH in [keeper]");
}

/* Those whose keys the configuration names. */
static void
put_codes(const struct config *config, char to[MESSAGE_CODES_SIZE])
{
	size_t at = 0;

	to[0] = '\0';
	for (size_t i = 0; i < config->key_count; i++) {
		const char *name = config->keys[i].name;

		if (!text_starts(name, "sign.") ||
		    at + strlen(name) >= MESSAGE_CODES_SIZE)
			continue;
		at += (size_t)snprintf(to + at, MESSAGE_CODES_SIZE - at, "%s%s",
		    at > 0 ? " " : "", name + 5);
	}
}

static int
put_request(const struct config *config, const struct secret_key *code,
    const struct key *key, struct bytes *to, struct error *err)
{
	struct module_text text = { .time_ms = clock_now_ms() };
	struct module_text again = { .time_ms = 0 };
	uint8_t point[P256_POINT_LEN];
	int rc = -1;

	text_copy(text.environment, sizeof(text.environment),
	    config->host.environment);
	text_copy(text.host, sizeof(text.host), config->host.name);
	put_codes(config, text.codes);
	if (p256_point(key, point, err) == 0) {
		bytes_put(&text.public_key, point, sizeof(point));
		/* Read again: the pairwise test of a key that is new. */
		if (bytes_failed(&text.public_key, err) == 0 &&
		    module_text_put(&text, code, key, to, err) == 0)
			rc = module_text_read(to->data, to->len, &again, err);
	}
	module_text_free(&text);
	module_text_free(&again);
	return rc;
}

static int
save_key(const char *path, const struct key *key, struct error *err)
{
	struct bytes pem = { 0 };
	int rc = key_put_pem(key, &pem, err);

	if (rc == 0)
		rc = module_keys_write(path, &pem, err);
	bytes_wipe(&pem);
	return rc;
}

/* Over the network, or as a file. */
static int
hand_over(const struct cli *cli, const struct config *config,
    const struct bytes *request, const char *to, struct error *err)
{
	char codes[MESSAGE_CODES_SIZE];

	if (to != NULL)
		return trust_write(to, request->data, request->len, err);
	put_codes(config, codes);
	codes[strcspn(codes, " ")] = '\0';
	return module_case_ask(cli, codes, request, err);
}

static int
init(const struct cli *cli, const struct config *config, const char *code_text,
    const char *to, struct error *err)
{
	char path[PATH_SIZE];
	struct secret_key code = { { 0 } };
	struct key *key = NULL;
	struct bytes request = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (module_code_key(code_text, &code, err) == 0 &&
	    find_path(config, ".new", path, err) == 0 &&
	    key_generate(CERT_KEY_P256, &key, err) == 0 &&
	    put_request(config, &code, key, &request, err) == 0 &&
	    save_key(path, key, err) == 0) {
		rc = hand_over(cli, config, &request, to, err);
		/* Without its request the key is of no use. */
		if (rc < 0)
			unlink(path);
	}
	if (rc == 0 && to != NULL) {
		bytes_put_format(&text, "%s  %s\n%s  %s\n", path,
		    cli_text(cli, "新金鑰：留在本機",
			"the new key: stays here"),
		    to,
		    cli_text(cli, "申請檔：交給管理層",
			"the request: hand it to management"));
		cli_print(&text);
	}
	secret_wipe(&code, sizeof(code));
	key_free(key);
	bytes_free(&request);
	bytes_free(&text);
	return rc;
}

static int
run_init(struct cli *cli, struct error *err)
{
	const char *code = cli_value(cli, "code");
	const char *to = cli_value(cli, "to");
	struct config *config = NULL;
	int rc = -1;

	if (code == NULL)
		return cli_refuse(err, "--code that management gave?");
	if (open_config(cli, &config, err) == 0)
		rc = init(cli, config, code, to, err);
	config_free(config);
	return rc;
}

/* Key and certificate in one file, in place of the one before. */
static int
join(const char *new_path, const char *path, const struct cert *cert,
    struct error *err)
{
	char next[PATH_SIZE + 8];
	struct bytes pem = { 0 };
	struct bytes certificate = { 0 };
	struct key *key = NULL;
	int rc = -1;

	snprintf(next, sizeof(next), "%s.next", path);
	if (keeper_file_read(new_path, KEY_FILE_MAX, &pem, err) < 0 ||
	    key_parse(pem.data, pem.len, &key, err) < 0)
		goto done;
	if (!key_matches(key, cert)) {
		error_set_id(err, "E3306", ERROR_UNTRUSTED,
		    "the certificate is not that of %s", new_path);
		goto done;
	}
	cert_put_pem(cert, &certificate);
	bytes_put(&pem, certificate.data, certificate.len);
	unlink(next);
	if (bytes_failed(&certificate, err) < 0 ||
	    module_keys_write(next, &pem, err) < 0)
		goto done;
	if (rename(next, path) < 0)
		error_set_errno(err, "naming %s", path);
	else
		rc = keeper_file_sync_folder(path, err);
	if (rc == 0)
		unlink(new_path);
done:
	key_free(key);
	bytes_wipe(&pem);
	bytes_free(&certificate);
	return rc;
}

static int
run_install(struct cli *cli, struct error *err)
{
	const char *from = cli_argument(cli, 0);
	const char *id = cli_value(cli, "case");
	char new_path[PATH_SIZE];
	char path[PATH_SIZE];
	struct config *config = NULL;
	struct cert *cert = NULL;
	int rc = -1;

	if ((from == NULL) == (id == NULL))
		return cli_refuse(err, "which certificate, or which --case?");
	if (open_config(cli, &config, err) == 0 &&
	    find_path(config, ".new", new_path, err) == 0 &&
	    find_path(config, "", path, err) == 0 &&
	    (id != NULL ? module_case_certificate(cli, id, &cert, err)
			: trust_read_cert(from, &cert, err)) == 0)
		rc = join(new_path, path, cert, err);
	cert_free(cert);
	config_free(config);
	return rc;
}

/* ---- the commands -------------------------------------------------------- */

static const struct command_option code_options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "organisations", 0, "CODES", "that send there, with commas" },
	{ NULL, 0, NULL, NULL },
};

const struct command module_code_command = {
	.name = "module code",
	.summary = "a one-time code for the crypto module of a gateway",
	.summary_zh = "為閘道的密碼模組核發一次性代碼",
	.arguments = "HOST",
	.arguments_max = 1,
	.examples = "yizhan module code gateway-1 --organisations 376490000A "
		    "-c management.conf\n",
	.options = code_options,
	.run = run_code,
};

static const struct command_option init_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "code", 0, "CODE", "the one-time code that management gave" },
	{ "to", 0, "FILE", "the request, to be carried; else it is handed up" },
	{ NULL, 0, NULL, NULL },
};

const struct command module_init_command = {
	.name = "module init",
	.summary =
	    "make the key of a crypto module and ask for its certificate",
	.summary_zh = "產生密碼模組金鑰並製作憑證申請檔",
	.arguments = "",
	.examples = "yizhan module init --code ABCD-EFGH-JKMN-PQRS-TVWX --to "
		    "request -c gateway.conf\n",
	.options = init_options,
	.run = run_init,
};

static const struct command_option issue_options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "to", 0, "FILE", "the certificate" },
	{ "case", 0, "CASE", "by which a host asked over the network" },
	{ NULL, 0, NULL, NULL },
};

const struct command module_issue_command = {
	.name = "module issue",
	.summary = "issue the certificate that a request asks for",
	.summary_zh = "依申請檔核發密碼模組憑證",
	.arguments = "[REQUEST]",
	.arguments_max = 1,
	.examples = "yizhan module issue request --to module.crt -c "
		    "management.conf\n",
	.options = issue_options,
	.run = run_issue,
};

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option install_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "case", 0, "ID", "with which it came down" },
	{ NULL, 0, NULL, NULL },
};

const struct command module_list_command = {
	.name = "module list",
	.summary = "the crypto modules that management issued",
	.summary_zh = "列出管理層核發的密碼模組",
	.arguments = "",
	.examples = "yizhan module list -c management.conf\n",
	.options = host_options,
	.run = run_list,
};

const struct command module_install_command = {
	.name = "module install",
	.summary = "put the certificate to the new key of the crypto module",
	.summary_zh = "安裝核發的密碼模組憑證",
	.arguments = "[CERTIFICATE]",
	.arguments_max = 1,
	.examples = "yizhan module install module.crt -c gateway.conf\n",
	.options = install_options,
	.run = run_install,
};
