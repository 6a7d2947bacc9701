/*
 * yizhan invite: the file with which a new gateway begins, made at the center
 * that will serve it.  Nothing in it is secret.
 */
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/local.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "directory/invitation.h"
#include "service/config.h"

static const char *
tls_path(const struct config *config)
{
	for (size_t i = 0; i < config->key_count; i++)
		if (text_equal(config->keys[i].name, "tls") &&
		    text_starts(config->keys[i].source, "file:"))
			return config->keys[i].source + 5;
	return NULL;
}

static int
read_certificate(const struct config *config, struct digest *ret_fingerprint,
    struct error *err)
{
	const char *path = tls_path(config);
	struct cert *cert = NULL;

	if (path == NULL)
		return cli_refuse(err, "[keeper] has no key.tls in a file");
	if (trust_read_cert(path, &cert, err) < 0)
		return -1;
	*ret_fingerprint = *cert_fingerprint(cert);
	cert_free(cert);
	return 0;
}

static int
fill(const struct config *config, struct invitation *invitation,
    struct error *err)
{
	if (!config_has_kind(config, CONFIG_CENTER))
		return cli_refuse(err,
		    "a center invites gateways; this host is none");
	if (!text_copy(invitation->environment, sizeof(invitation->environment),
		config->host.environment) ||
	    !text_copy(invitation->center, sizeof(invitation->center),
		config->host.name) ||
	    !text_copy(invitation->address, sizeof(invitation->address),
		config->host.address))
		return cli_refuse(err, "[host] has a value that is too long");
	invitation->port = (uint16_t)config->listen.hosts_port;
	if (read_certificate(config, &invitation->certificate, err) < 0)
		return -1;
	return trust_read(config->trust.root, bulletin_bytes_max(BULLETIN_ROOT),
	    &invitation->root, err);
}

static int
write_invitation(const struct cli *cli, const struct config *config,
    struct error *err)
{
	struct invitation invitation = { .port = 0 };
	const char *to = cli_value(cli, "to");
	struct bytes json = { 0 };
	int rc = -1;

	if (fill(config, &invitation, err) == 0 &&
	    invitation_encode(&invitation, &json, err) == 0)
		rc = trust_write(to, json.data, json.len, err);
	if (rc == 0)
		cli_say(cli, "%s\n  %s\n",
		    cli_text(cli,
			"邀請檔已產生，內容不需保密。請另以紙本或當面告知機關"
			"根公報的指紋：",
			"The invitation is made; nothing in it is secret.  "
			"Tell the agency on paper or in person the "
			"fingerprint of the root:"),
		    config->trust.fingerprint);
	invitation_free(&invitation);
	bytes_free(&json);
	return rc;
}

static int
run(struct cli *cli, struct error *err)
{
	struct config *config = NULL;
	struct local local;
	int rc = -1;

	if (cli_value(cli, "to") == NULL)
		return cli_refuse(err, "--to which file?");
	if (local_open(cli, &config, &local, err) == 0)
		rc = write_invitation(cli, config, err);
	config_free(config);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the center" },
	{ "to", 'o', "FILE", "the invitation to write" },
	{ NULL, 0, NULL, NULL },
};

const struct command invite_command = {
	.name = "invite",
	.summary = "make the file with which a new gateway begins",
	.summary_zh = "產生新閘道開始設定所用的邀請檔",
	.arguments = "",
	.examples = "yizhan invite --to center-a.invitation "
		    "-c /etc/yizhan/center-a.conf\n",
	.options = options,
	.run = run,
};
