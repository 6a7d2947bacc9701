/* Each example of each operation, in the order of the contract. */
#include "cli/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"

enum { HEADERS_MAX = 8, LINE_SIZE = 192 };

/* One example on its way. */
struct example {
	struct conformance *run;
	const char *path;
	const char *method; /* in lower case */
	const struct json_value *operation;
	const struct json_value *example;
	char check[CONFORMANCE_VALUE_SIZE];
	char upper[8];
	char target[CONFORMANCE_TARGET_SIZE];
	char lines[HEADERS_MAX][LINE_SIZE];
	const char *headers[HEADERS_MAX];
	size_t header_count;
	const char *type; /* of the body, where the example names it */
	struct bytes body;
	const char *missing; /* something that no example before has told */
	bool is_behind;      /* one of the same operation that was skipped */
};

/* ---- $name and codes ---------------------------------------------------------- */

static void
put_known(struct example *example, const char **from, struct bytes *to)
{
	size_t len = strspn(*from + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
	char name[32] = "";
	const char *value;

	if (!text_copy_len(name, sizeof(name), *from + 1, len))
		name[0] = '\0';
	value = conformance_known(example->run, name);
	if (value == NULL)
		example->missing = "an example before it has not told enough";
	else
		bytes_put_text(to, value);
	*from += 1 + len;
}

/* The contract's organisations are those of the demo: ours take their place. */
static void
put_filled(struct example *example, const char *from, struct bytes *to)
{
	static const char sender[] = "376490000A";
	static const char recipient[] = "376470000A";

	while (*from != '\0') {
		if (*from == '$') {
			put_known(example, &from, to);
		} else if (text_starts(from, sender)) {
			bytes_put_text(to, example->run->sender);
			from += strlen(sender);
		} else if (text_starts(from, recipient)) {
			bytes_put_text(to, example->run->recipient);
			from += strlen(recipient);
		} else {
			bytes_put_u8(to, (uint8_t)*from++);
		}
	}
}

/* ---- the request ---------------------------------------------------------------- */

static void
put_target(struct example *example, struct bytes *to)
{
	const struct json_value *names =
	    json_value_member(example->example, "path");
	const char *query = conformance_text(example->example, "query");
	const char *from = example->path;

	while (*from != '\0') {
		char name[32] = "";
		size_t len = strcspn(from + 1, "}");

		if (*from != '{') {
			bytes_put_u8(to, (uint8_t)*from++);
			continue;
		}
		text_copy_len(name, sizeof(name), from + 1, len);
		put_filled(example, conformance_text(names, name), to);
		from += len + 2;
	}
	if (query[0] != '\0') {
		bytes_put_u8(to, '?');
		put_filled(example, query, to);
	}
}

static int
add_header(const char *name, const struct json_value *value, void *context,
    struct error *err)
{
	struct example *example = context;
	bool is_key = strcmp(name, "Idempotency-Key") == 0;
	const char *text = json_value_text(value);
	size_t at = example->header_count;

	(void)err;
	if (at == HEADERS_MAX || text == NULL)
		return 0;
	if (strcmp(name, "Content-Type") == 0) {
		example->type = text;
		return 0;
	}
	/* Of this run alone, so that it can be run again. */
	snprintf(example->lines[at], LINE_SIZE, "%s: %s%s%s", name, text,
	    is_key ? "-" : "", is_key ? example->run->run : "");
	example->headers[at] = example->lines[at];
	example->header_count++;
	return 0;
}

static int
put_body(struct example *example, struct client_exchange *exchange,
    struct error *err)
{
	const struct json_value *files =
	    json_value_member(example->example, "files");
	const struct json_value *body =
	    json_value_member(example->example, "body");
	struct bytes text = { 0 };
	int rc = 0;

	if (files != NULL) {
		const struct bytes *bundle = json_value_count(files) > 2
		    ? &example->run->letter
		    : &example->run->bare;

		exchange->type = "application/vnd.yizhan.bundle";
		exchange->body = bundle->data;
		exchange->body_len = bundle->len;
	} else if (body != NULL) {
		rc = json_value_put(body, &text, err);
		bytes_put_u8(&text, '\0');
		if (rc == 0)
			rc = bytes_failed(&text, err);
		if (rc == 0)
			put_filled(example, (const char *)text.data,
			    &example->body);
		exchange->type =
		    example->type != NULL ? example->type : "application/json";
		exchange->body = example->body.data;
		exchange->body_len = example->body.len;
	}
	bytes_free(&text);
	return rc;
}

static int
put_request(struct example *example, struct client_exchange *exchange,
    struct error *err)
{
	const struct json_value *headers =
	    json_value_member(example->example, "headers");
	struct bytes target = { 0 };
	int rc = -1;

	put_target(example, &target);
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    text_copy(example->target, sizeof(example->target),
		(const char *)target.data) &&
	    (headers == NULL ||
		json_value_each(headers, add_header, example, err) == 0))
		rc = put_body(example, exchange, err);
	bytes_free(&target);
	for (size_t i = 0;
	     i < sizeof(example->upper) - 1 && example->method[i] != '\0'; i++)
		example->upper[i] = (char)(example->method[i] & ~0x20);
	exchange->method = example->upper;
	exchange->target = example->target;
	exchange->headers = example->headers;
	exchange->header_count = example->header_count;
	return rc;
}

/* ---- the answer ------------------------------------------------------------------ */

/* What the contract says of an answer with that status; a repeat is as the first. */
static const struct json_value *
content_of(const struct example *example, int status)
{
	const struct json_value *responses =
	    json_value_member(example->operation, "responses");
	static const char *const good[] = { "200", "201", "202", "204" };
	char code[8];
	const struct json_value *response;

	snprintf(code, sizeof(code), "%d", status);
	response = json_value_member(responses, code);
	for (size_t i = 0;
	     response == NULL && status / 100 == 2 && i < ARRAY_LEN(good); i++)
		response = json_value_member(responses, good[i]);
	if (response == NULL)
		response = json_value_member(responses, "default");
	return json_value_member(response, "content");
}

static void
compare(struct example *example, const struct conformance_answer *answer)
{
	struct conformance *run = example->run;
	const struct json_value *content =
	    content_of(example, answer->raw.status);
	const struct json_value *media =
	    json_value_member(content, answer->raw.type);
	const struct json_value *schema = json_value_member(media, "schema");
	char fault[CONFORMANCE_DETAIL_SIZE];

	if (media == NULL)
		conformance_fail(run, example->check,
		    "content-type %.80s is not in the contract",
		    answer->raw.type);
	else if (strstr(answer->raw.type, "json") == NULL ||
	    json_value_member(schema, "contentMediaType") != NULL)
		conformance_say(run, example->check, answer->raw.len > 0,
		    "nothing came");
	else if (answer->root == NULL)
		conformance_fail(run, example->check, "it is no JSON");
	else
		conformance_say(run, example->check,
		    !conformance_differs(run->contract, schema, answer->root,
			fault),
		    "%s", fault);
}

struct learning {
	struct conformance *run;
	const struct json_value *value; /* what came */
};

/* "deliveries.0.waybill_id" of it. */
static int
learn(const char *name, const struct json_value *path, void *context,
    struct error *err)
{
	struct learning *from = context;
	const struct json_value *value = from->value;
	const char *text = json_value_text(path);
	char number[24];
	int64_t integer;

	(void)err;
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, ".");
		char part[40] = "";
		uint64_t index;

		text_copy_len(part, sizeof(part), text, len);
		value = text_parse_u64(part, 1000, &index)
		    ? json_value_item(value, (size_t)index)
		    : json_value_member(value, part);
		text += len + (text[len] == '.' ? 1 : 0);
	}
	if (json_value_text(value) != NULL) {
		conformance_learn(from->run, name, json_value_text(value));
	} else if (json_value_integer(value, &integer)) {
		snprintf(number, sizeof(number), "%lld", (long long)integer);
		conformance_learn(from->run, name, number);
	}
	return 0;
}

static void
look_at(struct example *example, enum conformance_role role,
    const struct client_exchange *exchange)
{
	const struct json_value *save =
	    json_value_member(example->example, "save");
	struct conformance_answer answer;
	struct error none = { 0 };
	int64_t status = 0;

	conformance_ask(example->run, role, exchange, &answer);
	(void)json_value_integer(json_value_member(example->example, "status"),
	    &status);
	if (answer.raw.status == 0)
		conformance_fail(example->run, example->check, "%s",
		    answer.raw.detail);
	else if (answer.raw.status != status &&
	    text_equal(conformance_text(answer.root, "code"), "E6622"))
		conformance_skip(example->run, example->check,
		    "it has no bulletin board, and need not have one");
	else if (answer.raw.status != status)
		conformance_fail(example->run, example->check,
		    "status %d, not %d; %.160s", answer.raw.status, (int)status,
		    answer.raw.data != NULL ? answer.raw.data : "");
	else
		compare(example, &answer);
	if (save != NULL && answer.root != NULL &&
	    answer.raw.status == status) {
		struct learning from = { example->run, answer.root };

		if (json_value_each(save, learn, &from, &none) < 0)
			conformance_fail(example->run, example->check, "%s",
			    none.text);
	}
	conformance_answer_free(&answer);
}

/* ---- all ------------------------------------------------------------------------- */

static enum conformance_role
role_of(const struct example *example)
{
	static const char *const names[CONFORMANCE_ROLES] = { "nobody", "dms",
		"reader", "receiver" };
	const char *as = conformance_text(example->example, "as");

	if (as[0] == '\0')
		return CONFORMANCE_NOBODY;
	for (int i = 0; i < CONFORMANCE_ROLES; i++)
		if (text_equal(names[i], as))
			return (enum conformance_role)i;
	return CONFORMANCE_ROLES;
}

/* Such as "that code is used", behind the example that uses it. */
static bool
expects_refusal(const struct example *example)
{
	int64_t status = 0;

	return json_value_integer(json_value_member(example->example, "status"),
		   &status) &&
	    status == 409;
}

static void
run_example(struct example *example)
{
	struct client_exchange exchange = { 0 };
	struct conformance *run = example->run;
	enum conformance_role role = role_of(example);
	struct error err = { 0 };

	snprintf(example->check, sizeof(example->check), "%s %s: %s",
	    example->method, example->path,
	    conformance_text(example->example, "name"));
	if (role == CONFORMANCE_ROLES)
		conformance_skip(run, example->check,
		    "a person of the gateway asks for it");
	else if (role != CONFORMANCE_NOBODY && run->apis[role] == NULL)
		conformance_skip(run, example->check,
		    role == CONFORMANCE_READER
			? "needs --reader-token-file"
			: "needs --receiver and --receiver-token-file");
	else if (put_request(example, &exchange, &err) < 0)
		conformance_fail(run, example->check, "%s", err.text);
	else if (example->missing != NULL)
		conformance_skip(run, example->check, example->missing);
	else if (example->is_behind && expects_refusal(example))
		conformance_skip(run, example->check,
		    "what it is refused for was skipped");
	else
		look_at(example, role, &exchange);
	bytes_free(&example->body);
}

struct place {
	struct conformance *run;
	const char *path;
};

static int
run_operation(const char *method, const struct json_value *operation,
    void *context, struct error *err)
{
	const struct place *place = context;
	const struct json_value *list =
	    json_value_member(operation, "x-examples");
	bool is_behind = false;

	(void)err;
	for (size_t i = 0; i < json_value_count(list); i++) {
		size_t skipped = place->run->counts[CONFORMANCE_SKIPPED];
		struct example example = { .run = place->run,
			.is_behind = is_behind,
			.path = place->path,
			.method = method,
			.operation = operation,
			.example = json_value_item(list, i) };

		run_example(&example);
		is_behind |= place->run->counts[CONFORMANCE_SKIPPED] > skipped;
	}
	return 0;
}

static int
run_path(const char *path, const struct json_value *methods, void *context,
    struct error *err)
{
	struct place place = { context, path };

	return json_value_each(methods, run_operation, &place, err);
}

void
conformance_examples(struct conformance *run)
{
	struct error none = { 0 };

	if (json_value_each(json_value_member(run->contract, "paths"), run_path,
		run, &none) < 0)
		conformance_fail(run, "contract", "%s", none.text);
}
