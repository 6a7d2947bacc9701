/* What the contract promises beside its schemas. */
#include "cli/conformance/conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "json/json_read.h"

enum { PAGES = 6, KEY_SIZE = 64, REST_TURNS = 4 };

static const char no_letter[] =
    "/v1/outbox/01980000-0000-7000-8000-000000000000";

/* ---- problems ------------------------------------------------------------------ */

static bool
is_problem(struct conformance *run, const struct conformance_answer *answer,
    int status, char fault[CONFORMANCE_DETAIL_SIZE])
{
	if (answer->raw.status != status)
		snprintf(fault, CONFORMANCE_DETAIL_SIZE, "status %d, not %d",
		    answer->raw.status, status);
	else if (!text_starts(answer->raw.type, "application/problem+json"))
		snprintf(fault, CONFORMANCE_DETAIL_SIZE, "content-type %.80s",
		    answer->raw.type);
	else if (answer->root == NULL)
		snprintf(fault, CONFORMANCE_DETAIL_SIZE, "it is no JSON");
	else
		return !conformance_differs(run->contract,
		    conformance_schema(run->contract, "Problem"), answer->root,
		    fault);
	return false;
}

static void
expect_problem(struct conformance *run, const char *check,
    enum conformance_role role, const char *method, const char *target,
    int status)
{
	struct client_exchange exchange = { .method = method,
		.target = target };
	struct conformance_answer answer;
	char fault[CONFORMANCE_DETAIL_SIZE] = "";
	bool is_good;

	conformance_ask(run, role, &exchange, &answer);
	is_good = is_problem(run, &answer, status, fault);
	conformance_say(run, check, is_good, "%s", fault);
	conformance_answer_free(&answer);
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > 0x7e)
			return false;
	return true;
}

static void
check_language(struct conformance *run)
{
	struct conformance_answer zh, en;
	const char *chinese, *english;

	conformance_get(run, CONFORMANCE_SENDER, no_letter,
	    "accept-language: zh-TW", &zh);
	conformance_get(run, CONFORMANCE_SENDER, no_letter,
	    "accept-language: en", &en);
	chinese = conformance_text(zh.root, "title");
	english = conformance_text(en.root, "title");
	conformance_say(run, "errors.language",
	    chinese[0] != '\0' && english[0] != '\0' && !is_ascii(chinese) &&
		is_ascii(english),
	    "titles are \"%.60s\" and \"%.60s\"", chinese, english);
	conformance_answer_free(&zh);
	conformance_answer_free(&en);
}

static void
check_trace(struct conformance *run)
{
	static const char trace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
	struct conformance_answer answer;

	conformance_get(run, CONFORMANCE_SENDER, no_letter,
	    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"
	    "00f067aa0ba902b7-01",
	    &answer);
	conformance_say(run, "errors.trace",
	    text_equal(conformance_text(answer.root, "trace_id"), trace),
	    "trace_id is \"%.40s\"", conformance_text(answer.root, "trace_id"));
	conformance_answer_free(&answer);
}

void
conformance_errors(struct conformance *run)
{
	expect_problem(run, "errors.no-token", CONFORMANCE_NOBODY, "GET",
	    "/v1/outbox", 401);
	expect_problem(run, "errors.not-found", CONFORMANCE_SENDER, "GET",
	    no_letter, 404);
	expect_problem(run, "errors.no-path", CONFORMANCE_SENDER, "GET",
	    "/v1/nothing", 404);
	expect_problem(run, "errors.method", CONFORMANCE_SENDER, "PUT",
	    "/v1/outbox", 405);
	expect_problem(run, "errors.query", CONFORMANCE_SENDER, "GET",
	    "/v1/outbox?limit=-1", 400);
	check_language(run);
	check_trace(run);
}

/* ---- idempotency --------------------------------------------------------------- */

static void
make_key(const struct conformance *run, const char *what, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "conformance-%.20s-%.20s", what, run->run);
}

void
conformance_repeats(struct conformance *run)
{
	struct conformance_answer first, again, other;
	char key[KEY_SIZE];
	const char *id;

	make_key(run, "repeat", key);
	conformance_post_letter(run, "/v1/documents", key, &run->letter,
	    &first);
	conformance_post_letter(run, "/v1/documents", key, &run->letter,
	    &again);
	conformance_post_letter(run, "/v1/documents", key, &run->another,
	    &other);
	id = conformance_text(first.root, "id");
	conformance_say(run, "idempotency.first", first.raw.status == 201,
	    "status %d, not 201; %.160s", first.raw.status,
	    first.raw.data != NULL ? first.raw.data : first.raw.detail);
	conformance_say(run, "idempotency.repeat",
	    again.raw.status == 200 && id[0] != '\0' &&
		text_equal(id, conformance_text(again.root, "id")),
	    "status %d and id %.40s, not 200 and %.40s", again.raw.status,
	    conformance_text(again.root, "id"), id);
	conformance_say(run, "idempotency.other-files", other.raw.status == 409,
	    "status %d, not 409", other.raw.status);
	if (id[0] != '\0')
		conformance_learn(run, "repeated", id);
	conformance_answer_free(&first);
	conformance_answer_free(&again);
	conformance_answer_free(&other);
}

static void
send_one(struct conformance *run)
{
	struct conformance_answer answer;
	char key[KEY_SIZE];

	make_key(run, "one", key);
	conformance_post_letter(run, "/v1/documents", key, &run->letter,
	    &answer);
	if (conformance_text(answer.root, "id")[0] != '\0')
		conformance_learn(run, "repeated",
		    conformance_text(answer.root, "id"));
	conformance_answer_free(&answer);
}

/* ---- tags ------------------------------------------------------------------------- */

static void
check_condition(struct conformance *run, const char *target)
{
	char paper[CONFORMANCE_TARGET_SIZE];
	struct conformance_answer answer;

	snprintf(paper, sizeof(paper), "%.200s/%.20s:paper", target,
	    run->recipient);
	conformance_post(run, CONFORMANCE_SENDER, paper, "{}",
	    "if-match: \"00000000000000000000000000000000\"", &answer);
	conformance_say(run, "etag.if-match", answer.raw.status == 412,
	    "status %d, not 412: an act was done on what nobody had seen",
	    answer.raw.status);
	conformance_answer_free(&answer);
}

void
conformance_tags(struct conformance *run)
{
	const char *id = conformance_known(run, "repeated");
	char target[CONFORMANCE_TARGET_SIZE];
	char header[160];
	struct conformance_answer first, same, other;

	/* By itself it needs a letter of its own. */
	if (id == NULL) {
		send_one(run);
		id = conformance_known(run, "repeated");
	}
	if (id == NULL) {
		conformance_fail(run, "etag", "no letter could be sent");
		return;
	}
	/* At rest, so that it does not change between two questions; once it
	 * is, the answer comes at once. */
	snprintf(target, sizeof(target), "/v1/outbox/%.64s?for=opened&wait=30",
	    id);
	for (int turn = 0; turn < REST_TURNS; turn++) {
		conformance_get(run, CONFORMANCE_SENDER, target, NULL, &first);
		conformance_answer_free(&first);
	}
	snprintf(target, sizeof(target), "/v1/outbox/%.64s", id);
	conformance_get(run, CONFORMANCE_SENDER, target, NULL, &first);
	conformance_say(run, "etag.tag", first.raw.etag[0] == '"',
	    "no strong ETag: %.60s", first.raw.etag);
	snprintf(header, sizeof(header), "if-none-match: %s", first.raw.etag);
	conformance_get(run, CONFORMANCE_SENDER, target, header, &same);
	conformance_say(run, "etag.if-none-match",
	    same.raw.status == 304 && same.raw.len == 0,
	    "status %d with %zu bytes, not 304 without", same.raw.status,
	    same.raw.len);
	conformance_get(run, CONFORMANCE_SENDER, target,
	    "if-none-match: \"00000000000000000000000000000000\"", &other);
	conformance_say(run, "etag.changed", other.raw.status == 200,
	    "status %d, not 200", other.raw.status);
	check_condition(run, target);
	conformance_answer_free(&first);
	conformance_answer_free(&same);
	conformance_answer_free(&other);
}

/* ---- cursors ---------------------------------------------------------------------- */

/* Page by page, one at a time, against one page of all of them. */
void
conformance_cursors(struct conformance *run)
{
	char target[CONFORMANCE_TARGET_SIZE] = "/v1/outbox?limit=1";
	struct conformance_answer whole;
	const struct json_value *list;
	size_t count;

	conformance_get(run, CONFORMANCE_SENDER, "/v1/outbox?limit=6", NULL,
	    &whole);
	list = json_value_member(whole.root, "documents");
	count = json_value_count(list);
	if (count < 2) {
		conformance_skip(run, "cursors.pages",
		    "fewer than two letters were sent");
		conformance_answer_free(&whole);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct conformance_answer page;
		const struct json_value *one;
		bool is_same;

		conformance_get(run, CONFORMANCE_SENDER, target, NULL, &page);
		one = json_value_item(json_value_member(page.root, "documents"),
		    0);
		is_same = json_value_count(
			      json_value_member(page.root, "documents")) == 1 &&
		    text_equal(conformance_text(one, "id"),
			conformance_text(json_value_item(list, i), "id"));
		if (!is_same || i + 1 == count) {
			conformance_say(run, "cursors.pages", is_same,
			    "page %zu of one has letter %.40s, the list %.40s",
			    i + 1, conformance_text(one, "id"),
			    conformance_text(json_value_item(list, i), "id"));
			i = count;
		}
		snprintf(target, sizeof(target),
		    "/v1/outbox?limit=1&cursor=%.200s",
		    conformance_text(page.root, "next"));
		conformance_answer_free(&page);
	}
	conformance_answer_free(&whole);
}

/* ---- events ------------------------------------------------------------------------ */

static int64_t
number_of(const struct json_value *events, size_t at)
{
	int64_t number = -1;

	if (!json_value_integer(json_value_member(json_value_item(events, at),
				    "id"),
		&number))
		return -1;
	return number;
}

static void
check_order(struct conformance *run, const struct json_value *events)
{
	for (size_t i = 0; i < json_value_count(events); i++)
		if (number_of(events, i) <=
		    (i > 0 ? number_of(events, i - 1) : 0)) {
			conformance_fail(run, "events.order",
			    "event %" PRId64 " comes behind %" PRId64,
			    number_of(events, i),
			    i > 0 ? number_of(events, i - 1) : 0);
			return;
		}
	conformance_pass(run, "events.order");
}

/* By ones they are the same as at once; `next` goes on behind the last. */
static void
check_steps(struct conformance *run, const struct json_value *events)
{
	char target[CONFORMANCE_TARGET_SIZE] = "/v1/events?after=0&limit=1";
	size_t count = json_value_count(events);

	for (size_t i = 0; i < count && i < PAGES; i++) {
		struct conformance_answer answer;
		const struct json_value *list;
		bool is_same;

		conformance_get(run, CONFORMANCE_SENDER, target, NULL, &answer);
		list = json_value_member(answer.root, "events");
		is_same = json_value_count(list) == 1 &&
		    number_of(list, 0) == number_of(events, i);
		if (!is_same) {
			conformance_fail(run, "events.cursor",
			    "by ones event %" PRId64 " comes, at once %" PRId64,
			    number_of(list, 0), number_of(events, i));
			conformance_answer_free(&answer);
			return;
		}
		snprintf(target, sizeof(target),
		    "/v1/events?limit=1&after=%.40s",
		    conformance_text(answer.root, "next"));
		conformance_answer_free(&answer);
	}
	conformance_pass(run, "events.cursor");
}

static int
take_first(void *context, const struct yizhan_events *events)
{
	int64_t *first = context;

	*first = events->count > 0 ? events->events[0].id : -1;
	return 1;
}

/* Over one connection the same events, the first one first. */
static void
check_stream(struct conformance *run, const struct json_value *events)
{
	struct yizhan *api = run->apis[CONFORMANCE_SENDER];
	int64_t first = -1;
	enum yizhan_result result =
	    yizhan_events_stream(api, "0", take_first, &first);

	conformance_say(run, "events.stream",
	    result == YIZHAN_OK && first == number_of(events, 0),
	    "the stream begins with event %" PRId64 ", the list with %" PRId64
	    "; %.80s",
	    first, number_of(events, 0), yizhan_problem(api)->detail);
}

static void
check_quiet(struct conformance *run)
{
	char target[CONFORMANCE_TARGET_SIZE];
	struct conformance_answer now, after;

	conformance_get(run, CONFORMANCE_SENDER, "/v1/events", NULL, &now);
	snprintf(target, sizeof(target), "/v1/events?after=%.40s",
	    conformance_text(now.root, "next"));
	conformance_get(run, CONFORMANCE_SENDER, target, NULL, &after);
	conformance_say(run, "events.again",
	    after.raw.status == 200 &&
		json_value_count(json_value_member(after.root, "events")) == 0,
	    "what was taken in comes again (status %d)", after.raw.status);
	conformance_answer_free(&now);
	conformance_answer_free(&after);
}

void
conformance_events(struct conformance *run)
{
	struct conformance_answer whole;
	const struct json_value *events;

	conformance_get(run, CONFORMANCE_SENDER, "/v1/events?after=0&limit=500",
	    NULL, &whole);
	events = json_value_member(whole.root, "events");
	if (whole.raw.status == 410)
		conformance_skip(run, "events.order",
		    "the first events are kept no more");
	else if (json_value_count(events) < 2)
		conformance_fail(run, "events.order",
		    "status %d and %zu events, though a letter was sent",
		    whole.raw.status, json_value_count(events));
	else {
		check_order(run, events);
		check_steps(run, events);
		check_stream(run, events);
	}
	check_quiet(run);
	expect_problem(run, "events.gone", CONFORMANCE_SENDER, "GET",
	    "/v1/events?after=999999999999", 410);
	conformance_answer_free(&whole);
}
