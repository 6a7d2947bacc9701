#include "management/management_listener.h"

#include "management/casework_rows.h"
#include "model/standing.h"
#include "role/keeper/module_text.h"
#include "role/listener/listener.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_news.h"
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
	{ "GET", "/v1/time", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_news_time },
	{ "POST", "/v1/cards/lost", LISTENER_BODY_JSON, CARD_REPORT_MAX,
	    1 << HOST_CENTER, card_reports_post },
	{ "POST", "/v1/witness/add-checkpoint", LISTENER_BODY_WHOLE,
	    LISTENER_WITNESS_MAX, 1 << HOST_CENTER, listener_witness },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

const struct listener_route management_control_routes[] = {
	{ "POST", "/v1/bulletins", LISTENER_BODY_WHOLE,
	    LISTENER_LOCAL_BULLETINS_MAX, 0, listener_local_handle },
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/bulletins/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/bulletins/{}/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/conflicts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/log/acts", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/directory:prepare", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_BULLETINS_MAX, 0, listener_local_handle },
	{ "GET", "/v1/directory", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/directory/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/directory/{}/history", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/modules", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/modules", LISTENER_BODY_WHOLE, MODULE_TEXT_MAX, 0,
	    listener_local_handle },
	{ "POST", "/v1/modules:code", LISTENER_BODY_JSON, 2048, 0,
	    listener_local_handle },
	{ "GET", "/v1/health", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/module", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/module:selftest", LISTENER_BODY_JSON, 64, 0,
	    listener_local_handle },
	{ "POST", "/v1/module:zeroise", LISTENER_BODY_JSON, 64, 0,
	    listener_local_handle },
	{ "GET", "/v1/cards", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "POST", "/v1/cards/{}:assign", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/cards/{}:lost", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "GET", "/v1/certificates", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/leases", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/leases/{}:renew", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/leases/{}:release", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/case-definitions", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/cases", LISTENER_BODY_NONE, 0, 0, listener_local_handle },
	{ "POST", "/v1/cases", LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, 0,
	    listener_local_handle },
	{ "GET", "/v1/cases/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/cases/{}:move", LISTENER_BODY_JSON,
	    LISTENER_LOCAL_JSON_MAX, 0, listener_local_handle },
	{ "POST", "/v1/cases/{}:code", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "POST", "/v1/cases/{}/attachments", LISTENER_BODY_WHOLE,
	    CASEWORK_ATTACHMENT_MAX, 0, listener_local_handle },
	{ "GET", "/v1/cases/{}/attachments/{}", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/case-changes", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/case-steps", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/people", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

static const struct listener_route people_routes[] = {
	LISTENER_WEB_ROUTES,
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

int
management_listener_start(struct role_env *env, struct error *err)
{
	static const struct listener_tables
	    tables = { .of = {
			   [LISTENER_HOSTS] = hosts_routes,
			   [LISTENER_LOCAL] = management_control_routes,
			   [LISTENER_PEOPLE] = people_routes,
			   [LISTENER_OPERATORS] = people_routes,
		       } };

	return listener_start(env, &tables, err);
}
