/*
 * Webhooks: what the system tells is received here, refused once, and taken
 * when it comes again.
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
	int64_t left = end_ms - (int64_t)(clock_steady_us() / 1000);

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

static void
check_told(struct conformance *run, int door, const char *secret)
{
	static struct told first, again;
	int64_t end = (int64_t)(clock_steady_us() / 1000) + WAIT_MS;

	if (!receive(door, 503, end, &first)) {
		conformance_fail(run, "webhooks.told",
		    "nothing was told within %d s", WAIT_MS / 1000);
		return;
	}
	conformance_pass(run, "webhooks.told");
	conformance_say(run, "webhooks.signature",
	    yizhan_webhook_check(secret, first.id, first.timestamp,
		first.signature, first.body, first.body_len,
		clock_now_ms() / 1000) == YIZHAN_OK,
	    "webhook-signature is not that of the secret: %.80s",
	    first.signature);
	check_body(run, &first);
	if (!receive(door, 204, end, &again))
		conformance_fail(run, "webhooks.again",
		    "what was answered with 503 is not told again");
	else
		conformance_say(run, "webhooks.again",
		    text_equal(first.id, again.id),
		    "%.40s comes behind %.40s, which was not taken", again.id,
		    first.id);
}

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
stop(struct conformance *run, const struct json_value *hook)
{
	struct conformance_answer answer;
	char target[CONFORMANCE_TARGET_SIZE];
	int64_t id = 0;

	(void)json_value_integer(json_value_member(hook, "id"), &id);
	snprintf(target, sizeof(target), "/v1/webhooks/%lld:disable",
	    (long long)id);
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
	struct error err = { 0 };
	int door = -1;

	if (run->hook == NULL) {
		conformance_skip(run, "webhooks", "needs --hook ADDRESS:PORT");
		return;
	}
	if (open_door(run->hook, &door, &err) < 0) {
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
		cause(run);
		check_told(run, door, conformance_text(made.root, "secret"));
		stop(run, made.root);
	}
	conformance_answer_free(&made);
	close(door);
}
