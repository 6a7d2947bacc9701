#include "simulate/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "envelope/bundle.h"
#include "json/json_write.h"

enum { PORT = 7443 };

#define VALID_MS ((int64_t)365 * 24 * 3600 * 1000)

struct world world;

static int64_t
start_ms(void)
{
	return (int64_t)SIM_EPOCH_S * 1000;
}

static void
must(int rc, const struct error *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "simulate: %s\n", err->text);
	exit(2);
}

static bool
is_center(int host)
{
	return host >= SIM_CENTER && host < SIM_GATEWAY;
}

static bool
is_gateway(int host)
{
	return host >= SIM_GATEWAY;
}

int
world_host_of_code(const char *code)
{
	for (int i = SIM_GATEWAY; i < SIM_HOSTS; i++)
		if (text_equal(world.hosts[i].code, code))
			return i;
	return -1;
}

int
world_host_of_name(const char *name)
{
	for (int i = 0; i < SIM_HOSTS; i++)
		if (text_equal(sim.hosts[i].name, name))
			return i;
	return -1;
}

/* ---- keys ------------------------------------------------------------------ */

static void
make_pair(struct demo_pair *pair, enum issue_kind kind, enum cert_key key,
    const char *organization, const char *name, const char *address)
{
	struct demo_subject subject = { kind, key, organization, name, address,
		0, NULL };
	struct error err = { 0 };

	must(demo_pair_make(&subject,
		 pair == &world.anchor ? NULL : &world.anchor, start_ms(), pair,
		 &err),
	    &err);
}

static void
save_pair(const struct demo_pair *pair, int host, const char *name)
{
	struct error err = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/%s.pem", sim.hosts[host].name, name);
	must(demo_pair_save(pair, path, &err), &err);
}

static void
make_officers(void)
{
	char name[64];

	make_pair(&world.anchor, ISSUE_ROOT_CA, CERT_KEY_P256, "test", "CA",
	    NULL);
	make_pair(&world.timestamp, ISSUE_SIGN, CERT_KEY_P256, "test",
	    "timestamp", NULL);
	for (int i = 0; i < WORLD_ROOT_KEYS; i++) {
		snprintf(name, sizeof(name), "root %d", i);
		make_pair(&world.root[i], ISSUE_SIGN, CERT_KEY_P256, "test",
		    name, NULL);
	}
	for (int i = 0; i < WORLD_OFFICERS; i++) {
		snprintf(name, sizeof(name), "officer %d", i);
		make_pair(&world.officers[i], ISSUE_SIGN, CERT_KEY_P256, "test",
		    name, NULL);
	}
}

static void
name_host(int i)
{
	struct sim_host *host = &sim.hosts[i];
	struct world_host *own = &world.hosts[i];

	host->index = i;
	snprintf(host->address, sizeof(host->address), "127.1.0.%d", i + 1);
	if (i == SIM_MANAGEMENT) {
		snprintf(host->name, sizeof(host->name), "management");
	} else if (is_center(i)) {
		snprintf(host->name, sizeof(host->name), "center-%c",
		    'a' + i - SIM_CENTER);
	} else {
		snprintf(host->name, sizeof(host->name), "gateway-%02d",
		    i - SIM_GATEWAY + 1);
		snprintf(own->code, sizeof(own->code), "3764%02d000A",
		    i - SIM_GATEWAY);
		snprintf(own->org, sizeof(own->org), "第%02d機關",
		    i - SIM_GATEWAY + 1);
		own->center = own->connected =
		    SIM_CENTER + (i - SIM_GATEWAY) % SIM_CENTERS;
	}
}

static void
make_host(int i)
{
	struct world_host *own = &world.hosts[i];
	const char *name = sim.hosts[i].name;
	char file[64];

	if (mkdir(name, 0700) < 0) {
		perror(name);
		exit(2);
	}
	make_pair(&own->tls, ISSUE_TLS, CERT_KEY_P256, name, name,
	    sim.hosts[i].address);
	save_pair(&own->tls, i, "tls");
	if (i == SIM_MANAGEMENT)
		save_pair(&world.timestamp, i, "timestamp");
	if (is_center(i)) {
		make_pair(&own->log, ISSUE_SIGN, CERT_KEY_ED25519, name, "log",
		    NULL);
		save_pair(&own->log, i, "log");
	}
	if (!is_gateway(i))
		return;
	make_pair(&own->module, ISSUE_SIGN, CERT_KEY_P256, own->org, "module",
	    NULL);
	make_pair(&own->sign, ISSUE_SIGN, CERT_KEY_P256, own->org, own->org,
	    NULL);
	make_pair(&own->seal, ISSUE_SEAL, CERT_KEY_P256, own->org, own->org,
	    NULL);
	save_pair(&own->module, i, "module");
	snprintf(file, sizeof(file), "sign.%s", own->code);
	save_pair(&own->sign, i, file);
	snprintf(file, sizeof(file), "seal.%s", own->code);
	save_pair(&own->seal, i, file);
}

/* ---- configurations ----------------------------------------------------------- */

static struct digest root_digest;
static struct bytes root_record; /* of a bundle */

static void
put_upstream(struct bytes *to, const char *section, int up)
{
	char digest[DIGEST_TEXT_SIZE];

	digest_format(cert_fingerprint(world.hosts[up].tls.cert), digest);
	bytes_put_format(to,
	    "[%s]\nname = %s\naddress = %s\nport = %d\nfingerprint = %s\n",
	    section, sim.hosts[up].name, sim.hosts[up].address, PORT, digest);
}

static void
put_key(struct bytes *to, int host, const char *name)
{
	bytes_put_format(to, "key.%s = file:%s/%s/%s.pem\n", name, sim.folder,
	    sim.hosts[host].name, name);
}

static void
put_keys(struct bytes *to, int host)
{
	char name[64];

	bytes_put_text(to, "[keeper]\n");
	put_key(to, host, "tls");
	if (host == SIM_MANAGEMENT)
		put_key(to, host, "timestamp");
	if (is_center(host))
		put_key(to, host, "log");
	if (!is_gateway(host))
		return;
	put_key(to, host, "module");
	snprintf(name, sizeof(name), "sign.%s", world.hosts[host].code);
	put_key(to, host, name);
	snprintf(name, sizeof(name), "seal.%s", world.hosts[host].code);
	put_key(to, host, name);
}

void
world_config(int host, struct bytes *to)
{
	char root[DIGEST_TEXT_SIZE];

	digest_format(&root_digest, root);
	bytes_put_format(to,
	    "[host]\nkind = %s\nname = %s\naddress = %s\ndata = %s/%s\n"
	    "environment = demo\n"
	    "[trust]\nroot = %s/root\nfingerprint = %s\n"
	    "[listen]\nhosts_port = %d\n"
	    "[log]\nlevel = %s\n"
	    "[store]\nsegment_mb = 1\nsync = %s\n"
	    "[limits]\nletter_bytes = 1M\nresume_bytes = 16K\n"
	    "[courier]\nretry_max_ms = 60000\n",
	    host == SIM_MANAGEMENT ? "management"
		: is_center(host)  ? "center"
				   : "gateway",
	    sim.hosts[host].name, sim.hosts[host].address, sim.folder,
	    sim.hosts[host].name, sim.folder, root, PORT,
	    sim.wants_trace ? "debug" : "error",
	    world.stores_lie && is_gateway(host) ? "off" : "on");
	if (is_center(host))
		put_upstream(to, "management", SIM_MANAGEMENT);
	if (is_gateway(host))
		put_upstream(to, "center", world.hosts[host].connected);
	put_keys(to, host);
}

/* ---- bulletins -------------------------------------------------------------- */

static void
root_body(void *context, struct json_writer *writer)
{
	static const char *const by_officers[] = { "directory", "network",
		"access/center-a", "access/center-b", "access/center-c" };

	(void)context;
	json_write_begin_object(writer, "roles");
	demo_pair_put_role(writer, "root", WORLD_ROOT_THRESHOLD, world.root,
	    WORLD_ROOT_KEYS);
	for (size_t i = 0; i < sizeof(by_officers) / sizeof(*by_officers); i++)
		demo_pair_put_role(writer, by_officers[i], WORLD_OFFICERS,
		    world.officers, WORLD_OFFICERS);
	demo_pair_put_role(writer, "timestamp", 1, &world.timestamp, 1);
	json_write_end(writer);
	json_write_begin_array(writer, "certificates");
	for (int i = 0; i < WORLD_ROOT_KEYS; i++)
		demo_pair_put_cert(writer, NULL, &world.root[i]);
	for (int i = 0; i < WORLD_OFFICERS; i++)
		demo_pair_put_cert(writer, NULL, &world.officers[i]);
	demo_pair_put_cert(writer, NULL, &world.timestamp);
	json_write_end(writer);
	demo_pair_put_cert_list(writer, "anchors", &world.anchor);
	json_write_begin_array(writer, "witnesses");
	json_write_end(writer);
	json_write_int(writer, "quorum", 0);
}

static void
write_host(struct json_writer *writer, int host)
{
	json_write_text(writer, "name", sim.hosts[host].name);
	if (is_center(host)) {
		json_write_text(writer, "kind", "shared");
		json_write_text(writer, "conformance", "yizhan");
	}
	json_write_text(writer, "address", sim.hosts[host].address);
	json_write_int(writer, "port", PORT);
	demo_pair_put_cert_list(writer, "tls", &world.hosts[host].tls);
}

static void
network_body(void *context, struct json_writer *writer)
{
	(void)context;
	json_write_begin_array(writer, "centers");
	for (int i = SIM_CENTER; i < SIM_GATEWAY; i++) {
		char origin[64];

		snprintf(origin, sizeof(origin), "yizhan/demo/%s/1",
		    sim.hosts[i].name);
		json_write_begin_object(writer, NULL);
		write_host(writer, i);
		demo_pair_put_cert(writer, "log", &world.hosts[i].log);
		json_write_text(writer, "origin", origin);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_begin_array(writer, "management");
	json_write_begin_object(writer, NULL);
	write_host(writer, SIM_MANAGEMENT);
	json_write_end(writer);
	json_write_end(writer);
}

static void
write_key(struct json_writer *writer, const char *use,
    const struct demo_pair *pair)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use);
	json_write_text(writer, "state", "active");
	json_write_time(writer, "not_after", start_ms() + VALID_MS);
	demo_pair_put_cert(writer, "certificate", pair);
	json_write_end(writer);
}

static void
directory_body(void *context, struct json_writer *writer)
{
	(void)context;
	json_write_begin_array(writer, "organisations");
	for (int i = SIM_GATEWAY; i < SIM_HOSTS; i++) {
		const struct world_host *own = &world.hosts[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "code", own->code);
		json_write_text(writer, "name", own->org);
		json_write_text(writer, "kind", "agency");
		json_write_text(writer, "status",
		    own->is_suspended ? "suspended" : "active");
		json_write_text(writer, "center", sim.hosts[own->center].name);
		json_write_text(writer, "supervisor", "");
		json_write_text(writer, "successor", "");
		json_write_text(writer, "host", sim.hosts[i].name);
		json_write_begin_object(writer, "accepts");
		json_write_int(writer, "letter_bytes", (int64_t)1 << 20);
		json_write_end(writer);
		json_write_begin_array(writer, "keys");
		write_key(writer, "sign", &own->sign);
		write_key(writer, "seal", &own->seal);
		write_key(writer, "module", &own->module);
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
access_body(void *context, struct json_writer *writer)
{
	const int *center = context;

	json_write_begin_array(writer, "hosts");
	for (int i = SIM_GATEWAY; i < SIM_HOSTS; i++) {
		if (world.hosts[i].connected != *center)
			continue;
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", sim.hosts[i].name);
		json_write_text(writer, "address", sim.hosts[i].address);
		demo_pair_put_cert_list(writer, "tls", &world.hosts[i].tls);
		json_write_begin_array(writer, "codes");
		json_write_text(writer, NULL, world.hosts[i].code);
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

/* Make one and append its record; its digest into `digest` when wanted. */
static void
put_bulletin(struct bytes *to, struct bulletin_draft *draft,
    bulletin_body_fn body, void *context, const struct demo_pair *pairs,
    size_t count, struct digest *digest)
{
	struct signer signers[WORLD_ROOT_KEYS];
	struct bytes json = { 0 };
	struct bytes cms = { 0 };
	struct error err = { 0 };

	draft->environment = "demo";
	draft->issued_ms = sim_day_ms();
	draft->expires_ms = start_ms() + VALID_MS;
	for (size_t i = 0; i < count; i++)
		signers[i] = signer_of(pairs[i].cert, pairs[i].key);
	must(bulletin_format(draft, body, context, &json, &err), &err);
	must(bulletin_sign(json.data, json.len, signers, count,
		 draft->issued_ms, &cms, &err),
	    &err);
	if (digest != NULL)
		sha256(json.data, json.len, digest);
	bundle_put(to, BUNDLE_BULLETIN, cms.data, cms.len);
	bytes_free(&json);
	bytes_free(&cms);
}

static void
make_root(void)
{
	struct bulletin_draft draft = { .type = BULLETIN_ROOT,
		.name = "",
		.serial = 1 };

	put_bulletin(&root_record, &draft, root_body, NULL, world.root,
	    WORLD_ROOT_THRESHOLD, &root_digest);
}

void
world_first_bulletins(struct bytes *to)
{
	struct bulletin_draft network = { .type = BULLETIN_NETWORK,
		.name = "",
		.serial = 1 };

	bundle_put_magic(to);
	bytes_put(to, root_record.data, root_record.len);
	put_bulletin(to, &network, network_body, NULL, world.officers,
	    WORLD_OFFICERS, NULL);
	world_next_directory(to);
	world_next_access(to);
}

void
world_next_access(struct bytes *to)
{
	if (to->len == 0)
		bundle_put_magic(to);
	for (int i = SIM_CENTER; i < SIM_GATEWAY; i++) {
		uint64_t *serial = &world.access_serials[i - SIM_CENTER];
		struct digest *digest = &world.access_digests[i - SIM_CENTER];
		struct digest previous = *digest;
		struct bulletin_draft draft = { .type = BULLETIN_ACCESS,
			.name = sim.hosts[i].name,
			.serial = ++*serial,
			.previous = *serial > 1 ? &previous : NULL };

		put_bulletin(to, &draft, access_body, &i, world.officers,
		    WORLD_OFFICERS, digest);
	}
}

void
world_next_directory(struct bytes *to)
{
	struct digest previous = world.directory_digest;
	struct bulletin_draft draft = { .type = BULLETIN_DIRECTORY,
		.name = "",
		.serial = ++world.directory_serial,
		.previous = world.directory_serial > 1 ? &previous : NULL };

	if (to->len == 0)
		bundle_put_magic(to);
	put_bulletin(to, &draft, directory_body, NULL, world.officers,
	    WORLD_OFFICERS, &world.directory_digest);
}

void
world_make(void)
{
	struct error err = { 0 };

	for (int i = 0; i < SIM_HOSTS; i++)
		name_host(i);
	make_officers();
	for (int i = 0; i < SIM_HOSTS; i++)
		make_host(i);
	make_root();
	must(demo_write("root", root_record.data + BUNDLE_RECORD_HEAD_LEN,
		 root_record.len - BUNDLE_RECORD_HEAD_LEN, &err),
	    &err);
}
