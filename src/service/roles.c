#include "service/roles.h"

#include "base/text.h"
#include "service/config.h"

enum {
	EVERY_KIND = CONFIG_MANAGEMENT | CONFIG_CENTER | CONFIG_GATEWAY,
	WITH_LISTENER = 1 << ROLE_LISTENER,
	WITH_SPOOLER = 1 << ROLE_SPOOLER,
	WITH_QUERY = 1 << ROLE_QUERY,
	WITH_KEEPER = 1 << ROLE_KEEPER,
	WITH_VERIFIER = 1 << ROLE_VERIFIER,
	WITH_COURIER = 1 << ROLE_COURIER,
	WITH_READER = 1 << ROLE_READER,
	WITH_PRINTER = 1 << ROLE_PRINTER,
};

static const struct {
	const char *name;
	int64_t host_kinds;
	unsigned peers; /* beside the parent; each pair stands at both */
	struct sandbox sandbox;
} roles[ROLE_COUNT] = {
	[ROLE_PARENT] = { "parent", EVERY_KIND, 0, { 0 } },
	[ROLE_LISTENER] = { "listener", EVERY_KIND,
	    WITH_SPOOLER | WITH_QUERY | WITH_VERIFIER, { .may_accept = true } },
	[ROLE_SPOOLER] = { "spooler", EVERY_KIND,
	    WITH_LISTENER | WITH_QUERY | WITH_KEEPER | WITH_VERIFIER |
		WITH_COURIER | WITH_READER | WITH_PRINTER,
	    { .may_open = true, .may_write = true } },
	/* Writes nothing but the shared-memory index beside the database. */
	[ROLE_QUERY] = { "query", EVERY_KIND,
	    WITH_LISTENER | WITH_SPOOLER | WITH_COURIER | WITH_PRINTER,
	    { .may_open = true, .may_write = true } },
	[ROLE_KEEPER] = { "keeper", EVERY_KIND, WITH_SPOOLER | WITH_VERIFIER,
	    { 0 } },
	[ROLE_VERIFIER] = { "verifier", EVERY_KIND,
	    WITH_LISTENER | WITH_SPOOLER | WITH_KEEPER, { 0 } },
	[ROLE_COURIER] = { "courier", EVERY_KIND, WITH_SPOOLER | WITH_QUERY,
	    { .may_connect = true } },
	/* Forks a copy of itself for every document. */
	[ROLE_READER] = { "reader", CONFIG_GATEWAY, WITH_SPOOLER,
	    { .may_fork = true } },
	/* As the reader; apart from it, since fonts make copies dearer. */
	[ROLE_PRINTER] = { "printer", CONFIG_GATEWAY, WITH_SPOOLER | WITH_QUERY,
	    { .may_fork = true } },
};

const char *
role_name(enum role role)
{
	return roles[role].name;
}

bool
role_parse(const char *name, enum role *ret_role)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (text_equal(roles[i].name, name)) {
			*ret_role = (enum role)i;
			return true;
		}
	}
	return false;
}

bool
role_is_needed(enum role role, int64_t host_kinds)
{
	return (roles[role].host_kinds & host_kinds) != 0;
}

bool
role_talks_to(enum role a, enum role b)
{
	if (a == b)
		return false;
	if (a == ROLE_PARENT || b == ROLE_PARENT)
		return true;
	return (roles[a].peers & (1u << b)) != 0 &&
	    (roles[b].peers & (1u << a)) != 0;
}

struct sandbox
role_sandbox(enum role role)
{
	return roles[role].sandbox;
}
