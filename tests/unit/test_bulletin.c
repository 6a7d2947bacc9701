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
#include "bulletin/contradiction.h"
#include "bulletin/root.h"
#include "bulletin/state.h"
#include "bulletin/timestamp.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "harness/pki.h"
#include "json/json_write.h"

/* ---- keys --------------------------------------------------------------- */

enum { ROOTS = 5, OFFICERS = 3 };

static const int64_t day = 24 * 3600 * INT64_C(1000);

static struct pki pki;
static struct pki_holder roots[ROOTS];
static struct pki_holder new_roots[ROOTS];
static struct pki_holder officers[OFFICERS];
static struct pki_holder new_officers[OFFICERS];
static struct pki_holder clock_key;
static struct pki_holder stranger;

static struct pki_holder
person(const char *role, int number)
{
	char name[32];

	snprintf(name, sizeof(name), "%s %d", role, number);
	return pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, name);
}

static int
set_up(void **state)
{
	(void)state;
	pki_new(&pki);
	for (int i = 0; i < ROOTS; i++) {
		roots[i] = person("root", i);
		new_roots[i] = person("new root", i);
	}
	for (int i = 0; i < OFFICERS; i++) {
		officers[i] = person("officer", i);
		new_officers[i] = person("new officer", i);
	}
	clock_key = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "clock");
	stranger = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "stranger");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < ROOTS; i++) {
		pki_holder_free(&roots[i]);
		pki_holder_free(&new_roots[i]);
	}
	for (int i = 0; i < OFFICERS; i++) {
		pki_holder_free(&officers[i]);
		pki_holder_free(&new_officers[i]);
	}
	pki_holder_free(&clock_key);
	pki_holder_free(&stranger);
	pki_free(&pki);
	return 0;
}

/* ---- making bulletins ----------------------------------------------------- */

/* A bulletin as it travels, with the digest of its JSON. */
struct made {
	struct bytes cms;
	struct digest digest;
};

static void
made_free(struct made *made)
{
	bytes_free(&made->cms);
}

static struct bulletin_draft
draft_of(enum bulletin_type type, uint64_t serial,
    const struct digest *previous)
{
	return (struct bulletin_draft){
		.environment = "demo",
		.type = type,
		.name = type == BULLETIN_ACCESS ? "center-a" : "",
		.serial = serial,
		.issued_ms = pki_now,
		.expires_ms = pki_now + 30 * day,
		.previous = previous,
	};
}

static struct made
make(const struct bulletin_draft *draft, bulletin_body_fn body, void *context,
    const struct pki_holder *holders, size_t count)
{
	struct signer signers[ROOTS * 2];
	struct bytes json = { 0 };
	struct made made = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < count; i++)
		signers[i] = signer_of(holders[i].cert, holders[i].key);
	if (bulletin_format(draft, body, context, &json, &err) < 0 ||
	    bulletin_sign(json.data, json.len, signers, count, pki_now,
		&made.cms, &err) < 0)
		fail_msg("%s", err.text);
	sha256(json.data, json.len, &made.digest);
	bytes_free(&json);
	return made;
}

/* A body that this layer does not look into; `context` makes it differ. */
static void
any_body(void *context, struct json_writer *writer)
{
	json_write_text(writer, "note", context);
}

static struct made
make_any(enum bulletin_type type, uint64_t serial,
    const struct digest *previous, const char *note)
{
	struct bulletin_draft draft = draft_of(type, serial, previous);
	char copy[16];

	text_copy(copy, sizeof(copy), note);
	return make(&draft, any_body, copy, officers, 2);
}

struct root_of {
	const struct pki_holder *roots;
	const struct pki_holder *officers;
};

static void
write_role(struct json_writer *writer, const char *name, int threshold,
    const struct pki_holder *holders, int count)
{
	json_write_begin_object(writer, name);
	json_write_int(writer, "threshold", threshold);
	json_write_begin_array(writer, "certificates");
	for (int i = 0; i < count; i++)
		json_write_digest(writer, NULL,
		    cert_fingerprint(holders[i].cert));
	json_write_end(writer);
	json_write_end(writer);
}

static void
write_certs(struct json_writer *writer, const struct pki_holder *holders,
    int count)
{
	for (int i = 0; i < count; i++) {
		size_t len;
		const uint8_t *der = cert_der(holders[i].cert, &len);

		json_write_base64(writer, NULL, der, len);
	}
}

static void
root_body(void *context, struct json_writer *writer)
{
	const struct root_of *of = context;

	json_write_begin_object(writer, "roles");
	write_role(writer, "root", 3, of->roots, ROOTS);
	write_role(writer, "directory", 2, of->officers, OFFICERS);
	write_role(writer, "network", 2, of->officers, OFFICERS);
	write_role(writer, "access/center-a", 1, of->officers, OFFICERS);
	write_role(writer, "timestamp", 1, &clock_key, 1);
	write_role(writer, "hold", 1, of->officers, OFFICERS);
	write_role(writer, "suspension", 2, of->officers, OFFICERS);
	write_role(writer, "release", 2, of->roots, 3);
	json_write_end(writer);
	json_write_begin_array(writer, "certificates");
	write_certs(writer, of->roots, ROOTS);
	write_certs(writer, of->officers, OFFICERS);
	write_certs(writer, &clock_key, 1);
	json_write_end(writer);
	json_write_begin_array(writer, "anchors");
	write_certs(writer, &pki.root, 1);
	json_write_end(writer);
	json_write_begin_array(writer, "witnesses");
	json_write_end(writer);
	json_write_int(writer, "quorum", 0);
}

/* A root whose witnesses and quorum are those of the JSON text. */
static int
decode_witnesses(const char *witnesses, int quorum, struct root *ret_root,
    struct error *err)
{
	struct bulletin_draft draft = draft_of(BULLETIN_ROOT, 1, NULL);
	struct root_of of = { roots, officers };
	struct bulletin bulletin = { 0 };
	struct bytes json = { 0 };
	struct bytes text = { 0 };
	static const char none[] = "\"witnesses\":[],\"quorum\":0";
	const char *at;
	int rc;

	assert_int_equal(bulletin_format(&draft, root_body, &of, &json, err),
	    0);
	bytes_put_u8(&json, '\0');
	at = strstr((const char *)json.data, none);
	assert_non_null(at);
	bytes_put(&text, json.data, (size_t)(at - (const char *)json.data));
	bytes_put_format(&text, "\"witnesses\":%s,\"quorum\":%d", witnesses,
	    quorum);
	bytes_put_text(&text, at + strlen(none));
	assert_int_equal(bulletin_parse(text.data, text.len, &bulletin, err),
	    0);
	rc = root_decode(&bulletin, ret_root, err);
	bulletin_free(&bulletin);
	bytes_free(&json);
	bytes_free(&text);
	return rc;
}

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
#define WITNESS(name, authority, last)                      \
	"{\"name\":\"" name "\",\"authority\":\"" authority \
	"\",\"key\":\"" KEY last "\"}"

/* Two witnesses of one authority count once. */
static void
a_quorum_is_of_authorities(void **unused)
{
	static const char three[] =
	    "[" WITNESS("a", "one", "01") "," WITNESS("b", "one",
		"02") "," WITNESS("c", "two", "03") "]";
	struct root root = { 0 };
	struct error err = { 0 };
	bool only_one[ROOT_WITNESSES_MAX] = { true, true };

	(void)unused;
	if (decode_witnesses(three, 2, &root, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(root.witness_count, 3);
	assert_int_equal(root.quorum, 2);
	assert_string_equal(root.witnesses[2].authority, "two");
	assert_int_equal(root.witnesses[2].key[31], 3);
	assert_int_equal(root_authorities(&root, NULL), 2);
	assert_int_equal(root_authorities(&root, only_one), 1);
	root_free(&root);
	assert_int_equal(decode_witnesses(three, 3, &root, &err), -1);
	assert_string_equal(err.id, "E7001");
}

static void
bad_witnesses_are_refused(void **unused)
{
	static const char *const cases[] = {
		"[" WITNESS("a", "one", "01") "," WITNESS("a", "two", "02") "]",
		"[" WITNESS("a", "one", "01") "," WITNESS("b", "two", "01") "]",
		"[" WITNESS("", "one", "01") "]",
		"[" WITNESS("a", "", "01") "]",
		"[" WITNESS("a", "one", "0") "]",
		"[{\"name\":\"a\",\"authority\":\"one\"}]",
		"[1]",
		"{}",
	};
	struct root root = { 0 };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };

		if (decode_witnesses(cases[i], 0, &root, &err) == 0)
			fail_msg("case %zu", i);
		assert_string_equal(err.id, "E7001");
	}
}

/* A name and a certificate each; what neither is is refused. */
static void
bad_stampers_are_refused(void **unused)
{
	static const char *const cases[] = {
		"[],\"stampers\":[{\"name\":\"a\"}]",
		"[],\"stampers\":[{\"name\":\"a\",\"certificate\":\"AAAA\"}]",
		"[],\"stampers\":[{\"name\":\"\",\"certificate\":\"\"}]",
		"[],\"stampers\":[{\"name\":\"a\",\"certificate\":1}]",
		"[],\"stampers\":[{\"name\":\"a\",\"certificate\":\"AAAA\","
		"\"until\":\"soon\"}]",
		"[],\"stampers\":[1]",
		"[],\"stampers\":{}",
	};
	struct root root = { 0 };
	struct error none = { 0 };

	(void)unused;
	assert_int_equal(decode_witnesses("[],\"stampers\":[]", 0, &root,
			     &none),
	    0);
	assert_int_equal(root.stamper_count, 0);
	root_free(&root);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };

		if (decode_witnesses(cases[i], 0, &root, &err) == 0)
			fail_msg("case %zu", i);
		assert_string_equal(err.id, "E7001");
	}
}

/* A root that names `officers[0]` as an authority, with `more` members. */
static void
decode_stamper(const char *more, struct root *ret_root)
{
	struct bytes text = { 0 };
	struct error err = { 0 };
	const uint8_t *der;
	size_t len;

	der = cert_der(officers[0].cert, &len);
	bytes_put_text(&text,
	    "[],\"stampers\":[{\"name\":\"a\",\"certificate\":\"");
	base64_put(&text, der, len);
	bytes_put_format(&text, "\"%s}]", more);
	bytes_put_u8(&text, '\0');
	if (decode_witnesses((const char *)text.data, 0, ret_root, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(ret_root->stamper_count, 1);
	bytes_free(&text);
}

/*
 * An authority that retired is named with the end of its trust: what it gave
 * until then goes on to count, what came later never does (decision 0010).
 */
static void
an_authority_that_retired_counts_until_then(void **unused)
{
	static const int64_t until = INT64_C(1767225600000);
	struct root root = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	struct error err = { 0 };

	(void)unused;
	decode_stamper("", &root);
	assert_true(root_stamper_counts(&root.stampers[0], 0));
	assert_true(root_stamper_counts(&root.stampers[0], INT64_MAX));
	root_free(&root);
	root = (struct root){ 0 };
	decode_stamper(",\"until\":\"2026-01-01T00:00:00.000Z\"", &root);
	assert_true(root_stamper_counts(&root.stampers[0], 0));
	assert_true(root_stamper_counts(&root.stampers[0], until));
	assert_false(root_stamper_counts(&root.stampers[0], until + 1));

	json_write_begin_object(&writer, NULL);
	root_encode(&root, &writer);
	json_write_end(&writer);
	assert_int_equal(json_write_done(&writer, &err), 0);
	bytes_put_u8(&body, '\0');
	assert_non_null(strstr((const char *)body.data,
	    "\"until\":\"2026-01-01T00:00:00.000Z\""));
	bytes_free(&body);
	root_free(&root);
}

static struct root_of first_keys = { roots, officers };

static struct made
make_root(void)
{
	struct bulletin_draft draft = draft_of(BULLETIN_ROOT, 1, NULL);

	return make(&draft, root_body, &first_keys, roots, 3);
}

static void
timestamp_body(void *context, struct json_writer *writer)
{
	timestamp_encode(context, writer);
}

/* A timestamp that names the directory of `serial` and `digest`. */
static struct made
make_timestamp(uint64_t serial, const struct digest *previous,
    int64_t issued_ms, uint64_t directory, const struct digest *digest)
{
	struct bulletin_draft draft =
	    draft_of(BULLETIN_TIMESTAMP, serial, previous);
	struct timestamp_item item = { .type = BULLETIN_DIRECTORY,
		.serial = directory };
	struct timestamp timestamp = { &item, 1 };

	item.sha256 = *digest;
	draft.issued_ms = issued_ms;
	draft.expires_ms = issued_ms + day;
	return make(&draft, timestamp_body, &timestamp, &clock_key, 1);
}

/* ---- taking them ---------------------------------------------------------- */

static struct bulletin_state *
state_with(const struct made *root)
{
	struct bulletin_state *state = NULL;
	enum bulletin_news news = BULLETIN_KNOWN;
	struct error err = { 0 };

	if (bulletin_state_new("demo", &root->digest, &state, &err) < 0 ||
	    bulletin_state_take(state, root->cms.data, root->cms.len, pki_now,
		&news, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(news, BULLETIN_ADOPTED);
	return state;
}

static void
takes(struct bulletin_state *state, const struct made *made,
    enum bulletin_news wanted)
{
	enum bulletin_news news;
	struct error err = { 0 };

	if (bulletin_state_take(state, made->cms.data, made->cms.len, pki_now,
		&news, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(news, wanted);
}

/* Refused, and nothing of what was held has changed. */
static void
refuses(struct bulletin_state *state, const struct made *made, const char *id)
{
	struct bulletin_serials before = bulletin_state_serials(state);
	struct bulletin_serials after;
	enum bulletin_news news;
	struct error err = { 0 };

	assert_int_equal(bulletin_state_take(state, made->cms.data,
			     made->cms.len, pki_now, &news, NULL, &err),
	    -1);
	if (strcmp(err.id, id) != 0)
		fail_msg("%s instead of %s: %s", err.id, id, err.text);
	after = bulletin_state_serials(state);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void
bulletins_that_follow_each_other_are_adopted(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one = make_any(BULLETIN_DIRECTORY, 1, NULL, "one");
	struct made two = make_any(BULLETIN_DIRECTORY, 2, &one.digest, "two");
	struct made nine = make_any(BULLETIN_DIRECTORY, 9, &two.digest, "nine");
	struct made access = make_any(BULLETIN_ACCESS, 1, NULL, "x");

	(void)unused;
	takes(state, &one, BULLETIN_ADOPTED);
	takes(state, &one, BULLETIN_KNOWN);
	takes(state, &two, BULLETIN_ADOPTED);
	takes(state, &nine, BULLETIN_ADOPTED); /* 3 to 8 were never seen */
	takes(state, &access, BULLETIN_ADOPTED);
	takes(state, &root, BULLETIN_KNOWN);
	assert_int_equal(bulletin_state_serials(state).directory, 9);
	assert_int_equal(bulletin_state_count(state), 3);
	assert_int_equal(bulletin_state_at(state, 0)->type, BULLETIN_ROOT);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&two);
	made_free(&nine);
	made_free(&access);
}

static void
a_bulletin_that_was_tampered_with_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made made = make_any(BULLETIN_DIRECTORY, 1, NULL, "truth");
	size_t changed = 0;

	(void)unused;
	for (size_t i = 0; i + 5 <= made.cms.len; i++) {
		if (memcmp(made.cms.data + i, "truth", 5) == 0) {
			memcpy(made.cms.data + i, "trick", 5);
			changed++;
		}
	}
	assert_int_equal(changed, 1);
	refuses(state, &made, "E7002");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&made);
}

static void
no_changed_byte_gets_another_bulletin_adopted(void **unused)
{
	struct made root = make_root();
	struct made made = make_any(BULLETIN_ACCESS, 1, NULL, "x");

	(void)unused;
	for (size_t i = 0; i < made.cms.len; i += 7) {
		struct bulletin_state *state = state_with(&root);
		enum bulletin_news news;
		struct error err = { 0 };

		made.cms.data[i] ^= 1;
		/* Spare bytes do not exist in DER; all of it is bound. */
		assert_int_equal(bulletin_state_take(state, made.cms.data,
				     made.cms.len, pki_now, &news, NULL, &err),
		    -1);
		made.cms.data[i] ^= 1;
		bulletin_state_free(state);
	}
	made_free(&root);
	made_free(&made);
}

static void
a_wrong_signer_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct bulletin_draft draft = draft_of(BULLETIN_DIRECTORY, 1, NULL);
	struct pki_holder wrong[2] = { officers[0], stranger };
	struct made made = make(&draft, any_body, (char[]){ "x" }, wrong, 2);
	/* Those who sign the root may not sign the directory. */
	struct made by_roots =
	    make(&draft, any_body, (char[]){ "x" }, roots, 3);

	(void)unused;
	refuses(state, &made, "E7003");
	refuses(state, &by_roots, "E7003");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&made);
	made_free(&by_roots);
}

static void
signatures_below_the_threshold_are_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct bulletin_draft draft = draft_of(BULLETIN_DIRECTORY, 1, NULL);
	struct made one = make(&draft, any_body, (char[]){ "x" }, officers, 1);
	struct made all = make(&draft, any_body, (char[]){ "x" }, officers, 3);

	(void)unused;
	refuses(state, &one, "E7003");
	takes(state, &all, BULLETIN_ADOPTED);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&all);
}

/* The same key twice is one signature, whichever layer notices. */
static void
one_key_twice_does_not_make_two(void **unused)
{
	struct bulletin_signers twice = { .count = 2 };
	struct bulletin_role role = { .threshold = 2, .certificate_count = 2 };
	struct signer signers[2];
	struct bytes cms = { 0 };
	struct error err = { 0 };

	(void)unused;
	twice.fingerprints[0] = *cert_fingerprint(officers[0].cert);
	twice.fingerprints[1] = twice.fingerprints[0];
	role.certificates[0] = twice.fingerprints[0];
	role.certificates[1] = *cert_fingerprint(officers[1].cert);
	assert_int_equal(bulletin_check_role(&twice, &role, &err), -1);
	assert_string_equal(err.id, "E7003");

	signers[0] = signer_of(officers[0].cert, officers[0].key);
	signers[1] = signers[0];
	assert_int_equal(bulletin_sign("{}", 2, signers, 2, pki_now, &cms,
			     &err),
	    -1);
	bytes_free(&cms);
}

static void
a_rollback_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one = make_any(BULLETIN_DIRECTORY, 1, NULL, "one");
	struct made two = make_any(BULLETIN_DIRECTORY, 2, &one.digest, "two");

	(void)unused;
	takes(state, &two, BULLETIN_ADOPTED);
	refuses(state, &one, "E7006");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&two);
}

static void
two_bulletins_of_one_serial_are_equivocation(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one = make_any(BULLETIN_DIRECTORY, 1, NULL, "one");
	struct made other = make_any(BULLETIN_DIRECTORY, 1, NULL, "other");

	(void)unused;
	takes(state, &one, BULLETIN_ADOPTED);
	refuses(state, &other, "E7007");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&other);
}

static void
a_successor_of_another_bulletin_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one = make_any(BULLETIN_DIRECTORY, 1, NULL, "one");
	struct made other = make_any(BULLETIN_DIRECTORY, 1, NULL, "other");
	struct made two = make_any(BULLETIN_DIRECTORY, 2, &other.digest, "two");
	struct made orphan = make_any(BULLETIN_DIRECTORY, 2, NULL, "two");

	(void)unused;
	takes(state, &one, BULLETIN_ADOPTED);
	refuses(state, &two, "E7005");
	refuses(state, &orphan, "E7005");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&other);
	made_free(&two);
	made_free(&orphan);
}

static void
another_environment_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct bulletin_draft draft = draft_of(BULLETIN_DIRECTORY, 1, NULL);
	struct made made;

	(void)unused;
	draft.environment = "production";
	made = make(&draft, any_body, (char[]){ "x" }, officers, 2);
	refuses(state, &made, "E7008");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&made);
}

/* A key of one role must not serve for another type. */
static void
a_wrong_type_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct bulletin_draft draft = draft_of(BULLETIN_DIRECTORY, 1, NULL);
	struct made by_clock =
	    make(&draft, any_body, (char[]){ "x" }, &clock_key, 1);
	struct bulletin parsed = { 0 };
	struct timestamp timestamp = { 0 };
	struct root decoded = { 0 };
	struct error err = { 0 };
	struct bulletin_draft access = draft_of(BULLETIN_ACCESS, 1, NULL);
	struct made elsewhere;

	(void)unused;
	refuses(state, &by_clock, "E7003");
	access.name = "center-b"; /* has no role in this root */
	elsewhere = make(&access, any_body, (char[]){ "x" }, officers, 2);
	refuses(state, &elsewhere, "E7003");

	assert_int_equal(bulletin_state_count(state), 1);
	parsed.type = BULLETIN_DIRECTORY;
	assert_int_equal(timestamp_decode(&parsed, &timestamp, &err), -1);
	assert_int_equal(root_decode(&parsed, &decoded, &err), -1);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&by_clock);
	made_free(&elsewhere);
}

static void
endless_data_is_cut_off(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	size_t max = bulletin_bytes_max(BULLETIN_TIMESTAMP);
	struct bulletin_draft draft = draft_of(BULLETIN_TIMESTAMP, 1, NULL);
	char *note = malloc(max + 1);
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)unused;
	memset(note, 'x', max);
	note[max] = '\0';
	/* Not even its maker can make it. */
	assert_int_equal(bulletin_format(&draft, any_body, note, &json, &err),
	    -1);
	assert_string_equal(err.id, "E7001");
	free(note);
	bytes_free(&json);
	bulletin_state_free(state);
	made_free(&root);
}

/* Well signed, and longer than its type allows: every host cuts it off. */
static void
a_bulletin_longer_than_its_type_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	size_t max = bulletin_bytes_max(BULLETIN_HOLD);
	struct signer signer = signer_of(officers[0].cert, officers[0].key);
	struct bytes json = { 0 };
	struct made made = { 0 };
	struct error err = { 0 };

	(void)unused;
	bytes_put_text(&json,
	    "{\"format\":\"yizhan-bulletin-1\",\"environment\":\"demo\","
	    "\"type\":\"hold\",\"name\":\"\",\"serial\":1,"
	    "\"issued\":\"2026-11-22T03:04:05.678Z\","
	    "\"expires\":\"2026-11-25T03:04:05.678Z\",\"previous\":\"\","
	    "\"body\":{\"holds\":[]");
	while (json.len < max - 2)
		bytes_put_u8(&json, ' ');
	bytes_put_text(&json, "}}");
	/* The JSON has what its type allows; with the signature it is more. */
	assert_int_equal(json.len, max);
	assert_int_equal(bulletin_sign(json.data, json.len, &signer, 1, pki_now,
			     &made.cms, &err),
	    0);
	refuses(state, &made, "E7001");
	bytes_free(&json);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&made);
}

static void
freshness_falls_when_timestamps_stop(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct digest none = { { 1 } };
	struct made stamp = make_timestamp(1, NULL, pki_now, 1, &none);

	(void)unused;
	assert_int_equal(bulletin_state_freshness(state, pki_now),
	    FRESHNESS_EXPIRED);
	takes(state, &stamp, BULLETIN_ADOPTED);
	assert_int_equal(bulletin_state_freshness(state, pki_now),
	    FRESHNESS_FRESH);
	/* A freeze: the same one again and again does not help. */
	takes(state, &stamp, BULLETIN_KNOWN);
	assert_int_equal(bulletin_state_freshness(state, pki_now + day / 24),
	    FRESHNESS_LATE);
	assert_int_equal(bulletin_state_freshness(state, pki_now + 2 * day),
	    FRESHNESS_STALE);
	assert_int_equal(bulletin_state_freshness(state, pki_now + 4 * day),
	    FRESHNESS_EXPIRED);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&stamp);
}

static void
a_timestamp_from_the_future_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct digest none = { { 1 } };
	struct made stamp = make_timestamp(1, NULL, pki_now + 61000, 1, &none);

	(void)unused;
	refuses(state, &stamp, "E7010");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&stamp);
}

/* Signed well, but not the one that everybody else has. */
static void
mix_and_match_is_refused(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one = make_any(BULLETIN_DIRECTORY, 1, NULL, "one");
	struct made other = make_any(BULLETIN_DIRECTORY, 1, NULL, "other");
	struct made stamp = make_timestamp(1, NULL, pki_now, 1, &one.digest);
	struct made wrong =
	    make_timestamp(2, &stamp.digest, pki_now, 1, &other.digest);

	(void)unused;
	takes(state, &stamp, BULLETIN_ADOPTED);
	assert_true(bulletin_state_is_behind(state, BULLETIN_DIRECTORY, ""));
	refuses(state, &other, "E7009");
	takes(state, &one, BULLETIN_ADOPTED);
	assert_false(bulletin_state_is_behind(state, BULLETIN_DIRECTORY, ""));
	refuses(state, &wrong, "E7009");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&other);
	made_free(&stamp);
	made_free(&wrong);
}

static void
a_timestamp_that_names_older_ones_is_a_rollback(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct digest any = { { 1 } };
	struct made five = make_timestamp(1, NULL, pki_now, 5, &any);
	struct made four = make_timestamp(2, &five.digest, pki_now, 4, &any);

	(void)unused;
	takes(state, &five, BULLETIN_ADOPTED);
	refuses(state, &four, "E7006");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&five);
	made_free(&four);
}

/* ---- two timestamps --------------------------------------------------------- */

static void
parse_made(const struct made *made, struct bulletin *bulletin)
{
	struct bulletin_signers signers;
	struct cert_cache *cache = NULL;
	struct error err = { 0 };

	if (cert_cache_new(8, &cache, &err) < 0 ||
	    bulletin_open(cache, made->cms.data, made->cms.len, bulletin,
		&signers, &err) < 0)
		fail_msg("%s", err.text);
	cert_cache_free(cache);
}

static void
compares(const struct made *before, const struct made *after,
    enum timestamp_order wanted)
{
	struct bulletin first = { .serial = 0 };
	struct bulletin second = { .serial = 0 };
	enum timestamp_order order;
	struct error err = { 0 };

	parse_made(before, &first);
	parse_made(after, &second);
	assert_int_equal(timestamp_compare(&first, &second, &order, &err), 0);
	assert_int_equal(order, wanted);
	bulletin_free(&first);
	bulletin_free(&second);
}

/* What a witness compares before it cosigns the log of management. */
static void
two_timestamps_show_what_management_told_others(void **unused)
{
	struct digest any = { { 1 } };
	struct digest other = { { 2 } };
	struct made first = make_timestamp(1, NULL, pki_now, 5, &any);
	struct made next = make_timestamp(2, &first.digest, pki_now, 6, &other);
	struct made again = make_timestamp(2, &first.digest, pki_now, 5, &any);
	struct made lower = make_timestamp(2, &first.digest, pki_now, 4, &any);
	struct made twin = make_timestamp(2, &first.digest, pki_now, 5, &other);

	(void)unused;
	compares(&first, &first, TIMESTAMP_GOES_ON);
	compares(&first, &next, TIMESTAMP_GOES_ON);
	compares(&first, &again, TIMESTAMP_GOES_ON);
	compares(&first, &lower, TIMESTAMP_GOES_BACK);
	compares(&first, &twin, TIMESTAMP_CONTRADICTS);
	/* Of one serial there is one, and a lower one does not come again. */
	compares(&next, &again, TIMESTAMP_CONTRADICTS);
	compares(&next, &first, TIMESTAMP_GOES_BACK);
	made_free(&first);
	made_free(&next);
	made_free(&again);
	made_free(&lower);
	made_free(&twin);
}

static void
proves(const struct made *first, const struct made *second, const char *id)
{
	static const struct bulletin_role nobody = { .threshold = 1 };
	struct bulletin_role role = { .threshold = 1, .certificate_count = 1 };
	struct contradiction contradiction = { .first = { 0 } };
	enum timestamp_order order;
	struct cert_cache *cache = NULL;
	struct bytes text = { 0 };
	struct error err = { 0 };

	role.certificates[0] = *cert_fingerprint(clock_key.cert);
	contradiction_put(first->cms.data, first->cms.len, second->cms.data,
	    second->cms.len, &text);
	assert_int_equal(contradiction_parse(text.data, text.len,
			     &contradiction, &err),
	    0);
	assert_int_equal(cert_cache_new(8, &cache, &err), 0);
	assert_int_equal(contradiction_check(&contradiction, cache, &role,
			     &order, &err),
	    id == NULL ? 0 : -1);
	assert_string_equal(err.id, id == NULL ? "" : id);
	/* By another key it proves nothing against management. */
	err = (struct error){ 0 };
	assert_int_equal(contradiction_check(&contradiction, cache, &nobody,
			     &order, &err),
	    -1);
	assert_string_equal(err.id, "E7003");
	cert_cache_free(cache);
	contradiction_free(&contradiction);
	bytes_free(&text);
}

static void
a_management_that_tells_two_stories_is_proven(void **unused)
{
	struct digest any = { { 1 } };
	struct digest other = { { 2 } };
	struct made first = make_timestamp(1, NULL, pki_now, 5, &any);
	struct made next = make_timestamp(2, &first.digest, pki_now, 6, &other);
	struct made lower = make_timestamp(3, &next.digest, pki_now, 4, &any);
	struct made twin = make_timestamp(2, &first.digest, pki_now, 5, &other);

	(void)unused;
	proves(&first, &twin, NULL);
	proves(&next, &lower, NULL);
	proves(&first, &next, "E3618");
	/* Shown the wrong way round it proves nothing. */
	proves(&next, &first, "E3618");
	made_free(&first);
	made_free(&next);
	made_free(&lower);
	made_free(&twin);
}

static void
what_is_no_proof_against_management_is_refused(void **unused)
{
	static const char *const texts[] = { "", "yizhan-bulletin-conflict-1\n",
		"yizhan-bulletin-conflict-1\nAAAA\n",
		"yizhan-bulletin-conflict-1\nAAAA\n?\n",
		"yizhan-bulletin-conflict-1\nAAAA\nAAAA\nx",
		"yizhan-bulletin-conflict-2\nAAAA\nAAAA\n" };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct contradiction contradiction = { .first = { 0 } };
		struct error err = { 0 };

		assert_int_equal(contradiction_parse(texts[i], strlen(texts[i]),
				     &contradiction, &err),
		    -1);
		assert_string_equal(err.id, "E3617");
	}
}

/* ---- without trust ----------------------------------------------------------- */

static void
without_a_root_nothing_is_believed(void **unused)
{
	struct made root = make_root();
	struct made made = make_any(BULLETIN_DIRECTORY, 1, NULL, "x");
	struct digest other_pin = { { 7 } };
	struct bulletin_state *state = NULL;
	struct error err = { 0 };

	(void)unused;
	assert_int_equal(bulletin_state_new("demo", &other_pin, &state, &err),
	    0);
	refuses(state, &made, "E7011");
	refuses(state, &root, "E7004");
	assert_null(bulletin_state_root(state));
	bulletin_state_free(state);
	made_free(&root);
	made_free(&made);
}

static void
a_pinned_root_below_its_own_threshold_is_refused(void **unused)
{
	struct bulletin_draft draft = draft_of(BULLETIN_ROOT, 1, NULL);
	struct made made = make(&draft, root_body, &first_keys, roots, 2);
	struct bulletin_state *state = NULL;
	struct error err = { 0 };

	(void)unused;
	assert_int_equal(bulletin_state_new("demo", &made.digest, &state, &err),
	    0);
	refuses(state, &made, "E7003");
	bulletin_state_free(state);
	made_free(&made);
}

/* ---- stolen keys and hosts ------------------------------------------------- */

/* Who has the web server or the management host, but no key, can only wait. */
static void
a_stolen_host_without_keys_can_only_keep_back_news(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one = make_any(BULLETIN_DIRECTORY, 1, NULL, "truth");
	struct made two = make_any(BULLETIN_DIRECTORY, 2, &one.digest, "truth");
	struct made stamp = make_timestamp(1, NULL, pki_now, 1, &one.digest);
	struct made newer =
	    make_timestamp(2, &stamp.digest, pki_now + 1, 2, &two.digest);

	(void)unused;
	takes(state, &one, BULLETIN_ADOPTED);
	takes(state, &two, BULLETIN_ADOPTED);
	takes(state, &newer, BULLETIN_ADOPTED);
	/* What it once had, in any order, and what it alters. */
	refuses(state, &one, "E7006");
	refuses(state, &stamp, "E7006");
	takes(state, &two, BULLETIN_KNOWN);
	takes(state, &newer, BULLETIN_KNOWN);
	newer.cms.data[newer.cms.len - 1] ^= 1;
	refuses(state, &newer, "E7002");
	assert_int_equal(bulletin_state_freshness(state, pki_now + day),
	    FRESHNESS_LATE);
	assert_int_equal(bulletin_state_freshness(state, pki_now + 2 * day),
	    FRESHNESS_STALE);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&two);
	made_free(&stamp);
	made_free(&newer);
}

static struct made
make_by_clock(enum bulletin_type type)
{
	struct bulletin_draft draft = draft_of(type, 1, NULL);

	return make(&draft, any_body, (char[]){ "x" }, &clock_key, 1);
}

/* The online key adds nothing and undoes nothing; a new root ends what it did.
 */
static void
a_stolen_timestamp_key_does_no_lasting_harm(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct digest any = { { 1 } };
	struct made hold = make_by_clock(BULLETIN_HOLD);
	struct made release = make_by_clock(BULLETIN_RELEASE);
	struct made stamp =
	    make_timestamp(INT64_MAX, &any, pki_now, INT64_MAX, &any);
	struct made next = make_timestamp(2, &any, pki_now, 1, &any);
	struct pki_holder old_clock = clock_key;
	struct bulletin_draft draft = draft_of(BULLETIN_ROOT, 2, &root.digest);
	struct made second;
	struct made healed;

	(void)unused;
	refuses(state, &hold, "E7003");
	refuses(state, &release, "E7003");
	takes(state, &stamp, BULLETIN_ADOPTED);
	refuses(state, &next, "E7006");

	clock_key = person("new clock", 1);
	second = make(&draft, root_body, &first_keys, roots, 3);
	takes(state, &second, BULLETIN_ADOPTED);
	refuses(state, &next, "E7003");
	healed = make_timestamp(2, &any, pki_now, 1, &any);
	takes(state, &healed, BULLETIN_ADOPTED);
	assert_int_equal(bulletin_state_serials(state).timestamp, 2);

	pki_holder_free(&clock_key);
	clock_key = old_clock;
	bulletin_state_free(state);
	made_free(&root);
	made_free(&hold);
	made_free(&release);
	made_free(&stamp);
	made_free(&next);
	made_free(&second);
	made_free(&healed);
}

/* One person with two certificates, of one key or one name, is one person. */
static void
one_person_twice_in_a_role_is_no_root(void **unused)
{
	struct bulletin_draft draft = draft_of(BULLETIN_ROOT, 1, NULL);
	struct pki_holder saved = officers[1];
	struct bulletin bulletin = { 0 };
	struct root decoded = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)unused;
	officers[1] = person("officer", 0);
	assert_int_equal(bulletin_format(&draft, root_body, &first_keys, &json,
			     &err),
	    0);
	assert_int_equal(bulletin_parse(json.data, json.len, &bulletin, &err),
	    0);
	assert_int_equal(root_decode(&bulletin, &decoded, &err), -1);
	assert_string_equal(err.id, "E7001");
	assert_non_null(strstr(err.text, "one person twice"));
	bulletin_free(&bulletin);
	bytes_free(&json);
	pki_holder_free(&officers[1]);
	officers[1] = saved;
}

/* ---- measures -------------------------------------------------------------- */

static void
suspensions_body(void *context, struct json_writer *writer)
{
	const char *const *cases = context;

	json_write_begin_array(writer, "suspensions");
	for (; *cases != NULL; cases++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "case", *cases);
		json_write_text(writer, "subject", "host");
		json_write_text(writer, "name", "gateway-1");
		json_write_text(writer, "direction", "both");
		json_write_int(writer, "ground", 9);
		json_write_bool(writer, "stops_queued", true);
		json_write_text(writer, "reason", "");
		json_write_time(writer, "from", pki_now);
		json_write_text(writer, "fallback", "");
		json_write_text(writer, "paper_from", "");
		json_write_end(writer);
	}
	json_write_end(writer);
}

static struct made
make_suspension(uint64_t serial, const struct digest *previous,
    const char *const *cases)
{
	struct bulletin_draft draft =
	    draft_of(BULLETIN_SUSPENSION, serial, previous);

	return make(&draft, suspensions_body, (void *)(uintptr_t)cases,
	    officers, 2);
}

static void
a_suspension_once_seen_stays(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made one =
	    make_suspension(1, NULL, (const char *const[]){ "a", NULL });
	struct made less =
	    make_suspension(2, &one.digest, (const char *const[]){ "b", NULL });
	struct made later =
	    make_suspension(9, &one.digest, (const char *const[]){ "b", NULL });
	struct made more = make_suspension(2, &one.digest,
	    (const char *const[]){ "a", "b", NULL });
	struct made malformed =
	    make_any(BULLETIN_SUSPENSION, 3, &more.digest, "x");

	(void)unused;
	takes(state, &one, BULLETIN_ADOPTED);
	refuses(state, &less, "E7013");
	refuses(state, &later, "E7013");
	takes(state, &more, BULLETIN_ADOPTED);
	refuses(state, &malformed, "E7001");
	bulletin_state_free(state);
	made_free(&root);
	made_free(&one);
	made_free(&less);
	made_free(&later);
	made_free(&more);
	made_free(&malformed);
}

/* ---- rotation ------------------------------------------------------------- */

static struct made
make_second_root(const struct digest *previous, uint64_t serial, size_t old,
    size_t new)
{
	static struct root_of second_keys = { new_roots, new_officers };
	struct bulletin_draft draft = draft_of(BULLETIN_ROOT, serial, previous);
	struct pki_holder signers[ROOTS * 2];

	for (size_t i = 0; i < old; i++)
		signers[i] = roots[i];
	for (size_t i = 0; i < new; i++)
		signers[old + i] = new_roots[i];
	return make(&draft, root_body, &second_keys, signers, old + new);
}

static void
a_new_root_needs_the_old_threshold_and_its_own(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct made only_new = make_second_root(&root.digest, 2, 0, 3);
	struct made only_old = make_second_root(&root.digest, 2, 3, 0);
	struct made too_few = make_second_root(&root.digest, 2, 2, 3);
	struct made skipped = make_second_root(&root.digest, 3, 3, 3);
	struct made other = make_second_root(&only_new.digest, 2, 3, 3);
	struct made good = make_second_root(&root.digest, 2, 3, 3);

	(void)unused;
	refuses(state, &only_new, "E7003");
	refuses(state, &only_old, "E7003");
	refuses(state, &too_few, "E7003");
	refuses(state, &skipped, "E7005");
	refuses(state, &other, "E7005");
	takes(state, &good, BULLETIN_ADOPTED);
	assert_int_equal(bulletin_state_root(state)->serial, 2);
	refuses(state, &root, "E7003"); /* the old keys are no one's now */
	bulletin_state_free(state);
	made_free(&root);
	made_free(&only_new);
	made_free(&only_old);
	made_free(&too_few);
	made_free(&skipped);
	made_free(&other);
	made_free(&good);
}

/* A stolen officer's key signed a serial that nobody could ever exceed. */
static void
a_rotation_undoes_fast_forward(void **unused)
{
	struct made root = make_root();
	struct bulletin_state *state = state_with(&root);
	struct digest any = { { 1 } };
	struct made huge = make_any(BULLETIN_DIRECTORY, INT64_MAX, &any, "bad");
	struct made second = make_second_root(&root.digest, 2, 3, 3);
	struct bulletin_draft draft = draft_of(BULLETIN_DIRECTORY, 2, &any);
	struct made next;
	struct made old_keys = make_any(BULLETIN_DIRECTORY, 3, &any, "old");

	(void)unused;
	takes(state, &huge, BULLETIN_ADOPTED);
	takes(state, &second, BULLETIN_ADOPTED);
	/* It is stale, not void, until its successor comes. */
	assert_int_equal(bulletin_state_serials(state).directory, INT64_MAX);
	assert_true(
	    bulletin_state_held(state, BULLETIN_DIRECTORY, "")->is_disowned);
	refuses(state, &old_keys, "E7003");
	next = make(&draft, any_body, (char[]){ "good" }, new_officers, 2);
	takes(state, &next, BULLETIN_ADOPTED);
	assert_int_equal(bulletin_state_serials(state).directory, 2);
	bulletin_state_free(state);
	made_free(&root);
	made_free(&huge);
	made_free(&second);
	made_free(&next);
	made_free(&old_keys);
}

/* ---- formats -------------------------------------------------------------- */

static void
a_root_is_written_as_it_is_read(void **unused)
{
	struct made root = make_root();
	struct cert_cache *cache = NULL;
	struct bulletin bulletin = { 0 };
	struct bulletin_signers signers;
	struct root decoded = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	struct error err = { 0 };

	(void)unused;
	assert_int_equal(cert_cache_new(8, &cache, &err), 0);
	assert_int_equal(bulletin_open(cache, root.cms.data, root.cms.len,
			     &bulletin, &signers, &err),
	    0);
	assert_int_equal(root_decode(&bulletin, &decoded, &err), 0);
	assert_int_equal(decoded.role_count, 8);
	assert_int_equal(decoded.certificate_count, ROOTS + OFFICERS + 1);
	assert_int_equal(root_role_of(&decoded, BULLETIN_ACCESS, "center-a")
			     ->threshold,
	    1);
	assert_null(root_role_of(&decoded, BULLETIN_ACCESS, "center-b"));

	json_write_begin_object(&writer, NULL);
	root_encode(&decoded, &writer);
	json_write_end(&writer);
	assert_int_equal(json_write_done(&writer, &err), 0);
	/* The body is the last member of the JSON. */
	assert_memory_equal(body.data,
	    bulletin.json.data + bulletin.json.len - 1 - body.len, body.len);
	cert_cache_free(cache);
	bytes_free(&body);
	root_free(&decoded);
	bulletin_free(&bulletin);
	made_free(&root);
}

static void
headers_that_break_their_format_are_refused(void **unused)
{
#define B(environment, type, name, serial, expires, previous, more)         \
	"{\"format\":\"yizhan-bulletin-1\",\"environment\":\"" environment  \
	"\",\"type\":\"" type "\",\"name\":\"" name "\",\"serial\":" serial \
	",\"issued\":\"2026-11-22T03:04:05.678Z\",\"expires\":\"" expires   \
	"\",\"previous\":\"" previous "\",\"body\":{}" more "}"
#define LATER "2027-11-22T03:04:05.678Z"
	static const char *const good =
	    B("demo", "network", "", "1", LATER, "", "");
	static const char *const bad[] = {
		"",
		"{}",
		B("demo", "holiday", "", "1", LATER, "", ""),
		B("demo", "network", "", "0", LATER, "", ""),
		B("demo", "network", "", "-1", LATER, "", ""),
		B("demo", "network", "", "9223372036854775808", LATER, "", ""),
		B("demo", "network", "center-a", "1", LATER, "", ""),
		B("demo", "access", "", "1", LATER, "", ""),
		B("demo", "access", "../x", "1", LATER, "", ""),
		B("demo", "network", "", "1", "2026-11-22T03:04:05.678Z", "",
		    ""),
		B("demo", "network", "", "1", LATER, "00", ""),
		B("demo", "network", "", "1", LATER, "", ",\"more\":1"),
		B("demo", "network", "", "1", LATER, "", "}"),
	};
	struct bulletin bulletin = { 0 };
	struct error err = { 0 };

	(void)unused;
	assert_int_equal(bulletin_parse(good, strlen(good), &bulletin, &err),
	    0);
	bulletin_free(&bulletin);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error each = { 0 };

		if (bulletin_parse(bad[i], strlen(bad[i]), &bulletin, &each) ==
		    0)
			fail_msg("accepted: %s", bad[i]);
		assert_string_equal(each.id, "E7001");
	}
#undef B
#undef LATER
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quorum_is_of_authorities),
		cmocka_unit_test(bad_witnesses_are_refused),
		cmocka_unit_test(bad_stampers_are_refused),
		cmocka_unit_test(an_authority_that_retired_counts_until_then),
		cmocka_unit_test(bulletins_that_follow_each_other_are_adopted),
		cmocka_unit_test(a_bulletin_that_was_tampered_with_is_refused),
		cmocka_unit_test(no_changed_byte_gets_another_bulletin_adopted),
		cmocka_unit_test(a_wrong_signer_is_refused),
		cmocka_unit_test(signatures_below_the_threshold_are_refused),
		cmocka_unit_test(one_key_twice_does_not_make_two),
		cmocka_unit_test(a_rollback_is_refused),
		cmocka_unit_test(two_bulletins_of_one_serial_are_equivocation),
		cmocka_unit_test(a_successor_of_another_bulletin_is_refused),
		cmocka_unit_test(another_environment_is_refused),
		cmocka_unit_test(a_wrong_type_is_refused),
		cmocka_unit_test(endless_data_is_cut_off),
		cmocka_unit_test(a_bulletin_longer_than_its_type_is_refused),
		cmocka_unit_test(
		    a_stolen_host_without_keys_can_only_keep_back_news),
		cmocka_unit_test(a_stolen_timestamp_key_does_no_lasting_harm),
		cmocka_unit_test(one_person_twice_in_a_role_is_no_root),
		cmocka_unit_test(a_suspension_once_seen_stays),
		cmocka_unit_test(freshness_falls_when_timestamps_stop),
		cmocka_unit_test(a_timestamp_from_the_future_is_refused),
		cmocka_unit_test(mix_and_match_is_refused),
		cmocka_unit_test(
		    a_timestamp_that_names_older_ones_is_a_rollback),
		cmocka_unit_test(
		    two_timestamps_show_what_management_told_others),
		cmocka_unit_test(a_management_that_tells_two_stories_is_proven),
		cmocka_unit_test(
		    what_is_no_proof_against_management_is_refused),
		cmocka_unit_test(without_a_root_nothing_is_believed),
		cmocka_unit_test(
		    a_pinned_root_below_its_own_threshold_is_refused),
		cmocka_unit_test(
		    a_new_root_needs_the_old_threshold_and_its_own),
		cmocka_unit_test(a_rotation_undoes_fast_forward),
		cmocka_unit_test(a_root_is_written_as_it_is_read),
		cmocka_unit_test(headers_that_break_their_format_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
