/* The table of policy/access.h. */
#include "policy/access.h"

#include <stddef.h>

enum {
	CLERK = 1 << ACCESS_CLERK,
	SUPERVISOR = 1 << ACCESS_SUPERVISOR,
	OPERATOR = 1 << ACCESS_OPERATOR,
	AUDITOR = 1 << ACCESS_AUDITOR,
	DESK = CLERK | SUPERVISOR, /* who works with letters */
	READERS = DESK | AUDITOR,
	OVERSEERS = SUPERVISOR | OPERATOR | AUDITOR,
	READ = 1 << ACCESS_READ,
	SEND = 1 << ACCESS_SEND,
	RECEIVE = 1 << ACCESS_RECEIVE,
	EVENTS = 1 << ACCESS_EVENTS,
	WEBHOOKS = 1 << ACCESS_WEBHOOKS,
	METRICS = 1 << ACCESS_METRICS,
};

const struct access_rule access_rules[] = {
	{ "GET", "/", ACCESS_PUBLIC, 0, 0 },
	{ "GET", "/{*}", ACCESS_PUBLIC, 0, 0 },
	{ "GET", "/healthz", ACCESS_PUBLIC, 0, 0 },
	{ "GET", "/readyz", ACCESS_PUBLIC, 0, 0 },
	{ "GET", "/v1/openapi.json", ACCESS_PUBLIC, 0, 0 },
	{ "POST", "/v1/session", ACCESS_PUBLIC, 0, 0 },
	{ "GET", "/v1/session", ACCESS_ANYONE, 0, 0 },
	{ "POST", "/v1/session:end", ACCESS_ANYONE, 0, 0 },

	{ "POST", "/v1/documents:validate", ACCESS_LISTED, DESK, SEND },
	{ "POST", "/v1/documents:preview", ACCESS_LISTED, DESK, SEND },
	{ "POST", "/v1/documents:make", ACCESS_LISTED, DESK, SEND },
	{ "POST", "/v1/documents", ACCESS_LISTED, DESK, SEND },
	{ "GET", "/v1/outbox", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/outbox/{}", ACCESS_LISTED, READERS, READ | SEND },
	{ "GET", "/v1/outbox/{}/receipts", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/outbox/{}/print", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/outbox/{}/view", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/outbox/{}/evidence", ACCESS_LISTED, READERS, READ },
	{ "POST", "/v1/outbox/{}/{}:withdraw", ACCESS_LISTED, DESK, SEND },
	{ "POST", "/v1/outbox/{}/{}:paper", ACCESS_LISTED, DESK, SEND },
	{ "GET", "/v1/review", ACCESS_LISTED, READERS, READ },
	/* A person's duty (art. 7-6): no program does it. */
	{ "POST", "/v1/review", ACCESS_LISTED, DESK, 0 },

	{ "GET", "/v1/inbox", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}/files/{}", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}/package", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}/receipts", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}/print", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}/view", ACCESS_LISTED, READERS, READ },
	{ "GET", "/v1/inbox/{}/{}/evidence", ACCESS_LISTED, READERS, READ },
	{ "POST", "/v1/inbox/{}/{}:confirm", ACCESS_LISTED, DESK, RECEIVE },
	{ "POST", "/v1/inbox/{}/{}:return", ACCESS_LISTED, DESK, RECEIVE },
	{ "POST", "/v1/inbox/{}/{}:notice", ACCESS_LISTED, DESK, RECEIVE },

	{ "GET", "/v1/events", ACCESS_LISTED, READERS, EVENTS },
	{ "GET", "/v1/acts", ACCESS_LISTED, SUPERVISOR | AUDITOR, 0 },
	{ "GET", "/v1/persons", ACCESS_LISTED, OVERSEERS, 0 },
	{ "POST", "/v1/persons", ACCESS_LISTED, OPERATOR, 0 },
	{ "POST", "/v1/persons/{}:link", ACCESS_LISTED, OPERATOR, 0 },
	{ "POST", "/v1/persons/{}:disable", ACCESS_LISTED, OPERATOR, 0 },
	{ "POST", "/v1/persons/{}:enable", ACCESS_LISTED, OPERATOR, 0 },
	{ "GET", "/v1/tokens", ACCESS_LISTED, OVERSEERS, 0 },
	{ "POST", "/v1/tokens", ACCESS_LISTED, OPERATOR, 0 },
	{ "POST", "/v1/tokens/{}:revoke", ACCESS_LISTED, OPERATOR, 0 },

	{ "GET", "/metrics", ACCESS_LISTED, OPERATOR | AUDITOR, METRICS },
	{ "GET", "/v1/directory", ACCESS_ANYONE, 0, 0 },
	{ "GET", "/v1/directory/{}", ACCESS_ANYONE, 0, 0 },
	{ "GET", "/v1/directory/{}/history", ACCESS_ANYONE, 0, 0 },
	{ "GET", "/v1/health", ACCESS_ANYONE, 0, 0 },
	{ "GET", "/v1/bulletins", ACCESS_ANYONE, 0, 0 },
	{ "GET", "/v1/conflicts", ACCESS_LISTED, OVERSEERS, READ },
	{ "GET", "/v1/notices", ACCESS_LISTED, OVERSEERS, 0 },
	{ "POST", "/v1/notices/{}:read", ACCESS_LISTED, OPERATOR, 0 },
	{ NULL, NULL, ACCESS_LISTED, 0, 0 },
};
