#include "crash/center_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin_make.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "harness/crash_disk.h"
#include "json/json_write.h"
#include "sys/clock.h"

static const struct {
	const char *code, *center;
} recipients[WORLD_RECIPIENTS] = {
	{ "376470000A", WORLD_HERE },
	{ WORLD_COMES, WORLD_THERE },
	{ WORLD_LEAVES, WORLD_HERE },
};

/* ---- bulletins ----------------------------------------------------------- */

static void
write_cert(struct json_writer *writer, const char *key, const struct cert *cert)
{
	size_t len;
	const uint8_t *der = cert_der(cert, &len);

	json_write_base64(writer, key, der, len);
}

static void
write_key(struct json_writer *writer, const char *use, const struct cert *cert)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use);
	json_write_text(writer, "state", "active");
	json_write_time(writer, "not_after", pki_now + 1000000);
	write_cert(writer, "certificate", cert);
	json_write_end(writer);
}

static void
write_org(struct json_writer *writer, const struct center_world *world,
    const char *code, const char *center)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "code", code);
	json_write_text(writer, "name", code);
	json_write_text(writer, "kind", "agency");
	json_write_text(writer, "status", "active");
	json_write_text(writer, "center", center);
	json_write_text(writer, "supervisor", "");
	json_write_text(writer, "successor", "");
	json_write_text(writer, "host", WORLD_GATEWAY);
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes", 0);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
	write_key(writer, "module", world->module.cert);
	write_key(writer, "seal", world->seal.cert);
	json_write_end(writer);
	json_write_end(writer);
}

static void
directory_body(void *context, struct json_writer *writer)
{
	const struct center_world *world = context;

	json_write_begin_array(writer, "organisations");
	write_org(writer, world, WORLD_SENDER, WORLD_HERE);
	for (size_t i = 0; i < WORLD_RECIPIENTS; i++)
		write_org(writer, world, recipients[i].code,
		    recipients[i].center);
	json_write_end(writer);
}

static void
moved_body(void *context, struct json_writer *writer)
{
	const struct center_world *world = context;

	json_write_begin_array(writer, "organisations");
	write_org(writer, world, WORLD_SENDER, WORLD_HERE);
	for (size_t i = 0; i < WORLD_RECIPIENTS; i++)
		write_org(writer, world, recipients[i].code,
		    text_equal(recipients[i].code, WORLD_LEAVES) ? WORLD_THERE
								 : WORLD_HERE);
	json_write_end(writer);
}

static void
write_center(struct json_writer *writer, const struct center_world *world,
    const char *name, const char *address)
{
	char origin[NOTE_NAME_SIZE];

	snprintf(origin, sizeof(origin), "yizhan/demo/%s/1", name);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", name);
	json_write_text(writer, "kind", "shared");
	json_write_text(writer, "conformance", "yizhan");
	json_write_text(writer, "address", address);
	json_write_int(writer, "port", 7443);
	json_write_begin_array(writer, "tls");
	write_cert(writer, NULL, world->tls.cert);
	json_write_end(writer);
	write_cert(writer, "log", world->log.cert);
	json_write_text(writer, "origin", origin);
	json_write_end(writer);
}

static void
network_body(void *context, struct json_writer *writer)
{
	const struct center_world *world = context;

	json_write_begin_array(writer, "centers");
	write_center(writer, world, WORLD_HERE, "127.0.0.1");
	write_center(writer, world, WORLD_THERE, "127.0.0.3");
	json_write_end(writer);
	json_write_begin_array(writer, "management");
	json_write_end(writer);
}

static void
access_body(void *context, struct json_writer *writer)
{
	const struct center_world *world = context;

	json_write_begin_array(writer, "hosts");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", WORLD_GATEWAY);
	json_write_text(writer, "address", "127.0.0.9");
	json_write_begin_array(writer, "tls");
	write_cert(writer, NULL, world->seal.cert);
	json_write_end(writer);
	json_write_begin_array(writer, "codes");
	json_write_text(writer, NULL, WORLD_SENDER);
	for (size_t i = 0; i < WORLD_RECIPIENTS; i++)
		json_write_text(writer, NULL, recipients[i].code);
	json_write_end(writer);
	json_write_end(writer);
	json_write_end(writer);
}

static void
make(struct center_world *world, struct bytes *json, enum bulletin_type type,
    const char *name, uint64_t serial, bulletin_body_fn body)
{
	struct bulletin_draft draft = { .environment = "demo",
		.type = type,
		.name = name,
		.serial = serial,
		.issued_ms = 1000,
		.expires_ms = 2000 };
	struct error err = { 0 };

	if (bulletin_format(&draft, body, world, json, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

void
center_world_new(struct center_world *world)
{
	memset(world, 0, sizeof(*world));
	pki_new(&world->pki);
	world->log =
	    pki_issue(&world->pki, ISSUE_SIGN, CERT_KEY_ED25519, "log");
	world->module =
	    pki_issue(&world->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	world->seal = pki_issue(&world->pki, ISSUE_SEAL, CERT_KEY_P256, "seal");
	world->tls = pki_issue(&world->pki, ISSUE_TLS, CERT_KEY_P256, "tls");
	assert(cert_ed25519(world->log.cert, world->log_public));
	world->now = clock_now_ms();
	make(world, &world->bulletins[0], BULLETIN_NETWORK, "", 1,
	    network_body);
	make(world, &world->bulletins[1], BULLETIN_DIRECTORY, "", 1,
	    directory_body);
	make(world, &world->bulletins[2], BULLETIN_ACCESS, WORLD_HERE, 1,
	    access_body);
	make(world, &world->moved, BULLETIN_DIRECTORY, "", 2, moved_body);
}

void
center_world_free(struct center_world *world)
{
	pki_holder_free(&world->log);
	pki_holder_free(&world->module);
	pki_holder_free(&world->seal);
	pki_holder_free(&world->tls);
	pki_free(&world->pki);
	for (size_t i = 0; i < 3; i++)
		bytes_free(&world->bulletins[i]);
	bytes_free(&world->moved);
}

/* ---- letters --------------------------------------------------------------- */

static struct digest
digest_of(const char *what, uint32_t number)
{
	struct digest digest;
	char text[64];

	snprintf(text, sizeof(text), "%s %u", what, number);
	sha256(text, strlen(text), &digest);
	return digest;
}

void
world_content(const struct world_letter *letter, uint8_t *to)
{
	for (size_t i = 0; i < letter->content_len; i++)
		to[i] = (uint8_t)(letter->number * 37 + i * 11 + i / 253);
}

struct world_letter
world_letter(uint32_t number)
{
	static uint8_t content[WORLD_CONTENT_MAX];
	struct world_letter letter = { .number = number,
		.is_relay = number % 3 == 2,
		.waybill = digest_of("waybill", number) };
	struct digest id = digest_of("id", number);
	uint64_t seed = number;

	memcpy(letter.waybill_id.bytes, id.bytes, ID_LEN);
	letter.content_len = crash_random(&seed) % 4 == 0
	    ? crash_random(&seed) % WORLD_CONTENT_MAX
	    : crash_random(&seed) % 5000;
	world_content(&letter, content);
	sha256(content, letter.content_len, &letter.content);
	for (uint32_t i = 0; i < WORLD_RECIPIENTS; i++) {
		bool is_here = text_equal(recipients[i].center, WORLD_HERE);

		/* A relay brings what is at home here; others some of all. */
		if (letter.is_relay ? !is_here
				    : number % 4 == i && number % 2 == 1)
			continue;
		letter.leaves[letter.leaf_count].recipient = recipients[i].code;
		letter.leaves[letter.leaf_count].center = recipients[i].center;
		letter.leaves[letter.leaf_count].leaf =
		    digest_of("leaf", number * 8 + i);
		letter.leaf_count++;
	}
	snprintf(letter.cms, sizeof(letter.cms), "cms %u.", number);
	if (letter.is_relay)
		snprintf(letter.receipt, sizeof(letter.receipt), "accepted %u.",
		    number);
	return letter;
}

size_t
world_leaf_of(const struct world_letter *letter, const char *recipient)
{
	size_t i = 0;

	while (i < letter->leaf_count &&
	    !text_equal(letter->leaves[i].recipient, recipient))
		i++;
	return i;
}

uint32_t
world_number(const void *text, size_t len, const char *word)
{
	const char *at = text;
	size_t word_len = strlen(word);
	uint32_t number = 0;

	for (; len > word_len; at++, len--) {
		if (memcmp(at, word, word_len) != 0 || at[word_len] != ' ')
			continue;
		for (at += word_len + 1; *at >= '0' && *at <= '9'; at++)
			number = number * 10 + (uint32_t)(*at - '0');
		return number;
	}
	return 0;
}

struct message_waybill
world_waybill(const struct center_world *world,
    const struct world_letter *letter, struct bytes *list)
{
	struct message_waybill waybill = {
		.signer = *cert_fingerprint(world->module.cert),
		.module = *cert_fingerprint(world->module.cert),
		.waybill = letter->waybill,
		.environment = "demo",
		.waybill_id = letter->waybill_id,
		.sender = WORLD_SENDER,
		.created_at = world->now - 1000,
		.not_after = world->now + 24 * 3600 * 1000,
		.content = letter->content,
		.content_len = letter->content_len,
		.count = (uint32_t)letter->leaf_count,
	};

	text_copy(waybill.center, sizeof(waybill.center),
	    letter->is_relay ? WORLD_THERE : WORLD_HERE);
	for (size_t i = 0; i < letter->leaf_count; i++) {
		struct message_leaf leaf = {
			.seal = *cert_fingerprint(world->seal.cert),
			.leaf = letter->leaves[i].leaf,
			.leaf_json = blob_of("{}", 2),
			.key = blob_of(letter->cms, strlen(letter->cms)),
			.path = blob_of("path", letter->is_relay ? 4 : 0),
			.index = (uint32_t)i,
		};

		text_copy(leaf.recipient, sizeof(leaf.recipient),
		    letter->leaves[i].recipient);
		text_copy(leaf.center, sizeof(leaf.center),
		    letter->leaves[i].center);
		message_list_add(list, MESSAGE_LEAF, &leaf);
	}
	waybill.leaves = blob_of_bytes(list);
	return waybill;
}
