#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "directory/directory_entry.h"
#include "directory/directory_image.h"
#include "directory/directory_search.h"
#include "json/json_read.h"
#include "json/json_write.h"

/* ---- making directories --------------------------------------------------- */

/*
 * A stand-in for a certificate: a DER element that says `id`.  The directory
 * compares certificates whole and does not look inside.
 */
static void
put_cert(struct bytes *to, const char *id)
{
	size_t len = strlen(id);

	bytes_put_u8(to, 0x30);
	bytes_put_u8(to, (uint8_t)(len + 2));
	bytes_put_u8(to, 0x0c);
	bytes_put_u8(to, (uint8_t)len);
	bytes_put(to, id, len);
}

static struct digest
fingerprint_of(const char *id)
{
	struct bytes der = { 0 };
	struct digest digest;

	put_cert(&der, id);
	sha256(der.data, der.len, &digest);
	bytes_free(&der);
	return digest;
}

/* One line of a directory: keys as "use:state:certificate ...". */
struct line {
	const char *code, *name, *status, *center, *supervisor, *keys;
	const char *successor; /* NULL for none */
};

struct lines {
	const struct line *lines;
	size_t count;
};

static void
write_cert(struct json_writer *writer, const char *key, const char *id)
{
	struct bytes der = { 0 };

	put_cert(&der, id);
	json_write_base64(writer, key, der.data, der.len);
	bytes_free(&der);
}

/* The next word of `*at`, up to `end`, into `to`; false if there is none. */
static bool
take_word(const char **at, char end, char *to, size_t size)
{
	const char *stop = strchr(*at, end);
	size_t len = stop != NULL ? (size_t)(stop - *at) : strlen(*at);
	bool taken = len > 0 && text_copy_len(to, size, *at, len);

	*at += len + (stop != NULL);
	return taken;
}

static void
write_keys(struct json_writer *writer, const char *keys)
{
	char use[16];
	char state[16];
	char id[32];

	while (take_word(&keys, ':', use, sizeof(use)) &&
	    take_word(&keys, ':', state, sizeof(state)) &&
	    take_word(&keys, ' ', id, sizeof(id))) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "use", use);
		json_write_text(writer, "state", state);
		json_write_time(writer, "not_after", INT64_C(1893456000000));
		write_cert(writer, "certificate", id);
		json_write_end(writer);
	}
}

static void
directory_body(void *context, struct json_writer *writer)
{
	const struct lines *lines = context;

	json_write_begin_array(writer, "organisations");
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->lines[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "code", line->code);
		json_write_text(writer, "name", line->name);
		json_write_text(writer, "kind", "agency");
		json_write_text(writer, "status", line->status);
		json_write_text(writer, "center", line->center);
		json_write_text(writer, "supervisor", line->supervisor);
		json_write_text(writer, "successor",
		    line->successor != NULL ? line->successor : "");
		json_write_text(writer, "host", "gateway-a");
		json_write_begin_object(writer, "accepts");
		json_write_int(writer, "letter_bytes", 1000);
		json_write_end(writer);
		json_write_begin_array(writer, "keys");
		write_keys(writer, line->keys);
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_place(struct json_writer *writer, const char *name, const char *address,
    const char *tls)
{
	json_write_text(writer, "name", name);
	json_write_text(writer, "address", address);
	json_write_begin_array(writer, "tls");
	write_cert(writer, NULL, tls);
	json_write_end(writer);
}

static void
network_body(void *context, struct json_writer *writer)
{
	static const char *const names[] = { "center-b", "center-a" };

	(void)context;
	json_write_begin_array(writer, "centers");
	for (int i = 0; i < 2; i++) {
		json_write_begin_object(writer, NULL);
		write_place(writer, names[i], i == 0 ? "10.0.0.2" : "10.0.0.1",
		    names[i]);
		json_write_int(writer, "port", 7443);
		json_write_text(writer, "kind", "shared");
		json_write_text(writer, "conformance", "yizhan");
		write_cert(writer, "log", i == 0 ? "log-b" : "log-a");
		json_write_text(writer, "origin", "yizhan/demo/x/1");
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_begin_array(writer, "management");
	json_write_begin_object(writer, NULL);
	write_place(writer, "management", "10.0.0.9", "management");
	json_write_int(writer, "port", 7443);
	json_write_end(writer);
	json_write_end(writer);
}

/* Two gateways; `context` is the TLS certificate of the second. */
static void
access_body(void *context, struct json_writer *writer)
{
	static const char *const codes[] = { "379000000A", "376490000A",
		"A01000000AU610000" };

	json_write_begin_array(writer, "hosts");
	json_write_begin_object(writer, NULL);
	write_place(writer, "gateway-a", "192.0.2.1", "gateway-a");
	json_write_begin_array(writer, "codes");
	for (int i = 0; i < 3; i++)
		json_write_text(writer, NULL, codes[i]);
	json_write_end(writer);
	json_write_end(writer);
	json_write_begin_object(writer, NULL);
	write_place(writer, "gateway-b", "2001:db8::1", context);
	json_write_begin_array(writer, "codes");
	json_write_end(writer);
	json_write_end(writer);
	json_write_end(writer);
}

static struct bulletin
make(enum bulletin_type type, bulletin_body_fn body, void *context)
{
	struct digest previous = { { 1 } };
	struct bulletin_draft draft = {
		.environment = "demo",
		.type = type,
		.name = type == BULLETIN_ACCESS ? "center-a" : "",
		.serial = 4,
		.issued_ms = 1000,
		.expires_ms = 2000,
		.previous = &previous,
	};
	struct bulletin bulletin = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, body, context, &json, &err) < 0 ||
	    bulletin_parse(json.data, json.len, &bulletin, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&json);
	return bulletin;
}

static const struct line good_lines[] = {
	{ "376490000A", "雲林縣政府", "active", "center-a", "",
	    "seal:next:s2 seal:active:s1 sign:active:g1 module:active:m1 "
	    "seal:retiring:s0",
	    NULL },
	{ "379000000A", "臺北市政府", "suspended", "center-b", "",
	    "seal:revoked:s9 seal:next:s8 module:active:m1", NULL },
	{ "A01000000AU610000", "內政部戶政司", "active", "center-a",
	    "A01000000A", "", NULL },
	{ "A01000000AU610001", "內政部戶政司一科", "active", "center-a",
	    "A01000000AU610000", "seal:retiring:u1", NULL },
	{ "A01000000A", "內政部", "active", "center-a", "",
	    "seal:active:n1 sign:active:n2", NULL },
	{ "A09000000E", "教育部ＡＢＣ 台中辦公室", "dissolved", "", "", "",
	    NULL },
};

/* The image of these lines, with network and access list; or an error. */
static int
build(const struct line *lines, size_t count, const char *second_tls,
    struct bytes *ret_image, struct error *err)
{
	struct lines all = { lines, count };
	char tls[32];
	struct bulletin directory;
	struct bulletin network;
	struct bulletin access;
	const struct bulletin *list[1] = { &access };
	struct directory_sources sources = {
		.directory = &directory,
		.network = &network,
		.access = list,
		.access_count = 1,
		.root_serial = 1,
		.timestamp_serial = 77,
	};
	int rc;

	text_copy(tls, sizeof(tls), second_tls);
	directory = make(BULLETIN_DIRECTORY, directory_body, &all);
	network = make(BULLETIN_NETWORK, network_body, NULL);
	access = make(BULLETIN_ACCESS, access_body, tls);
	rc = directory_image_build(&sources, ret_image, err);
	bulletin_free(&directory);
	bulletin_free(&network);
	bulletin_free(&access);
	return rc;
}

static struct bytes image;
static struct directory *directory;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	if (build(good_lines, 6, "gateway-b", &image, &err) < 0 ||
	    directory_open(image.data, image.len, &directory, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	directory_close(directory);
	bytes_free(&image);
	return 0;
}

static struct directory_org
org_of(const char *code)
{
	struct org_code parsed;
	struct directory_org org;

	assert_true(org_code_parse(code, &parsed));
	assert_true(directory_find_org(directory, &parsed, &org));
	return org;
}

/* ---- lookups --------------------------------------------------------------- */

static void
organisations_are_found_by_code(void **state)
{
	struct org_code unknown = { "A99000000A" };
	struct directory_org org;

	(void)state;
	assert_int_equal(directory_org_count(directory), 6);
	for (size_t i = 0; i < 6; i++) {
		org = org_of(good_lines[i].code);
		assert_string_equal(org.name, good_lines[i].name);
		assert_string_equal(org.center, good_lines[i].center);
		assert_string_equal(org.supervisor.text,
		    good_lines[i].supervisor);
		assert_string_equal(org_status_name(org.status),
		    good_lines[i].status);
		assert_int_equal(org.accepts_letter_bytes, 1000);
	}
	assert_false(directory_find_org(directory, &unknown, &org));
	assert_string_equal(directory_name_of(directory, good_lines[0].code),
	    good_lines[0].name);
	assert_string_equal(directory_name_of(directory, unknown.text), "");
	assert_string_equal(directory_name_of(directory, "no code"), "");
	assert_string_equal(directory_name_of(NULL, good_lines[0].code), "");
	assert_int_equal(directory_serials(directory).directory, 4);
	assert_int_equal(directory_serials(directory).timestamp, 77);
}

static void
the_active_key_goes_before_the_next(void **state)
{
	struct directory_org yunlin = org_of("376490000A");
	struct directory_org taipei = org_of("379000000A");
	struct digest s0 = fingerprint_of("s0");
	struct digest s1 = fingerprint_of("s1");
	struct digest s8 = fingerprint_of("s8");
	struct directory_key key;

	(void)state;
	assert_true(directory_find_key(directory, &yunlin, KEY_SEAL, &key));
	assert_true(digest_equal(&key.fingerprint, &s1));
	assert_true(directory_find_key(directory, &taipei, KEY_SEAL, &key));
	assert_true(digest_equal(&key.fingerprint, &s8));
	assert_false(directory_find_key(directory, &taipei, KEY_SIGN, &key));
	/* What is retiring still is recognised. */
	assert_true(
	    directory_find_org_key(directory, &yunlin, KEY_SEAL, &s0, &key));
	assert_int_equal(key.state, KEY_RETIRING);
	assert_false(
	    directory_find_org_key(directory, &yunlin, KEY_SIGN, &s0, &key));
	assert_false(
	    directory_find_org_key(directory, &taipei, KEY_SEAL, &s0, &key));
}

/* The bytes handed out are those of the certificate that was asked for. */
static void
a_certificate_is_returned_whole(void **state)
{
	struct digest s1 = fingerprint_of("s1");
	struct directory_owner owner;
	struct digest digest;

	(void)state;
	assert_true(directory_find_owner(directory, &s1, &owner));
	assert_int_equal(owner.kind, DIRECTORY_OWNER_ORG);
	assert_int_equal(owner.use, KEY_SEAL);
	assert_int_equal(owner.state, KEY_ACTIVE);
	assert_string_equal(directory_org_at(directory, owner.index).code.text,
	    "376490000A");
	sha256(owner.certificate, owner.certificate_len, &digest);
	assert_true(digest_equal(&digest, &s1));
	digest.bytes[31] ^= 1;
	assert_false(directory_find_owner(directory, &digest, &owner));
}

static void
one_module_may_serve_two_organisations(void **state)
{
	struct directory_org yunlin = org_of("376490000A");
	struct directory_org taipei = org_of("379000000A");
	struct digest m1 = fingerprint_of("m1");
	struct directory_key key;

	(void)state;
	assert_true(
	    directory_find_org_key(directory, &yunlin, KEY_MODULE, &m1, &key));
	assert_true(
	    directory_find_org_key(directory, &taipei, KEY_MODULE, &m1, &key));
}

static void
a_unit_without_key_receives_through_those_above_it(void **state)
{
	struct org_code unit = { "A01000000AU610000" };
	struct org_code section = { "A01000000AU610001" };
	struct org_code unlisted = { "A01000000AU999999" };
	struct org_code own = { "376490000A" };
	struct org_code none = { "A09000000E" };
	struct org_code nobody = { "B00000000AU000000" };
	struct directory_org receiver;
	struct directory_key seal;

	(void)state;
	assert_true(
	    directory_find_receiver(directory, &unit, &receiver, &seal));
	assert_string_equal(receiver.code.text, "A01000000A");
	assert_true(
	    directory_find_receiver(directory, &section, &receiver, &seal));
	assert_string_equal(receiver.code.text, "A01000000A");
	assert_true(
	    directory_find_receiver(directory, &unlisted, &receiver, &seal));
	assert_string_equal(receiver.code.text, "A01000000A");
	assert_true(directory_find_receiver(directory, &own, &receiver, &seal));
	assert_string_equal(receiver.code.text, "376490000A");
	assert_false(
	    directory_find_receiver(directory, &none, &receiver, &seal));
	assert_false(
	    directory_find_receiver(directory, &nobody, &receiver, &seal));
}

/* Builds and opens; the caller closes and frees. */
static struct directory *
open_lines(const struct line *lines, size_t count, struct bytes *bytes)
{
	struct directory *opened = NULL;
	struct error err = { 0 };

	if (build(lines, count, "gateway-b", bytes, &err) < 0 ||
	    directory_open(bytes->data, bytes->len, &opened, &err) < 0)
		fail_msg("%s", err.text);
	return opened;
}

static void
who_took_over_receives_what_was_for_the_dissolved(void **state)
{
	static const struct line lines[] = {
		{ "376490000A", "甲", "dissolved", "center-a", "",
		    "seal:active:s1", "376490001A" },
		{ "376490001A", "乙", "dissolved", "center-a", "", "",
		    "376490002A" },
		{ "376490002A", "丙", "active", "center-a", "",
		    "seal:active:s3", NULL },
		{ "376490000AU000001", "室", "active", "center-a", "", "",
		    NULL },
		{ "376490000AU000002", "所", "active", "center-a", "",
		    "seal:active:s5", NULL },
		{ "376490003A", "丁", "dissolved", "center-a", "",
		    "seal:active:s6", NULL },
	};
	static const struct {
		const char *code, *receiver;
		bool is_heir;
	} cases[] = {
		{ "376490000A", "376490002A", true },
		{ "376490001A", "376490002A", true },
		{ "376490002A", "376490002A", false },
		{ "376490000AU000001", "376490002A", true },
		{ "376490000AU000009", "376490002A", true },
		{ "376490000AU000002", "376490000AU000002", false },
		{ "376490003A", NULL, false },
	};
	struct bytes bytes = { 0 };
	struct directory *opened = open_lines(lines, ARRAY_LEN(lines), &bytes);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct directory_org receiver;
		struct directory_key seal;
		struct org_code code;

		assert_true(org_code_parse(cases[i].code, &code));
		assert_int_equal(directory_find_receiver(opened, &code,
				     &receiver, &seal),
		    cases[i].receiver != NULL);
		if (cases[i].receiver == NULL)
			continue;
		assert_string_equal(receiver.code.text, cases[i].receiver);
		assert_int_equal(directory_is_heir(&receiver, &code),
		    cases[i].is_heir);
	}
	directory_close(opened);
	bytes_free(&bytes);
}

static void
a_chain_of_successors_ends_and_soon(void **state)
{
	static const struct {
		struct line lines[2];
		const char *named;
	} cases[] = {
		{ { { "376490000A", "甲", "dissolved", "", "", "",
			"376490001A" },
		      { "376490001A", "乙", "dissolved", "", "", "",
			  "376490000A" } },
		    "circle" },
		{ { { "376490000A", "甲", "dissolved", "", "", "",
			"376490009A" },
		      { "376490001A", "乙", "active", "", "", "", NULL } },
		    "not listed" },
		{ { { "376490000A", "甲", "dissolved", "", "", "",
			"376490000A" },
		      { "376490001A", "乙", "active", "", "", "", NULL } },
		    "circle" },
		{ { { "376490000A", "甲", "active", "", "", "", "376490001A" },
		      { "376490001A", "乙", "active", "", "", "", NULL } },
		    "not dissolved" },
	};
	struct line chain[DIRECTORY_SUCCESSORS_MAX + 2];
	char codes[ARRAY_LEN(chain)][ORG_TEXT_SIZE];
	struct bytes none = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		err = (struct error){ 0 };
		assert_int_equal(build(cases[i].lines, 2, "gateway-b", &none,
				     &err),
		    -1);
		assert_string_equal(err.id, "E7020");
		if (strstr(err.text, cases[i].named) == NULL)
			fail_msg("%zu: %s", i, err.text);
	}
	for (size_t i = 0; i < ARRAY_LEN(chain); i++)
		snprintf(codes[i], sizeof(codes[i]), "37649000%zuA", i);
	for (size_t i = 0; i < ARRAY_LEN(chain); i++)
		chain[i] = i + 1 < ARRAY_LEN(chain)
		    ? (struct line){ codes[i], "x", "dissolved", "", "", "",
			      codes[i + 1] }
		    : (struct line){ codes[i], "x", "active", "", "", "",
			      NULL };
	assert_int_equal(build(chain, ARRAY_LEN(chain), "gateway-b", &none,
			     &err),
	    -1);
	assert_int_equal(build(chain + 1, ARRAY_LEN(chain) - 1, "gateway-b",
			     &none, &err),
	    0);
	bytes_free(&none);
}

/* A letter for one organisation must not be sealed to another. */
static void
supervision_across_organisations_receives_nothing(void **state)
{
	static const struct line lines[] = {
		{ "376490000A", "縣", "active", "center-a", "",
		    "seal:active:s1", NULL },
		{ "376499999A", "校", "active", "center-a", "376490000A", "",
		    NULL },
		{ "376499999AU000001", "室", "active", "center-a", "376490000A",
		    "", NULL },
		/* A circle, which must end. */
		{ "376499999AU000002", "甲", "active", "center-a",
		    "376499999AU000003", "", NULL },
		{ "376499999AU000003", "乙", "active", "center-a",
		    "376499999AU000002", "", NULL },
	};
	struct bytes other = { 0 };
	struct directory *opened = NULL;
	struct directory_org receiver;
	struct directory_key seal;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(build(lines, 5, "gateway-b", &other, &err), 0);
	assert_int_equal(directory_open(other.data, other.len, &opened, &err),
	    0);
	for (int i = 1; i < 5; i++) {
		struct org_code code;

		assert_true(org_code_parse(lines[i].code, &code));
		assert_false(
		    directory_find_receiver(opened, &code, &receiver, &seal));
	}
	directory_close(opened);
	bytes_free(&other);
}

static void
a_host_serves_the_codes_of_its_list(void **state)
{
	struct digest tls = fingerprint_of("gateway-a");
	struct digest other = fingerprint_of("center-a");
	struct directory_host host;

	(void)state;
	assert_true(directory_find_host(directory, &tls, "", &host));
	assert_string_equal(host.name, "gateway-a");
	assert_string_equal(host.center, "center-a");
	assert_int_equal(host.code_count, 3);
	assert_true(directory_host_serves(directory, &host,
	    &(struct org_code){ "376490000A" }));
	assert_true(directory_host_serves(directory, &host,
	    &(struct org_code){ "A01000000AU610000" }));
	assert_false(directory_host_serves(directory, &host,
	    &(struct org_code){ "A01000000A" }));
	assert_string_equal(directory_host_code_at(directory, &host, 0).text,
	    "376490000A");
	assert_false(directory_find_host(directory, &other, "", &host));
}

/* One center serves it, and another one may have to. */
static void
a_host_may_be_in_the_lists_of_two_centers(void **state)
{
	struct lines all = { good_lines, 6 };
	struct digest tls = fingerprint_of("gateway-a");
	char one[] = "gateway-b";
	char two[] = "gateway-c";
	struct bulletin organisations =
	    make(BULLETIN_DIRECTORY, directory_body, &all);
	struct bulletin network = make(BULLETIN_NETWORK, network_body, NULL);
	struct bulletin first = make(BULLETIN_ACCESS, access_body, one);
	struct bulletin second = make(BULLETIN_ACCESS, access_body, two);
	const struct bulletin *list[2] = { &first, &second };
	struct directory_sources sources = { .directory = &organisations,
		.network = &network,
		.access = list,
		.access_count = 2 };
	struct directory *both = NULL;
	struct directory_host host;
	struct bytes other = { 0 };
	struct error err = { 0 };

	(void)state;
	text_copy(second.name, sizeof(second.name), "center-b");
	if (directory_image_build(&sources, &other, &err) < 0 ||
	    directory_open(other.data, other.len, &both, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(directory_find_host(both, &tls, "center-a", &host));
	assert_string_equal(host.center, "center-a");
	assert_true(directory_find_host(both, &tls, "center-b", &host));
	assert_string_equal(host.center, "center-b");
	assert_true(directory_find_host(both, &tls, "center-c", &host));
	assert_string_equal(host.center, "center-a");
	assert_string_equal(directory_identify(both, &tls, "192.0.2.1",
				"center-b")
				.host.center,
	    "center-b");
	directory_close(both);
	bytes_free(&other);
	bulletin_free(&organisations);
	bulletin_free(&network);
	bulletin_free(&first);
	bulletin_free(&second);
}

static void
callers_are_told_by_certificate_and_address(void **state)
{
	static const struct {
		const char *tls, *address;
		enum host_kind kind;
		bool matches;
	} cases[] = {
		{ "gateway-a", "192.0.2.1", HOST_GATEWAY, true },
		{ "gateway-a", "::ffff:192.0.2.1", HOST_GATEWAY, true },
		{ "gateway-a", "192.0.2.2", HOST_GATEWAY, false },
		{ "gateway-a", "", HOST_GATEWAY, false },
		{ "gateway-b", "2001:db8:0::1", HOST_GATEWAY, true },
		{ "gateway-b", "192.0.2.1", HOST_GATEWAY, false },
		{ "center-a", "10.0.0.1", HOST_CENTER, true },
		{ "center-b", "10.0.0.1", HOST_CENTER, false },
		{ "management", "10.0.0.9", HOST_MANAGEMENT, true },
		{ "s1", "10.0.0.9", HOST_UNKNOWN, false },
		{ "nobody", "10.0.0.9", HOST_UNKNOWN, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct digest tls = fingerprint_of(cases[i].tls);
		struct directory_caller caller =
		    directory_identify(directory, &tls, cases[i].address, "");

		assert_int_equal(caller.kind, cases[i].kind);
		assert_int_equal(caller.address_matches, cases[i].matches);
		if (caller.kind != HOST_UNKNOWN)
			assert_string_equal(caller.name, cases[i].tls);
	}
}

static void
centers_are_found_by_name(void **state)
{
	struct digest tls = fingerprint_of("center-b");
	struct digest log = fingerprint_of("log-b");
	struct directory_center center;
	struct digest found;

	(void)state;
	assert_int_equal(directory_center_count(directory), 2);
	assert_true(directory_find_center(directory, "center-b", &center));
	assert_string_equal(center.address, "10.0.0.2");
	assert_int_equal(center.port, 7443);
	assert_int_equal(center.tls_count, 1);
	found = directory_center_tls_at(directory, &center, 0);
	assert_true(digest_equal(&found, &tls));
	sha256(center.log, center.log_len, &found);
	assert_true(digest_equal(&found, &log));
	assert_false(directory_find_center(directory, "center-c", &center));
	assert_int_equal(directory_management_count(directory), 1);
	center = directory_management_at(directory, 0);
	assert_string_equal(center.name, "management");
}

/* ---- search ------------------------------------------------------------------ */

static void
finds(const char *query, const char *first, size_t wanted)
{
	uint32_t indices[10];
	size_t total;
	size_t count =
	    directory_search(directory, query, 0, 10, indices, &total);

	if (total != wanted)
		fail_msg("%s: %zu instead of %zu", query, total, wanted);
	assert_int_equal(count, wanted);
	if (wanted > 0)
		assert_string_equal(directory_org_at(directory, indices[0])
					.code.text,
		    first);
}

static void
people_find_what_they_mean(void **state)
{
	(void)state;
	finds("內政部", "A01000000A", 3);
	finds("戶政司", "A01000000AU610000", 2);
	finds("台北市", "379000000A", 1);
	finds("臺北市", "379000000A", 1);
	finds("臺中", "A09000000E", 1);
	finds("教育部abc", "A09000000E", 1);
	finds("教育部 ＡＢＣ", "A09000000E", 1);
	finds("376490000a", "376490000A", 1);
	finds("37", "376490000A", 2);
	finds("政府", "376490000A", 2);
	finds("", NULL, 0);
	finds("　 ", NULL, 0);
	finds("火星", NULL, 0);
}

static void
pages_of_matches_follow_each_other(void **state)
{
	uint32_t all[3];
	size_t total;

	(void)state;
	assert_int_equal(directory_search(directory, "內政", 0, 3, all, &total),
	    3);
	for (size_t skip = 0; skip < 4; skip++) {
		uint32_t one = 99;
		size_t count =
		    directory_search(directory, "內政", skip, 1, &one, &total);

		assert_int_equal(total, 3);
		assert_int_equal(count, skip < 3);
		if (skip < 3)
			assert_int_equal(one, all[skip]);
	}
}

/* ---- what is refused ------------------------------------------------------------ */

static void
mistakes_in_a_directory_are_named(void **state)
{
	static const struct {
		struct line lines[2];
		const char *tls, *named;
	} cases[] = {
		{ { { "376490000A", "一", "active", "", "", "", NULL },
		      { "376490000A", "二", "active", "", "", "", NULL } },
		    "gateway-b", "376490000A" },
		{ { { "376490000A", "一", "active", "center-x", "", "", NULL },
		      { "379000000A", "二", "active", "", "", "", NULL } },
		    "gateway-b", "376490000A" },
		{ { { "376490000A", "一", "active", "", "",
			"seal:active:a seal:active:b", NULL },
		      { "379000000A", "二", "active", "", "", "", NULL } },
		    "gateway-b", "376490000A" },
		{ { { "376490000A", "", "active", "", "", "", NULL },
		      { "379000000A", "二", "active", "", "", "", NULL } },
		    "gateway-b", "376490000A" },
		{ { { "376490000A", "一", "gone", "", "", "", NULL },
		      { "379000000A", "二", "active", "", "", "", NULL } },
		    "gateway-b", "376490000A" },
		{ { { "376490000A", "一", "active", "", "376490000A", "",
			NULL },
		      { "379000000A", "二", "active", "", "", "", NULL } },
		    "gateway-b", "376490000A" },
		{ { { "376490000A", "一", "active", "", "", "", NULL },
		      { "379000000A", "二", "active", "", "", "", NULL } },
		    "gateway-a", "center-a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes none = { 0 };
		struct error err = { 0 };

		assert_int_equal(build(cases[i].lines, 2, cases[i].tls, &none,
				     &err),
		    -1);
		assert_string_equal(err.id, "E7020");
		if (strstr(err.text, cases[i].named) == NULL)
			fail_msg("%zu: %s", i, err.text);
		bytes_free(&none);
	}
}

static void
an_empty_network_still_makes_an_image(void **state)
{
	struct directory_sources sources = { .directory = NULL };
	struct bytes empty = { 0 };
	struct directory *opened = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(directory_image_build(&sources, &empty, &err), 0);
	assert_int_equal(directory_open(empty.data, empty.len, &opened, &err),
	    0);
	assert_int_equal(directory_org_count(opened), 0);
	directory_close(opened);
	bytes_free(&empty);
}

static void
a_damaged_image_is_not_opened_or_harms_nobody(void **state)
{
	uint8_t *copy = malloc(image.len);
	struct directory *opened = NULL;
	size_t refused = 0;

	(void)state;
	assert_non_null(copy);
	for (size_t i = 0; i < image.len; i++) {
		struct error err = { 0 };

		memcpy(copy, image.data, image.len);
		copy[i] ^= 0x80;
		if (directory_open(copy, image.len, &opened, &err) < 0) {
			assert_string_equal(err.id, "E7021");
			refused++;
			continue;
		}
		for (uint32_t o = 0; o < directory_org_count(opened); o++) {
			struct directory_org org = directory_org_at(opened, o);

			assert_true(strlen(org.name) < image.len);
			for (uint32_t k = 0; k < org.key_count; k++)
				(void)directory_key_at(opened, &org, k);
		}
		directory_close(opened);
	}
	assert_true(refused > image.len / 4);
	for (size_t len = 0; len < image.len; len += 8) {
		struct error err = { 0 };

		assert_int_equal(directory_open(image.data, len, &opened, &err),
		    -1);
	}
	free(copy);
}

/* ---- entries ------------------------------------------------ */

static void
entries_are_read_as_they_are_written(void **state)
{
	struct lines lines = { good_lines, 6 };
	struct bulletin bulletin =
	    make(BULLETIN_DIRECTORY, directory_body, &lines);
	const struct json_value *array =
	    json_value_member(bulletin.body, "organisations");
	struct bytes text = { 0 };
	struct json_writer writer = json_writer_to(&text);
	struct error err = { 0 };

	(void)state;
	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "organisations");
	for (size_t i = 0; i < json_value_count(array); i++) {
		struct entry_org org;

		assert_int_equal(entry_org_decode(json_value_item(array, i),
				     &org, &err),
		    0);
		entry_org_encode(&org, &writer);
		entry_org_free(&org);
	}
	json_write_end(&writer);
	json_write_end(&writer);
	assert_int_equal(json_write_done(&writer, &err), 0);
	assert_memory_equal(text.data,
	    bulletin.json.data + bulletin.json.len - 1 - text.len, text.len);
	bytes_free(&text);
	bulletin_free(&bulletin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(organisations_are_found_by_code),
		cmocka_unit_test(the_active_key_goes_before_the_next),
		cmocka_unit_test(a_certificate_is_returned_whole),
		cmocka_unit_test(one_module_may_serve_two_organisations),
		cmocka_unit_test(
		    a_unit_without_key_receives_through_those_above_it),
		cmocka_unit_test(
		    who_took_over_receives_what_was_for_the_dissolved),
		cmocka_unit_test(a_chain_of_successors_ends_and_soon),
		cmocka_unit_test(
		    supervision_across_organisations_receives_nothing),
		cmocka_unit_test(a_host_serves_the_codes_of_its_list),
		cmocka_unit_test(a_host_may_be_in_the_lists_of_two_centers),
		cmocka_unit_test(callers_are_told_by_certificate_and_address),
		cmocka_unit_test(centers_are_found_by_name),
		cmocka_unit_test(people_find_what_they_mean),
		cmocka_unit_test(pages_of_matches_follow_each_other),
		cmocka_unit_test(mistakes_in_a_directory_are_named),
		cmocka_unit_test(an_empty_network_still_makes_an_image),
		cmocka_unit_test(a_damaged_image_is_not_opened_or_harms_nobody),
		cmocka_unit_test(entries_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
