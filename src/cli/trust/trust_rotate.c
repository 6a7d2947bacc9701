/*
 * yizhan trust rotate: the root that follows the one in force, with one key in
 * place of another.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_again.h"
#include "cli/trust/trust_draft.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "sys/clock.h"

/* In every role, or in the one of --role; counts the places. */
static size_t
replace_in_roles(struct root *root, const char *role_name,
    const struct digest *old, const struct digest *new)
{
	size_t count = 0;

	for (size_t i = 0; i < root->role_count; i++) {
		struct bulletin_role *keys = &root->roles[i].keys;

		if (role_name != NULL &&
		    !text_equal(root->roles[i].name, role_name))
			continue;
		for (size_t k = 0; k < keys->certificate_count; k++) {
			if (!digest_equal(&keys->certificates[k], old))
				continue;
			keys->certificates[k] = *new;
			count++;
		}
	}
	return count;
}

static bool
is_used(const struct root *root, const struct digest *fingerprint)
{
	for (size_t i = 0; i < root->role_count; i++)
		for (size_t k = 0; k < root->roles[i].keys.certificate_count;
		     k++)
			if (digest_equal(&root->roles[i].keys.certificates[k],
				fingerprint))
				return true;
	return false;
}

static void
set_der(struct bytes *to, const struct cert *cert)
{
	size_t len;
	const uint8_t *der = cert_der(cert, &len);

	bytes_clear(to);
	bytes_put(to, der, len);
}

/* The new certificate in the old one's place, or behind the others. */
static int
replace_certificate(struct root *root, const struct cert *old,
    const struct cert *new, struct error *err)
{
	struct bytes *place = (struct bytes *)(uintptr_t)root_certificate(root,
	    cert_fingerprint(old));

	if (root_certificate(root, cert_fingerprint(new)) != NULL)
		return 0;
	if (place == NULL || is_used(root, cert_fingerprint(old))) {
		if (root->certificate_count == ROOT_CERTIFICATES_MAX)
			return error_set(err, ERROR_MALFORMED,
			    "more than %d certificates", ROOT_CERTIFICATES_MAX);
		place = &root->certificates[root->certificate_count++];
	}
	set_der(place, new);
	return bytes_failed(place, err);
}

/* Who takes over a key takes over within what it may sign. */
static int
inherit_scope(struct root *root, const struct digest *old,
    const struct digest *new, struct error *err)
{
	const struct scope *scope = root_scope_of(root, old);
	struct root_scope *scopes;

	if (scope == NULL || root_scope_of(root, new) != NULL)
		return 0;
	for (size_t i = 0;
	     root_certificate(root, old) == NULL && i < root->scope_count; i++)
		if (digest_equal(&root->scopes[i].certificate, old)) {
			root->scopes[i].certificate = *new;
			return 0;
		}
	/* The old one is in use elsewhere, and stays within its scope. */
	scopes = calloc(root->scope_count + 1, sizeof(*scopes));
	if (scopes == NULL)
		return error_set_memory(err);
	memcpy(scopes, root->scopes, root->scope_count * sizeof(*scopes));
	scopes[root->scope_count] = (struct root_scope){ *new, *scope };
	free(root->scopes);
	root->scopes = scopes;
	root->scope_count++;
	return 0;
}

static int
rotate(const struct cli *cli, const struct bulletin *before, struct root *root,
    const struct cert *old, const struct cert *new, struct error *err)
{
	struct bulletin_draft draft;
	int64_t now = clock_now_ms();
	int64_t term;

	if (replace_in_roles(root, cli_value(cli, "role"),
		cert_fingerprint(old), cert_fingerprint(new)) == 0)
		return cli_refuse(err,
		    "the root gives no role to the old certificate");
	if (replace_certificate(root, old, new, err) < 0 ||
	    inherit_scope(root, cert_fingerprint(old), cert_fingerprint(new),
		err) < 0 ||
	    trust_days(cli, BULLETIN_ROOT, &term, err) < 0)
		return -1;
	draft = bulletin_successor(before, now, now + term);
	return trust_write_draft(cli, &draft, trust_put_root, root, before,
	    NULL, NULL, err);
}

static int
run_rotate(struct cli *cli, struct error *err)
{
	const char *old_path = cli_value(cli, "old");
	const char *new_path = cli_value(cli, "new");
	struct bulletin before = { 0 };
	struct root root = { 0 };
	struct cert *old = NULL;
	struct cert *new = NULL;
	int rc = -1;

	if (old_path == NULL || new_path == NULL ||
	    cli_value(cli, "to") == NULL)
		return cli_refuse(err,
		    "--old and --new certificate, --to which draft?");
	if (trust_read_cert(old_path, &old, err) == 0 &&
	    trust_read_cert(new_path, &new, err) == 0 &&
	    trust_newest(cli, "root", BULLETIN_ROOT, "", &before, err) == 0 &&
	    root_decode(&before, &root, err) == 0)
		rc = rotate(cli, &before, &root, old, new, err);
	/* A file says nothing of what else is in force. */
	if (rc == 0 && !cli_has(cli, "root"))
		rc = trust_again(cli, cli_value(cli, "to"), err);
	cert_free(old);
	cert_free(new);
	root_free(&root);
	bulletin_free(&before);
	return rc;
}

static const struct command_option rotate_options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "old", 0, "CERTIFICATE", "of the key that goes" },
	{ "new", 0, "CERTIFICATE", "of the key that comes" },
	{ "role", 0, "ROLE", "in this role alone; in all unless given" },
	{ "again", 0, "FOLDER", "drafts of what has to be signed again" },
	{ "to", 'o', "FILE", "the draft to write" },
	{ "days", 0, "N", "until it expires; 366 unless given" },
	{ "root", 0, "FILE", "the root in force, instead of asking a host" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_rotate_command = {
	.name = "trust rotate",
	.summary = "make the draft of a root with one key replaced",
	.summary_zh = "產生更換一把金鑰的新信任根（待簽）",
	.arguments = "",
	.arguments_max = 0,
	.examples =
	    "yizhan trust rotate --old wang.crt --new wang-2.crt "
	    "-c management.conf --to root-2.draft --again signed-anew\n",
	.options = rotate_options,
	.run = run_rotate,
};
