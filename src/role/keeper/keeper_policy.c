#include "role/keeper/keeper_policy.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { PREFIX_SIZE = 256 };

static const struct {
	const char *name;
	enum keeper_use use; /* which key signs it; NONE: see event_rules */
	const char *prefix;  /* with the environment for %s */
} kinds[] = {
	[KEEPER_PACKAGE] = { "package", KEEPER_USE_SIGN,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:ASiCManifest"
	    " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
	    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"
	    "<asic:SigReference MimeType=\"application/x-pkcs7-signature\""
	    " URI=\"" },
	[KEEPER_WAYBILL] = { "waybill", KEEPER_USE_MODULE,
	    "{\"format\":\"yizhan-waybill-1\",\"head\":\""
	    "{\\\"format\\\":\\\"yizhan-head-1\\\","
	    "\\\"environment\\\":\\\"%s\\\"," },
	[KEEPER_ACT] = { "act", KEEPER_USE_NONE,
	    "{\"format\":\"yizhan-act-1\",\"environment\":\"%s\"," },
	[KEEPER_CHECKPOINT] = { "checkpoint", KEEPER_USE_LOG, "yizhan/%s/" },
	[KEEPER_BULLETIN] = { "bulletin", KEEPER_USE_TIMESTAMP,
	    "{\"format\":\"yizhan-bulletin-1\",\"environment\":\"%s\","
	    "\"type\":\"timestamp\",\"name\":\"\"," },
	/* A checkpoint's text; the keeper itself puts the time before it. */
	[KEEPER_COSIGNATURE] = { "cosignature", KEEPER_USE_WITNESS,
	    "yizhan/%s/" },
	[KEEPER_ADDENDUM] = { "addendum", KEEPER_USE_MODULE,
	    "{\"format\":\"yizhan-rewrap-1\",\"environment\":\"%s\"," },
	[KEEPER_REQUEST] = { "request", KEEPER_USE_MODULE,
	    "{\"format\":\"yizhan-case-request-1\","
	    "\"environment\":\"%s\"," },
};

/* Whose word an act is: the module saw it, or the organisation decided it. */
static const struct {
	const char *literal; /* directly behind the act's prefix */
	enum keeper_use use;
} event_rules[] = {
	{ "\"event\":\"fetched\",", KEEPER_USE_MODULE },
	{ "\"event\":\"opened\",", KEEPER_USE_MODULE },
	{ "\"event\":\"unreadable\",", KEEPER_USE_MODULE },
	{ "\"event\":\"withdrawn\",", KEEPER_USE_MODULE },
	{ "\"event\":\"rewrap\",", KEEPER_USE_MODULE },
	{ "\"event\":\"confirmed\",", KEEPER_USE_SIGN },
	{ "\"event\":\"returned\",", KEEPER_USE_SIGN },
	{ "\"event\":\"notice\",", KEEPER_USE_SIGN },
};

enum keeper_use
keeper_policy_use(const char *key)
{
	if (text_starts(key, "sign.") && key[5] != '\0')
		return KEEPER_USE_SIGN;
	if (text_starts(key, "seal.") && key[5] != '\0')
		return KEEPER_USE_SEAL;
	if (text_equal(key, "module"))
		return KEEPER_USE_MODULE;
	if (text_equal(key, "log"))
		return KEEPER_USE_LOG;
	if (text_equal(key, "timestamp"))
		return KEEPER_USE_TIMESTAMP;
	if (text_equal(key, "witness"))
		return KEEPER_USE_WITNESS;
	if (text_equal(key, "issuer"))
		return KEEPER_USE_ISSUER;
	return KEEPER_USE_NONE;
}

/* Take `literal` from the front of `statement`. */
static bool
take_literal(struct blob *statement, const char *literal)
{
	size_t len = strlen(literal);

	if (statement->len < len || memcmp(statement->data, literal, len) != 0)
		return false;
	*statement = blob_of(statement->data + len, statement->len - len);
	return true;
}

/*
 * Take the kind's prefix, which is cut at the environment so that no name of
 * an environment can be read as a format.
 */
static bool
take_prefix(struct blob *statement, const char *prefix, const char *environment)
{
	const char *hole = strstr(prefix, "%s");
	char head[PREFIX_SIZE];

	if (hole == NULL)
		return take_literal(statement, prefix);
	return text_copy_len(head, sizeof(head), prefix,
		   (size_t)(hole - prefix)) &&
	    take_literal(statement, head) &&
	    take_literal(statement, environment) &&
	    take_literal(statement, hole + 2);
}

static enum keeper_use
use_of_event(const struct blob *statement)
{
	for (size_t i = 0; i < ARRAY_LEN(event_rules); i++) {
		struct blob rest = *statement;

		if (take_literal(&rest, event_rules[i].literal))
			return event_rules[i].use;
	}
	return KEEPER_USE_NONE;
}

int
keeper_policy_check(enum keeper_kind kind, const char *key,
    const char *environment, const struct blob *statement, struct error *err)
{
	struct blob rest = *statement;
	enum keeper_use needed;

	if (kind < KEEPER_PACKAGE || kind > KEEPER_REQUEST)
		return error_set_id(err, "E3307", ERROR_DENIED,
		    "statements of kind %u are not signed", (unsigned)kind);
	if (environment[0] == '\0' ||
	    !take_prefix(&rest, kinds[kind].prefix, environment))
		return error_set_id(err, "E3307", ERROR_DENIED,
		    "what is to be signed does not begin as a %s of "
		    "environment %s",
		    kinds[kind].name, environment);
	needed = kinds[kind].use;
	if (kind == KEEPER_ACT)
		needed = use_of_event(&rest);
	if (needed == KEEPER_USE_NONE)
		return error_set_id(err, "E3307", ERROR_DENIED,
		    "the act names no event that is signed");
	if (keeper_policy_use(key) != needed)
		return error_set_id(err, "E3307", ERROR_DENIED,
		    "key %s may not sign this %s", key, kinds[kind].name);
	return 0;
}

const char *
keeper_policy_kind_name(unsigned kind)
{
	return kind >= KEEPER_PACKAGE && kind <= KEEPER_REQUEST
	    ? kinds[kind].name
	    : "unknown";
}
