/*
 * Answers of OCSP responders: good ones, and every way in which one must not
 * count.  They are made by the library, by the harness's authorities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ocsp.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/key.h"
#include "crypto/ocsp.h"
#include "harness/pki.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, NONE = 1 };

struct world {
	struct pki pki;
	struct pki_holder card;
	struct pki_holder other; /* of the same authority */
	struct digest nonce;
};

static int
set_up(void **state)
{
	static struct world world;

	pki_new(&world.pki);
	world.card = pki_issue(&world.pki, ISSUE_SIGN, CERT_KEY_P256, "card");
	world.other = pki_issue(&world.pki, ISSUE_SIGN, CERT_KEY_P256, "other");
	memset(world.nonce.bytes, 7, sizeof(world.nonce.bytes));
	*state = &world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	pki_holder_free(&world->card);
	pki_holder_free(&world->other);
	pki_free(&world->pki);
	return 0;
}

/* How an answer is made; zeros are the good ones. */
struct answer {
	const struct pki_holder *about;  /* the card */
	const struct pki_holder *issuer; /* the sub CA */
	const struct pki_holder *signer; /* the sub CA */
	int status;                      /* V_OCSP_CERTSTATUS_GOOD */
	int reason;
	int64_t revoked_s;    /* from pki_now */
	int64_t this_s;       /* the same */
	int64_t next_s;       /* 0: a day */
	const uint8_t *nonce; /* NULL: none */
	const EVP_MD *digest;
	bool is_twice;
};

static ASN1_TIME *
time_at(int64_t seconds)
{
	return ASN1_GENERALIZEDTIME_set(NULL,
	    (time_t)(pki_now / 1000 + seconds));
}

static void
add_status(OCSP_BASICRESP *basic, const struct answer *how,
    const struct world *world)
{
	const struct pki_holder *about = how->about ? how->about : &world->card;
	const struct pki_holder *issuer =
	    how->issuer ? how->issuer : &world->pki.sub;
	OCSP_CERTID *id = OCSP_cert_to_id(NULL, cert_x509(about->cert),
	    cert_x509(issuer->cert));
	ASN1_TIME *revoked = time_at(how->revoked_s);
	ASN1_TIME *this_update = time_at(how->this_s);
	ASN1_TIME *next_update = how->next_s == NONE
	    ? NULL
	    : time_at(how->next_s == 0 ? DAY_S : how->next_s);

	assert_non_null(OCSP_basic_add1_status(basic, id, how->status,
	    how->reason, revoked, this_update, next_update));
	OCSP_CERTID_free(id);
	ASN1_TIME_free(revoked);
	ASN1_TIME_free(this_update);
	ASN1_TIME_free(next_update);
}

static void
make(const struct world *world, const struct answer *how, struct bytes *to)
{
	const struct pki_holder *signer =
	    how->signer ? how->signer : &world->pki.sub;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_RESPONSE *response;
	unsigned char *der = NULL;
	int len;

	add_status(basic, how, world);
	if (how->is_twice)
		add_status(basic, how, world);
	if (how->nonce != NULL)
		assert_int_equal(OCSP_basic_add1_nonce(basic,
				     (unsigned char *)(uintptr_t)how->nonce,
				     DIGEST_LEN),
		    1);
	assert_int_equal(OCSP_basic_sign(basic, cert_x509(signer->cert),
			     key_pkey(signer->key),
			     how->digest ? how->digest : EVP_sha256(), NULL, 0),
	    1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	len = i2d_OCSP_RESPONSE(response, &der);
	assert_true(len > 0);
	bytes_clear(to);
	bytes_put(to, der, (size_t)len);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
}

static int
check(const struct world *world, const struct answer *how, int64_t at_ms,
    struct revocation *ret, struct error *err)
{
	struct bytes answer = { 0 };
	int rc;

	make(world, how, &answer);
	rc = ocsp_check(answer.data, answer.len, world->card.cert,
	    world->pki.sub.cert, &world->nonce, at_ms, ret, err);
	bytes_free(&answer);
	return rc;
}

static void
assert_refused(const struct world *world, const struct answer *how,
    const char *id)
{
	struct revocation found = { .state = REVOCATION_REVOKED };
	struct error err = { 0 };

	assert_int_equal(check(world, how, pki_now, &found, &err), -1);
	assert_string_equal(err.id, id);
	/* Nothing is said on failure. */
	assert_int_equal(found.this_update, 0);
	assert_int_equal(found.state, REVOCATION_REVOKED);
}

static void
the_library_reads_a_request(void **state)
{
	const struct world *world = *state;
	struct bytes request = { 0 };
	struct error err = { 0 };
	const unsigned char *at;
	OCSP_REQUEST *read;

	assert_int_equal(ocsp_request(world->card.cert, world->pki.sub.cert,
			     &world->nonce, &request, &err),
	    0);
	at = request.data;
	read = d2i_OCSP_REQUEST(NULL, &at, (long)request.len);
	assert_non_null(read);
	assert_ptr_equal(at, request.data + request.len);
	assert_int_equal(OCSP_request_onereq_count(read), 1);
	OCSP_REQUEST_free(read);
	bytes_free(&request);
}

static void
the_authority_says_good(void **state)
{
	const struct world *world = *state;
	const struct answer cases[] = {
		{ .this_s = -HOUR_S },
		{ .this_s = -HOUR_S, .nonce = world->nonce.bytes },
		{ .this_s = -60, .next_s = NONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct revocation found;
		struct error err = { 0 };

		assert_int_equal(check(world, &cases[i], pki_now, &found, &err),
		    0);
		assert_int_equal(found.state, REVOCATION_GOOD);
		assert_int_equal(found.this_update,
		    (pki_now / 1000 + cases[i].this_s) * 1000);
	}
}

static void
a_revocation_tells_when_and_why(void **state)
{
	const struct world *world = *state;
	const struct answer how = { .status = V_OCSP_CERTSTATUS_REVOKED,
		.reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE,
		.revoked_s = -2 * DAY_S };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, &how, pki_now, &found, &err), 0);
	assert_int_equal(found.state, REVOCATION_REVOKED);
	assert_int_equal(found.reason, 1);
	assert_int_equal(found.revoked_at, (pki_now / 1000 - 2 * DAY_S) * 1000);
}

static void
unknown_is_an_answer(void **state)
{
	const struct answer how = { .status = V_OCSP_CERTSTATUS_UNKNOWN };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(*state, &how, pki_now, &found, &err), 0);
	assert_int_equal(found.state, REVOCATION_UNKNOWN);
}

static void
a_delegated_responder_counts(void **state)
{
	const struct world *world = *state;
	struct pki_holder signer =
	    pki_issue_for(&world->pki.sub, "OCSPSigning", -1, 1);
	const struct answer how = { .signer = &signer };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, &how, pki_now, &found, &err), 0);
	assert_int_equal(found.state, REVOCATION_GOOD);
	pki_holder_free(&signer);
}

static void
a_signer_without_the_usage_is_refused(void **state)
{
	const struct world *world = *state;
	struct pki_holder signers[] = {
		pki_issue_for(&world->pki.sub, NULL, -1, 1),
		pki_issue_for(&world->pki.sub, "clientAuth", -1, 1),
		/* Of another authority, or its day is over. */
		pki_issue_for(&world->pki.foreign, "OCSPSigning", -1, 1),
		pki_issue_for(&world->pki.root, "OCSPSigning", -1, 1),
		pki_issue_for(&world->pki.sub, "OCSPSigning", -9, -1),
	};

	for (size_t i = 0; i < ARRAY_LEN(signers); i++) {
		const struct answer how = { .signer = &signers[i] };

		assert_refused(world, &how, "E3703");
		pki_holder_free(&signers[i]);
	}
}

static void
another_signer_is_refused(void **state)
{
	const struct world *world = *state;
	const struct pki_holder *const signers[] = { &world->pki.foreign,
		&world->pki.root, &world->card, &world->other };

	for (size_t i = 0; i < ARRAY_LEN(signers); i++) {
		const struct answer how = { .signer = signers[i] };

		assert_refused(world, &how, "E3703");
	}
}

static void
a_weak_signature_is_refused(void **state)
{
	const struct answer how = { .digest = EVP_sha1() };

	assert_refused(*state, &how, "E3703");
}

static void
an_answer_about_another_certificate_is_refused(void **state)
{
	const struct world *world = *state;
	const struct answer other = { .about = &world->other };
	const struct answer issuer = { .issuer = &world->pki.foreign,
		.signer = &world->pki.foreign };
	const struct answer twice = { .is_twice = true };

	assert_refused(world, &other, "E3702");
	assert_refused(world, &issuer, "E3702");
	assert_refused(world, &twice, "E3701");
}

static void
another_nonce_is_refused(void **state)
{
	static const uint8_t nonce[DIGEST_LEN] = { 7, 7, 7 };
	const struct answer how = { .nonce = nonce };

	assert_refused(*state, &how, "E3702");
}

static void
an_old_answer_is_refused(void **state)
{
	const struct answer old = { .this_s = -3 * DAY_S, .next_s = -DAY_S };
	const struct answer no_end = { .this_s = -2 * HOUR_S, .next_s = NONE };
	const struct answer future = { .this_s = HOUR_S };
	const struct answer backwards = { .this_s = -60, .next_s = -61 };
	struct revocation found;
	struct error err = { 0 };

	assert_refused(*state, &old, "E3704");
	assert_refused(*state, &no_end, "E3704");
	assert_refused(*state, &future, "E3704");
	assert_refused(*state, &backwards, "E3701");
	/* In evidence it is what was known then. */
	assert_int_equal(check(*state, &old, 0, &found, &err), 0);
	assert_int_equal(found.state, REVOCATION_GOOD);
}

static void
a_changed_byte_never_counts(void **state)
{
	const struct world *world = *state;
	const struct answer how = { .this_s = -60 };
	struct bytes answer = { 0 };

	make(world, &how, &answer);
	for (size_t i = 0; i < answer.len; i++) {
		struct revocation found;
		struct error err = { 0 };

		answer.data[i] ^= 1;
		if (ocsp_check(answer.data, answer.len, world->card.cert,
			world->pki.sub.cert, NULL, pki_now, &found, &err) == 0)
			/* Outside of what is signed there is the container. */
			assert_int_equal(found.state, REVOCATION_GOOD);
		else
			assert_true(err.code == ERROR_MALFORMED ||
			    err.code == ERROR_UNTRUSTED);
		answer.data[i] ^= 1;
	}
	for (size_t len = 0; len < answer.len; len++) {
		struct revocation found;
		struct error err = { 0 };

		assert_int_equal(ocsp_check(answer.data, len, world->card.cert,
				     world->pki.sub.cert, NULL, pki_now, &found,
				     &err),
		    -1);
	}
	bytes_free(&answer);
}

static void
a_refusal_is_no_answer(void **state)
{
	static const uint8_t later[] = { 0x30, 0x03, 0x0a, 0x01, 0x03 };
	const struct world *world = *state;
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(ocsp_check(later, sizeof(later), world->card.cert,
			     world->pki.sub.cert, NULL, pki_now, &found, &err),
	    -1);
	assert_string_equal(err.id, "E3701");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_library_reads_a_request),
		cmocka_unit_test(the_authority_says_good),
		cmocka_unit_test(a_revocation_tells_when_and_why),
		cmocka_unit_test(unknown_is_an_answer),
		cmocka_unit_test(a_delegated_responder_counts),
		cmocka_unit_test(a_signer_without_the_usage_is_refused),
		cmocka_unit_test(another_signer_is_refused),
		cmocka_unit_test(a_weak_signature_is_refused),
		cmocka_unit_test(
		    an_answer_about_another_certificate_is_refused),
		cmocka_unit_test(another_nonce_is_refused),
		cmocka_unit_test(an_old_answer_is_refused),
		cmocka_unit_test(a_changed_byte_never_counts),
		cmocka_unit_test(a_refusal_is_no_answer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
