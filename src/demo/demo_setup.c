#include "demo/demo_setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "demo/demo_bulletins.h"
#include "demo/demo_keys.h"
#include "demo/demo_network.h"
#include "model/digest.h"

struct setup {
	const struct demo_options *options;
	struct demo_pki pki;
	struct digest root;
};

static int
make_folder(const char *folder, const char *name, const char *ending,
    struct error *err)
{
	char path[DEMO_PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending) >=
	    (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "%s: path too long",
		    folder);
	if (mkdir(path, 0700) < 0)
		return error_set_errno(err, "creating %s", path);
	return 0;
}

static int
make_pair(struct setup *setup, enum issue_kind kind, enum cert_key key,
    const char *organization, const char *name, const char *address,
    struct demo_pair *ret_pair, struct error *err)
{
	struct demo_subject subject = { kind, key, organization, name, address,
		setup->options->valid_ms, NULL };

	return demo_pair_make(&subject, &setup->pki.anchor,
	    setup->options->now_ms, ret_pair, err);
}

static int
make_roles(struct setup *setup, struct error *err)
{
	struct demo_subject anchor = { ISSUE_ROOT_CA, CERT_KEY_P256,
		"示範憑證機構", "Yizhan Demo CA", NULL,
		setup->options->valid_ms, NULL };
	char name[64];

	if (demo_pair_make(&anchor, NULL, setup->options->now_ms,
		&setup->pki.anchor, err) < 0)
		return -1;
	for (int i = 0; i < DEMO_ROOT_KEYS; i++) {
		snprintf(name, sizeof(name), "root key %d", i + 1);
		if (make_pair(setup, ISSUE_SIGN, CERT_KEY_P256, "示範管理層",
			name, NULL, &setup->pki.root[i], err) < 0)
			return -1;
	}
	for (int i = 0; i < DEMO_OFFICERS; i++) {
		snprintf(name, sizeof(name), "officer %d", i + 1);
		if (make_pair(setup, ISSUE_SIGN, CERT_KEY_P256, "示範管理層",
			name, NULL, &setup->pki.officers[i], err) < 0)
			return -1;
	}
	if (make_pair(setup, ISSUE_SUB_CA, CERT_KEY_P256, "示範管理層",
		"module issuer", NULL, &setup->pki.issuer, err) < 0 ||
	    make_pair(setup, ISSUE_SIGN, CERT_KEY_P256, "示範甲交換中心",
		"duty officer", NULL, &setup->pki.exchange, err) < 0)
		return -1;
	return make_pair(setup, ISSUE_SIGN, CERT_KEY_P256, "示範管理層",
	    "timestamp key", NULL, &setup->pki.timestamp, err);
}

/* Organisations sign with RSA, as the government's cards do. */
static int
make_org_pair(struct setup *setup, const struct demo_host *host,
    enum issue_kind kind, struct demo_pair *ret_pair, struct error *err)
{
	const struct demo_options *options = setup->options;
	char path[DEMO_PATH_SIZE];
	struct demo_subject subject = { kind, CERT_KEY_RSA, host->org,
		host->org, NULL, options->valid_ms, NULL };

	if (options->keys != NULL) {
		if (snprintf(path, sizeof(path), "%s/%s.keys/%s.%s.pem",
			options->keys, host->name,
			kind == ISSUE_SIGN ? "sign" : "seal",
			host->code) >= (int)sizeof(path))
			return error_set(err, ERROR_MALFORMED,
			    "%s: path too long", options->keys);
		subject.key_file = path;
	}
	return demo_pair_make(&subject, &setup->pki.anchor, options->now_ms,
	    ret_pair, err);
}

static int
make_gateway_pairs(struct setup *setup, const struct demo_host *host,
    struct demo_host_pairs *pairs, struct error *err)
{
	if (make_org_pair(setup, host, ISSUE_SIGN, &pairs->sign, err) < 0 ||
	    make_org_pair(setup, host, ISSUE_SEAL, &pairs->seal, err) < 0)
		return -1;
	return make_pair(setup, ISSUE_SIGN, CERT_KEY_P256, host->org,
	    "crypto module", NULL, &pairs->module, err);
}

static int
make_hosts(struct setup *setup, struct error *err)
{
	for (int i = 0; i < DEMO_HOSTS; i++) {
		const struct demo_host *host = &demo_hosts[i];
		struct demo_host_pairs *pairs = &setup->pki.hosts[i];

		if (make_pair(setup, ISSUE_TLS, CERT_KEY_P256, host->title,
			host->name, host->address, &pairs->tls, err) < 0)
			return -1;
		if (host->kind != DEMO_GATEWAY &&
		    make_pair(setup, ISSUE_SIGN, CERT_KEY_ED25519, host->title,
			"log key", NULL, &pairs->log, err) < 0)
			return -1;
		if (host->kind != DEMO_GATEWAY &&
		    make_pair(setup, ISSUE_SIGN, CERT_KEY_ED25519, host->title,
			"witness key", NULL, &pairs->witness, err) < 0)
			return -1;
		if (host->kind == DEMO_GATEWAY &&
		    make_gateway_pairs(setup, host, pairs, err) < 0)
			return -1;
	}
	return 0;
}

static int
save_pair(const struct setup *setup, const char *folder, const char *name,
    const struct demo_pair *pair, struct error *err)
{
	char path[DEMO_PATH_SIZE];

	if (pair->key == NULL)
		return 0;
	snprintf(path, sizeof(path), "%s/%s/%s.pem", setup->options->folder,
	    folder, name);
	return demo_pair_save(pair, path, err);
}

static int
save_officers(const struct setup *setup, struct error *err)
{
	char name[32];

	if (make_folder(setup->options->folder, "officers", "", err) < 0)
		return -1;
	for (int i = 0; i < DEMO_ROOT_KEYS; i++) {
		snprintf(name, sizeof(name), "root-%d", i + 1);
		if (save_pair(setup, "officers", name, &setup->pki.root[i],
			err) < 0)
			return -1;
	}
	for (int i = 0; i < DEMO_OFFICERS; i++) {
		snprintf(name, sizeof(name), "officer-%d", i + 1);
		if (save_pair(setup, "officers", name, &setup->pki.officers[i],
			err) < 0)
			return -1;
	}
	if (save_pair(setup, "officers", "exchange-a", &setup->pki.exchange,
		err) < 0)
		return -1;
	return save_pair(setup, "officers", "anchor", &setup->pki.anchor, err);
}

static int
save_host_keys(const struct setup *setup, int index, struct error *err)
{
	const struct demo_host *host = &demo_hosts[index];
	const struct demo_host_pairs *pairs = &setup->pki.hosts[index];
	char folder[64];
	char sign[64];
	char seal[64];

	snprintf(folder, sizeof(folder), "%s.keys", host->name);
	snprintf(sign, sizeof(sign), "sign.%s", host->code);
	snprintf(seal, sizeof(seal), "seal.%s", host->code);
	if (make_folder(setup->options->folder, folder, "", err) < 0 ||
	    save_pair(setup, folder, "tls", &pairs->tls, err) < 0 ||
	    save_pair(setup, folder, "log", &pairs->log, err) < 0 ||
	    save_pair(setup, folder, "witness", &pairs->witness, err) < 0 ||
	    save_pair(setup, folder, "module", &pairs->module, err) < 0 ||
	    save_pair(setup, folder, sign, &pairs->sign, err) < 0 ||
	    save_pair(setup, folder, seal, &pairs->seal, err) < 0)
		return -1;
	if (host->kind != DEMO_MANAGEMENT)
		return 0;
	return save_pair(setup, folder, "issuer", &setup->pki.issuer, err) < 0
	    ? -1
	    : save_pair(setup, folder, "timestamp", &setup->pki.timestamp, err);
}

static void
put_key(struct bytes *text, const char *folder, const char *host,
    const char *prefix, const char *name)
{
	bytes_put_format(text, "key.%s%s = file:%s/%s.keys/%s%s.pem\n", prefix,
	    name, folder, host, prefix, name);
}

static void
put_keys(struct bytes *text, const char *folder, const struct demo_host *host)
{
	bytes_put_text(text, "\n[keeper]\n");
	put_key(text, folder, host->name, "tls", "");
	if (host->kind == DEMO_MANAGEMENT) {
		put_key(text, folder, host->name, "timestamp", "");
		put_key(text, folder, host->name, "issuer", "");
	}
	if (host->kind != DEMO_GATEWAY) {
		put_key(text, folder, host->name, "log", "");
		put_key(text, folder, host->name, "witness", "");
	}
	if (host->kind == DEMO_GATEWAY) {
		put_key(text, folder, host->name, "module", "");
		put_key(text, folder, host->name, "sign.", host->code);
		put_key(text, folder, host->name, "seal.", host->code);
	}
}

/* The host one tier up, where bulletins come from. */
static void
put_upstream(struct bytes *text, const struct setup *setup,
    const struct demo_host *host)
{
	const char *name =
	    host->kind == DEMO_CENTER ? "management" : host->center;
	const struct demo_host *up = demo_host_find(name);
	char digest[DIGEST_TEXT_SIZE];

	if (host->kind == DEMO_MANAGEMENT || up == NULL)
		return;
	digest_format(cert_fingerprint(
			  setup->pki.hosts[up - demo_hosts].tls.cert),
	    digest);
	bytes_put_format(text,
	    "\n[%s]\nname = %s\naddress = %s\nport = %d\nfingerprint = %s\n",
	    host->kind == DEMO_CENTER ? "management" : "center", up->name,
	    up->address, DEMO_PORT, digest);
}

static int
save_config(const struct setup *setup, const struct demo_host *host,
    struct error *err)
{
	static const char *const kinds[] = { "management", "center",
		"gateway" };
	const char *folder = setup->options->folder;
	struct bytes text = { 0 };
	char path[DEMO_PATH_SIZE];
	char root[DIGEST_TEXT_SIZE];
	int rc = -1;

	digest_format(&setup->root, root);
	bytes_put_format(&text,
	    "# %s\n[host]\nkind = %s\nname = %s\naddress = %s\n"
	    "data = %s/%s\nenvironment = demo\n",
	    host->title, kinds[host->kind], host->name, host->address, folder,
	    host->name);
	bytes_put_format(&text,
	    "\n[trust]\nroot = %s/bulletins/1-root\nfingerprint = %s\n", folder,
	    root);
	bytes_put_format(&text, "\n[listen]\nhosts_port = %d\n", DEMO_PORT);
	/* Written once before use: small ones let the demo start at once. */
	bytes_put_text(&text, "\n[store]\nsegment_mb = 8\n");
	put_upstream(&text, setup, host);
	put_keys(&text, folder, host);
	if (setup->options->extra != NULL)
		bytes_put_format(&text, "\n%s\n", setup->options->extra);
	snprintf(path, sizeof(path), "%s/%s.conf", folder, host->name);
	if (bytes_failed(&text, err) == 0)
		rc = demo_write(path, text.data, text.len, err);
	bytes_free(&text);
	return rc;
}

static int
save_all(struct setup *setup, struct error *err)
{
	const char *folder = setup->options->folder;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, "creating %s", folder);
	if (make_folder(folder, "bulletins", "", err) < 0 ||
	    demo_bulletins_write(&setup->pki, folder, setup->options->now_ms,
		&setup->root, err) < 0 ||
	    save_officers(setup, err) < 0)
		return -1;
	for (int i = 0; i < DEMO_HOSTS; i++)
		if (make_folder(folder, demo_hosts[i].name, "", err) < 0 ||
		    save_host_keys(setup, i, err) < 0 ||
		    save_config(setup, &demo_hosts[i], err) < 0)
			return -1;
	return 0;
}

static void
free_pki(struct demo_pki *pki)
{
	demo_pair_free(&pki->anchor);
	demo_pair_free(&pki->timestamp);
	demo_pair_free(&pki->issuer);
	demo_pair_free(&pki->exchange);
	for (int i = 0; i < DEMO_ROOT_KEYS; i++)
		demo_pair_free(&pki->root[i]);
	for (int i = 0; i < DEMO_OFFICERS; i++)
		demo_pair_free(&pki->officers[i]);
	for (int i = 0; i < DEMO_HOSTS; i++) {
		demo_pair_free(&pki->hosts[i].tls);
		demo_pair_free(&pki->hosts[i].log);
		demo_pair_free(&pki->hosts[i].witness);
		demo_pair_free(&pki->hosts[i].module);
		demo_pair_free(&pki->hosts[i].sign);
		demo_pair_free(&pki->hosts[i].seal);
	}
}

int
demo_setup(const struct demo_options *options, struct error *err)
{
	struct setup setup = { .options = options };
	int rc = -1;

	if (options->folder[0] != '/')
		return error_set(err, ERROR_MALFORMED,
		    "%s is not an absolute path", options->folder);
	if (make_roles(&setup, err) == 0 && make_hosts(&setup, err) == 0)
		rc = save_all(&setup, err);
	free_pki(&setup.pki);
	return rc;
}
