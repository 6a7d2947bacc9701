#include "management/management_listener.h"

#include "base/attr.h"
#include "base/text.h"
#include "envelope/case_request.h"
#include "http/http_request.h"
#include "management/casework_rows.h"
#include "model/standing.h"
#include "role/keeper/module_text.h"
#include "role/listener/listener.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_news.h"
#include "role/listener/listener_request.h"
#include "role/listener/listener_web.h"
#include "role/listener/listener_witness.h"
#include "role/status/card_reports.h"

static const struct listener_route hosts_routes[] = {
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_news_bulletins },
	{ "GET", "/v1/directory/pages", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_news_pages },
	{ "POST", "/v1/bulletins", LISTENER_BODY_WHOLE, LISTENER_HANDED_UP_MAX,
	    1 << HOST_CENTER, listener_local_handle },
	{ "GET", "/v1/releases/{}", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_local_handle },
	{ "GET", "/v1/time", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_news_time },
	{ "POST", "/v1/cards/lost", LISTENER_BODY_JSON, CARD_REPORT_MAX,
	    1 << HOST_CENTER, card_reports_post },
	{ "POST", "/v1/case-requests", LISTENER_BODY_JSON,
	    CASE_REQUEST_BODY_MAX, 1 << HOST_CENTER, listener_local_handle },
	{ "GET", "/v1/case-requests", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_local_handle },
	{ "POST", "/v1/witness/add-checkpoint", LISTENER_BODY_WHOLE,
	    LISTENER_WITNESS_MAX, 1 << HOST_CENTER, listener_witness },
	{ "GET", "/v1/witness/{}/{}", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_local_handle },
	{ "GET", "/v1/log/checkpoint", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_local_handle },
	{ "GET", "/v1/log/cosigned", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_local_handle },
	{ "GET", "/v1/log/tile/{*}", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_local_handle },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

/* How the host is, and what it believes. */
#define STATE_ROUTES                                                           \
	LISTENER_GET("/v1/health"), LISTENER_GET("/v1/release"),               \
	    LISTENER_GET("/v1/bulletins"), LISTENER_GET("/v1/bulletins/{}"),   \
	    LISTENER_GET("/v1/bulletins/{}/{}"), LISTENER_GET("/v1/measures"), \
	    LISTENER_GET("/v1/conflicts"), LISTENER_GET("/v1/certificates"),   \
	    LISTENER_GET("/v1/module")

/* Who has offices, links and tokens, and what was asked by whom. */
#define PEOPLE_ROUTES                                                    \
	LISTENER_GET("/v1/people"), LISTENER_POST("/v1/people/{}:link"), \
	    LISTENER_GET("/v1/tokens"), LISTENER_POST("/v1/tokens"),     \
	    LISTENER_POST("/v1/tokens/{}:revoke"), LISTENER_GET("/v1/acts")

/* Logging in and out. */
#define SESSION_ROUTES                                                        \
	{ "POST", "/v1/session", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, \
		LISTENER_PUBLIC, listener_local_handle },                     \
	    LISTENER_GET("/v1/session"), LISTENER_POST("/v1/session:end")

/* Bulletins, directory, modules and cards. */
#define DESK_ROUTES                                                           \
	{ "POST", "/v1/bulletins", LISTENER_BODY_WHOLE,                       \
		LISTENER_LOCAL_BULLETINS_MAX, 0, listener_local_handle },     \
	    LISTENER_GET("/v1/log/acts"),                                     \
	    { "POST", "/v1/directory:prepare", LISTENER_BODY_JSON,            \
		    LISTENER_LOCAL_BULLETINS_MAX, 0, listener_local_handle }, \
	    LISTENER_GET("/v1/directory"), LISTENER_GET("/v1/directory/{}"),  \
	    LISTENER_GET("/v1/directory/{}/history"),                         \
	    LISTENER_GET("/v1/modules"),                                      \
	    { "POST", "/v1/modules", LISTENER_BODY_WHOLE, MODULE_TEXT_MAX, 0, \
		    listener_local_handle },                                  \
	    { "POST", "/v1/modules:code", LISTENER_BODY_JSON, 2048, 0,        \
		    listener_local_handle },                                  \
	    LISTENER_GET("/v1/cards"), LISTENER_POST("/v1/cards/{}:assign"),  \
	    LISTENER_POST("/v1/cards/{}:lost")

/* Casework. */
#define CASE_ROUTES                                                      \
	LISTENER_GET("/v1/case-definitions"), LISTENER_GET("/v1/cases"), \
	    LISTENER_POST("/v1/cases"), LISTENER_GET("/v1/cases/{}"),    \
	    LISTENER_POST("/v1/cases/{}:move"),                          \
	    { "POST", "/v1/cases/{}:code", LISTENER_BODY_NONE, 0, 0,     \
		    listener_local_handle },                             \
	    { "POST", "/v1/cases/{}/attachments", LISTENER_BODY_WHOLE,   \
		    CASEWORK_ATTACHMENT_MAX, 0, listener_local_handle }, \
	    LISTENER_GET("/v1/cases/{}/attachments/{}"),                 \
	    LISTENER_GET("/v1/release-reports"),                         \
	    LISTENER_GET("/v1/case-changes"), LISTENER_GET("/v1/case-steps")

/* Pages and description of a management host stand where a gateway's do. */
static void
serve_file(struct listener_request *request)
{
	static const struct {
		const char *path, *file;
	} own[] = {
		{ "/", "/management" },
		{ "/en/", "/en/management" },
		{ "/v1/openapi.json", "/management.json" },
	};
	const char *path = http_request_target(request->http)->path;
	const char *file = path;

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (text_equal(path, own[i].path))
			file = own[i].file;
	listener_web_serve(request, file);
}

/* What goes last. */
#define WEB_ROUTES                                                      \
	{ "GET", "/healthz", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,    \
		listener_web_alive },                                   \
	    { "GET", "/readyz", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC, \
		    listener_local_handle },                            \
	    { "GET", "/v1/openapi.json", LISTENER_BODY_NONE, 0,         \
		    LISTENER_PUBLIC, serve_file },                      \
	    { "GET", "/", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,       \
		    serve_file },                                       \
	{                                                               \
		"GET", "/{*}", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,  \
		    serve_file                                          \
	}

const struct listener_route management_control_routes[] = {
	STATE_ROUTES,
	PEOPLE_ROUTES,
	DESK_ROUTES,
	CASE_ROUTES,
	LISTENER_MACHINE_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

const struct listener_route management_people_routes[] = {
	SESSION_ROUTES,
	STATE_ROUTES,
	PEOPLE_ROUTES,
	DESK_ROUTES,
	CASE_ROUTES,
	WEB_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

/* Those of the API that operators and monitoring need. */
static const struct listener_route operators_routes[] = {
	SESSION_ROUTES,
	STATE_ROUTES,
	PEOPLE_ROUTES,
	WEB_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

int
management_listener_start(struct role_env *env, struct error *err)
{
	static const struct listener_tables
	    tables = { .of = {
			   [LISTENER_HOSTS] = hosts_routes,
			   [LISTENER_LOCAL] = management_control_routes,
			   [LISTENER_PEOPLE] = management_people_routes,
			   [LISTENER_OPERATORS] = operators_routes,
		       } };

	return listener_start(env, &tables, err);
}
