/*
 * yizhan trust key: a key holder makes a key pair on an offline machine.
 */
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/save_file.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/issue.h"
#include "crypto/key.h"
#include "crypto/secret.h"
#include "sys/clock.h"

enum { PATH_SIZE = 4096, YEARS_DEFAULT = 10, YEARS_MAX = 30 };

static const int64_t year_ms = INT64_C(366) * 24 * 3600 * 1000;

/* The certificate says who the person is; the root bulletin says what for. */
static int
certify(const struct key *key, const char *person, const char *organisation,
    uint64_t years, struct cert **ret_cert, struct error *err)
{
	int64_t now = clock_now_ms();
	struct issue_request request = { .kind = ISSUE_SIGN,
		.country = "TW",
		.organization = organisation,
		.common_name = person,
		.not_before_at = now,
		.not_after_at = now + (int64_t)years * year_ms };
	struct bytes spki = { 0 };
	int rc = -1;

	if (key_put_spki(key, &spki, err) == 0)
		rc = issue_cert(&request, spki.data, spki.len, NULL, key,
		    ret_cert, err);
	bytes_free(&spki);
	return rc;
}

static int
write_pair(const struct cli *cli, const char *stem, const struct key *key,
    const struct cert *cert, struct error *err)
{
	char passphrase[TRUST_PASSPHRASE_SIZE];
	char path[PATH_SIZE];
	struct bytes secret = { 0 };
	struct bytes open = { 0 };
	int rc = -1;

	if (trust_read_passphrase(cli, true, passphrase, err) < 0)
		return -1;
	cert_put_pem(cert, &open);
	if (key_put_locked_pem(key, passphrase, &secret, err) < 0 ||
	    bytes_failed(&open, err) < 0)
		goto done;
	bytes_put(&secret, open.data, open.len);
	snprintf(path, sizeof(path), "%s.key", stem);
	if (bytes_failed(&secret, err) < 0 ||
	    trust_write(path, secret.data, secret.len, err) < 0)
		goto done;
	snprintf(path, sizeof(path), "%s.crt", stem);
	rc = trust_write(path, open.data, open.len, err);
done:
	secret_wipe(passphrase, sizeof(passphrase));
	bytes_wipe(&secret);
	bytes_free(&open);
	return rc;
}

static int
read_kind(const struct cli *cli, enum cert_key *ret_kind, struct error *err)
{
	const char *name = cli_value(cli, "algorithm");

	*ret_kind = CERT_KEY_P256;
	if (name == NULL || text_equal(name, "p256"))
		return 0;
	*ret_kind = CERT_KEY_P384;
	return text_equal(name, "p384")
	    ? 0
	    : cli_refuse(err, "--algorithm is p256 or p384");
}

static void
tell(const struct cli *cli, const char *stem, const struct cert *cert)
{
	char code[DRAFT_CODE_SIZE];
	struct bytes text = { 0 };

	draft_format_code(cert_fingerprint(cert), code);
	bytes_put_format(&text, "%s.key  %s\n%s.crt  %s\n%s\n  %s\n", stem,
	    cli_text(cli, "金鑰與憑證：留在離線主機，密語另存",
		"key and certificate: stays on the offline machine"),
	    stem,
	    cli_text(cli, "憑證：交給準備信任根的人",
		"certificate: hand it to who prepares the root"),
	    cli_text(cli, "憑證指紋（當面核對）：",
		"Fingerprint of the certificate (compare it in person):"),
	    code);
	cli_print(&text);
	bytes_free(&text);
}

static int
run_key(struct cli *cli, struct error *err)
{
	const char *person = cli_argument(cli, 0);
	const char *stem = cli_value(cli, "to");
	const char *years_text = cli_value(cli, "years");
	uint64_t years = YEARS_DEFAULT;
	struct key *key = NULL;
	struct cert *cert = NULL;
	enum cert_key kind;
	int rc = -1;

	if (person == NULL || stem == NULL)
		return cli_refuse(err, "whose key, and --to which files?");
	if (years_text != NULL &&
	    (!text_parse_u64(years_text, YEARS_MAX, &years) || years == 0))
		return cli_refuse(err, "--years is 1 to %d", YEARS_MAX);
	if (read_kind(cli, &kind, err) < 0 || key_generate(kind, &key, err) < 0)
		return -1;
	if (certify(key, person, cli_value(cli, "organisation"), years, &cert,
		err) == 0 &&
	    write_pair(cli, stem, key, cert, err) == 0) {
		tell(cli, stem, cert);
		rc = 0;
	}
	key_free(key);
	cert_free(cert);
	return rc;
}

static const struct command_option options[] = {
	{ "to", 'o', "STEM", "write STEM.key and STEM.crt" },
	{ "organisation", 0, "NAME", "the person's organisation" },
	{ "years", 0, "N", "of the certificate; 10 unless given" },
	{ "algorithm", 0, "p256|p384", "kind of key; p256 unless given" },
	{ "passphrase-file", 0, "FILE", "instead of asking for it" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_key_command = {
	.name = "trust key",
	.summary = "make a holder's key pair, locked with a passphrase",
	.summary_zh = "在離線主機產生持有人的金鑰（以密語保護）",
	.arguments = "PERSON",
	.arguments_max = 1,
	.examples = "yizhan trust key 王小明 --organisation 檔案管理局 "
		    "--to wang\n",
	.options = options,
	.run = run_key,
};
