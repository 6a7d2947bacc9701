#include "role/listener/listener_news.h"

#include "base/error.h"
#include "base/text.h"
#include "directory/directory_tree.h"
#include "http/http_request.h"
#include "model/times.h"
#include "role/bulletins/serials.h"
#include "role/contents/directory_view.h"
#include "role/env.h"
#include "role/listener/listener_request.h"

static void
on_bulletins(struct listener_request *request, struct ipc_message *message)
{
	struct message_bulletins bulletins;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_BULLETINS, &bulletins, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	bytes_put(&body, bulletins.bundle.data, bulletins.bundle.len);
	if (bytes_failed(&body, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer(request, 200, "application/vnd.yizhan.bundle",
		    &body);
	bytes_free(&body);
}

static const char *
have_of(const struct listener_request *request)
{
	const char *have = http_request_param(request->http, "have");

	return have != NULL ? have : "";
}

/* An empty bundle, when nothing is newer, is an answer as well. */
static void
read_bulletins(struct listener_request *request)
{
	struct message_bulletins_read read;
	struct error err = { 0 };

	if (!text_copy(read.have, sizeof(read.have), have_of(request)))
		error_set_id(&err, "E6205", ERROR_MALFORMED,
		    "`have` is longer than %zu bytes", sizeof(read.have) - 1);
	else if (listener_ask(request, request->listener->query,
		     MESSAGE_BULLETINS_READ, &read, MESSAGE_NONE, on_bulletins,
		     &err) == 0)
		return;
	listener_refuse(request, &err);
}

void
listener_news_bulletins(struct listener_request *request)
{
	const struct message_directory *ours =
	    directory_view_serials(request->listener->view);
	struct message_directory have;
	struct error err = { 0 };
	uint64_t wait_s;

	if (listener_number(request, "wait", LISTENER_WAIT_MAX_S, 0, &wait_s,
		&err) < 0 ||
	    serials_parse_have(have_of(request), &have, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (wait_s == 0 || serials_is_newer(ours, &have))
		read_bulletins(request);
	else if (listener_park(request, (uint32_t)wait_s * 1000, true,
		     read_bulletins, &err) < 0)
		listener_refuse(request, &err);
}

static void
on_pages(struct listener_request *request, struct ipc_message *message)
{
	struct message_pages pages;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_PAGES, &pages, &err) == 0 &&
	    listener_reserve(request, pages.data.len, &err) == 0)
		bytes_put(&body, pages.data.data, pages.data.len);
	if (err.code != ERROR_NONE || bytes_failed(&body, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer(request, 200, "application/octet-stream",
		    &body);
	bytes_free(&body);
}

void
listener_news_pages(struct listener_request *request)
{
	const char *root = http_request_param(request->http, "root");
	struct message_pages_read read = { .from = 0 };
	struct error err = { 0 };
	uint64_t from, to;

	if (root == NULL || !digest_parse(root, &read.root)) {
		error_set_id(&err, "E6204", ERROR_MALFORMED,
		    "root must be a SHA-256 of 64 hex digits");
	} else if (listener_number(request, "from", DIRECTORY_PAGES, 0, &from,
		       &err) == 0 &&
	    listener_number(request, "to", DIRECTORY_PAGES, 0, &to, &err) ==
		0) {
		read.from = (uint16_t)from;
		read.to = (uint16_t)to;
		if (listener_ask(request, request->listener->query,
			MESSAGE_PAGES_READ, &read, MESSAGE_NONE, on_pages,
			&err) == 0)
			return;
	}
	listener_refuse(request, &err);
}

void
listener_news_time(struct listener_request *request)
{
	char time[TIMES_RFC3339_SIZE];
	struct bytes body = { 0 };

	times_format(role_env_now(request->listener->env), time);
	bytes_put_format(&body, "{\"time\":\"%s\"}", time);
	listener_answer(request, 200, "application/json", &body);
	bytes_free(&body);
}
