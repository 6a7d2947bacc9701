#include "demo/demo_bulletins.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin_make.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "json/json_write.h"

/* Each log by the other center and by management. */
enum { DEMO_QUORUM = 2 };

struct maker {
	const struct demo_pki *pki;
	const char *folder;
	int64_t now_ms;
	struct digest newest; /* of the JSON made last */
	int file_number;
};

typedef void (*body_fn)(const struct maker *maker, const char *name,
    struct json_writer *writer);

static void
write_witness(struct json_writer *writer, const struct demo_host *host,
    const struct demo_pair *pair)
{
	uint8_t key[32] = { 0 };

	cert_ed25519(pair->cert, key);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", host->name);
	json_write_text(writer, "authority", host->title);
	json_write_hex(writer, "key", key, sizeof(key));
	json_write_end(writer);
}

static void
root_body(const struct maker *maker, const char *name,
    struct json_writer *writer)
{
	const struct demo_pki *pki = maker->pki;
	static const char *const by_officers[] = { "directory", "network",
		"access/center-a", "access/center-b", "baseline", "notice",
		"rules", "forms", "suspension", "restoration" };

	(void)name;
	json_write_begin_object(writer, "roles");
	demo_pair_put_role(writer, "root", DEMO_ROOT_THRESHOLD, pki->root,
	    DEMO_ROOT_KEYS);
	for (size_t i = 0; i < ARRAY_LEN(by_officers); i++)
		demo_pair_put_role(writer, by_officers[i], DEMO_OFFICERS,
		    pki->officers, DEMO_OFFICERS);
	demo_pair_put_role(writer, "hold", 1, pki->officers, DEMO_OFFICERS);
	demo_pair_put_role(writer, "hold/center-a", 1, &pki->exchange, 1);
	demo_pair_put_role(writer, "release", 2, pki->root, 3);
	demo_pair_put_role(writer, "timestamp", 1, &pki->timestamp, 1);
	json_write_end(writer);
	json_write_begin_array(writer, "certificates");
	for (int i = 0; i < DEMO_ROOT_KEYS; i++)
		demo_pair_put_cert(writer, NULL, &pki->root[i]);
	for (int i = 0; i < DEMO_OFFICERS; i++)
		demo_pair_put_cert(writer, NULL, &pki->officers[i]);
	demo_pair_put_cert(writer, NULL, &pki->timestamp);
	demo_pair_put_cert(writer, NULL, &pki->exchange);
	json_write_end(writer);
	json_write_begin_array(writer, "anchors");
	demo_pair_put_cert(writer, NULL, &pki->anchor);
	demo_pair_put_cert(writer, NULL, &pki->issuer);
	json_write_end(writer);
	json_write_begin_array(writer, "witnesses");
	for (int i = 0; i < DEMO_HOSTS; i++)
		if (demo_hosts[i].kind != DEMO_GATEWAY)
			write_witness(writer, &demo_hosts[i],
			    &pki->hosts[i].witness);
	json_write_end(writer);
	json_write_int(writer, "quorum", DEMO_QUORUM);
}

static void
write_log(const struct maker *maker, int index, struct json_writer *writer)
{
	char origin[128];

	snprintf(origin, sizeof(origin), "yizhan/demo/%s/1",
	    demo_hosts[index].name);
	demo_pair_put_cert(writer, "log", &maker->pki->hosts[index].log);
	json_write_text(writer, "origin", origin);
}

static void
network_body(const struct maker *maker, const char *name,
    struct json_writer *writer)
{
	(void)name;
	json_write_begin_array(writer, "centers");
	for (int i = 0; i < DEMO_HOSTS; i++) {
		const struct demo_host *host = &demo_hosts[i];

		if (host->kind != DEMO_CENTER)
			continue;
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", host->name);
		json_write_text(writer, "kind", host->center);
		json_write_text(writer, "conformance", "yizhan");
		json_write_text(writer, "address", host->address);
		json_write_int(writer, "port", DEMO_PORT);
		demo_pair_put_cert_list(writer, "tls",
		    &maker->pki->hosts[i].tls);
		write_log(maker, i, writer);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_begin_array(writer, "management");
	for (int i = 0; i < DEMO_HOSTS; i++) {
		if (demo_hosts[i].kind != DEMO_MANAGEMENT)
			continue;
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", demo_hosts[i].name);
		json_write_text(writer, "address", demo_hosts[i].address);
		json_write_int(writer, "port", DEMO_PORT);
		demo_pair_put_cert_list(writer, "tls",
		    &maker->pki->hosts[i].tls);
		write_log(maker, i, writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_key(struct json_writer *writer, const char *use,
    const struct demo_pair *pair)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use);
	json_write_text(writer, "state", "active");
	json_write_time(writer, "not_after",
	    cert_info(pair->cert)->not_after_at);
	demo_pair_put_cert(writer, "certificate", pair);
	json_write_end(writer);
}

static void
begin_org(struct json_writer *writer, const char *code, const char *name,
    const char *center, const char *host)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "code", code);
	json_write_text(writer, "name", name);
	json_write_text(writer, "kind", "agency");
	json_write_text(writer, "status", "active");
	json_write_text(writer, "center", center);
	json_write_text(writer, "supervisor", "");
	json_write_text(writer, "successor", "");
	json_write_text(writer, "host", host);
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes", (int64_t)2 << 30);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
}

static void
end_org(struct json_writer *writer)
{
	json_write_end(writer);
	json_write_end(writer);
}

static const struct demo_host *
host_of_code(const char *code)
{
	for (int i = 0; i < DEMO_HOSTS; i++)
		if (text_equal(demo_hosts[i].code, code))
			return &demo_hosts[i];
	return NULL;
}

static void
directory_body(const struct maker *maker, const char *name,
    struct json_writer *writer)
{
	(void)name;
	json_write_begin_array(writer, "organisations");
	for (int i = 0; i < DEMO_HOSTS; i++) {
		const struct demo_host *host = &demo_hosts[i];
		const struct demo_host_pairs *pairs = &maker->pki->hosts[i];

		if (host->kind != DEMO_GATEWAY)
			continue;
		begin_org(writer, host->code, host->org, host->center,
		    host->name);
		write_key(writer, "sign", &pairs->sign);
		write_key(writer, "seal", &pairs->seal);
		write_key(writer, "module", &pairs->module);
		end_org(writer);
	}
	for (size_t i = 0; i < demo_org_count; i++) {
		if (host_of_code(demo_orgs[i].code) != NULL)
			continue;
		begin_org(writer, demo_orgs[i].code, demo_orgs[i].name, "", "");
		end_org(writer);
	}
	json_write_end(writer);
}

static void
access_body(const struct maker *maker, const char *name,
    struct json_writer *writer)
{
	json_write_begin_array(writer, "hosts");
	for (int i = 0; i < DEMO_HOSTS; i++) {
		const struct demo_host *host = &demo_hosts[i];

		if (host->kind != DEMO_GATEWAY ||
		    !text_equal(host->center, name))
			continue;
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", host->name);
		json_write_text(writer, "address", host->address);
		demo_pair_put_cert_list(writer, "tls",
		    &maker->pki->hosts[i].tls);
		json_write_begin_array(writer, "codes");
		json_write_text(writer, NULL, host->code);
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static int
save(struct maker *maker, const char *type, const char *name,
    const struct bytes *cms, struct error *err)
{
	char path[DEMO_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/bulletins/%d-%s%s%s", maker->folder,
	    ++maker->file_number, type, name[0] != '\0' ? "-" : "", name);
	return demo_write(path, cms->data, cms->len, err);
}

/* The body of one, by its function. */
struct body {
	const struct maker *maker;
	const char *name;
	body_fn write;
};

static void
write_body(void *context, struct json_writer *writer)
{
	const struct body *body = context;

	body->write(body->maker, body->name, writer);
}

/* Make, sign and save one. */
static int
make(struct maker *maker, enum bulletin_type type, const char *name,
    body_fn write, const struct demo_pair *pairs, size_t count,
    struct error *err)
{
	struct body body = { maker, name, write };
	struct bulletin_draft draft = { .environment = "demo",
		.type = type,
		.name = name,
		.serial = 1,
		.issued_ms = maker->now_ms,
		.expires_ms = maker->now_ms + DEMO_VALID_MS };
	struct signer signers[DEMO_ROOT_KEYS];
	struct bytes json = { 0 };
	struct bytes cms = { 0 };
	int rc = -1;

	for (size_t i = 0; i < count; i++)
		signers[i] = signer_of(pairs[i].cert, pairs[i].key);
	if (bulletin_format(&draft, write_body, &body, &json, err) == 0 &&
	    bulletin_sign(json.data, json.len, signers, count, maker->now_ms,
		&cms, err) == 0) {
		sha256(json.data, json.len, &maker->newest);
		rc = save(maker, bulletin_type_name(type), name, &cms, err);
	}
	bytes_free(&json);
	bytes_free(&cms);
	return rc < 0
	    ? error_prefix(err, "bulletin %s", bulletin_type_name(type))
	    : 0;
}

int
demo_bulletins_write(const struct demo_pki *pki, const char *folder,
    int64_t now_ms, struct digest *ret_root, struct error *err)
{
	struct maker maker = { .pki = pki, .folder = folder, .now_ms = now_ms };
	const struct demo_pair *officers = pki->officers;

	if (make(&maker, BULLETIN_ROOT, "", root_body, pki->root,
		DEMO_ROOT_THRESHOLD, err) < 0)
		return -1;
	*ret_root = maker.newest;
	if (make(&maker, BULLETIN_NETWORK, "", network_body, officers,
		DEMO_OFFICERS, err) < 0 ||
	    make(&maker, BULLETIN_DIRECTORY, "", directory_body, officers,
		DEMO_OFFICERS, err) < 0 ||
	    make(&maker, BULLETIN_ACCESS, "center-a", access_body, officers,
		DEMO_OFFICERS, err) < 0 ||
	    make(&maker, BULLETIN_ACCESS, "center-b", access_body, officers,
		DEMO_OFFICERS, err) < 0)
		return -1;
	return 0;
}
