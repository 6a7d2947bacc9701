/*
 * Revocation lists, long ones and wrong ones.  Made by the library, by the
 * harness's authorities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert_places.h"
#include "crypto/crl.h"
#include "crypto/key.h"
#include "harness/pki.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, NONE = 1 };

struct world {
	struct pki pki;
	struct pki_holder card;
	struct pki_holder placed; /* names a distribution point */
};

/* The same key, certified anew with a place of its list and a responder. */
static struct pki_holder
place(const struct pki_holder *issuer, const char *crl)
{
	struct pki_holder holder = { NULL, NULL };
	struct error err = { 0 };
	X509 *x509 = X509_new();
	X509_EXTENSION *extension;
	unsigned char *der = NULL;
	int len;

	assert_int_equal(key_generate(CERT_KEY_P256, &holder.key, &err), 0);
	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 99);
	X509_set_issuer_name(x509,
	    X509_get_subject_name(cert_x509(issuer->cert)));
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN",
	    MBSTRING_UTF8, (const unsigned char *)"placed", -1, -1, 0);
	ASN1_TIME_set(X509_getm_notBefore(x509),
	    (time_t)(pki_now / 1000 - DAY_S));
	ASN1_TIME_set(X509_getm_notAfter(x509),
	    (time_t)(pki_now / 1000 + DAY_S));
	X509_set_pubkey(x509, key_pkey(holder.key));
	extension =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_crl_distribution_points, crl);
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_info_access,
	    "OCSP;URI:http://192.0.2.1/ocsp,OCSP;URI:ldap://192.0.2.1/,"
	    "caIssuers;URI:http://192.0.2.1/ca");
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(x509, key_pkey(issuer->key), EVP_sha256()) > 0);
	len = i2d_X509(x509, &der);
	assert_int_equal(cert_parse(der, (size_t)len, &holder.cert, &err), 0);
	OPENSSL_free(der);
	X509_free(x509);
	return holder;
}

static int
set_up(void **state)
{
	static struct world world;

	pki_new(&world.pki);
	world.card = pki_issue(&world.pki, ISSUE_SIGN, CERT_KEY_P256, "card");
	world.placed = place(&world.pki.sub, "URI:http://192.0.2.1/1.crl");
	*state = &world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	pki_holder_free(&world->card);
	pki_holder_free(&world->placed);
	pki_free(&world->pki);
	return 0;
}

/* How a list is made; zeros are the good ones. */
struct list {
	const struct pki_holder *issuer; /* the sub CA */
	const struct pki_holder *signer; /* the same */
	const struct pki_holder *revoked;
	int reason;             /* -1: none */
	int64_t this_s, next_s; /* from pki_now; next 0: a day */
	size_t others;          /* entries before it */
	int extension;          /* NID ... */
	const char *value;      /* ... as the library's configuration has it */
	const EVP_MD *digest;
};

static void
set_time(X509_CRL *crl, int64_t seconds,
    int (*set)(X509_CRL *crl, const ASN1_TIME *time))
{
	ASN1_TIME *time =
	    ASN1_TIME_set(NULL, (time_t)(pki_now / 1000 + seconds));

	assert_int_equal(set(crl, time), 1);
	ASN1_TIME_free(time);
}

static void
add_entry(X509_CRL *crl, const ASN1_INTEGER *serial, int reason)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *time =
	    ASN1_TIME_set(NULL, (time_t)(pki_now / 1000 - 2 * DAY_S));

	X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)(uintptr_t)serial);
	X509_REVOKED_set_revocationDate(entry, time);
	ASN1_TIME_free(time);
	if (reason >= 0) {
		ASN1_ENUMERATED *value = ASN1_ENUMERATED_new();

		ASN1_ENUMERATED_set(value, reason);
		X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, 0);
		ASN1_ENUMERATED_free(value);
	}
	assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
}

static void
make(const struct world *world, const struct list *how, struct bytes *to)
{
	const struct pki_holder *issuer =
	    how->issuer ? how->issuer : &world->pki.sub;
	const struct pki_holder *signer = how->signer ? how->signer : issuer;
	X509_CRL *crl = X509_CRL_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	unsigned char *der = NULL;
	int len;

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl,
	    X509_get_subject_name(cert_x509(issuer->cert)));
	set_time(crl, how->this_s, X509_CRL_set1_lastUpdate);
	if (how->next_s != NONE)
		set_time(crl, how->next_s == 0 ? DAY_S : how->next_s,
		    X509_CRL_set1_nextUpdate);
	for (size_t i = 0; i < how->others; i++) {
		ASN1_INTEGER_set(serial, (long)i + 1000000);
		add_entry(crl, serial, -1);
	}
	if (how->revoked != NULL)
		add_entry(crl,
		    X509_get0_serialNumber(cert_x509(how->revoked->cert)),
		    how->reason);
	if (how->value != NULL) {
		X509_EXTENSION *extension =
		    X509V3_EXT_conf_nid(NULL, NULL, how->extension, how->value);

		assert_non_null(extension);
		X509_CRL_add_ext(crl, extension, -1);
		X509_EXTENSION_free(extension);
	}
	assert_true(X509_CRL_sign(crl, key_pkey(signer->key),
			how->digest ? how->digest : EVP_sha256()) > 0);
	len = i2d_X509_CRL(crl, &der);
	assert_true(len > 0);
	bytes_put(to, der, (size_t)len);
	OPENSSL_free(der);
	ASN1_INTEGER_free(serial);
	X509_CRL_free(crl);
}

static int
check(const struct world *world, const struct list *how,
    const struct cert *cert, struct revocation *ret, struct error *err)
{
	struct bytes list = { 0 };
	struct crl crl;
	int rc = -1;

	make(world, how, &list);
	if (crl_open(list.data, list.len, world->pki.sub.cert, pki_now, &crl,
		err) == 0)
		rc = crl_find(&crl, cert, world->pki.sub.cert, ret, err);
	bytes_free(&list);
	return rc;
}

static void
assert_refused(const struct world *world, const struct list *how,
    const char *id)
{
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, how, world->card.cert, &found, &err), -1);
	assert_string_equal(err.id, id);
}

static void
who_is_not_listed_is_good(void **state)
{
	const struct world *world = *state;
	const struct list empty = { .this_s = -HOUR_S };
	const struct list others = { .others = 3, .this_s = -HOUR_S };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, &empty, world->card.cert, &found, &err),
	    0);
	assert_int_equal(found.state, REVOCATION_GOOD);
	assert_int_equal(check(world, &others, world->card.cert, &found, &err),
	    0);
	assert_int_equal(found.state, REVOCATION_GOOD);
	assert_int_equal(found.next_update, (pki_now / 1000 + DAY_S) * 1000);
}

static void
who_is_listed_is_revoked(void **state)
{
	const struct world *world = *state;
	const struct list plain = { .revoked = &world->card, .reason = -1 };
	const struct list reason = { .revoked = &world->card,
		.reason = CRL_REASON_CERTIFICATE_HOLD,
		.others = 5 };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, &plain, world->card.cert, &found, &err),
	    0);
	assert_int_equal(found.state, REVOCATION_REVOKED);
	assert_int_equal(found.reason, 0);
	assert_int_equal(found.revoked_at, (pki_now / 1000 - 2 * DAY_S) * 1000);
	assert_int_equal(check(world, &reason, world->card.cert, &found, &err),
	    0);
	assert_int_equal(found.reason, REVOCATION_REASON_HOLD);
}

static void
a_list_of_100000_is_read_in_place(void **state)
{
	const struct world *world = *state;
	const struct list how = { .others = 100000,
		.revoked = &world->card,
		.reason = -1 };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, &how, world->card.cert, &found, &err), 0);
	assert_int_equal(found.state, REVOCATION_REVOKED);
}

static void
a_list_by_another_is_refused(void **state)
{
	const struct world *world = *state;
	const struct list foreign = { .issuer = &world->pki.foreign };
	const struct list signer = { .signer = &world->pki.foreign };
	const struct list weak = { .digest = EVP_sha1() };

	assert_refused(world, &foreign, "E3702");
	assert_refused(world, &signer, "E3703");
	assert_refused(world, &weak, "E3703");
}

static void
an_old_list_is_refused(void **state)
{
	const struct list old = { .this_s = -3 * DAY_S, .next_s = -DAY_S };
	const struct list no_end = { .this_s = -3 * DAY_S, .next_s = NONE };
	const struct list future = { .this_s = HOUR_S };
	const struct list backwards = { .this_s = -60, .next_s = -61 };

	assert_refused(*state, &old, "E3704");
	assert_refused(*state, &no_end, "E3704");
	assert_refused(*state, &future, "E3704");
	assert_refused(*state, &backwards, "E3701");
}

static void
what_says_too_little_is_refused(void **state)
{
	const struct list delta = { .extension = NID_delta_crl,
		.value = "critical,DER:02:01:01" };
	const struct list indirect = { .extension =
					   NID_issuing_distribution_point,
		.value = "critical,DER:30:03:84:01:ff" };
	const struct list cas = { .extension = NID_issuing_distribution_point,
		.value = "critical,DER:30:03:82:01:ff" };
	const struct list unknown = { .extension = NID_netscape_comment,
		.value = "critical,x" };

	assert_refused(*state, &delta, "E3702");
	assert_refused(*state, &indirect, "E3702");
	assert_refused(*state, &cas, "E3702");
	assert_refused(*state, &unknown, "E3701");
}

/* http://192.0.2.1/N.crl as the distribution point of a part. */
#define PART(n)                                                               \
	"critical,DER:30:1c:a0:1a:a0:18:86:16:68:74:74:70:3a:2f:2f:31:39:32:" \
	"2e:30:2e:32:2e:31:2f:" n ":2e:63:72:6c"

static void
a_part_speaks_of_those_who_name_it(void **state)
{
	const struct world *world = *state;
	const struct list own = { .extension = NID_issuing_distribution_point,
		.value = PART("31") };
	const struct list other = { .extension = NID_issuing_distribution_point,
		.value = PART("32") };
	struct revocation found;
	struct error err = { 0 };

	assert_int_equal(check(world, &own, world->placed.cert, &found, &err),
	    0);
	assert_int_equal(found.state, REVOCATION_GOOD);
	assert_int_equal(check(world, &other, world->placed.cert, &found, &err),
	    -1);
	assert_string_equal(err.id, "E3702");
	assert_refused(world, &own, "E3702"); /* the card names none */
}

static void
places_are_those_of_http(void **state)
{
	const struct world *world = *state;
	struct cert_places places;

	cert_places(world->placed.cert, &places);
	assert_int_equal(places.ocsp_count, 1);
	assert_string_equal(places.ocsp[0], "http://192.0.2.1/ocsp");
	assert_int_equal(places.crl_count, 1);
	assert_string_equal(places.crl[0], "http://192.0.2.1/1.crl");
	cert_places(world->card.cert, &places);
	assert_int_equal(places.ocsp_count + places.crl_count, 0);
}

static void
a_changed_byte_never_counts(void **state)
{
	const struct world *world = *state;
	const struct list how = { .revoked = &world->card, .others = 2 };
	struct bytes list = { 0 };

	make(world, &how, &list);
	for (size_t i = 0; i < list.len; i++) {
		struct error err = { 0 };
		struct crl crl;

		list.data[i] ^= 1;
		assert_int_equal(crl_open(list.data, list.len,
				     world->pki.sub.cert, pki_now, &crl, &err),
		    -1);
		list.data[i] ^= 1;
	}
	for (size_t len = 0; len < list.len; len++) {
		struct error err = { 0 };
		struct crl crl;

		assert_int_equal(crl_open(list.data, len, world->pki.sub.cert,
				     pki_now, &crl, &err),
		    -1);
	}
	bytes_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_not_listed_is_good),
		cmocka_unit_test(who_is_listed_is_revoked),
		cmocka_unit_test(a_list_of_100000_is_read_in_place),
		cmocka_unit_test(a_list_by_another_is_refused),
		cmocka_unit_test(an_old_list_is_refused),
		cmocka_unit_test(what_says_too_little_is_refused),
		cmocka_unit_test(a_part_speaks_of_those_who_name_it),
		cmocka_unit_test(places_are_those_of_http),
		cmocka_unit_test(a_changed_byte_never_counts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
