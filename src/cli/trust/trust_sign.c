/*
 * yizhan trust show, sign and combine: a draft is read, signed on the offline
 * machines of its holders, and put together with what they signed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_files.h"
#include "cli/trust/trust_words.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/signed.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "sys/clock.h"

enum {
	TYPED_SIZE = 256,
	SIGNATURES_MAX = 2 * BULLETIN_SIGNERS_MAX,
	CERTS = 64
};

/* ---- show ------------------------------------------------------------------ */

static void
show_words(const struct cli *cli, const struct draft *draft)
{
	struct bytes text = { 0 };

	trust_words_put(cli->is_chinese, draft, &text);
	cli_print(&text);
	bytes_free(&text);
}

static int
show_json(const struct draft *draft, struct error *err)
{
	const struct bulletin *bulletin = &draft->bulletin;
	struct bytes text = { 0 };
	struct json_writer writer = json_writer_to(&text);
	int rc;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "type", bulletin_type_name(bulletin->type));
	json_write_text(&writer, "name", bulletin->name);
	json_write_text(&writer, "environment", bulletin->environment);
	json_write_int(&writer, "serial", (int64_t)bulletin->serial);
	json_write_time(&writer, "issued", bulletin->issued_ms);
	json_write_time(&writer, "expires", bulletin->expires_ms);
	json_write_digest(&writer, "sha256", &bulletin->digest);
	json_write_end(&writer);
	rc = json_write_done(&writer, err);
	bytes_put_u8(&text, '\n');
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

static int
show_body(const struct draft *draft, struct error *err)
{
	struct bytes text = { 0 };
	int rc = json_value_put(draft->bulletin.body, &text, err);

	bytes_put_u8(&text, '\n');
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}

static int
run_show(struct cli *cli, struct error *err)
{
	struct draft draft = { 0 };
	int rc = 0;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which draft?");
	if (trust_read_draft(cli_argument(cli, 0), &draft, err) < 0)
		return -1;
	if (cli_has(cli, "body"))
		rc = show_body(&draft, err);
	else if (cli->json)
		rc = show_json(&draft, err);
	else
		show_words(cli, &draft);
	draft_free(&draft);
	return rc;
}

static const struct command_option show_options[] = {
	{ "body", 0, NULL, "its body as JSON, to be edited" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_show_command = {
	.name = "trust show",
	.summary = "say in words what a draft is about to change",
	.summary_zh = "以文字說明待簽公報將變更什麼",
	.arguments = "DRAFT",
	.arguments_max = 1,
	.examples = "yizhan trust show directory-7.draft\n",
	.options = show_options,
	.run = run_show,
};

/* ---- sign ------------------------------------------------------------------ */

/* The person has read it: the first groups of its check code say so. */
static int
confirm(const struct cli *cli, const struct draft *draft, struct error *err)
{
	const char *given = cli_value(cli, "confirm");
	char typed[TYPED_SIZE];

	if (given == NULL) {
		if (trust_ask(cli,
			cli_text(cli,
			    "確認後請輸入檢核碼的前四組（不簽請按 Ctrl-C）：",
			    "To sign, type the first four groups of the check "
			    "code (Ctrl-C to stop): "),
			typed, sizeof(typed), err) < 0)
			return -1;
		given = typed;
	}
	if (draft_code_matches(&draft->bulletin.digest, given))
		return 0;
	return error_set_id(err, "E7031", ERROR_DENIED,
	    "that is not the check code of this draft");
}

static int
sign_draft(const struct cli *cli, const struct draft *draft,
    const struct key *key, const struct cert *cert, struct error *err)
{
	struct signer signer = signer_of(cert, key);
	struct bytes signature = { 0 };
	int64_t now = clock_now_ms();
	int rc = -1;

	if (draft_check_signer(draft, cert_fingerprint(cert), err) < 0)
		return -1;
	if (draft->bulletin.expires_ms <= now)
		return error_set_id(err, "E7035", ERROR_DENIED,
		    "by the clock of this machine");
	if (signed_make_detached(&signer, 1, &draft->bulletin.digest, now,
		&signature, err) == 0)
		rc = trust_write(cli_value(cli, "to"), signature.data,
		    signature.len, err);
	bytes_free(&signature);
	return rc;
}

static int
run_sign(struct cli *cli, struct error *err)
{
	const char *key_path = cli_value(cli, "key");
	struct draft draft = { 0 };
	struct key *key = NULL;
	struct cert *cert = NULL;
	int rc = -1;

	if (cli_argument(cli, 0) == NULL || key_path == NULL ||
	    cli_value(cli, "to") == NULL)
		return cli_refuse(err,
		    "which draft, with which --key, --to which file?");
	if (trust_read_draft(cli_argument(cli, 0), &draft, err) < 0)
		return -1;
	show_words(cli, &draft);
	if (confirm(cli, &draft, err) == 0 &&
	    trust_read_holder(cli, key_path, &key, &cert, err) == 0)
		rc = sign_draft(cli, &draft, key, cert, err);
	if (rc == 0)
		cli_say(cli, "%s %s\n",
		    cli_text(cli, "已簽署，簽章檔：", "Signed:"),
		    cli_value(cli, "to"));
	key_free(key);
	cert_free(cert);
	draft_free(&draft);
	return rc;
}

static const struct command_option sign_options[] = {
	{ "key", 'k', "FILE", "the holder's key and certificate" },
	{ "to", 'o', "FILE", "the signature file to write" },
	{ "confirm", 0, "CODE", "check code, instead of asking for it" },
	{ "passphrase-file", 0, "FILE", "instead of asking for it" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_sign_command = {
	.name = "trust sign",
	.summary = "sign a draft on the holder's offline machine",
	.summary_zh = "在離線主機閱讀並簽署待簽公報",
	.arguments = "DRAFT",
	.arguments_max = 1,
	.examples = "yizhan trust sign directory-7.draft --key wang.key "
		    "--to directory-7.wang.sig\n",
	.options = sign_options,
	.run = run_sign,
};

/* ---- combine ----------------------------------------------------------------- */

static int
read_signatures(const struct cli *cli, struct bytes *files,
    struct signed_part *parts, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *path = cli_argument(cli, (int)i + 1);

		if (trust_read(path, DRAFT_SIGNATURE_MAX, &files[i], err) < 0)
			return -1;
		parts[i] = (struct signed_part){ files[i].data, files[i].len };
	}
	return 0;
}

static int
combine(const struct cli *cli, const struct draft *draft, size_t count,
    struct bytes *to, struct error *err)
{
	struct bytes files[SIGNATURES_MAX] = { 0 };
	struct signed_part parts[SIGNATURES_MAX] = { 0 };
	struct cert_cache *cache = NULL;
	int rc = -1;

	if (cert_cache_new(CERTS, &cache, err) == 0 &&
	    read_signatures(cli, files, parts, count, err) == 0)
		rc = draft_combine(draft, cache, parts, count, clock_now_ms(),
		    to, err);
	for (size_t i = 0; i < count; i++)
		bytes_free(&files[i]);
	cert_cache_free(cache);
	return rc;
}

static int
run_combine(struct cli *cli, struct error *err)
{
	struct draft draft = { 0 };
	struct bytes cms = { 0 };
	int rc = -1;

	if (cli->argument_count < 2 || cli_value(cli, "to") == NULL)
		return cli_refuse(err,
		    "which draft, which signature files, --to which file?");
	if (cli->argument_count > SIGNATURES_MAX)
		return cli_refuse(err, "more than %d signature files",
		    SIGNATURES_MAX - 1);
	if (trust_read_draft(cli_argument(cli, 0), &draft, err) < 0)
		return -1;
	if (combine(cli, &draft, (size_t)cli->argument_count - 1, &cms, err) ==
	    0)
		rc = trust_write(cli_value(cli, "to"), cms.data, cms.len, err);
	if (rc == 0)
		cli_say(cli, "%s %s\n",
		    cli_text(cli, "公報已完成，可以發布：",
			"The bulletin is complete:"),
		    cli_value(cli, "to"));
	bytes_free(&cms);
	draft_free(&draft);
	return rc;
}

static const struct command_option combine_options[] = {
	{ "to", 'o', "FILE", "the bulletin to write" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_combine_command = {
	.name = "trust combine",
	.summary = "put a draft and its signatures together",
	.summary_zh = "將待簽公報與各人的簽章檔合成公報",
	.arguments = "DRAFT SIGNATURE...",
	.arguments_max = -1,
	.examples = "yizhan trust combine directory-7.draft directory-7.*.sig "
		    "--to directory-7\n",
	.options = combine_options,
	.run = run_combine,
};
