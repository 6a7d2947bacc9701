#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "directory/registration.h"

/* Stand-ins for certificates: DER elements; nothing here looks inside. */
#define TLS "MAQMAmFh"    /* 30 04 0c 02 'aa' */
#define MODULE "MAQMAm1t" /* ... 'mm' */
#define SIGN "MAQMAnNz"   /* ... 'ss' */
#define SEAL "MAQMAmVl"   /* ... 'ee' */
#define KEY(use, der)                                              \
	"{\"use\":\"" use "\",\"state\":\"active\",\"not_after\":" \
	"\"2030-01-01T00:00:00.000Z\",\"certificate\":\"" der "\"}"
#define ORG(code, host, status)                                         \
	"{\"code\":\"" code "\",\"name\":\"\xe7\xa4\xba\",\"kind\":"    \
	"\"agency\",\"status\":\"" status "\",\"center\":\"center-a\"," \
	"\"supervisor\":\"\",\"successor\":\"\",\"host\":\"" host "\"," \
	"\"accepts\":{\"letter_bytes\":0},\"keys\":[" KEY("sign",       \
	    SIGN) "," KEY("seal", SEAL) "," KEY("module", MODULE) "]}"
#define HOST                                                                 \
	"{\"name\":\"gateway-9\",\"address\":\"127.0.0.39\",\"tls\":[\"" TLS \
	"\"],\"codes\":[\"379000000A\"]}"
#define HEAD                                                              \
	"{\"format\":\"yizhan-registration-1\",\"environment\":\"demo\"," \
	"\"made\":\"2026-11-26T02:00:00.000Z\",\"proof\":"                \
	"\"0000000000000000000000000000000000000000000000000000000000000001\","
#define GOOD                                                          \
	HEAD "\"hosts\":[" HOST                                       \
	     "],\"centers\":[],\"organisations\":[" ORG("379000000A", \
		 "gateway-9", "active") "]}"

static int
decode(const char *json, struct registration *registration)
{
	struct error err = { 0 };
	int rc = registration_decode(json, strlen(json), registration, &err);

	if (rc < 0)
		assert_string_equal(error_message_id(&err), "E7114");
	return rc;
}

static void
what_is_written_is_read(void **state)
{
	struct registration registration = { .has_host = false };
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(decode(GOOD, &registration), 0);
	assert_true(registration.has_host);
	assert_int_equal(registration.organisation_count, 1);
	assert_int_equal(registration.organisations[0].key_count, 3);
	assert_int_equal(registration_encode(&registration, &json, &err), 0);
	bytes_put_u8(&json, '\0');
	assert_string_equal((const char *)json.data, GOOD);
	bytes_free(&json);
	registration_free(&registration);
}

static void
another_form_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"{}",
		HEAD "\"hosts\":[],\"centers\":[],\"organisations\":[]}",
		HEAD "\"hosts\":[" HOST "," HOST
		     "],\"centers\":[],\"organisations\":[]}",
		HEAD "\"hosts\":[" HOST "],\"centers\":[],"
		     "\"organisations\":{}}",
		HEAD "\"hosts\":[" HOST "],\"centers\":[],"
		     "\"organisations\":[],\"more\":1}",
		HEAD "\"hosts\":[" HOST
		     "],\"centers\":[],\"organisations\":[" ORG("379000000A",
			 "gateway-8", "active") "]}",
		HEAD "\"hosts\":[" HOST
		     "],\"centers\":[],\"organisations\":[" ORG("379000000A",
			 "gateway-9", "suspended") "]}",
		HEAD "\"hosts\":[" HOST
		     "],\"centers\":[],\"organisations\":[" ORG("379000000A",
			 "gateway-9", "active") "," ORG("379000000A",
			 "gateway-9", "active") "]}",
	};
	struct registration registration = { .has_host = false };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(decode(cases[i], &registration), -1);
}

static void
add(struct bytes *signers, const char *base64)
{
	struct bytes der = { 0 };
	struct digest digest;
	struct error err = { 0 };

	assert_int_equal(base64_parse(base64, strlen(base64), &der, &err), 0);
	sha256(der.data, der.len, &digest);
	bytes_put(signers, digest.bytes, DIGEST_LEN);
	bytes_free(&der);
}

/* All but the key that only decrypts must have signed. */
static void
every_key_that_signs_has_signed(void **state)
{
	static const char *const all[] = { TLS, MODULE, SIGN };
	struct registration registration = { .has_host = false };

	(void)state;
	assert_int_equal(decode(GOOD, &registration), 0);
	for (size_t without = 0; without <= ARRAY_LEN(all); without++) {
		struct bytes signers = { 0 };
		struct error err = { 0 };
		int rc;

		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			if (i != without)
				add(&signers, all[i]);
		rc = registration_check_signers(&registration, signers.data,
		    signers.len, &err);
		assert_int_equal(rc, without == ARRAY_LEN(all) ? 0 : -1);
		bytes_free(&signers);
	}
	registration_free(&registration);
}

static void
a_code_is_read_as_people_say_it(void **state)
{
	static const struct {
		const char *typed, *code; /* NULL: none */
	} cases[] = {
		{ "73KQ-20LD-9XVT-A4ME", "73KQ201D9XVTA4ME" },
		{ " 73kq 2old 9xvt a4me ", "73KQ201D9XVTA4ME" },
		{ "73KQ20ID9XVTA4ME", "73KQ201D9XVTA4ME" },
		{ "73KQ-20LD-9XVT-A4M", NULL },
		{ "73KQ-20LD-9XVT-A4MEE", NULL },
		{ "73KQ-20LD-9XVT-A4MU", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char code[REGISTRATION_CODE_SIZE];

		assert_int_equal(registration_code_fold(cases[i].typed, code),
		    cases[i].code != NULL);
		if (cases[i].code != NULL)
			assert_string_equal(code, cases[i].code);
	}
}

/* Neither another code nor another host has the same proof. */
static void
the_proof_is_of_code_and_host(void **state)
{
	struct registration registration = { .has_host = false };
	struct digest one, again, other;

	(void)state;
	assert_int_equal(decode(GOOD, &registration), 0);
	registration_proof("73KQ201D9XVTA4ME", &registration, &one);
	registration_proof("73KQ201D9XVTA4ME", &registration, &again);
	assert_true(digest_equal(&one, &again));
	registration_proof("73KQ201D9XVTA4MF", &registration, &other);
	assert_false(digest_equal(&one, &other));
	registration.host.tls[0].data[5] ^= 1;
	registration_proof("73KQ201D9XVTA4ME", &registration, &other);
	assert_false(digest_equal(&one, &other));
	registration_free(&registration);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(another_form_is_refused),
		cmocka_unit_test(every_key_that_signs_has_signed),
		cmocka_unit_test(a_code_is_read_as_people_say_it),
		cmocka_unit_test(the_proof_is_of_code_and_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
