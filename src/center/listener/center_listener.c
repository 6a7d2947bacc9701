#include "center/listener/center_listener.h"

#include "center/listener/center_listener_internal.h"
#include "envelope/case_request.h"
#include "model/standing.h"
#include "role/listener/listener.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_news.h"
#include "role/listener/listener_witness.h"
#include "role/role.h"
#include "role/status/card_reports.h"

enum {
	GATEWAY = 1 << HOST_GATEWAY,
	CENTER = 1 << HOST_CENTER,
	MANAGEMENT = 1 << HOST_MANAGEMENT,
};

const struct listener_route center_hosts_routes[] = {
	{ "POST", "/v1/waybills", LISTENER_BODY_WORK, 0, GATEWAY,
	    center_post_waybill },
	{ "POST", "/v1/relays", LISTENER_BODY_WORK, 0, CENTER,
	    center_post_relay },
	{ "POST", "/v1/moves", LISTENER_BODY_WORK, 0, CENTER,
	    center_post_move },
	{ "GET", "/v1/moves/{}/offset", LISTENER_BODY_NONE, 0, CENTER,
	    center_get_offset },
	{ "GET", "/v1/waybills/{}/offset", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_offset },
	{ "GET", "/v1/relays/{}/offset", LISTENER_BODY_NONE, 0, CENTER,
	    center_get_offset },
	{ "GET", "/v1/feed", LISTENER_BODY_NONE, 0, GATEWAY, center_get_feed },
	{ "POST", "/v1/feed/acknowledge", LISTENER_BODY_JSON,
	    CENTER_ACKNOWLEDGE_MAX, GATEWAY | CENTER, center_post_acknowledge },
	{ "GET", "/v1/deliveries/{}/{}", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_delivery },
	{ "POST", "/v1/acts", LISTENER_BODY_WHOLE, CENTER_ACT_MAX,
	    GATEWAY | CENTER, center_post_act },
	{ "POST", "/v1/cards/lost", LISTENER_BODY_JSON, CARD_REPORT_MAX,
	    GATEWAY, card_reports_post },
	{ "POST", "/v1/case-requests", LISTENER_BODY_JSON,
	    CASE_REQUEST_BODY_MAX, GATEWAY, listener_local_handle },
	{ "GET", "/v1/case-requests", LISTENER_BODY_NONE, 0, GATEWAY,
	    listener_local_handle },
	{ "POST", "/v1/rewraps", LISTENER_BODY_WHOLE, CENTER_REWRAP_MAX,
	    GATEWAY | CENTER, center_post_rewrap },
	{ "POST", "/v1/receipts", LISTENER_BODY_BUNDLE, 0, CENTER,
	    center_post_receipts },
	{ "POST", "/v1/witness/add-checkpoint", LISTENER_BODY_WHOLE,
	    LISTENER_WITNESS_STATED_MAX, CENTER | MANAGEMENT,
	    listener_witness },
	{ "GET", "/v1/witness/{}/{}", LISTENER_BODY_NONE, 0, CENTER,
	    center_get_log },
	{ "GET", "/v1/log/checkpoint", LISTENER_BODY_NONE, 0,
	    GATEWAY | CENTER | MANAGEMENT, center_get_log },
	{ "GET", "/v1/log/cosigned", LISTENER_BODY_NONE, 0,
	    GATEWAY | CENTER | MANAGEMENT, center_get_log },
	{ "GET", "/v1/log/stamps", LISTENER_BODY_NONE, 0,
	    GATEWAY | CENTER | MANAGEMENT, center_get_log },
	{ "GET", "/v1/log/status/{}", LISTENER_BODY_NONE, 0,
	    GATEWAY | CENTER | MANAGEMENT, center_get_log },
	{ "GET", "/v1/logs/{}/status/{}", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_other_log },
	{ "GET", "/v1/logs/{}/cosigned", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_other_log },
	{ "GET", "/v1/logs/{}/stamps", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_other_log },
	{ "GET", "/v1/logs/{}/checkpoint", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_other_log },
	{ "GET", "/v1/logs/{}/tile/{*}", LISTENER_BODY_NONE, 0, GATEWAY,
	    center_get_other_log },
	/* Who wrote to whom is for the supervising tier alone. */
	{ "GET", "/v1/log/tile/entries/{*}", LISTENER_BODY_NONE, 0, MANAGEMENT,
	    center_get_log },
	{ "GET", "/v1/log/tile/{*}", LISTENER_BODY_NONE, 0,
	    GATEWAY | CENTER | MANAGEMENT, center_get_log },
	{ "GET", "/v1/bulletins", LISTENER_BODY_NONE, 0, GATEWAY | CENTER,
	    listener_news_bulletins },
	{ "GET", "/v1/directory/pages", LISTENER_BODY_NONE, 0, GATEWAY | CENTER,
	    listener_news_pages },
	{ "GET", "/v1/releases/{}", LISTENER_BODY_NONE, 0, GATEWAY,
	    listener_local_handle },
	{ "GET", "/v1/time", LISTENER_BODY_NONE, 0,
	    GATEWAY | CENTER | MANAGEMENT, listener_news_time },
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

const struct listener_route center_control_routes[] = {
	LISTENER_GET("/v1/directory"),
	LISTENER_GET("/v1/directory/{}"),
	LISTENER_GET("/v1/directory/{}/history"),
	LISTENER_GET("/v1/health"),
	LISTENER_GET("/v1/release"),
	LISTENER_GET("/v1/bulletins"),
	LISTENER_GET("/v1/conflicts"),
	LISTENER_GET("/v1/log/checkpoint"),
	LISTENER_GET("/v1/log/cosigned"),
	LISTENER_GET("/v1/log/stamps"),
	LISTENER_GET("/v1/log/tile/{*}"),
	LISTENER_LOGS_ROUTE,
	LISTENER_RELEASE_ROUTES,
	{ "POST", "/v1/bulletins", LISTENER_BODY_WHOLE, LISTENER_HANDED_UP_MAX,
	    0, listener_local_handle },
	LISTENER_GET("/v1/module"),
	LISTENER_GET("/v1/cards"),
	LISTENER_POST("/v1/cards/{}:assign"),
	LISTENER_POST("/v1/cards/{}:lost"),
	LISTENER_GET("/v1/certificates"),
	LISTENER_GET("/v1/case-requests"),
	LISTENER_GET("/v1/case-requests/{}"),
	{ "POST", "/v1/case-requests", LISTENER_BODY_JSON,
	    CASE_REQUEST_BODY_MAX, 0, listener_local_handle },
	LISTENER_MACHINE_ROUTES,
	LISTENER_GET("/v1/queue"),
	LISTENER_GET("/metrics"),
	LISTENER_GET("/v1/holds"),
	LISTENER_POST("/v1/holds"),
	LISTENER_POST("/v1/holds/{}:lift"),
	{ NULL, NULL, LISTENER_BODY_NONE, 0, 0, NULL },
};

int
center_listener_start(struct role_env *env, struct error *err)
{
	static const struct listener_tables
	    tables = { .of = {
			   [LISTENER_HOSTS] = center_hosts_routes,
			   [LISTENER_LOCAL] = center_control_routes,
		       } };

	return listener_start(env, &tables, err);
}
