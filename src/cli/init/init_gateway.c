/*
 * yizhan init gateway: the folder of a new gateway, from four answers and a
 * center's invitation.  Nothing is written before all of them fit; a key that is
 * there already is kept.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "crypto/issue.h"
#include "crypto/key.h"
#include "directory/invitation.h"
#include "model/org.h"
#include "sys/clock.h"

enum { PATH_SIZE = 1024, ANSWER_SIZE = 256, NAME_SIZE = 41 };

static const int64_t year_ms = INT64_C(366) * 24 * 3600 * 1000;

/* What was answered. */
struct plan {
	struct cli *cli;
	char folder[PATH_SIZE]; /* of configuration and keys */
	char data[PATH_SIZE];
	char name[NAME_SIZE];
	struct org_code code;
	char organisation[ANSWER_SIZE]; /* CODE=NAME */
	char address[INET6_ADDRSTRLEN];
	struct invitation invitation;
	char fingerprint[DIGEST_TEXT_SIZE];
};

/* ---- questions ------------------------------------------------------- */

/* The option's value, or what is typed. */
static int
ask(struct plan *plan, const char *option, const char *question, char *to,
    size_t size, struct error *err)
{
	const char *given = cli_value(plan->cli, option);

	if (given == NULL)
		return trust_ask(plan->cli, question, to, size, err);
	if (!text_copy(to, size, given))
		return cli_refuse(err, "--%s is too long", option);
	return 0;
}

static int
ask_organisation(struct plan *plan, struct error *err)
{
	char code[ANSWER_SIZE];
	char *equals;

	if (ask(plan, "organisation",
		cli_text(plan->cli,
		    "1/4 機關代碼與全銜（如 376490000A=雲林縣政府）：",
		    "1/4 Code and full name of the organisation "
		    "(376490000A=NAME): "),
		plan->organisation, sizeof(plan->organisation), err) < 0)
		return -1;
	text_copy(code, sizeof(code), plan->organisation);
	equals = strchr(code, '=');
	if (equals == NULL || equals[1] == '\0')
		return cli_refuse(err, "\"%s\" is not CODE=NAME",
		    plan->organisation);
	*equals = '\0';
	if (!org_code_parse(code, &plan->code))
		return cli_refuse(err, "\"%s\" is no organisation's code",
		    code);
	return 0;
}

/* It must be one of this machine: hosts have fixed addresses (R5.3.4). */
static int
check_address(const char *address, struct error *err)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
	int fd;
	int rc;

	if (!is_v4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
		return cli_refuse(err, "\"%s\" is no IP address", address);
	fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set_errno(err, "looking at %s", address);
	rc = is_v4 ? bind(fd, (const struct sockaddr *)&v4, sizeof(v4))
		   : bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
	close(fd);
	return rc == 0 ? 0
		       : error_set_id(err, "E6903", ERROR_MALFORMED,
			     "%s is not an address of this machine", address);
}

static int
ask_address(struct plan *plan, struct error *err)
{
	if (ask(plan, "address",
		cli_text(plan->cli, "2/4 本機的固定 IP 位址：",
		    "2/4 Fixed IP address of this machine: "),
		plan->address, sizeof(plan->address), err) < 0)
		return -1;
	return check_address(plan->address, err);
}

static int
ask_invitation(struct plan *plan, struct error *err)
{
	char path[PATH_SIZE];
	struct bytes json = { 0 };
	int rc = -1;

	if (ask(plan, "invitation",
		cli_text(plan->cli, "3/4 交換中心的邀請檔（路徑）：",
		    "3/4 Path of the center's invitation file: "),
		path, sizeof(path), err) < 0)
		return -1;
	if (trust_read(path, INVITATION_MAX, &json, err) == 0)
		rc = invitation_decode(json.data, json.len, &plan->invitation,
		    err);
	bytes_free(&json);
	return rc;
}

/* As it is printed: in groups, in capitals, with colons. */
static void
fold_hex(const char *from, char to[DIGEST_TEXT_SIZE])
{
	size_t len = 0;

	for (; *from != '\0' && len + 1 < DIGEST_TEXT_SIZE; from++)
		if (!isspace((unsigned char)*from) && *from != ':' &&
		    *from != '-')
			to[len++] = (char)tolower((unsigned char)*from);
	to[len] = '\0';
}

/* The root of the invitation must be the one that is on paper. */
static int
check_root(const struct plan *plan, const struct digest *wanted,
    struct error *err)
{
	const struct bytes *file = &plan->invitation.root;
	struct bulletin root = { 0 };
	bool fits;

	if (trust_parse_bulletin(file->data, file->len, &root, err) < 0)
		return -1;
	fits = root.type == BULLETIN_ROOT &&
	    digest_equal(&root.digest, wanted) &&
	    text_equal(root.environment, plan->invitation.environment);
	bulletin_free(&root);
	return fits ? 0
		    : error_set_id(err, "E6902", ERROR_UNTRUSTED,
			  "the root in the invitation has another fingerprint "
			  "or environment");
}

static int
ask_fingerprint(struct plan *plan, struct error *err)
{
	char typed[ANSWER_SIZE];
	struct digest wanted;

	if (ask(plan, "fingerprint",
		cli_text(plan->cli, "4/4 紙本上的根公報指紋（64 位十六進位）：",
		    "4/4 Fingerprint of the root, as you have it on paper "
		    "(64 hex digits): "),
		typed, sizeof(typed), err) < 0)
		return -1;
	fold_hex(typed, plan->fingerprint);
	if (!digest_parse(plan->fingerprint, &wanted))
		return cli_refuse(err, "that is no fingerprint of 64 digits");
	return check_root(plan, &wanted, err);
}

/* ---- what needs no question ------------------------------------------ */

static int
name_host(struct plan *plan, struct error *err)
{
	const char *given = cli_value(plan->cli, "name");
	char name[NAME_SIZE];

	if (given == NULL) {
		snprintf(name, sizeof(name), "gateway-%s", plan->code.text);
		for (char *at = name; *at != '\0'; at++)
			*at = (char)tolower((unsigned char)*at);
		given = name;
	}
	for (const char *at = given; *at != '\0'; at++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *at) ==
		    NULL)
			return cli_refuse(err,
			    "--name: 1 to 40 of a-z, 0-9 and \"-\"");
	if (given[0] == '\0' ||
	    !text_copy(plan->name, sizeof(plan->name), given))
		return cli_refuse(err, "--name is empty or too long");
	return 0;
}

static int
find_folders(struct plan *plan, struct error *err)
{
	const char *to = cli_value(plan->cli, "to");
	const char *data = cli_value(plan->cli, "data");
	char path[PATH_SIZE + 16];

	if (to == NULL)
		to = "/etc/yizhan";
	if (data == NULL)
		data = "/var/lib/yizhan";
	if (to[0] != '/' || data[0] != '/')
		return cli_refuse(err, "--to and --data are absolute paths");
	if (!text_copy(plan->folder, sizeof(plan->folder), to) ||
	    !text_copy(plan->data, sizeof(plan->data), data))
		return cli_refuse(err, "--to or --data is too long");
	snprintf(path, sizeof(path), "%s/yizhan.conf", plan->folder);
	if (access(path, F_OK) == 0)
		return error_set_id(err, "E6904", ERROR_EXISTS, "%s is there",
		    path);
	return 0;
}

/* ---- writing --------------------------------------------------------- */

static int
make_folder(const char *path, struct error *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST
	    ? 0
	    : error_set_errno(err, "creating %s", path);
}

/* A key that is there is somebody's: it stays. */
static int
write_once(const struct plan *plan, const char *name, const struct bytes *data,
    struct error *err)
{
	char path[PATH_SIZE + ANSWER_SIZE];

	snprintf(path, sizeof(path), "%s/%s", plan->folder, name);
	if (access(path, F_OK) == 0)
		return 0;
	return trust_write(path, data->data, data->len, err);
}

/* A key that this machine makes itself, and what its authority is asked for. */
struct made {
	const char *use; /* "tls", "sign.", "seal." */
	enum issue_kind kind;
	enum cert_key key;
};

static const struct made all_made[] = {
	{ "tls", ISSUE_TLS, CERT_KEY_P256 },
	{ "sign.", ISSUE_SIGN, CERT_KEY_RSA },
	{ "seal.", ISSUE_SEAL, CERT_KEY_RSA },
};

/* The organisation's code behind what is the organisation's. */
static const char *
owner_of(const struct plan *plan, const struct made *made)
{
	return made->kind == ISSUE_TLS ? "" : plan->code.text;
}

static int
make_key(const struct plan *plan, const struct made *made, struct bytes *pem,
    struct bytes *request_pem, struct error *err)
{
	const char *address = plan->address;
	bool is_tls = made->kind == ISSUE_TLS;
	int64_t now = clock_now_ms();
	struct issue_request request = { .kind = made->kind,
		.country = "TW",
		.organization = strchr(plan->organisation, '=') + 1,
		.common_name = is_tls ? plan->name : plan->code.text,
		.addresses = &address,
		.address_count = is_tls ? 1 : 0,
		.not_before_at = now,
		.not_after_at = now + year_ms };
	struct key *key = NULL;
	int rc = -1;

	if (key_generate(made->key, &key, err) == 0 &&
	    key_put_pem(key, pem, err) == 0 && bytes_failed(pem, err) == 0)
		rc = issue_put_request(&request, key, request_pem, err);
	key_free(key);
	return rc;
}

/* Key and request, or neither when the key is there: it is somebody's. */
static int
write_key(const struct plan *plan, const struct made *made, struct error *err)
{
	char name[ANSWER_SIZE];
	char path[PATH_SIZE + ANSWER_SIZE];
	struct bytes pem = { 0 };
	struct bytes request = { 0 };
	int rc;

	snprintf(name, sizeof(name), "keys/%s%s.csr", made->use,
	    owner_of(plan, made));
	snprintf(path, sizeof(path), "%s/keys/%s%s.pem", plan->folder,
	    made->use, owner_of(plan, made));
	if (access(path, F_OK) == 0)
		return 0;
	rc = make_key(plan, made, &pem, &request, err);
	if (rc == 0)
		rc = write_once(plan, name, &request, err);
	if (rc == 0)
		rc = trust_write(path, pem.data, pem.len, err);
	bytes_wipe(&pem);
	bytes_free(&request);
	return rc;
}

static void
put_key(const struct plan *plan, const char *use, const char *code,
    struct bytes *to)
{
	bytes_put_format(to, "key.%s%s = file:%s/keys/%s%s.pem\n", use, code,
	    plan->folder, use, code);
}

static void
put_configuration(const struct plan *plan, struct bytes *to)
{
	const struct invitation *invitation = &plan->invitation;
	char fingerprint[DIGEST_TEXT_SIZE];

	digest_format(&invitation->certificate, fingerprint);
	bytes_put_format(to,
	    "; %s\n; yizhan.conf(5) lists all keys.\n\n"
	    "[host]\nkind = gateway\nname = %s\naddress = %s\ndata = %s\n"
	    "environment = %s\n\n",
	    plan->organisation, plan->name, plan->address, plan->data,
	    invitation->environment);
	bytes_put_format(to,
	    "[trust]\nroot = %s/root.bulletin\nfingerprint = %s\n\n"
	    "[center]\nname = %s\naddress = %s\nport = %u\n"
	    "fingerprint = %s\n\n",
	    plan->folder, plan->fingerprint, invitation->center,
	    invitation->address, invitation->port, fingerprint);
	bytes_put_text(to, "[keeper]\n");
	put_key(plan, "tls", "", to);
	put_key(plan, "module", "", to);
	put_key(plan, "sign.", plan->code.text, to);
	put_key(plan, "seal.", plan->code.text, to);
}

/* The configuration last: with it the folder is whole. */
static int
write_all(const struct plan *plan, struct error *err)
{
	char keys[PATH_SIZE + 8];
	struct bytes text = { 0 };
	int rc = -1;

	snprintf(keys, sizeof(keys), "%s/keys", plan->folder);
	put_configuration(plan, &text);
	if (bytes_failed(&text, err) == 0 &&
	    make_folder(plan->folder, err) == 0 &&
	    make_folder(keys, err) == 0 && make_folder(plan->data, err) == 0)
		rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(all_made) && rc == 0; i++)
		rc = write_key(plan, &all_made[i], err);
	if (rc == 0)
		rc = write_once(plan, "root.bulletin", &plan->invitation.root,
		    err);
	if (rc == 0)
		rc = write_once(plan, "yizhan.conf", &text, err);
	bytes_free(&text);
	return rc;
}

/* ---- afterwards ------------------------------------------------------ */

static void
say_next(const struct plan *plan)
{
	const struct cli *cli = plan->cli;
	const char *folder = plan->folder;
	const char *code = plan->code.text;

	cli_say(cli, "%s %s/yizhan.conf\n%s\n",
	    cli_text(cli, "設定已寫入", "The configuration is"), folder,
	    cli_text(cli, "接下來：", "What is next:"));
	cli_say(cli,
	    "  1. %s\n     %s/keys/tls.csr, sign.%s.csr, seal.%s.csr\n     %s\n"
	    "     cat tls.crt >> %s/keys/tls.pem\n",
	    cli_text(cli, "向憑證機構申請憑證：",
		"Ask your certification authority for the certificates:"),
	    folder, code, code,
	    cli_text(cli, "核發後附加在各金鑰檔之後，如：",
		"and append each, when it is there, to its key, as in:"),
	    folder);
	cli_say(cli,
	    "  2. %s\n     yizhan module init --code %s --to module.request "
	    "-c %s/yizhan.conf\n     yizhan module install module.crt -c "
	    "%s/yizhan.conf\n",
	    cli_text(cli, "以管理層給的一次性代碼申請密碼模組憑證：",
		"Ask management for the certificate of the crypto module, "
		"with its one-time code:"),
	    cli_text(cli, "代碼", "CODE"), folder, folder);
	cli_say(cli,
	    "  3. %s\n     yizhan register %s --code %s --to %s.request "
	    "-c %s/yizhan.conf\n",
	    cli_text(cli, "登記：", "Register:"), plan->organisation,
	    cli_text(cli, "代碼", "CODE"), plan->name, folder);
	cli_say(cli,
	    "  4. %s\n     yizhan serve -c %s/yizhan.conf\n     yizhan "
	    "register --wait -c %s/yizhan.conf\n\n",
	    cli_text(cli, "啟動，並等到公報有本機為止：",
		"Start it, and wait until the bulletins have it:"),
	    folder, folder);
}

/* Ends in doctor, whose findings are what is still to be done. */
static int
run_doctor(struct plan *plan, struct error *err)
{
	char path[PATH_SIZE + 16];
	int rc;

	snprintf(path, sizeof(path), "%s/yizhan.conf", plan->folder);
	if (setenv("YIZHAN_CONFIG", path, 1) < 0)
		return error_set_errno(err, "naming the configuration");
	rc = doctor_command.run(plan->cli, err);
	plan->cli->exit_status = 0;
	return rc;
}

static int
run(struct cli *cli, struct error *err)
{
	struct plan plan = { .cli = cli };
	int rc = -1;

	if (find_folders(&plan, err) == 0 &&
	    ask_organisation(&plan, err) == 0 && name_host(&plan, err) == 0 &&
	    ask_address(&plan, err) == 0 && ask_invitation(&plan, err) == 0 &&
	    ask_fingerprint(&plan, err) == 0 && write_all(&plan, err) == 0) {
		say_next(&plan);
		rc = run_doctor(&plan, err);
	}
	invitation_free(&plan.invitation);
	return rc;
}

static const struct command_option options[] = {
	{ "organisation", 0, "CODE=NAME", "code and full name" },
	{ "address", 0, "ADDRESS", "fixed address of this machine" },
	{ "invitation", 0, "FILE", "from the center: yizhan invite" },
	{ "fingerprint", 0, "SHA256", "of the root, as it is on paper" },
	{ "to", 'o', "DIR", "for configuration and keys: /etc/yizhan" },
	{ "data", 0, "DIR", "for everything else: /var/lib/yizhan" },
	{ "name", 0, "NAME", "of the host: gateway- and the code" },
	{ NULL, 0, NULL, NULL },
};

const struct command init_gateway_command = {
	.name = "init gateway",
	.summary = "set up a new gateway by four questions",
	.summary_zh = "以四個問題設定新的閘道",
	.arguments = "",
	.examples = "yizhan init gateway\n"
		    "yizhan init gateway --organisation 376490000A=NAME "
		    "--address 192.0.2.31 --invitation center-a.invitation "
		    "--fingerprint SHA256\n",
	.options = options,
	.run = run,
};
