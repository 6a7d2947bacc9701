/*
 * Webhooks: what the system tells is received here, refused once, and taken
 * when it comes again; another one is refused until it is given up, is found in
 * the list of dead letters, and comes again when it is asked for.
 */
#include "cli/conformance/conformance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "sys/clock.h"

enum {
	TOLD_MAX = 64 * 1024,
	WAIT_MS = 60000,
	TRIES_MAX = 40, /* of one event */
	FIELD_SIZE = 200,
	ADDRESS_SIZE = 64,
};

/* One POST that came. */
struct told {
	char data[TOLD_MAX + 1];
	size_t len;
	const char *body;
	size_t body_len;
	char id[FIELD_SIZE], timestamp[FIELD_SIZE], signature[FIELD_SIZE];
};

static int64_t
now_ms(void)
{
	return (int64_t)(clock_steady_us() / 1000);
}

/* ---- receiving ------------------------------------------------------------------ */

static int
open_door(const char *place, int *ret_fd, struct error *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strrchr(place, ':');
	char host[ADDRESS_SIZE];
	uint64_t port;
	int one = 1;
	int fd;

	if (colon == NULL ||
	    !text_copy_len(host, sizeof(host), place,
		(size_t)(colon - place)) ||
	    !text_parse_u64(colon + 1, UINT16_MAX, &port) ||
	    inet_pton(AF_INET, host, &address.sin_addr) != 1)
		return error_set(err, ERROR_MALFORMED,
		    "--hook is ADDRESS:PORT");
	address.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0) {
		error_set_errno(err, "listening at %s", place);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

static void
find_field(const char *head, const char *name, char to[FIELD_SIZE])
{
	size_t len = strlen(name);

	to[0] = '\0';
	for (const char *line = head; line != NULL;
	     line = strstr(line, "\r\n"), line += line != NULL ? 2 : 0) {
		const char *value = line + len;

		if (strncasecmp(line, name, len) != 0 || *value != ':')
			continue;
		value += 1 + strspn(value + 1, " \t");
		text_copy_len(to, FIELD_SIZE, value, strcspn(value, "\r"));
		return;
	}
}

/* True once head and body are there. */
static bool
is_whole(struct told *told)
{
	char length[FIELD_SIZE];
	uint64_t len = 0;
	const char *end;

	told->data[told->len] = '\0';
	end = strstr(told->data, "\r\n\r\n");
	if (end == NULL)
		return false;
	find_field(told->data, "content-length", length);
	if (!text_parse_u64(length, TOLD_MAX, &len))
		len = 0;
	told->body = end + 4;
	told->body_len = (size_t)len;
	return (size_t)(told->data + told->len - told->body) >= len;
}

static bool
is_ready(int fd, int64_t end_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left = end_ms - now_ms();

	return left > 0 && poll(&wait, 1, (int)left) > 0;
}

/* Take one POST and answer it with `status`; false when none came. */
static bool
receive(int door, int status, int64_t end_ms, struct told *told)
{
	char answer[96];
	bool is_taken = false;
	int link;

	memset(told, 0, sizeof(*told));
	if (!is_ready(door, end_ms) || (link = accept(door, NULL, NULL)) < 0)
		return false;
	while (!is_taken && told->len < TOLD_MAX && is_ready(link, end_ms)) {
		ssize_t count =
		    recv(link, told->data + told->len, TOLD_MAX - told->len, 0);

		if (count <= 0)
			break;
		told->len += (size_t)count;
		is_taken = is_whole(told);
	}
	if (is_taken) {
		snprintf(answer, sizeof(answer),
		    "HTTP/1.1 %d x\r\nContent-Length: 0\r\n"
		    "Connection: close\r\n\r\n",
		    status);
		is_taken = send(link, answer, strlen(answer), MSG_NOSIGNAL) > 0;
	}
	close(link);
	find_field(told->data, "webhook-id", told->id);
	find_field(told->data, "webhook-timestamp", told->timestamp);
	find_field(told->data, "webhook-signature", told->signature);
	return is_taken;
}

/* ---- comparing ------------------------------------------------------------------ */

static void
check_body(struct conformance *run, const struct told *told)
{
	struct json_document *document = NULL;
	const struct json_value *root;
	struct error err = { 0 };
	char fault[CONFORMANCE_DETAIL_SIZE] = "";
	char id[40] = "";
	int64_t number = 0;

	if (json_read(told->body, told->body_len, TOLD_MAX, &document, &err) <
	    0) {
		conformance_fail(run, "webhooks.body", "%s", err.text);
		return;
	}
	root = json_root(document);
	conformance_say(run, "webhooks.body",
	    !conformance_differs(run->contract,
		conformance_schema(run->contract, "Happenings"), root, fault),
	    "%s", fault);
	(void)json_value_integer(
	    json_value_member(json_value_item(json_value_member(root, "events"),
				  0),
		"id"),
	    &number);
	snprintf(id, sizeof(id), "evt_%lld", (long long)number);
	conformance_say(run, "webhooks.id", text_equal(id, told->id),
	    "webhook-id is %.40s, the event %.40s", told->id, id);
	json_document_free(document);
}

/* False when nothing came of which more could be seen. */
static bool
check_told(struct conformance *run, int door, const char *secret)
{
	static struct told first, again;
	int64_t end = now_ms() + WAIT_MS;
	bool comes_again;

	if (!receive(door, 503, end, &first)) {
		conformance_fail(run, "webhooks.told",
		    "nothing was told within %d s", WAIT_MS / 1000);
		return false;
	}
	conformance_pass(run, "webhooks.told");
	conformance_say(run, "webhooks.signature",
	    yizhan_webhook_check(secret, first.id, first.timestamp,
		first.signature, first.body, first.body_len,
		clock_now_ms() / 1000) == YIZHAN_OK,
	    "webhook-signature is not that of the secret: %.80s",
	    first.signature);
	check_body(run, &first);
	comes_again = receive(door, 204, end, &again);
	if (!comes_again)
		conformance_fail(run, "webhooks.again",
		    "what was answered with 503 is not told again");
	else
		conformance_say(run, "webhooks.again",
		    text_equal(first.id, again.id),
		    "%.40s comes behind %.40s, which was not taken", again.id,
		    first.id);
	return comes_again;
}

/* ---- dead letters ------------------------------------------------------------------ */

/* A webhook of ours, as what it told goes by. */
struct hook {
	struct conformance *run;
	int64_t id;
	int door;
};

/* The number of the next event, -1 when none comes. */
static int64_t
next_event(struct hook *hook, int status, int64_t end_ms)
{
	static struct told told;
	uint64_t number;

	if (!receive(hook->door, status, end_ms, &told) ||
	    !text_starts(told.id, "evt_") ||
	    !text_parse_u64(told.id + 4, INT64_MAX, &number))
		return -1;
	return (int64_t)number;
}

static void
check_dead(struct hook *hook, int64_t event, int tries)
{
	struct conformance *run = hook->run;
	char target[CONFORMANCE_TARGET_SIZE];
	char fault[CONFORMANCE_DETAIL_SIZE] = "";
	struct conformance_answer answer;
	const struct json_value *first;
	int64_t found = -1, status = -1;

	snprintf(target, sizeof(target), "/v1/webhooks/%lld/dead",
	    (long long)hook->id);
	conformance_get(run, CONFORMANCE_SENDER, target, NULL, &answer);
	first = json_value_item(json_value_member(answer.root, "dead"), 0);
	(void)json_value_integer(json_value_member(first, "event"), &found);
	(void)json_value_integer(json_value_member(first, "status"), &status);
	if (answer.raw.status != 200 || answer.root == NULL ||
	    conformance_differs(run->contract,
		conformance_schema(run->contract, "Dead"), answer.root, fault))
		conformance_fail(run, "webhooks.dead", "status %d; %s",
		    answer.raw.status, fault);
	else
		conformance_say(run, "webhooks.dead",
		    found == event && status == 503,
		    "event %lld was given up after %d tries, and the newest of "
		    "the list is %lld with status %lld",
		    (long long)event, tries, (long long)found,
		    (long long)status);
	conformance_answer_free(&answer);
}

/*
 * Refuse the next event until another one comes: which, or -1 when the system
 * waits too long between its tries.
 */
static int64_t
let_die(struct hook *hook)
{
	int64_t end = now_ms() + WAIT_MS;
	int64_t event = next_event(hook, 503, end);
	int64_t other = event;
	int tries = 1;

	while (other >= 0 && other == event && tries <= TRIES_MAX) {
		other = next_event(hook, 503, end);
		tries += other == event ? 1 : 0;
	}
	if (tries > TRIES_MAX) {
		conformance_fail(hook->run, "webhooks.dead",
		    "event %lld came %d times, and holds up those behind it",
		    (long long)event, tries);
		return -1;
	}
	if (other < 0) {
		conformance_skip(hook->run, "webhooks.dead",
		    "nothing was given up in time: it needs short waits "
		    "between the tries, and two events");
		return -1;
	}
	check_dead(hook, event, tries);
	return event;
}

/* Behind which event it goes on, as the list of webhooks says. */
static int64_t
place_of(const struct hook *hook)
{
	struct conformance_answer answer;
	const struct json_value *list;
	int64_t place = -1;

	conformance_get(hook->run, CONFORMANCE_SENDER, "/v1/webhooks", NULL,
	    &answer);
	list = json_value_member(answer.root, "webhooks");
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		int64_t id = -1;

		(void)json_value_integer(json_value_member(item, "id"), &id);
		if (id == hook->id)
			(void)json_value_integer(json_value_member(item,
						     "after"),
			    &place);
	}
	conformance_answer_free(&answer);
	return place;
}

/* What was on its way when it was asked for comes before it. */
static void
check_replay(struct hook *hook, int64_t event)
{
	char target[CONFORMANCE_TARGET_SIZE];
	char body[64];
	struct conformance_answer answer;
	int64_t told = 0;
	int64_t place;

	snprintf(target, sizeof(target), "/v1/webhooks/%lld:replay",
	    (long long)hook->id);
	snprintf(body, sizeof(body), "{\"after\":%lld}", (long long)event - 1);
	conformance_post(hook->run, CONFORMANCE_SENDER, target, body, NULL,
	    &answer);
	place = place_of(hook);
	if (answer.raw.status == 200 && place == event - 1) {
		int64_t end = now_ms() + WAIT_MS;

		while (told >= 0 && told != event)
			told = next_event(hook, 204, end);
	}
	conformance_say(hook->run, "webhooks.replay", told == event,
	    "status %d; it goes on behind event %lld, and %lld does not come "
	    "again",
	    answer.raw.status, (long long)place, (long long)event);
	conformance_answer_free(&answer);
}

/* ---- all --------------------------------------------------------------------------- */

/* A letter, so that there is something to tell. */
static void
cause(struct conformance *run)
{
	struct conformance_answer answer;
	char key[80];

	snprintf(key, sizeof(key), "conformance-webhook-%.20s", run->run);
	conformance_post_letter(run, "/v1/documents", key, &run->letter,
	    &answer);
	conformance_answer_free(&answer);
}

static void
stop(const struct hook *hook)
{
	struct conformance *run = hook->run;
	struct conformance_answer answer;
	char target[CONFORMANCE_TARGET_SIZE];

	snprintf(target, sizeof(target), "/v1/webhooks/%lld:disable",
	    (long long)hook->id);
	conformance_post(run, CONFORMANCE_SENDER, target, "{}", NULL, &answer);
	conformance_say(run, "webhooks.disable", answer.raw.status == 200,
	    "status %d, not 200", answer.raw.status);
	conformance_answer_free(&answer);
}

void
conformance_webhooks(struct conformance *run)
{
	char body[CONFORMANCE_TARGET_SIZE];
	struct conformance_answer made;
	struct hook hook = { .run = run, .door = -1 };
	struct error err = { 0 };
	int64_t event;

	if (run->hook == NULL) {
		conformance_skip(run, "webhooks", "needs --hook ADDRESS:PORT");
		return;
	}
	if (open_door(run->hook, &hook.door, &err) < 0) {
		conformance_fail(run, "webhooks", "%s", err.text);
		return;
	}
	snprintf(body, sizeof(body), "{\"url\":\"http://%.60s/conformance\"}",
	    run->hook);
	conformance_post(run, CONFORMANCE_SENDER, "/v1/webhooks", body, NULL,
	    &made);
	conformance_say(run, "webhooks.add", made.raw.status == 201,
	    "status %d, not 201; %.160s", made.raw.status,
	    made.raw.data != NULL ? made.raw.data : made.raw.detail);
	if (made.raw.status == 201) {
		(void)json_value_integer(json_value_member(made.root, "id"),
		    &hook.id);
		cause(run);
		if (check_told(run, hook.door,
			conformance_text(made.root, "secret")) &&
		    (event = let_die(&hook)) >= 0)
			check_replay(&hook, event);
		stop(&hook);
	}
	conformance_answer_free(&made);
	close(hook.door);
}
