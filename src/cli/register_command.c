/*
 * yizhan register: a host says what it is, in a request file that its own keys
 * sign; and, when the bulletins have it, whether it is well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "directory/address_book.h"
#include "directory/registration.h"
#include "service/config.h"
#include "sys/clock.h"
#include "token/token_keys.h"
#include "token/token_library.h"

enum { WAIT_S = 60, WAIT_MAX_S = 3600, STEP_MS = 200 };

/* A key of the configuration. */
struct pair {
	const char *name;         /* "tls", "module", "sign.376490000A" */
	struct token_keys *token; /* NULL: the key is in a file */
	struct key *key;
	struct cert *cert;
};

struct registering {
	struct cli *cli;
	struct config *config;
	struct pair pairs[SIGNED_SIGNERS_MAX * 2];
	size_t pair_count;
	struct registration registration;
	char code[REGISTRATION_CODE_SIZE];
};

static void
registering_free(struct registering *registering)
{
	for (size_t i = 0; i < registering->pair_count; i++) {
		key_free(registering->pairs[i].key);
		cert_free(registering->pairs[i].cert);
		token_keys_stop(registering->pairs[i].token);
	}
	registration_free(&registering->registration);
	config_free(registering->config);
	memset(registering->code, 0, sizeof(registering->code));
}

/* ---- keys ---------------------------------------------------------------------------- */

static int
open_in_token(const char *uri, struct pair *pair, struct error *err)
{
	struct token_place place;
	int rc;

	if (token_place_read(uri, &place, err) < 0)
		return -1;
	rc = token_keys_start(&place, 1, "", &pair->token, err);
	secret_wipe(&place, sizeof(place));
	return rc < 0
	    ? -1
	    : token_keys_open(pair->token, 0, &pair->key, &pair->cert, err);
}

static int
read_pairs(struct registering *registering, struct error *err)
{
	const struct config *config = registering->config;

	for (size_t i = 0; i < config->key_count; i++) {
		const struct config_key *key = &config->keys[i];
		struct pair *pair =
		    &registering->pairs[registering->pair_count];

		if (registering->pair_count == ARRAY_LEN(registering->pairs))
			return cli_refuse(err,
			    "more keys than one request has");
		pair->name = key->name;
		registering->pair_count++;
		if ((text_starts(key->source, "file:")
			    ? trust_read_holder(registering->cli,
				  key->source + strlen("file:"), &pair->key,
				  &pair->cert, err)
			    : open_in_token(key->source, pair, err)) < 0)
			return error_prefix(err, "key %s", key->name);
	}
	return 0;
}

static const struct pair *
find_pair(const struct registering *registering, const char *name)
{
	for (size_t i = 0; i < registering->pair_count; i++)
		if (text_equal(registering->pairs[i].name, name))
			return &registering->pairs[i];
	return NULL;
}

static int
put_der(const struct cert *cert, struct bytes *to, struct error *err)
{
	size_t len;
	const uint8_t *der = cert_der(cert, &len);

	bytes_put(to, der, len);
	return bytes_failed(to, err);
}

/* NULL after a refusal. */
static const struct pair *
need_pair(const struct registering *registering, const char *name,
    struct error *err)
{
	const struct pair *pair = find_pair(registering, name);

	if (pair == NULL)
		cli_refuse(err, "[keeper] has no key.%s", name);
	return pair;
}

/* ---- entries ------------------------------------------------------------------------- */

static int
add_key(const struct registering *registering, struct entry_org *org,
    enum key_use use, const char *name, struct error *err)
{
	struct entry_key *key = &org->keys[org->key_count];
	const struct pair *pair = need_pair(registering, name, err);

	if (pair == NULL)
		return -1;
	key->use = use;
	key->state = KEY_ACTIVE;
	key->not_after_ms = cert_info(pair->cert)->not_after_at;
	org->key_count++;
	return put_der(pair->cert, &key->certificate, err);
}

static int
fill_org(struct registering *registering, struct entry_org *org,
    const char *code, const char *name, struct error *err)
{
	const struct config *config = registering->config;
	const char *kind = cli_value(registering->cli, "kind");
	const char *supervisor = cli_value(registering->cli, "supervisor");
	char sign[64], seal[64];

	org->name = text_dup(name);
	org->keys = calloc(KEY_USE_COUNT, sizeof(*org->keys));
	if (org->name == NULL || org->keys == NULL)
		return error_set_memory(err);
	if (!org_code_parse(code, &org->code) || name[0] == '\0')
		return cli_refuse(err, "%s=%s is no organisation", code, name);
	org->kind = address_book_kind(&org->code, name);
	if (kind != NULL && !org_kind_parse(kind, &org->kind))
		return cli_refuse(err, "%s is no kind of organisation", kind);
	if (supervisor != NULL && !org_code_parse(supervisor, &org->supervisor))
		return cli_refuse(err, "%s is no organisation", supervisor);
	if (!text_copy(org->center, sizeof(org->center), config->center.name) ||
	    !text_copy(org->host, sizeof(org->host), config->host.name))
		return cli_refuse(err, "a name of the configuration is long");
	snprintf(sign, sizeof(sign), "sign.%s", code);
	snprintf(seal, sizeof(seal), "seal.%s", code);
	if (add_key(registering, org, KEY_SIGN, sign, err) < 0 ||
	    add_key(registering, org, KEY_SEAL, seal, err) < 0)
		return -1;
	return add_key(registering, org, KEY_MODULE, "module", err);
}

/* CODE=NAME of the arguments. */
static int
fill_orgs(struct registering *registering, struct error *err)
{
	struct registration *to = &registering->registration;
	size_t count = (size_t)registering->cli->argument_count;

	to->organisations = calloc(count + 1, sizeof(*to->organisations));
	to->host.codes = calloc(count + 1, sizeof(*to->host.codes));
	if (to->organisations == NULL || to->host.codes == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++) {
		const char *text = cli_argument(registering->cli, (int)i);
		const char *equals = strchr(text, '=');
		char code[ORG_TEXT_SIZE];

		if (equals == NULL ||
		    !text_copy_len(code, sizeof(code), text,
			(size_t)(equals - text)))
			return cli_refuse(err, "%s is no CODE=NAME", text);
		to->organisation_count++;
		if (fill_org(registering, &to->organisations[i], code,
			equals + 1, err) < 0)
			return -1;
		to->host.codes[i] = to->organisations[i].code;
		to->host.code_count++;
	}
	return count > 0 ? 0 : cli_refuse(err, "for which CODE=NAME?");
}

static int
fill_tls(const struct registering *registering, struct bytes **ret_tls,
    size_t *ret_count, struct error *err)
{
	const struct pair *pair = need_pair(registering, "tls", err);

	if (pair == NULL)
		return -1;
	*ret_tls = calloc(1, sizeof(**ret_tls));
	if (*ret_tls == NULL)
		return error_set_memory(err);
	*ret_count = 1;
	return put_der(pair->cert, &(*ret_tls)[0], err);
}

static int
fill_gateway(struct registering *registering, struct error *err)
{
	const struct config_host *config = &registering->config->host;
	struct registration *to = &registering->registration;

	to->has_host = true;
	if (!text_copy(to->host.name, sizeof(to->host.name), config->name) ||
	    !text_copy(to->host.address, sizeof(to->host.address),
		config->address))
		return cli_refuse(err, "host.name or host.address is too long");
	return fill_tls(registering, &to->host.tls, &to->host.tls_count, err) <
		0
	    ? -1
	    : fill_orgs(registering, err);
}

static int
fill_center(struct registering *registering, struct error *err)
{
	const struct config *config = registering->config;
	struct entry_center *center = &registering->registration.center;
	const char *kind = cli_value(registering->cli, "kind");
	const struct pair *log = need_pair(registering, "log", err);

	if (log == NULL)
		return -1;
	registering->registration.has_center = true;
	center->kind = CENTER_SELF_BUILT;
	if (kind != NULL && !center_kind_parse(kind, &center->kind))
		return cli_refuse(err, "%s is no kind of center", kind);
	center->port = (uint16_t)config->listen.hosts_port;
	snprintf(center->origin, sizeof(center->origin), "yizhan/%.80s/%.80s/1",
	    config->host.environment, config->host.name);
	if (!text_copy(center->name, sizeof(center->name), config->host.name) ||
	    !text_copy(center->address, sizeof(center->address),
		config->host.address))
		return cli_refuse(err, "host.name or host.address is too long");
	if (put_der(log->cert, &center->log, err) < 0)
		return -1;
	return fill_tls(registering, &center->tls, &center->tls_count, err);
}

/* ---- the file ------------------------------------------------------------------------- */

/* Keys that sign, each certificate once. */
static size_t
choose_signers(const struct registering *registering, struct signer *signers)
{
	size_t count = 0;

	for (size_t i = 0; i < registering->pair_count; i++) {
		const struct pair *pair = &registering->pairs[i];

		if (!text_equal(pair->name, "tls") &&
		    !text_equal(pair->name, "module") &&
		    !text_starts(pair->name, "sign."))
			continue;
		if (count < SIGNED_SIGNERS_MAX)
			signers[count++] = signer_of(pair->cert, pair->key);
	}
	return count;
}

static int
write_file(struct registering *registering, struct error *err)
{
	struct registration *registration = &registering->registration;
	struct signer signers[SIGNED_SIGNERS_MAX];
	size_t count = choose_signers(registering, signers);
	struct cli *cli = registering->cli;
	char check[DRAFT_CODE_SIZE];
	struct bytes json = { 0 };
	struct bytes cms = { 0 };
	struct digest digest;
	int rc = -1;

	registration->made_ms = clock_now_ms();
	registration_proof(registering->code, registration,
	    &registration->proof);
	if (registration_encode(registration, &json, err) == 0 &&
	    signed_make(signers, count, json.data, json.len,
		registration->made_ms, &cms, err) == 0)
		rc = trust_write(cli_value(cli, "to"), cms.data, cms.len, err);
	if (rc == 0) {
		struct bytes text = { 0 };

		sha256(json.data, json.len, &digest);
		draft_format_code(&digest, check);
		bytes_put_format(&text, "%s\n  %s\n",
		    cli_text(cli,
			"登記檔已產生。請將檔案送交管理層，並以電話或書面唸出"
			"一次性代碼與下列檢核碼：",
			"The request file is made.  Bring it to management, "
			"and read out the one-time code and this check code:"),
		    check);
		cli_print(&text);
		bytes_free(&text);
	}
	bytes_free(&json);
	bytes_free(&cms);
	return rc;
}

static int
make_request(struct registering *registering, struct error *err)
{
	const struct config *config = registering->config;

	if (!text_copy(registering->registration.environment,
		sizeof(registering->registration.environment),
		config->host.environment))
		return cli_refuse(err, "host.environment is too long");
	if (read_pairs(registering, err) < 0)
		return -1;
	if ((config_has_kind(config, CONFIG_CENTER)
		    ? fill_center(registering, err)
		    : fill_gateway(registering, err)) < 0)
		return -1;
	return write_file(registering, err);
}

/* ---- afterwards ---------------------------------------------------------------------- */

/* A directory alone sends nothing: it must be known to be the newest. */
static bool
is_fresh(const struct json_value *health)
{
	const struct json_value *checks = json_value_member(health, "checks");

	for (size_t i = 0; i < json_value_count(checks); i++) {
		const struct json_value *check = json_value_item(checks, i);

		if (text_equal(answer_text(check, "name"), "timestamp"))
			return text_equal(answer_text(check, "state"), "ok");
	}
	return false;
}

static bool
is_ready(const struct cli *cli)
{
	struct answer answer = { 0 };
	struct error ignored = { 0 };
	bool ready = false;

	if (answer_open(&answer, cli, &ignored) == 0 &&
	    answer_get(&answer, "/v1/health", &ignored) == 0) {
		json_value_bool(json_value_member(answer_root(&answer),
				    "ready"),
		    &ready);
		ready = ready && is_fresh(answer_root(&answer));
	}
	answer_close(&answer);
	return ready;
}

/* Until the host has a fresh directory, or time is over; then what doctor says. */
static int
wait_and_check(struct cli *cli, struct error *err)
{
	const struct timespec pause = { .tv_nsec = STEP_MS * 1000000L };
	const char *text = cli_value(cli, "timeout");
	uint64_t seconds = WAIT_S;
	uint64_t end;

	if (text != NULL && !text_parse_u64(text, WAIT_MAX_S, &seconds))
		return cli_refuse(err, "--timeout is 0 to %d seconds",
		    WAIT_MAX_S);
	end = clock_steady_us() + seconds * 1000000;
	while (!is_ready(cli) && clock_steady_us() < end)
		nanosleep(&pause, NULL);
	return doctor_command.run(cli, err);
}

static int
run_register(struct cli *cli, struct error *err)
{
	struct registering registering = { .cli = cli };
	const char *code = cli_value(cli, "code");
	struct local local;
	int rc = -1;

	if (cli_has(cli, "wait"))
		return wait_and_check(cli, err);
	if (code == NULL || cli_value(cli, "to") == NULL)
		return cli_refuse(err,
		    "with which one-time --code, --to which file?");
	if (!registration_code_fold(code, registering.code))
		return error_set_id(err, "E7112", ERROR_DENIED,
		    "that is no one-time code");
	if (local_open(cli, &registering.config, &local, err) == 0)
		rc = make_request(&registering, err);
	registering_free(&registering);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the new host" },
	{ "code", 0, "CODE", "the one-time code from management" },
	{ "to", 'o', "FILE", "the request file to write" },
	{ "kind", 0, "KIND", "of the organisations, or of the center" },
	{ "supervisor", 0, "CODE", "who supervises the organisations" },
	{ "passphrase-file", 0, "FILE", "instead of asking for it" },
	{ "wait", 0, NULL, "wait until the bulletins have it; then doctor" },
	{ "timeout", 0, "SECONDS", "how long to wait: 60" },
	{ NULL, 0, NULL, NULL },
};

const struct command register_command = {
	.name = "register",
	.summary = "make a host's request file, or see that it is registered",
	.summary_zh = "產生主機的登記檔，或確認已完成登記",
	.arguments = "[CODE=NAME...]",
	.arguments_max = -1,
	.examples =
	    "yizhan register 376490000A=NAME --code 73KQ-20LD-9XVT-A4ME "
	    "-c gateway-9.conf --to gateway-9.request\n"
	    "yizhan register --wait -c gateway-9.conf\n",
	.options = options,
	.run = run_register,
};
