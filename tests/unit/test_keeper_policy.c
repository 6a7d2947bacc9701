#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "role/keeper/keeper_policy.h"

#define ADDENDUM(environment)                                            \
	"{\"format\":\"yizhan-rewrap-1\",\"environment\":\"" environment \
	"\",\"waybill\":\""
#define WAYBILL(environment)                                           \
	"{\"format\":\"yizhan-waybill-1\",\"head\":\"{\\\"format\\\":" \
	"\\\"yizhan-head-1\\\",\\\"environment\\\":\\\"" environment   \
	"\\\",\\\"waybill_id\\\":"
#define ACT(event)                                                                 \
	"{\"format\":\"yizhan-act-1\",\"environment\":\"demo\",\"event\":\"" event \
	"\",\"waybill\":\""
#define BULLETIN(type)                                                \
	"{\"format\":\"yizhan-bulletin-1\",\"environment\":\"demo\"," \
	"\"type\":\"" type "\",\"name\":\"\",\"serial\":7"
#define MANIFEST                                                         \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:ASiCManifest" \
	" xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""              \
	" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"            \
	"<asic:SigReference MimeType=\"application/x-pkcs7-signature\""  \
	" URI=\"META-INF/signature001.p7s\"/>"

static const char sign_key[] = "sign.376490000A";
static const char seal_key[] = "seal.376490000A";

static bool
may_sign(enum keeper_kind kind, const char *key, const char *statement)
{
	struct blob blob = blob_of(statement, strlen(statement));
	struct error err = { 0 };
	int rc = keeper_policy_check(kind, key, "demo", &blob, &err);

	if (rc < 0) {
		assert_int_equal(err.code, ERROR_DENIED);
		assert_string_equal(err.id, "E3307");
	}
	return rc == 0;
}

static void
each_statement_is_signed_by_the_key_it_belongs_to(void **state)
{
	(void)state;
	assert_true(may_sign(KEEPER_PACKAGE, sign_key, MANIFEST));
	assert_true(may_sign(KEEPER_WAYBILL, "module", WAYBILL("demo")));
	assert_true(
	    may_sign(KEEPER_CHECKPOINT, "log", "yizhan/demo/center-a/1\n7\n"));
	assert_true(may_sign(KEEPER_COSIGNATURE, "witness",
	    "yizhan/demo/center-b/1\n7\n"));
	assert_true(
	    may_sign(KEEPER_BULLETIN, "timestamp", BULLETIN("timestamp")));
	assert_true(may_sign(KEEPER_ACT, "module", ACT("fetched")));
	assert_true(may_sign(KEEPER_ACT, "module", ACT("opened")));
	assert_true(may_sign(KEEPER_ACT, "module", ACT("unreadable")));
	assert_true(may_sign(KEEPER_ACT, "module", ACT("withdrawn")));
	assert_true(may_sign(KEEPER_ACT, "module", ACT("rewrap")));
	assert_true(may_sign(KEEPER_ADDENDUM, "module", ADDENDUM("demo")));
	assert_true(may_sign(KEEPER_ACT, sign_key, ACT("confirmed")));
	assert_true(may_sign(KEEPER_ACT, sign_key, ACT("returned")));
}

static void
no_other_key_signs_it(void **state)
{
	static const char *const keys[] = { sign_key, seal_key, "module", "log",
		"timestamp", "witness", "", "sign.", "modules", "tls" };
	static const struct {
		enum keeper_kind kind;
		const char *statement;
		const char *key;
	} cases[] = {
		{ KEEPER_PACKAGE, MANIFEST, sign_key },
		{ KEEPER_WAYBILL, WAYBILL("demo"), "module" },
		{ KEEPER_CHECKPOINT, "yizhan/demo/center-a/1\n", "log" },
		{ KEEPER_COSIGNATURE, "yizhan/demo/center-a/1\n", "witness" },
		{ KEEPER_BULLETIN, BULLETIN("timestamp"), "timestamp" },
		{ KEEPER_ACT, ACT("fetched"), "module" },
		{ KEEPER_ACT, ACT("opened"), "module" },
		{ KEEPER_ACT, ACT("unreadable"), "module" },
		{ KEEPER_ACT, ACT("withdrawn"), "module" },
		{ KEEPER_ACT, ACT("rewrap"), "module" },
		{ KEEPER_ADDENDUM, ADDENDUM("demo"), "module" },
		{ KEEPER_ACT, ACT("confirmed"), sign_key },
		{ KEEPER_ACT, ACT("returned"), sign_key },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t j = 0; j < ARRAY_LEN(keys); j++)
			assert_int_equal(may_sign(cases[i].kind, keys[j],
					     cases[i].statement),
			    strcmp(keys[j], cases[i].key) == 0);
}

/* A spooler that was taken over asks for one thing under another's name. */
static void
a_statement_under_another_kind_is_refused(void **state)
{
	(void)state;
	assert_false(may_sign(KEEPER_PACKAGE, sign_key, ACT("confirmed")));
	assert_false(may_sign(KEEPER_WAYBILL, "module", ACT("fetched")));
	assert_false(may_sign(KEEPER_ACT, "module", WAYBILL("demo")));
	assert_false(may_sign(KEEPER_ACT, "module", ADDENDUM("demo")));
	assert_false(may_sign(KEEPER_ADDENDUM, "module", ACT("fetched")));
	assert_false(may_sign(KEEPER_ADDENDUM, "module", WAYBILL("demo")));
	assert_false(may_sign(KEEPER_CHECKPOINT, "log", WAYBILL("demo")));
	assert_false(may_sign(KEEPER_COSIGNATURE, "witness", WAYBILL("demo")));
	assert_false(may_sign((enum keeper_kind)0, "module", WAYBILL("demo")));
	assert_false(may_sign((enum keeper_kind)7, "module", WAYBILL("demo")));
}

static void
a_bulletin_of_another_type_is_refused(void **state)
{
	(void)state;
	assert_false(may_sign(KEEPER_BULLETIN, "timestamp", BULLETIN("root")));
	assert_false(
	    may_sign(KEEPER_BULLETIN, "timestamp", BULLETIN("directory")));
}

static void
an_event_that_no_module_states_is_refused(void **state)
{
	(void)state;
	assert_false(may_sign(KEEPER_ACT, "module", ACT("accepted")));
	assert_false(may_sign(KEEPER_ACT, sign_key, ACT("expired")));
	assert_false(may_sign(KEEPER_ACT, sign_key, ACT("")));
}

static void
another_environment_is_refused(void **state)
{
	(void)state;
	assert_false(may_sign(KEEPER_WAYBILL, "module", WAYBILL("production")));
	assert_false(
	    may_sign(KEEPER_ADDENDUM, "module", ADDENDUM("production")));
	assert_false(may_sign(KEEPER_WAYBILL, "module", WAYBILL("demo2")));
	assert_false(may_sign(KEEPER_CHECKPOINT, "log", "yizhan/demo2/c/1\n"));
	assert_false(may_sign(KEEPER_CHECKPOINT, "log", "yizhan/demo"));
}

static void
a_statement_that_only_ends_or_contains_it_is_refused(void **state)
{
	(void)state;
	assert_false(may_sign(KEEPER_ACT, "module", " " ACT("fetched")));
	assert_false(may_sign(KEEPER_ACT, "module",
	    "{\"event\":\"fetched\"," ACT("fetched")));
	assert_false(may_sign(KEEPER_ACT, "module",
	    "{\"format\":\"yizhan-act-1\",\"environment\":\"demo\"}"));
	assert_false(may_sign(KEEPER_WAYBILL, "module", ""));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_statement_is_signed_by_the_key_it_belongs_to),
		cmocka_unit_test(no_other_key_signs_it),
		cmocka_unit_test(a_statement_under_another_kind_is_refused),
		cmocka_unit_test(a_bulletin_of_another_type_is_refused),
		cmocka_unit_test(an_event_that_no_module_states_is_refused),
		cmocka_unit_test(another_environment_is_refused),
		cmocka_unit_test(
		    a_statement_that_only_ends_or_contains_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
