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
#include "bulletin/measures.h"
#include "case/case_library.h"
#include "directory/body_change.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "directory/registration.h"
#include "json/json_read.h"
#include "management/casework_effect.h"
#include "management/casework_watch.h"
#include "management/management_access.h"
#include "policy/office.h"

/* Stand-ins for certificates: DER elements that say two characters. */
#define T1 "MAQMAnQx"
#define T2 "MAQMAnQy"
#define T3 "MAQMAnQz"
#define T9 "MAQMAnQ5"
#define C1 "MAQMAmMx"
#define C2 "MAQMAmMy"
#define L1 "MAQMAmwx"
#define L2 "MAQMAmwy"
#define S0 "MAQMAnMw"
#define S1 "MAQMAnMx"
#define S9 "MAQMAnM5"
#define E1 "MAQMAmUx"
#define M1 "MAQMAm0x"

#define KEY(use, der)                                              \
	"{\"use\":\"" use "\",\"state\":\"active\",\"not_after\":" \
	"\"2030-01-01T00:00:00.000Z\",\"certificate\":\"" der "\"}"
#define ORG(code, name, status, center, above, heir, host, keys)            \
	"{\"code\":\"" code "\",\"name\":\"" name "\",\"kind\":\"agency\"," \
	"\"status\":\"" status "\",\"center\":\"" center                    \
	"\",\"supervisor\":\"" above "\",\"successor\":\"" heir             \
	"\",\"host\":\"" host "\",\"accepts\":{\"letter_bytes\":0},"        \
	"\"keys\":[" keys "]}"
#define REVOKED(der)                                                \
	"{\"use\":\"sign\",\"state\":\"revoked\",\"not_after\":"    \
	"\"2030-01-01T00:00:00.000Z\",\"certificate\":\"" der "\"," \
	"\"revoked\":{\"reason\":\"key_compromise\",\"at\":"        \
	"\"2026-01-01T00:00:00.000Z\"}}"
#define KEYS KEY("sign", S1) "," KEY("seal", E1) "," KEY("module", M1)
#define CENTER(name, ip, tls, log)                                        \
	"{\"name\":\"" name "\",\"kind\":\"shared\",\"conformance\":"     \
	"\"yizhan\",\"address\":\"" ip "\",\"port\":7443,\"tls\":[\"" tls \
	"\"],\"log\":\"" log "\",\"origin\":\"yizhan/demo/" name "/1\"}"
#define HOST(name, ip, tls, codes)                                      \
	"{\"name\":\"" name "\",\"address\":\"" ip "\",\"tls\":[\"" tls \
	"\"],\"codes\":[" codes "]}"

static const char directory_body[] = "{\"organisations\":[" ORG("100000000A",
    "\xe7\x94\xb2", "active", "center-a", "900000000Z", "", "gateway-1",
    KEYS "," REVOKED(S0)) "," ORG("200000000B", "\xe4\xb9\x99", "active",
    "center-a", "", "", "gateway-2", "") "," ORG("300000000C", "\xe4\xb8\x99",
    "dissolved", "center-a", "", "100000000A", "gateway-2",
    "") "," ORG("900000000Z", "\xe4\xb8\x8a", "active", "", "", "", "",
    "") "]}";
/* An organisation with units, one of which left before, and one below it. */
static const char units_body[] = "{\"organisations\":[" ORG("100000000A",
    "\xe7\x94\xb2", "active", "center-a", "900000000Z", "", "gateway-1",
    KEYS) "," ORG("100000000A0000001", "\xe4\xb8\x80", "active", "center-a",
    "100000000A", "", "gateway-2", "") "," ORG("100000000A0000002",
    "\xe4\xba\x8c", "dissolved", "center-a", "100000000A", "100000000A0000001",
    "", "") "," ORG("100000000A0000003", "\xe4\xb8\x89", "paper", "",
    "100000000A", "", "", "") "," ORG("200000000B", "\xe4\xb9\x99", "active",
    "center-a", "100000000A", "", "gateway-2", "") "," ORG("900000000Z",
    "\xe4\xb8\x8a", "active", "", "", "", "", "") "]}";
static const char network_body[] =
    "{\"centers\":[" CENTER("center-a", "127.0.0.21", C1,
	L1) "," CENTER("center-b", "127.0.0.22", C2, L2) "],\"management\":[]}";
static const char access_a_body[] = "{\"hosts\":[" HOST("gateway-1",
    "127.0.0.31", T1, "\"100000000A\"") "," HOST("gateway-2", "127.0.0.32", T2,
    "\"200000000B\",\"300000000C\"") "]}";
static const char access_b_body[] =
    "{\"hosts\":[" HOST("gateway-3", "127.0.0.33", T3, "\"600000000F\"") "]}";

/* What the bulletins say: body by type and name. */
enum { DIRECTORY, NETWORK, ACCESS_A, ACCESS_B, BODIES };
static const struct {
	const char *type, *name;
} kinds[BODIES] = {
	{ "directory", "" },
	{ "network", "" },
	{ "access", "center-a" },
	{ "access", "center-b" },
};

struct world {
	char *bodies[BODIES];
	struct bytes image;
	struct directory *directory;
};

static struct case_library *library;

static void
parse_body(const char *type, const char *name, const char *body,
    struct bulletin *ret_bulletin)
{
	struct bytes json = { 0 };
	struct error err = { 0 };

	bytes_put_format(&json,
	    "{\"format\":\"yizhan-bulletin-1\",\"environment\":\"demo\","
	    "\"type\":\"%s\",\"name\":\"%s\",\"serial\":1,"
	    "\"issued\":\"2026-11-26T00:00:00.000Z\","
	    "\"expires\":\"2027-11-26T00:00:00.000Z\",\"previous\":\"\","
	    "\"body\":%s}",
	    type, name, body);
	if (bulletin_parse(json.data, json.len, ret_bulletin, &err) < 0)
		fail_msg("%s: %s", type, err.text);
	bytes_free(&json);
}

static void
world_build(struct world *world)
{
	struct bulletin bulletins[BODIES] = { { .serial = 0 } };
	const struct bulletin *const access[] = { &bulletins[ACCESS_A],
		&bulletins[ACCESS_B] };
	const struct directory_sources sources = {
		.directory = &bulletins[DIRECTORY],
		.network = &bulletins[NETWORK],
		.access = access,
		.access_count = 2,
	};
	struct error err = { 0 };

	for (int i = 0; i < BODIES; i++)
		parse_body(kinds[i].type, kinds[i].name, world->bodies[i],
		    &bulletins[i]);
	directory_close(world->directory);
	world->directory = NULL;
	bytes_free(&world->image);
	world->image = (struct bytes){ 0 };
	if (directory_image_build(&sources, &world->image, &err) < 0 ||
	    directory_open(world->image.data, world->image.len,
		&world->directory, &err) < 0)
		fail_msg("%s", err.text);
	for (int i = 0; i < BODIES; i++)
		bulletin_free(&bulletins[i]);
}

static void
world_begin(struct world *world, const char *directory)
{
	*world = (struct world){ .directory = NULL };
	world->bodies[DIRECTORY] = text_dup(directory);
	world->bodies[NETWORK] = text_dup(network_body);
	world->bodies[ACCESS_A] = text_dup(access_a_body);
	world->bodies[ACCESS_B] = text_dup(access_b_body);
	world_build(world);
}

static void
world_end(struct world *world)
{
	directory_close(world->directory);
	bytes_free(&world->image);
	for (int i = 0; i < BODIES; i++)
		free(world->bodies[i]);
}

/* Lay one change over the body that it is of. */
static void
world_lay(struct world *world, const struct json_value *change)
{
	for (int i = 0; i < BODIES; i++) {
		struct json_document *old = NULL;
		struct bytes body = { 0 };
		struct error err = { 0 };

		if (!text_equal(casework_field(change, "type"),
			kinds[i].type) ||
		    !text_equal(casework_field(change, "name"), kinds[i].name))
			continue;
		assert_int_equal(json_read(world->bodies[i],
				     strlen(world->bodies[i]), 65536, &old,
				     &err),
		    0);
		assert_int_equal(body_change_apply(json_root(old), change,
				     &body, &err),
		    0);
		bytes_put_u8(&body, '\0');
		free(world->bodies[i]);
		world->bodies[i] = (char *)body.data;
		json_document_free(old);
	}
}

/* ---- cases -------------------------------------------------------------------- */

#define REGISTRATION(host, orgs)                                              \
	"{\"format\":\"yizhan-registration-1\",\"environment\":\"demo\","     \
	"\"made\":\"2026-11-26T02:00:00.000Z\",\"proof\":\"00000000000000000" \
	"00000000000000000000000000000000000000000000001\",\"hosts\":[" host  \
	"],\"centers\":[],\"organisations\":[" orgs "]}"
#define NEW_HOST HOST("gateway-9", "127.0.0.39", T9, "\"400000000D\"")
#define NEW_ORG                                                         \
	ORG("400000000D", "\xe4\xb8\x81", "active", "center-a", "", "", \
	    "gateway-9", KEY("sign", S9))
#define FIELDS(more) "{\"contact\":\"x\"," more "}"

struct tried {
	const char *definition, *effect, *fields, *registration;
	const char *wants; /* in the changes; NULL: refused with E7118 */
	int of;            /* bulletins that it changes */
};

static const struct tried tries[] = {
	{ "change-name", "rename",
	    FIELDS("\"organisation\":\"100000000A\",\"name\":\"new\""), NULL,
	    "\"name\":\"new\"", 1 },
	{ "change-name", "rename",
	    FIELDS("\"organisation\":\"700000000X\",\"name\":\"new\""), NULL,
	    NULL, 0 },
	{ "change-name", "rename",
	    FIELDS("\"organisation\":\"300000000C\",\"name\":\"new\""), NULL,
	    NULL, 0 },
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"500000000E\""),
	    NULL, "\"successor\":\"500000000E\"", 2 },
	/* When and why a key was revoked goes along. */
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"500000000E\""),
	    NULL, "\"at\":\"2026-01-01T00:00:00.000Z\"", 2 },
	{ "change-card", "card",
	    FIELDS("\"organisation\":\"100000000A\",\"custodian\":\"y\""),
	    REGISTRATION(HOST("gateway-1", "127.0.0.31", T1, "\"100000000A\""),
		ORG("100000000A", "x", "active", "center-a", "", "",
		    "gateway-1", KEY("sign", S9))),
	    "\"at\":\"2026-01-01T00:00:00.000Z\"", 1 },
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"200000000B\""),
	    NULL, NULL, 0 },
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"100000000A\""),
	    NULL, NULL, 0 },
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"300000000C\",\"code\":\"500000000E\""),
	    NULL, NULL, 0 },
	{ "dissolve", "dissolve",
	    FIELDS("\"organisation\":\"200000000B\","
		   "\"successor\":\"100000000A\""),
	    NULL, "\"status\":\"dissolved\"", 1 },
	{ "dissolve", "dissolve",
	    FIELDS("\"organisation\":\"200000000B\","
		   "\"successor\":\"200000000B\""),
	    NULL, NULL, 0 },
	{ "dissolve", "dissolve",
	    FIELDS("\"organisation\":\"200000000B\","
		   "\"successor\":\"300000000C\""),
	    NULL, NULL, 0 },
	/* What ended three months before the moment that the case names. */
	{ "remove-ended", "remove-ended",
	    FIELDS("\"until\":\"2030-06-01T00:00:00.000Z\",\"count\":\"1\""),
	    NULL, "{\"code\":\"100000000A\",\"keys\":[]}", 1 },
	{ "remove-ended", "remove-ended",
	    FIELDS("\"until\":\"soon\",\"count\":\"1\""), NULL, NULL, 0 },
	{ "change-address", "move-host",
	    FIELDS("\"host\":\"gateway-2\",\"address\":\"127.0.0.42\""), NULL,
	    "127.0.0.42", 1 },
	{ "change-address", "move-host",
	    FIELDS("\"host\":\"center-b\",\"address\":\"127.0.0.42\""), NULL,
	    "\"type\":\"network\"", 1 },
	{ "change-address", "move-host",
	    FIELDS("\"host\":\"gateway-7\",\"address\":\"127.0.0.42\""), NULL,
	    NULL, 0 },
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"400000000D\","
		   "\"center\":\"center-a\""),
	    REGISTRATION(NEW_HOST, NEW_ORG), "\"gateway-9\"", 2 },
	/* No request file, or another host's. */
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"400000000D\","
		   "\"center\":\"center-a\""),
	    NULL, NULL, 0 },
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-8\",\"organisation\":\"400000000D\","
		   "\"center\":\"center-a\""),
	    REGISTRATION(NEW_HOST, NEW_ORG), NULL, 0 },
	/* Another center or organisation than the request says. */
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"400000000D\","
		   "\"center\":\"center-b\""),
	    REGISTRATION(NEW_HOST, NEW_ORG), NULL, 0 },
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"100000000A\","
		   "\"center\":\"center-a\""),
	    REGISTRATION(NEW_HOST, NEW_ORG), NULL, 0 },
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"400000000D\","
		   "\"center\":\"center-x\""),
	    REGISTRATION(NEW_HOST, NEW_ORG), NULL, 0 },
	/* Nobody takes another's organisation by registering a host. */
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"100000000A\","
		   "\"center\":\"center-a\""),
	    REGISTRATION(HOST("gateway-9", "127.0.0.39", T9, "\"100000000A\""),
		ORG("100000000A", "x", "active", "center-a", "", "",
		    "gateway-9", KEY("sign", S9))),
	    NULL, 0 },
	{ "register-gateway", "register",
	    FIELDS("\"host\":\"gateway-9\",\"organisation\":\"300000000C\","
		   "\"center\":\"center-a\""),
	    REGISTRATION(HOST("gateway-9", "127.0.0.39", T9, "\"300000000C\""),
		ORG("300000000C", "x", "active", "center-a", "", "",
		    "gateway-9", KEY("sign", S9))),
	    NULL, 0 },
	{ "change-center", "move-center",
	    FIELDS("\"host\":\"gateway-1\",\"organisation\":\"100000000A\","
		   "\"center\":\"center-b\""),
	    REGISTRATION(HOST("gateway-1", "127.0.0.31", T1, "\"100000000A\""),
		ORG("100000000A", "x", "active", "center-b", "", "",
		    "gateway-1", KEYS)),
	    "\"removed\":[\"gateway-1\"]", 3 },
	{ "change-center", "move-center",
	    FIELDS("\"host\":\"gateway-3\",\"organisation\":\"600000000F\","
		   "\"center\":\"center-a\""),
	    REGISTRATION(HOST("gateway-3", "127.0.0.33", T3, "\"600000000F\""),
		ORG("600000000F", "x", "active", "center-a", "", "",
		    "gateway-3", KEY("sign", S9))),
	    "\"removed\":[\"gateway-3\"]", 3 },
	{ "change-card", "card",
	    FIELDS("\"organisation\":\"100000000A\",\"custodian\":\"y\""),
	    REGISTRATION(HOST("gateway-1", "127.0.0.31", T1, "\"100000000A\""),
		ORG("100000000A", "x", "active", "center-a", "", "",
		    "gateway-1", KEY("sign", S9))),
	    "\"state\":\"retiring\"", 1 },
	{ "change-card", "card",
	    FIELDS("\"organisation\":\"200000000B\",\"custodian\":\"y\""),
	    REGISTRATION(HOST("gateway-1", "127.0.0.31", T1, "\"100000000A\""),
		ORG("100000000A", "x", "active", "center-a", "", "",
		    "gateway-1", KEY("sign", S9))),
	    NULL, 0 },
	{ "report-card-lost", "hold-card",
	    FIELDS("\"organisation\":\"100000000A\",\"card\":\"00000000000000"
		   "00000000000000000000000000000000000000000000000000\""),
	    NULL, NULL, 0 },
	{ "change-name", "no-effect",
	    FIELDS("\"organisation\":\"100000000A\",\"name\":\"new\""), NULL,
	    NULL, 0 },
};

static const struct tried with_units[] = {
	/* Units go along, to their own hosts, and whom it supervises follows. */
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"500000000E\""),
	    NULL, "{\"code\":\"500000000E0000001\",\"name\":\"\xe4\xb8\x80\"",
	    3 },
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"500000000E\""),
	    NULL,
	    "{\"code\":\"100000000A0000003\",\"status\":\"dissolved\","
	    "\"successor\":\"500000000E0000003\"}",
	    3 },
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A\",\"code\":\"500000000E\""),
	    NULL, "{\"code\":\"200000000B\",\"supervisor\":\"500000000E\"}",
	    3 },
	/* A unit does not become an organisation. */
	{ "change-code", "recode",
	    FIELDS("\"organisation\":\"100000000A0000001\","
		   "\"code\":\"500000000E\""),
	    NULL, NULL, 0 },
};

/* The changes that a case wants; NULL when it is refused. */
static struct json_document *
changes_of(const struct world *world, const struct tried *tried,
    const struct casework_case *file, bool is_done)
{
	struct registration registration = { .has_host = false };
	struct casework_facts facts = { .directory = world->directory };
	struct json_document *document = NULL;
	struct bytes json = { 0 };
	struct error err = { 0 };
	int rc;

	if (tried->registration != NULL) {
		if (registration_decode(tried->registration,
			strlen(tried->registration), &registration, &err) < 0)
			fail_msg("%s", err.text);
		facts.registration = &registration;
	}
	rc = casework_effect_put(file, tried->effect, &facts, &json, &err);
	if (rc < 0)
		assert_string_equal(error_message_id(&err), "E7118");
	else if (tried->wants == NULL)
		fail_msg("%s was taken: %.*s", tried->effect, (int)json.len,
		    (const char *)json.data);
	if (rc == 0) {
		bytes_put_u8(&json, '\0');
		if (!is_done &&
		    strstr((const char *)json.data, tried->wants) == NULL)
			fail_msg("%s", (const char *)json.data);
		assert_int_equal(json_read(json.data, json.len - 1, 65536,
				     &document, &err),
		    0);
	} else if (tried->wants != NULL) {
		fail_msg("%s", err.text);
	}
	bytes_free(&json);
	registration_free(&registration);
	return document;
}

static bool
is_in_force(const struct world *world, const struct casework_case *file,
    const struct json_document *changes)
{
	static const struct measures none;

	return casework_effect_is_in_force(file, json_root(changes),
	    world->directory, &none);
}

/* Not before, and not with all bulletins but one; then it is, and stays so. */
static void
try_case(const struct tried *tried, const char *directory)
{
	struct casework_case file = { .number = 1 };
	struct json_document *changes, *again;
	struct world world;
	char *fields = text_dup(tried->fields);
	size_t count;

	world_begin(&world, directory);
	file.definition = case_library_find(library, tried->definition);
	file.fields = fields;
	assert_non_null(file.definition);
	changes = changes_of(&world, tried, &file, false);
	count = changes == NULL ? 0 : json_value_count(json_root(changes));
	assert_int_equal(count, tried->of);
	for (size_t i = 0; i < count; i++) {
		/* Neither the first changes, nor those made anew meanwhile. */
		assert_false(is_in_force(&world, &file, changes));
		again = changes_of(&world, tried, &file, true);
		assert_false(is_in_force(&world, &file, again));
		json_document_free(again);
		world_lay(&world, json_value_item(json_root(changes), i));
		world_build(&world);
	}
	if (count > 0) {
		assert_true(is_in_force(&world, &file, changes));
		again = changes_of(&world, tried, &file, true);
		assert_true(is_in_force(&world, &file, again));
		json_document_free(again);
	}
	json_document_free(changes);
	world_end(&world);
	free(fields);
}

static void
a_case_is_done_when_all_its_bulletins_say_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tries); i++)
		try_case(&tries[i], directory_body);
}

static void
units_follow_the_code_of_their_organisation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(with_units); i++)
		try_case(&with_units[i], units_body);
}

/* The end of whatever use has no later certificate; not of what is retiring. */
static void
the_watch_waits_for_the_first_use_that_ends(void **state)
{
	struct digest certificate = { { 0 } };
	struct digest none = { { 0 } };
	struct directory_org org;
	struct org_code code;
	struct world world;
	int64_t end;

	(void)state;
	world_begin(&world, directory_body);
	assert_true(org_code_parse("100000000A", &code));
	assert_true(directory_find_org(world.directory, &code, &org));
	end = casework_watch_end(world.directory, &org, &certificate);
	assert_int_equal(end, INT64_C(1893456000000)); /* 2030-01-01 */
	assert_false(digest_equal(&certificate, &none));
	assert_true(org_code_parse("200000000B", &code));
	assert_true(directory_find_org(world.directory, &code, &org));
	assert_int_equal(casework_watch_end(world.directory, &org,
			     &certificate),
	    INT64_MAX);
	world_end(&world);
}

/* Of measures, the one with the case's own id. */
static void
a_measure_is_known_by_its_case(void **state)
{
	struct casework_case file = { .id = "115-000001-AAAA" };
	struct measure hold = { .id = "115-000002-BBBB" };
	const struct measures measures = { .holds = &hold, .hold_count = 1 };
	static const char text[] =
	    "[{\"type\":\"hold\",\"name\":\"\",\"entries\":[],\"removed\":[]}]";
	struct json_document *changes = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(json_read(text, sizeof(text) - 1, 1024, &changes,
			     &err),
	    0);
	assert_false(casework_effect_is_in_force(&file, json_root(changes),
	    NULL, &measures));
	text_copy(hold.id, sizeof(hold.id), file.id);
	assert_true(casework_effect_is_in_force(&file, json_root(changes), NULL,
	    &measures));
	json_document_free(changes);
}

/* R5.7: a supervisor sees its subtree, and nothing beside it. */
static void
a_supervisor_sees_what_is_below_it(void **state)
{
	struct management_caller above = { .offices = 1 << OFFICE_SUPERVISOR };
	struct world world;

	(void)state;
	world_begin(&world, directory_body);
	assert_true(org_code_parse("900000000Z", &above.organisation));
	assert_true(management_may_see(&above, world.directory, "100000000A"));
	assert_true(management_may_see(&above, world.directory, "900000000Z"));
	assert_false(management_may_see(&above, world.directory, "200000000B"));
	assert_false(management_may_see(&above, world.directory, ""));
	above.offices = 1 << OFFICE_APPLICANT;
	assert_false(management_may_see(&above, world.directory, "100000000A"));
	world_end(&world);
}

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	return case_library_new(&library, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	case_library_free(library);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_case_is_done_when_all_its_bulletins_say_so),
		cmocka_unit_test(units_follow_the_code_of_their_organisation),
		cmocka_unit_test(the_watch_waits_for_the_first_use_that_ends),
		cmocka_unit_test(a_measure_is_known_by_its_case),
		cmocka_unit_test(a_supervisor_sees_what_is_below_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
