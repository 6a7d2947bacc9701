/* Whom the library asks: the token, and the gateway's health. */
#include "client/client_shape.h"

static const struct client_field self_fields[] = {
	CLIENT_FIELD("token", CLIENT_TEXT, yizhan_self, token),
	CLIENT_FIELD("organisations.0.code", CLIENT_TEXT, yizhan_self,
	    organisation),
	CLIENT_FIELD("organisations.0.name", CLIENT_TEXT, yizhan_self, name),
	CLIENT_LIST("scopes", CLIENT_TEXTS, yizhan_self, scope_count, scopes,
	    NULL),
	CLIENT_FIELD("expires_at", CLIENT_TEXT, yizhan_self, expires_at),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_self, json),
	CLIENT_END,
};
static const struct client_shape self = { sizeof(struct yizhan_self),
	self_fields };

#define CHECK(name) CLIENT_FIELD(#name, CLIENT_TEXT, yizhan_check, name)
static const struct client_field check_fields[] = { CHECK(name), CHECK(state),
	CHECK(code), CHECK(title), CHECK(next), CLIENT_END };
static const struct client_shape check = { sizeof(struct yizhan_check),
	check_fields };
static const struct client_field health_fields[] = {
	CLIENT_FIELD("host", CLIENT_TEXT, yizhan_health, host),
	CLIENT_FIELD("ready", CLIENT_TRUTH, yizhan_health, is_ready),
	CLIENT_LIST("checks", CLIENT_RECORDS, yizhan_health, count, checks,
	    &check),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_health, json),
	CLIENT_END,
};
static const struct client_shape health = { sizeof(struct yizhan_health),
	health_fields };

void
yizhan_self_free(struct yizhan_self *given)
{
	client_shape_free(given);
}

void
yizhan_health_free(struct yizhan_health *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_self(struct yizhan *yizhan, struct yizhan_self **ret_self)
{
	return client_get(yizhan, "/v1/session", &self, ret_self);
}

enum yizhan_result
yizhan_health(struct yizhan *yizhan, struct yizhan_health **ret_health)
{
	return client_get(yizhan, "/v1/health", &health, ret_health);
}

enum yizhan_result
yizhan_metrics(struct yizhan *yizhan, yizhan_take_fn take, void *context)
{
	return yizhan_fetch(yizhan, "/metrics", take, context);
}
