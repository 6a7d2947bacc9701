#include "role/listener/listener_people.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "http/http_request.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"
#include "role/peer.h"
#include "role/people/people_admit.h"

static const struct digest none;

/* ---- is it a page of ours that asks? ---------------------------------------- */

static bool
is_own_origin(const struct listener_request *request, const char *origin)
{
	const char *authority = http_request_authority(request->http);

	return authority != NULL && text_starts(origin, "https://") &&
	    text_equal(origin + strlen("https://"), authority);
}

/* What a browser says by itself; programs say nothing. */
static bool
is_from_elsewhere(const struct listener_request *request)
{
	const char *site = http_request_header(request->http, "sec-fetch-site");
	const char *origin = http_request_header(request->http, "origin");

	return (site != NULL && !text_equal(site, "same-origin") &&
		   !text_equal(site, "none")) ||
	    (origin != NULL && !is_own_origin(request, origin));
}

static bool
has_guard(const struct listener_request *request)
{
	const char *given = http_request_header(request->http, LISTENER_GUARD);
	char wanted[DIGEST_TEXT_SIZE];
	struct digest given_digest;
	struct digest wanted_digest;

	people_guard(&request->session, wanted);
	return given != NULL && digest_parse(given, &given_digest) &&
	    digest_parse(wanted, &wanted_digest) &&
	    digest_equal(&given_digest, &wanted_digest);
}

static int
check_site(const struct listener_request *request, struct error *err)
{
	bool is_change = !text_equal(request->route->method, "GET");
	bool is_page = request->route->callers == LISTENER_PUBLIC;

	/* Anybody may link to our pages; what they ask for is ours to ask. */
	if (is_page && !is_change)
		return 0;
	if (!digest_equal(&request->token, &none))
		return 0;
	if (is_from_elsewhere(request))
		return error_set_id(err, "E6404", ERROR_DENIED,
		    "asked from another site");
	if (is_change && !is_page && !digest_equal(&request->session, &none) &&
	    !has_guard(request))
		return error_set_id(err, "E6404", ERROR_DENIED,
		    "without " LISTENER_GUARD " of the session");
	return 0;
}

/* ---- what it shows -------------------------------------------------------------- */

static int
read_token(struct listener_request *request, struct error *err)
{
	const char *field = http_request_header(request->http, "authorization");

	if (field == NULL)
		return 0;
	if (!text_starts(field, "Bearer ") || strlen(field) > 256)
		return error_set_id(err, "E6402", ERROR_DENIED,
		    "Authorization must be Bearer and a token");
	field += strlen("Bearer ");
	sha256(field, strlen(field), &request->token);
	return 0;
}

int
listener_people_read(struct listener_request *request, struct error *err)
{
	const struct http_peer *peer = http_request_peer(request->http);
	const char *cookie;
	size_t len;

	if (peer->has_cert)
		request->fingerprint = peer->fingerprint;
	if (read_token(request, err) < 0)
		return -1;
	cookie = http_request_cookie(request->http, LISTENER_COOKIE, &len);
	if (cookie != NULL)
		sha256(cookie, len, &request->session);
	return check_site(request, err);
}

/* ---- the question ------------------------------------------------------------------ */

static void
on_admitted(struct listener_request *request, struct ipc_message *message)
{
	struct message_touch touch = { request->session };
	struct message_admitted admitted;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ADMITTED, &admitted, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	text_copy(request->actor, sizeof(request->actor), admitted.actor);
	http_request_keep(request->http);
	if (admitted.wants_touch)
		peer_tell(request->listener->spooler, MESSAGE_TOUCH, 0, &touch,
		    -1);
	request->go_on(request);
}

void
listener_people_ask(struct listener_request *request,
    void (*go_on)(struct listener_request *request))
{
	struct message_request asked = { 0 };
	struct error err = { 0 };

	request->go_on = go_on;
	if (listener_local_fill(request, &asked, &err) < 0 ||
	    listener_ask(request, request->listener->query, MESSAGE_ADMIT,
		&asked, MESSAGE_NONE, on_admitted, &err) < 0)
		listener_refuse(request, &err);
}
