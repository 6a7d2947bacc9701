#include "management/management_listener.h"

#include "model/standing.h"
#include "role/listener.h"
#include "role/listener_local.h"
#include "role/listener_news.h"

static const struct listener_route hosts_routes[] = {
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_news_bulletins },
	{ "GET", "/v1/time", LISTENER_BODY_NONE, 0, 1 << HOST_CENTER,
	    listener_news_time },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

static const struct listener_route control_routes[] = {
	{ "POST", "/v1/bulletins", LISTENER_BODY_WHOLE,
	    LISTENER_LOCAL_BULLETINS_MAX, 0, listener_local_handle },
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ "GET", "/v1/health", LISTENER_BODY_NONE, 0, 0,
	    listener_local_handle },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

int
management_listener_start(struct role_env *env, struct error *err)
{
	return listener_start(env, hosts_routes, control_routes, err);
}
