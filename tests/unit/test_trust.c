#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "base/error.h"
#include "crypto/trust.h"
#include "harness/pki.h"

static struct pki pki;
static struct trust *trust;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	pki_new(&pki);
	if (trust_new(&trust, &err) < 0 ||
	    trust_add_anchor(trust, pki.root.cert, &err) < 0 ||
	    trust_add_intermediate(trust, pki.sub.cert, &err) < 0)
		return -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	trust_free(trust);
	pki_free(&pki);
	return 0;
}

static void
refused(struct pki_holder holder, int64_t at_ms, const char *id)
{
	struct error err = { 0 };

	assert_int_equal(trust_check(trust, holder.cert, at_ms, &err), -1);
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	assert_string_equal(err.id, id);
	/* A stale error of the library would end a TLS connection. */
	assert_int_equal(ERR_peek_error(), 0);
	pki_holder_free(&holder);
}

static void
a_chain_to_an_anchor_is_good_again_and_again(void **state)
{
	struct pki_holder holder =
	    pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "good");
	struct error err = { 0 };

	(void)state;
	assert_int_equal(trust_check(trust, holder.cert, pki_now, &err), 0);
	assert_int_equal(trust_check(trust, holder.cert, pki_now, &err), 0);
	pki_holder_free(&holder);
}

static void
a_kept_verdict_does_not_outlive_the_dates(void **state)
{
	struct pki_holder holder =
	    pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "good");
	int64_t end_at = cert_info(holder.cert)->not_after_at;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(trust_check(trust, holder.cert, pki_now, &err), 0);
	assert_int_equal(trust_check(trust, holder.cert, end_at, &err), 0);
	refused(holder, end_at + 1, "E3003");
}

/* The CA's end ends the chain, though the leaf would last longer. */
static void
an_expired_ca_ends_a_kept_verdict(void **state)
{
	struct issue_request request = pki_request(ISSUE_SUB_CA, "Short CA");
	struct pki_holder ca, leaf;
	struct error err = { 0 };

	(void)state;
	request.not_after_at = pki_now;
	ca = pki_issue_as(&pki.root, &request, CERT_KEY_P256);
	request = pki_request(ISSUE_SIGN, "leaf");
	leaf = pki_issue_as(&ca, &request, CERT_KEY_P256);
	assert_int_equal(trust_add_intermediate(trust, ca.cert, &err), 0);
	assert_int_equal(trust_check(trust, leaf.cert, pki_now - 1000, &err),
	    0);
	refused(leaf, pki_now + 10000, "E3003");
	pki_holder_free(&ca);
}

static void
other_roots_weak_keys_and_wrong_dates_are_refused(void **state)
{
	struct issue_request request = pki_request(ISSUE_SIGN, "bad");

	(void)state;
	refused(pki_issue_as(&pki.foreign, &request, CERT_KEY_P256), pki_now,
	    "E3004");
	refused(pki_issue_as(NULL, &request, CERT_KEY_P256), pki_now, "E3004");
	refused(pki_issue_rsa(&pki.sub, &request, 1024, 65537), pki_now,
	    "E3002");
	refused(pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "early"),
	    request.not_before_at - 1, "E3003");
}

static void
a_leaf_cannot_issue(void **state)
{
	struct pki_holder leaf =
	    pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "leaf");
	struct issue_request request = pki_request(ISSUE_SIGN, "child");
	struct error err = { 0 };

	(void)state;
	assert_int_equal(trust_add_intermediate(trust, leaf.cert, &err), -1);
	assert_int_equal(trust_add_anchor(trust, leaf.cert, &err), -1);
	refused(pki_issue_as(&leaf, &request, CERT_KEY_P256), pki_now, "E3004");
	pki_holder_free(&leaf);
}

static void
an_intermediate_may_be_the_anchor(void **state)
{
	struct pki_holder leaf =
	    pki_issue(&pki, ISSUE_SIGN, CERT_KEY_P256, "leaf");
	struct trust *other;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(trust_new(&other, &err), 0);
	assert_int_equal(trust_check(other, leaf.cert, pki_now, &err), -1);
	assert_int_equal(trust_add_anchor(other, pki.sub.cert, &err), 0);
	assert_int_equal(trust_check(other, leaf.cert, pki_now, &err), 0);
	trust_free(other);
	pki_holder_free(&leaf);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_to_an_anchor_is_good_again_and_again),
		cmocka_unit_test(a_kept_verdict_does_not_outlive_the_dates),
		cmocka_unit_test(an_expired_ca_ends_a_kept_verdict),
		cmocka_unit_test(
		    other_roots_weak_keys_and_wrong_dates_are_refused),
		cmocka_unit_test(a_leaf_cannot_issue),
		cmocka_unit_test(an_intermediate_may_be_the_anchor),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
