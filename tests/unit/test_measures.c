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
#include "bulletin/measures.h"
#include "bulletin/texts.h"
#include "model/times.h"

/* The clock of the tests: 2026-11-22T03:00:00Z, an hour's beginning. */
static const int64_t now = INT64_C(1795316400000);
static const int64_t hour = 3600 * INT64_C(1000);

static const char *const organisation = "376490000A";

/* A bulletin of a type, issued at an instant, with this body. */
static struct bulletin
bulletin_by(const char *type, const char *name, int64_t issued,
    const char *body)
{
	struct bulletin bulletin = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };
	char issued_text[TIMES_RFC3339_SIZE];
	char expires_text[TIMES_RFC3339_SIZE];

	times_format(issued, issued_text);
	times_format(issued + 1000 * hour, expires_text);
	bytes_put_format(&json,
	    "{\"format\":\"yizhan-bulletin-1\",\"environment\":\"demo\","
	    "\"type\":\"%s\",\"name\":\"%s\",\"serial\":1,\"issued\":\"%s\","
	    "\"expires\":\"%s\",\"previous\":\"\",\"body\":%s}",
	    type, name, issued_text, expires_text, body);
	if (bulletin_parse(json.data, json.len, &bulletin, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&json);
	return bulletin;
}

static struct bulletin
bulletin_of(const char *type, int64_t issued, const char *body)
{
	return bulletin_by(type, "", issued, body);
}

/* One hold or suspension, in JSON. */
static void
put_measure(struct bytes *to, const char *id, const char *subject,
    const char *name, const char *direction, int64_t from, const char *rest)
{
	char text[TIMES_RFC3339_SIZE];

	times_format(from, text);
	bytes_put_format(to,
	    "%s{\"case\":\"%s\",\"subject\":\"%s\",\"name\":\"%s\","
	    "\"direction\":\"%s\",\"ground\":2,\"stops_queued\":false,"
	    "\"reason\":\"遺失\",\"from\":\"%s\",%s}",
	    to->len > 0 && to->data[to->len - 1] == '}' ? "," : "", id, subject,
	    name, direction, text, rest);
}

static void
put_hold(struct bytes *to, const char *id, const char *subject,
    const char *name, int64_t from, int64_t until)
{
	char rest[64];
	char text[TIMES_RFC3339_SIZE];

	times_format(until, text);
	snprintf(rest, sizeof(rest), "\"until\":\"%s\"", text);
	put_measure(to, id, subject, name, "sending", from, rest);
}

static struct bulletin
wrap(const char *type, const char *list, int64_t issued, struct bytes *items)
{
	struct bytes body = { 0 };
	struct bulletin bulletin;

	bytes_put_format(&body, "{\"%s\":[%.*s]}", list, (int)items->len,
	    items->len > 0 ? (const char *)items->data : "");
	bytes_put_u8(&body, '\0');
	bulletin = bulletin_of(type, issued, (const char *)body.data);
	bytes_free(&body);
	bytes_free(items);
	return bulletin;
}

static struct bulletin
holds(int64_t issued, struct bytes *items)
{
	return wrap("hold", "holds", issued, items);
}

static struct bulletin
suspensions(const char *id, const char *direction, int64_t from)
{
	struct bytes items = { 0 };

	put_measure(&items, id, "organisation", organisation, direction, from,
	    "\"fallback\":\"\",\"paper_from\":\"\"");
	return wrap("suspension", "suspensions", now, &items);
}

static struct bulletin
restorations(const char *id, int64_t from)
{
	struct bytes items = { 0 };
	char text[TIMES_RFC3339_SIZE];

	times_format(from, text);
	bytes_put_format(&items,
	    "{\"case\":\"%s\",\"reason\":\"\",\"from\":\"%s\"}", id, text);
	return wrap("restoration", "restorations", now, &items);
}

/* Read it and release it. */
static int
take(struct measures *measures, struct bulletin bulletin, struct error *err)
{
	int rc = measures_read(measures, &bulletin, err);

	bulletin_free(&bulletin);
	return rc;
}

static void
takes(struct measures *measures, struct bulletin bulletin)
{
	struct error err = { 0 };

	if (take(measures, bulletin, &err) < 0)
		fail_msg("%s", err.text);
}

static enum measure_state
state_at(const struct measures *measures, enum measure_direction direction,
    int64_t at)
{
	return measures_judge(measures, MEASURE_ORGANISATION, organisation,
	    direction, at)
	    .state;
}

static void
a_hold_ends_with_its_term(void **unused)
{
	struct measures measures = { 0 };
	struct bytes items = { 0 };

	(void)unused;
	put_hold(&items, "h-1", "organisation", organisation, now,
	    now + 72 * hour);
	takes(&measures, holds(now, &items));
	assert_int_equal(state_at(&measures, MEASURE_SENDING, now - 1),
	    MEASURE_FREE);
	assert_int_equal(state_at(&measures, MEASURE_SENDING, now),
	    MEASURE_HELD);
	assert_int_equal(state_at(&measures, MEASURE_RECEIVING, now),
	    MEASURE_FREE);
	assert_int_equal(state_at(&measures, MEASURE_BOTH, now), MEASURE_HELD);
	assert_int_equal(state_at(&measures, MEASURE_SENDING,
			     now + 72 * hour - 1),
	    MEASURE_HELD);
	assert_int_equal(state_at(&measures, MEASURE_SENDING, now + 72 * hour),
	    MEASURE_RESTORED);
	measures_free(&measures);
}

static void
a_suspension_holds_until_it_is_restored(void **unused)
{
	struct measures measures = { 0 };
	struct measure_standing standing;
	struct bytes items = { 0 };

	(void)unused;
	put_hold(&items, "c-1", "organisation", organisation, now, now + hour);
	takes(&measures, holds(now, &items));
	/* The suspension of the same case ratifies the hold. */
	takes(&measures, suspensions("c-1", "both", now));
	standing = measures_judge(&measures, MEASURE_ORGANISATION, organisation,
	    MEASURE_RECEIVING, now + 100000 * hour);
	assert_int_equal(standing.state, MEASURE_SUSPENDED);
	assert_int_equal(standing.measure->ground, 2);
	assert_string_equal(standing.measure->id, "c-1");

	takes(&measures, restorations("c-1", now + 2 * hour));
	assert_int_equal(state_at(&measures, MEASURE_SENDING, now + hour),
	    MEASURE_SUSPENDED);
	assert_int_equal(state_at(&measures, MEASURE_SENDING, now + 2 * hour),
	    MEASURE_RESTORED);
	/* Another case against the same organisation is not ended by it. */
	takes(&measures, suspensions("c-2", "sending", now + 3 * hour));
	assert_int_equal(state_at(&measures, MEASURE_SENDING, now + 3 * hour),
	    MEASURE_SUSPENDED);
	measures_free(&measures);
}

/* What a center's rules ask: in force now, and when that changes. */
static void
what_is_in_force_is_put_as_holds(void **unused)
{
	static struct hold list[MEASURES_HOLDS_MAX];
	struct measures measures = { 0 };
	struct bytes items = { 0 };
	int64_t next;

	(void)unused;
	assert_int_equal(measures_put_holds(&measures, now, list, &next), 0);
	assert_true(next == INT64_MAX);
	put_hold(&items, "h-1", "host", "gateway-1", now, now + hour);
	put_hold(&items, "h-2", "unit", "376490000A0000001", now + 5,
	    now + hour);
	put_hold(&items, "h-3", "host", "gateway-1", now - 2 * hour,
	    now - hour);
	takes(&measures, holds(now, &items));
	takes(&measures, suspensions("c-1", "receiving", now));
	takes(&measures, restorations("c-1", now + 9 * hour));

	assert_int_equal(measures_put_holds(&measures, now, list, &next), 2);
	assert_true(next == now + 5);
	assert_int_equal(list[0].scope, HOLD_ORGANISATION);
	assert_string_equal(list[0].name, organisation);
	assert_int_equal(list[0].direction, HOLD_RECEIVING);
	assert_true(list[0].until_ms == now + 9 * hour);
	assert_int_equal(list[1].scope, HOLD_HOST);
	assert_true(list[1].until_ms == now + hour);
	assert_int_equal(measures_put_holds(&measures, now + hour, list, &next),
	    1);
	assert_int_equal(measures_put_holds(&measures, now + 9 * hour, list,
			     &next),
	    0);
	measures_free(&measures);
}

static void
a_hold_goes_no_further_than_it_may(void **unused)
{
	struct measures measures = { 0 };
	struct bytes items = { 0 };
	struct error err = { 0 };
	char id[16];

	(void)unused;
	put_hold(&items, "h-1", "center", "center-a", now, now + hour);
	assert_int_equal(take(&measures, holds(now, &items), &err), -1);
	assert_string_equal(err.id, "E7012");
	put_hold(&items, "h-1", "organisation", organisation, now,
	    now + 72 * hour + 1);
	assert_int_equal(take(&measures, holds(now, &items), &err), -1);
	assert_string_equal(err.id, "E7012");

	for (int i = 0; i <= HOLDS_AN_HOUR_MAX; i++) {
		snprintf(id, sizeof(id), "h-%d", i);
		put_hold(&items, id, "organisation", organisation, now + i,
		    now + hour);
		if (i == HOLDS_AN_HOUR_MAX - 1) {
			struct bytes copy = { 0 };

			bytes_put(&copy, items.data, items.len);
			takes(&measures, holds(now, &copy));
		}
	}
	assert_int_equal(take(&measures, holds(now, &items), &err), -1);
	assert_string_equal(err.id, "E7012");
	assert_int_equal(measures.hold_count, HOLDS_AN_HOUR_MAX);
	measures_free(&measures);
}

static struct bulletin
holds_by(const char *center, const char *id)
{
	struct bytes body = { 0 };
	struct bytes list = { 0 };
	struct bulletin bulletin;

	put_hold(&list, id, "organisation", organisation, now, now + hour);
	bytes_put_text(&body, "{\"holds\":[");
	bytes_put(&body, list.data, list.len);
	bytes_put_text(&body, "]}");
	bytes_put_u8(&body, '\0');
	bulletin = bulletin_by("hold", center, now, (const char *)body.data);
	bytes_free(&list);
	bytes_free(&body);
	return bulletin;
}

static bool
is_held(const struct measures *measures)
{
	return measures_stop(measures, MEASURE_ORGANISATION, organisation,
	    MEASURE_SENDING, now + 1);
}

/* Each has a list of its own: none is ended by another's. */
static void
an_exchange_authority_holds_beside_management(void **unused)
{
	struct measures measures = { 0 };

	(void)unused;
	takes(&measures, holds_by("center-a", "center-a-1"));
	assert_true(is_held(&measures));
	assert_string_equal(measures.holds[0].authority, "center-a");
	takes(&measures, holds_by("", "H-1"));
	assert_int_equal(measures.hold_count, 2);
	takes(&measures, bulletin_of("hold", now, "{\"holds\":[]}"));
	assert_int_equal(measures.hold_count, 1);
	assert_true(is_held(&measures));
	/* Management's two officers end it by its case. */
	takes(&measures, restorations("center-a-1", now));
	assert_false(is_held(&measures));
	measures_free(&measures);
}

static void
a_case_of_an_exchange_authority_bears_its_name(void **unused)
{
	static const char *const ids[] = { "H-1", "center-a", "center-b-1",
		"center-ax-1" };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct measures measures = { 0 };
		struct bulletin bulletin = holds_by("center-a", ids[i]);
		struct error err = { 0 };

		assert_int_equal(measures_read(&measures, &bulletin, &err), -1);
		assert_string_equal(err.id, "E7012");
		assert_int_equal(measures.hold_count, 0);
		bulletin_free(&bulletin);
	}
}

static void
bad_measures_are_malformed(void **unused)
{
	static const struct {
		const char *id, *subject, *name, *direction;
	} cases[] = {
		{ "c 1", "organisation", "376490000A", "both" },
		{ "", "organisation", "376490000A", "both" },
		{ "c-1", "organisation", "376490000", "both" },
		{ "c-1", "organisation", "376490000a", "both" },
		{ "c-1", "unit", "376490000A", "both" },
		{ "c-1", "card", "376490000A", "both" },
		{ "c-1", "host", "", "both" },
		{ "c-1", "host", "../x", "both" },
		{ "c-1", "person", "376490000A", "both" },
		{ "c-1", "organisation", "376490000A", "up" },
	};
	struct measures measures = { 0 };
	struct bytes items = { 0 };
	struct error err = { 0 };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		put_measure(&items, cases[i].id, cases[i].subject,
		    cases[i].name, cases[i].direction, now,
		    "\"fallback\":\"\",\"paper_from\":\"\"");
		if (take(&measures,
			wrap("suspension", "suspensions", now, &items),
			&err) == 0)
			fail_msg("case %zu", i);
		assert_string_equal(err.id, "E7001");
	}
	put_hold(&items, "c-1", "host", "gateway-1", now, now + hour);
	put_hold(&items, "c-1", "host", "gateway-2", now, now + hour);
	assert_int_equal(take(&measures, holds(now, &items), &err), -1);
	assert_string_equal(err.id, "E7001");
}

static const char *
refused_successor(struct bulletin before, struct bulletin after)
{
	static char id[ERROR_ID_SIZE];
	struct error err = { 0 };
	int rc = measures_check_successor(&before, &after, &err);

	bulletin_free(&before);
	bulletin_free(&after);
	text_copy(id, sizeof(id), rc == 0 ? "" : err.id);
	return id;
}

static struct bulletin
no_suspensions(void)
{
	struct bytes items = { 0 };

	return wrap("suspension", "suspensions", now, &items);
}

static struct bulletin
one_hold(const char *id, int64_t from, int64_t issued)
{
	struct bytes items = { 0 };

	if (id != NULL)
		put_hold(&items, id, "organisation", organisation, from,
		    from + hour);
	return holds(issued, &items);
}

static void
what_was_said_once_stays(void **unused)
{
	(void)unused;
	assert_string_equal(refused_successor(suspensions("c", "both", now),
				suspensions("c", "both", now)),
	    "");
	assert_string_equal(refused_successor(suspensions("c", "both", now),
				no_suspensions()),
	    "E7013");
	assert_string_equal(refused_successor(suspensions("c", "both", now),
				suspensions("c", "sending", now)),
	    "E7013");
	assert_string_equal(refused_successor(restorations("c", now),
				restorations("d", now)),
	    "E7013");
	assert_string_equal(refused_successor(no_suspensions(),
				suspensions("c", "both", now)),
	    "");
}

static void
a_hold_is_not_undone_by_the_next(void **unused)
{
	(void)unused;
	assert_string_equal(refused_successor(one_hold("h", now, now),
				one_hold(NULL, 0, now + 71 * hour)),
	    "E7013");
	/* Its hour counts it until no hold of then can last. */
	assert_string_equal(refused_successor(one_hold("h", now, now),
				one_hold(NULL, 0, now + 72 * hour)),
	    "");
	assert_string_equal(refused_successor(one_hold(NULL, 0, now),
				one_hold("h", now - hour, now)),
	    "E7012");
	assert_string_equal(refused_successor(one_hold(NULL, 0, now),
				one_hold("h", now, now)),
	    "");
}

/*
 * A hold that was lifted and comes again, as it was or under a later date,
 * is still the hold that was lifted: who needs another opens another case.
 */
static void
a_lifted_hold_does_not_come_again(void **unused)
{
	static const int64_t dates[] = { 0, 2 * hour, 80 * hour };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		struct measures measures = { 0 };

		takes(&measures, restorations("h-1", now + hour));
		takes(&measures,
		    one_hold("h-1", now + dates[i], now + dates[i]));
		assert_int_equal(state_at(&measures, MEASURE_SENDING,
				     now + dates[i] + hour),
		    MEASURE_RESTORED);
		takes(&measures,
		    one_hold("h-2", now + dates[i], now + dates[i]));
		assert_int_equal(state_at(&measures, MEASURE_SENDING,
				     now + dates[i]),
		    MEASURE_HELD);
		measures_free(&measures);
	}
}

static void
bodies_of_texts_are_strict(void **unused)
{
	static const struct {
		const char *type, *body;
		bool is_good;
	} cases[] = {
		{ "release",
		    "{\"version\":\"1\",\"summary\":\"\",\"files\":[]}", true },
		{ "release", "{\"version\":\"1\",\"files\":[]}", false },
		{ "release",
		    "{\"version\":\"1\",\"summary\":\"\",\"files\":[{\"path\":"
		    "\"bin/../../etc/passwd\",\"bytes\":1,\"sha256\":\"0123456789"
		    "abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}]}",
		    false },
		{ "release",
		    "{\"version\":\"1\",\"summary\":\"\",\"files\":[{\"path\":"
		    "\"bin/yizhan\",\"bytes\":1,\"sha256\":\"0123456789"
		    "abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}]}",
		    true },
		{ "rules",
		    "{\"version\":\"1\",\"effective\":"
		    "\"2026-01-01T00:00:00.000Z\",\"title\":\"t\",\"items\":[]}",
		    true },
		{ "baseline",
		    "{\"version\":\"1\",\"effective\":"
		    "\"2026-01-01T00:00:00.000Z\",\"title\":\"t\",\"items\":["
		    "{\"id\":\"a\",\"title\":\"\",\"value\":\"\"},"
		    "{\"id\":\"a\",\"title\":\"\",\"value\":\"\"}]}",
		    false },
		{ "forms",
		    "{\"version\":\"1\",\"effective\":"
		    "\"2026-01-01T00:00:00.000Z\",\"title\":\"t\",\"items\":["
		    "{\"id\":\"a\",\"title\":\"\",\"value\":\"\"}],\"x\":1}",
		    false },
		{ "notice",
		    "{\"notices\":[{\"id\":\"n\",\"kind\":\"patch\",\"title\":"
		    "\"t\",\"text\":\"x\",\"from\":\"2026-01-01T00:00:00.000Z\","
		    "\"until\":\"\"}]}",
		    true },
		{ "notice", "{\"notices\":{}}", false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bulletin bulletin =
		    bulletin_of(cases[i].type, now, cases[i].body);
		struct error err = { 0 };
		int rc = texts_check(&bulletin, &err);

		if ((rc == 0) != cases[i].is_good)
			fail_msg("case %zu: %s", i, err.text);
		if (rc < 0)
			assert_string_equal(err.id, "E7001");
		bulletin_free(&bulletin);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hold_ends_with_its_term),
		cmocka_unit_test(a_suspension_holds_until_it_is_restored),
		cmocka_unit_test(what_is_in_force_is_put_as_holds),
		cmocka_unit_test(a_hold_goes_no_further_than_it_may),
		cmocka_unit_test(an_exchange_authority_holds_beside_management),
		cmocka_unit_test(
		    a_case_of_an_exchange_authority_bears_its_name),
		cmocka_unit_test(bad_measures_are_malformed),
		cmocka_unit_test(what_was_said_once_stays),
		cmocka_unit_test(a_hold_is_not_undone_by_the_next),
		cmocka_unit_test(a_lifted_hold_does_not_come_again),
		cmocka_unit_test(bodies_of_texts_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
