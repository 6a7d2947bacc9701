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
#include "bulletin/bulletin_make.h"
#include "bulletin/draft.h"
#include "bulletin/state.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "harness/pki.h"
#include "json/json_write.h"

enum { ROOTS = 5, OFFICERS = 3, PARTS_MAX = 8 };

static const int64_t day = 24 * 3600 * INT64_C(1000);

static struct pki pki;
static struct pki_holder roots[ROOTS + 1]; /* the last one comes later */
static struct pki_holder officers[OFFICERS];
static struct pki_holder stranger;
static struct cert_cache *cache;

static int
set_up(void **state)
{
	struct error err = { 0 };
	char name[32];

	(void)state;
	pki_new(&pki);
	for (int i = 0; i <= ROOTS; i++) {
		snprintf(name, sizeof(name), "root %d", i);
		roots[i] = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, name);
	}
	for (int i = 0; i < OFFICERS; i++) {
		snprintf(name, sizeof(name), "officer %d", i);
		officers[i] = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, name);
	}
	stranger = pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "stranger");
	return cert_cache_new(16, &cache, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i <= ROOTS; i++)
		pki_holder_free(&roots[i]);
	for (int i = 0; i < OFFICERS; i++)
		pki_holder_free(&officers[i]);
	pki_holder_free(&stranger);
	pki_free(&pki);
	cert_cache_free(cache);
	return 0;
}

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

/* `context` is the first of the five that hold the root. */
static void
root_body(void *context, struct json_writer *writer)
{
	const struct pki_holder *first = context;

	json_write_begin_object(writer, "roles");
	write_role(writer, "root", 3, first, ROOTS);
	write_role(writer, "rules", 2, officers, OFFICERS);
	json_write_end(writer);
	json_write_begin_array(writer, "certificates");
	write_certs(writer, first, ROOTS);
	write_certs(writer, officers, OFFICERS);
	json_write_end(writer);
	json_write_begin_array(writer, "anchors");
	write_certs(writer, &pki.root, 1);
	json_write_end(writer);
	json_write_begin_array(writer, "witnesses");
	json_write_end(writer);
	json_write_int(writer, "quorum", 0);
}

static void
rules_body(void *context, struct json_writer *writer)
{
	json_write_text(writer, "version", context);
	json_write_time(writer, "effective", pki_now);
	json_write_text(writer, "title", "rules");
	json_write_begin_array(writer, "items");
	json_write_end(writer);
}

static struct bytes
json_of(enum bulletin_type type, uint64_t serial, const struct bytes *before,
    bulletin_body_fn body, void *context)
{
	struct digest previous;
	struct bulletin_draft draft = { .environment = "demo",
		.type = type,
		.name = "",
		.serial = serial,
		.issued_ms = pki_now,
		.expires_ms = pki_now + 30 * day,
		.previous = before != NULL ? &previous : NULL };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (before != NULL)
		sha256(before->data, before->len, &previous);
	if (bulletin_format(&draft, body, context, &json, &err) < 0)
		fail_msg("%s", err.text);
	return json;
}

static struct draft
draft_from(const struct bytes *json, const struct bytes *before,
    const struct bytes *root)
{
	static const struct bytes none = { 0 };
	struct draft draft = { 0 };
	struct bytes file = { 0 };
	struct error err = { 0 };

	draft_put(&file, json, before != NULL ? before : &none,
	    root != NULL ? root : &none, &none);
	if (draft_parse(file.data, file.len, &draft, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&file);
	return draft;
}

/* The signature files of these holders over the draft, joined. */
static int
combine(const struct draft *draft, const struct pki_holder *const *holders,
    size_t count, int64_t at, struct bytes *to, struct error *err)
{
	struct bytes files[PARTS_MAX] = { 0 };
	struct signed_part parts[PARTS_MAX] = { 0 };
	int rc;

	for (size_t i = 0; i < count; i++) {
		struct signer signer =
		    signer_of(holders[i]->cert, holders[i]->key);

		if (signed_make_detached(&signer, 1, &draft->bulletin.digest,
			pki_now, &files[i], err) < 0)
			fail_msg("%s", err->text);
		parts[i] = (struct signed_part){ files[i].data, files[i].len };
	}
	rc = draft_combine(draft, cache, parts, count, at, to, err);
	for (size_t i = 0; i < count; i++)
		bytes_free(&files[i]);
	return rc;
}

static const char *
refusal(const struct draft *draft, const struct pki_holder *const *holders,
    size_t count, int64_t at)
{
	static struct error err;
	struct bytes made = { 0 };

	err = (struct error){ 0 };
	if (combine(draft, holders, count, at, &made, &err) == 0)
		fail_msg("it was combined");
	assert_int_equal(made.len, 0);
	bytes_free(&made);
	return err.id;
}

/* From key to a host that believes it: root, rules, a new root. */
static void
what_is_combined_is_believed(void **unused)
{
	const struct pki_holder *const three[] = { &roots[1], &roots[3],
		&roots[4] };
	const struct pki_holder *const two[] = { &officers[2], &officers[0] };
	struct bytes root = json_of(BULLETIN_ROOT, 1, NULL, root_body, roots);
	struct bytes rules =
	    json_of(BULLETIN_RULES, 1, NULL, rules_body, (char[]){ "1" });
	struct bytes next =
	    json_of(BULLETIN_ROOT, 2, &root, root_body, roots + 1);
	static struct draft drafts[3]; /* large */
	struct bulletin_state *state = NULL;
	struct error err = { 0 };

	(void)unused;
	drafts[0] = draft_from(&root, NULL, NULL);
	drafts[1] = draft_from(&rules, NULL, &root);
	drafts[2] = draft_from(&next, &root, NULL);
	assert_int_equal(bulletin_state_new("demo", &drafts[0].bulletin.digest,
			     &state, &err),
	    0);
	for (int i = 0; i < 3; i++) {
		struct bytes cms = { 0 };
		enum bulletin_news news;

		if (combine(&drafts[i], i == 1 ? two : three, i == 1 ? 2 : 3,
			pki_now, &cms, &err) < 0 ||
		    bulletin_state_take(state, cms.data, cms.len, pki_now,
			&news, NULL, &err) < 0)
			fail_msg("%d: %s", i, err.text);
		assert_int_equal(news, BULLETIN_ADOPTED);
		bytes_free(&cms);
		draft_free(&drafts[i]);
	}
	assert_int_equal(bulletin_state_serials(state).root, 2);
	bulletin_state_free(state);
	bytes_free(&root);
	bytes_free(&rules);
	bytes_free(&next);
}

static void
what_does_not_fit_is_not_combined(void **unused)
{
	const struct pki_holder *const one[] = { &officers[0] };
	const struct pki_holder *const twice[] = { &officers[0], &officers[0] };
	const struct pki_holder *const strange[] = { &officers[0], &officers[1],
		&stranger };
	const struct pki_holder *const by_roots[] = { &roots[0], &roots[1] };
	const struct pki_holder *const two[] = { &officers[0], &officers[1] };
	struct bytes root = json_of(BULLETIN_ROOT, 1, NULL, root_body, roots);
	struct bytes rules =
	    json_of(BULLETIN_RULES, 1, NULL, rules_body, (char[]){ "1" });
	struct bytes other =
	    json_of(BULLETIN_RULES, 1, NULL, rules_body, (char[]){ "2" });
	struct draft draft = draft_from(&rules, NULL, &root);
	struct draft another = draft_from(&other, NULL, &root);
	struct signer signer = signer_of(officers[1].cert, officers[1].key);
	struct bytes made = { 0 };
	struct bytes signature = { 0 };
	struct signed_part part;
	struct error err = { 0 };

	(void)unused;
	assert_string_equal(refusal(&draft, one, 1, pki_now), "E7003");
	assert_string_equal(refusal(&draft, twice, 2, pki_now), "E7032");
	assert_string_equal(refusal(&draft, strange, 3, pki_now), "E7034");
	assert_string_equal(refusal(&draft, by_roots, 2, pki_now), "E7034");
	assert_string_equal(refusal(&draft, two, 0, pki_now), "E7032");
	assert_string_equal(refusal(&draft, two, 2, pki_now + 30 * day),
	    "E7035");

	/* A signature over another draft. */
	assert_int_equal(signed_make_detached(&signer, 1,
			     &another.bulletin.digest, pki_now, &signature,
			     &err),
	    0);
	part = (struct signed_part){ signature.data, signature.len };
	assert_int_equal(draft_combine(&draft, cache, &part, 1, pki_now, &made,
			     &err),
	    -1);
	assert_string_equal(err.id, "E7032");
	/* Half a file. */
	part.len /= 2;
	assert_int_equal(draft_combine(&draft, cache, &part, 1, pki_now, &made,
			     &err),
	    -1);
	assert_string_equal(err.id, "E7032");
	bytes_free(&signature);
	draft_free(&draft);
	draft_free(&another);
	bytes_free(&root);
	bytes_free(&rules);
	bytes_free(&other);
}

/* A new root needs the threshold of the old one and its own. */
static void
a_root_is_rotated_by_both(void **unused)
{
	const struct pki_holder *const old_only[] = { &roots[0], &roots[1],
		&roots[2] };
	const struct pki_holder *const new_only[] = { &roots[3], &roots[4],
		&roots[5] };
	const struct pki_holder *const both[] = { &roots[0], &roots[1],
		&roots[2], &roots[5] };
	struct bytes root = json_of(BULLETIN_ROOT, 1, NULL, root_body, roots);
	struct bytes next =
	    json_of(BULLETIN_ROOT, 2, &root, root_body, roots + 1);
	struct draft draft = draft_from(&next, &root, NULL);
	struct bytes made = { 0 };
	struct error err = { 0 };

	(void)unused;
	assert_string_equal(refusal(&draft, old_only, 3, pki_now), "E7003");
	assert_string_equal(refusal(&draft, new_only, 3, pki_now), "E7003");
	if (combine(&draft, both, 4, pki_now, &made, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&made);
	draft_free(&draft);
	bytes_free(&root);
	bytes_free(&next);
}

static void
parts_that_do_not_belong_together_are_no_draft(void **unused)
{
	struct bytes root = json_of(BULLETIN_ROOT, 1, NULL, root_body, roots);
	struct bytes one =
	    json_of(BULLETIN_RULES, 1, NULL, rules_body, (char[]){ "1" });
	struct bytes other =
	    json_of(BULLETIN_RULES, 1, NULL, rules_body, (char[]){ "x" });
	struct bytes two =
	    json_of(BULLETIN_RULES, 2, &one, rules_body, (char[]){ "2" });
	struct bytes three =
	    json_of(BULLETIN_RULES, 3, &one, rules_body, (char[]){ "3" });
	const struct bytes none = { 0 };
	const struct {
		const struct bytes *bulletin, *before, *root;
		const char *id;
	} cases[] = {
		/* no predecessor */
		{ &two, &none, &root, "E7030" },
		/* another one of the same serial */
		{ &two, &other, &root, "E7030" },
		/* of another type */
		{ &two, &root, &root, "E7030" },
		/* one is missing between */
		{ &three, &one, &root, "E7030" },
		/* no root, and what is none */
		{ &one, &none, &none, "E7001" },
		{ &one, &none, &one, "E7030" },
		{ &none, &none, &root, "E7001" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct draft draft = { 0 };
		struct bytes file = { 0 };
		struct error err = { 0 };

		draft_put(&file, cases[i].bulletin, cases[i].before,
		    cases[i].root, &none);
		if (draft_parse(file.data, file.len, &draft, &err) == 0)
			fail_msg("case %zu", i);
		assert_string_equal(err.id, cases[i].id);
		bytes_free(&file);
	}
	bytes_free(&root);
	bytes_free(&one);
	bytes_free(&other);
	bytes_free(&two);
	bytes_free(&three);
}

static void
a_cut_draft_is_refused_wherever_it_is_cut(void **unused)
{
	struct bytes root = json_of(BULLETIN_ROOT, 1, NULL, root_body, roots);
	const struct bytes none = { 0 };
	struct bytes file = { 0 };

	(void)unused;
	draft_put(&file, &root, &none, &none, &none);
	for (size_t len = 0; len < file.len; len++) {
		struct draft draft = { 0 };
		struct error err = { 0 };

		if (draft_parse(file.data, len, &draft, &err) == 0)
			fail_msg("cut at %zu", len);
	}
	bytes_free(&file);
	bytes_free(&root);
}

static void
the_check_code_is_typed_in_groups(void **unused)
{
	struct digest digest;
	char code[DRAFT_CODE_SIZE];

	(void)unused;
	sha256("x", 1, &digest);
	draft_format_code(&digest, code);
	assert_int_equal(strlen(code), DRAFT_CODE_SIZE - 1);
	assert_memory_equal(code, "2d71 1642 b726 b044 0162 7ca9 ", 30);
	assert_true(draft_code_matches(&digest, code));
	assert_true(draft_code_matches(&digest, "2d71 1642 b726 b044"));
	assert_true(draft_code_matches(&digest, "2D711642-B726B044\n"));
	assert_true(draft_code_matches(&digest, "2d71 1642 b726 b044 0162"));
	assert_false(draft_code_matches(&digest, "2d71 1642 b726"));
	assert_false(draft_code_matches(&digest, "2d71 1642 b726 b044 01"));
	assert_false(draft_code_matches(&digest, "2d71 1642 b726 b045"));
	assert_false(draft_code_matches(&digest, ""));
	assert_false(draft_code_matches(&digest, "yes"));
}

static void
a_locked_key_opens_with_its_passphrase_alone(void **unused)
{
	struct bytes pem = { 0 };
	struct key *key = NULL;
	struct error err = { 0 };

	(void)unused;
	if (key_put_locked_pem(stranger.key, "驛站 passphrase", &pem, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(key_is_locked(pem.data, pem.len));
	assert_int_equal(key_parse(pem.data, pem.len, &key, &err), -1);
	assert_int_equal(key_unlock(pem.data, pem.len, "wrong", &key, &err),
	    -1);
	assert_string_equal(err.id, "E7033");
	if (key_unlock(pem.data, pem.len, "驛站 passphrase", &key, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(key_matches(key, stranger.cert));
	key_free(key);
	assert_int_equal(key_unlock("junk", 4, "x", &key, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	bytes_wipe(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_combined_is_believed),
		cmocka_unit_test(what_does_not_fit_is_not_combined),
		cmocka_unit_test(a_root_is_rotated_by_both),
		cmocka_unit_test(
		    parts_that_do_not_belong_together_are_no_draft),
		cmocka_unit_test(a_cut_draft_is_refused_wherever_it_is_cut),
		cmocka_unit_test(the_check_code_is_typed_in_groups),
		cmocka_unit_test(a_locked_key_opens_with_its_passphrase_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
