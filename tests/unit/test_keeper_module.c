#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/p256.h"
#include "crypto/secret.h"
#include "harness/pki.h"
#include "role/keeper/keeper_internal.h"
#include "service/config.h"

static const char statement[] =
    "{\"format\":\"yizhan-act-1\",\"environment\":"
    "\"demo\",\"event\":\"fetched\",\"waybill\":\"\"}";

/* A keeper without files; its keys are the test's. */
struct fixture {
	struct pki pki;
	struct pki_holder holder;
	struct config config;
	struct keeper keeper;
	char wrong[32];
	char environment[8];
};

static void
open_module(struct fixture *fixture)
{
	struct keeper *keeper = &fixture->keeper;

	memset(keeper, 0, sizeof(*keeper));
	keeper->environment = fixture->environment;
	keeper_module_open(&keeper->module, &fixture->config);
	keeper->keys.items = calloc(2, sizeof(*keeper->keys.items));
	assert_non_null(keeper->keys.items);
	keeper->keys.count = 2;
	keeper->keys.items[0] = (struct keeper_key){ .name = "module",
		.use = KEEPER_USE_MODULE,
		.key = fixture->holder.key,
		.cert = fixture->holder.cert };
	keeper->keys.items[1] = (struct keeper_key){ .name = "issuer",
		.use = KEEPER_USE_ISSUER,
		.key = fixture->pki.sub.key,
		.cert = fixture->pki.sub.cert };
	keeper_module_test(&keeper->module, &keeper->keys);
}

static void
set_up(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	pki_new(&fixture->pki);
	fixture->holder =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	snprintf(fixture->environment, sizeof(fixture->environment), "demo");
	fixture->config.host.environment = fixture->environment;
	fixture->config.test.wrong_answer = fixture->wrong;
}

/* What the keeper destroyed with its keys is not the fixture's any more. */
static void
tear_down(struct fixture *fixture)
{
	if (fixture->keeper.module.state == KEEPER_ZEROISED) {
		fixture->holder = (struct pki_holder){ 0 };
		fixture->pki.sub = (struct pki_holder){ 0 };
	}
	free(fixture->keeper.keys.items);
	pki_holder_free(&fixture->holder);
	pki_free(&fixture->pki);
}

static int
sign(struct fixture *fixture, struct error *err)
{
	struct message_sign request = { .key = "module",
		.kind = KEEPER_ACT,
		.time = pki_now,
		.statement = blob_of(statement, sizeof(statement) - 1) };
	struct bytes signature = { 0 };
	int rc = keeper_sign(&fixture->keeper, &request, &signature, err);

	bytes_free(&signature);
	return rc;
}

static void
refuses(struct fixture *fixture, const char *id)
{
	struct message_keep keep = { .secret = blob_of("x", 1) };
	struct message_unwrap unwrap = { .fields = blob_of("x", 1) };
	struct secret_key key;
	struct digest seal;
	struct bytes result = { 0 };
	struct error err = { 0 };

	assert_int_equal(sign(fixture, &err), -1);
	assert_string_equal(err.id, id);
	assert_int_equal(keeper_keep(&fixture->keeper, &keep, &result, &err),
	    -1);
	assert_string_equal(err.id, id);
	assert_int_equal(keeper_unwrap(&fixture->keeper, &unwrap, &key, &seal,
			     &err),
	    -1);
	assert_string_equal(err.id, id);
}

static void
a_module_that_passed_its_tests_signs(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	open_module(&fixture);
	assert_int_equal(fixture.keeper.module.state, KEEPER_READY);
	assert_int_equal(sign(&fixture, &err), 0);
	assert_int_equal(fixture.keeper.keys.items[0].uses, 1);
	tear_down(&fixture);
}

static void
one_wrong_answer_stops_all_use_until_the_next_start(void **state)
{
	struct message_module again = { .action = MODULE_SELFTEST };
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	snprintf(fixture.wrong, sizeof(fixture.wrong), "hkdf-sha256");
	open_module(&fixture);
	assert_int_equal(fixture.keeper.module.state, KEEPER_FAILED);
	assert_false(fixture.keeper.module.has_passed[KNOWN_HKDF]);
	assert_true(fixture.keeper.module.has_passed[KNOWN_SHA256]);
	refuses(&fixture, "E3621");
	/* Even if the test would pass now. */
	fixture.keeper.module.wrong = -1;
	assert_int_equal(keeper_act(&fixture.keeper, &again, &err), 0);
	refuses(&fixture, "E3621");
	tear_down(&fixture);
}

static void
a_key_is_used_as_often_as_policy_lets(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	fixture.config.module.uses_max = 2;
	open_module(&fixture);
	assert_int_equal(sign(&fixture, &err), 0);
	assert_int_equal(sign(&fixture, &err), 0);
	assert_int_equal(sign(&fixture, &err), -1);
	assert_string_equal(err.id, "E3624");
	tear_down(&fixture);
}

static void
release(struct fixture *fixture, const struct digest *digest, bool is_ours)
{
	struct message_module tell = { .action = MODULE_RELEASE,
		.is_ours = is_ours,
		.programs = blob_of(digest->bytes, sizeof(digest->bytes)) };
	struct error err = { 0 };

	assert_int_equal(keeper_act(&fixture->keeper, &tell, &err), 0);
}

static void
where_it_is_required_only_a_released_program_signs(void **state)
{
	static const struct digest other = { { 7 } };
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	fixture.config.module.integrity = 1;
	open_module(&fixture);
	assert_int_equal(fixture.keeper.module.state, KEEPER_WAITS);
	refuses(&fixture, "E3622");
	/* Of another version: it says nothing about this one. */
	release(&fixture, &other, false);
	refuses(&fixture, "E3622");
	release(&fixture, &fixture.keeper.module.program, true);
	assert_int_equal(sign(&fixture, &err), 0);
	release(&fixture, &other, true);
	refuses(&fixture, "E3621");
	assert_string_equal(fixture.keeper.module.failure.id, "E3625");
	tear_down(&fixture);
}

static void
where_it_is_reported_another_program_is_only_told(void **state)
{
	static const struct digest other = { { 7 } };
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	open_module(&fixture);
	release(&fixture, &other, true);
	assert_int_equal(fixture.keeper.module.integrity, KEEPER_DIFFERS);
	assert_int_equal(sign(&fixture, &err), 0);
	tear_down(&fixture);
}

static void
what_was_zeroised_signs_nothing_ever(void **state)
{
	struct message_module destroy = { .action = MODULE_ZEROISE };
	struct message_module test = { .action = MODULE_SELFTEST };
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	open_module(&fixture);
	assert_int_equal(keeper_act(&fixture.keeper, &destroy, &err), 0);
	assert_int_equal(fixture.keeper.keys.count, 0);
	refuses(&fixture, "E3623");
	assert_int_equal(keeper_act(&fixture.keeper, &test, &err), -1);
	assert_string_equal(err.id, "E3623");
	tear_down(&fixture);
}

static void
a_certificate_of_a_module_names_host_and_key(void **state)
{
	uint8_t point[P256_POINT_LEN] = { 0 };
	struct message_issue request = { .host = "gateway-1",
		.codes = "376490000A 376470000A",
		.public_key = blob_of(point, sizeof(point)),
		.not_before_at = pki_now,
		.not_after_at = pki_now + 86400000 };
	struct fixture fixture;
	struct bytes der = { 0 };
	struct cert *cert = NULL;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	open_module(&fixture);
	assert_int_equal(p256_point(fixture.holder.key, point, &err), 0);
	assert_int_equal(keeper_issue(&fixture.keeper, &request, &der, &err),
	    0);
	assert_int_equal(cert_parse(der.data, der.len, &cert, &err), 0);
	assert_true(key_matches(fixture.holder.key, cert));
	cert_free(cert);

	point[0] = 3;
	assert_int_equal(keeper_issue(&fixture.keeper, &request, &der, &err),
	    -1);
	assert_string_equal(err.id, "E3626");
	point[0] = 4;
	snprintf(request.host, sizeof(request.host), "Gateway/1");
	assert_int_equal(keeper_issue(&fixture.keeper, &request, &der, &err),
	    -1);
	assert_string_equal(err.id, "E3626");
	bytes_free(&der);
	tear_down(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_that_passed_its_tests_signs),
		cmocka_unit_test(
		    one_wrong_answer_stops_all_use_until_the_next_start),
		cmocka_unit_test(a_key_is_used_as_often_as_policy_lets),
		cmocka_unit_test(
		    where_it_is_required_only_a_released_program_signs),
		cmocka_unit_test(
		    where_it_is_reported_another_program_is_only_told),
		cmocka_unit_test(what_was_zeroised_signs_nothing_ever),
		cmocka_unit_test(a_certificate_of_a_module_names_host_and_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
