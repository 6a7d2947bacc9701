#include "policy/endpoint_rules.h"

#include <string.h>

#include "base/text.h"

enum {
	CLERK = 1 << OFFICE_CLERK,
	OFFICER = 1 << OFFICE_OFFICER,
	DUTY = 1 << OFFICE_DUTY,
	AUDITOR = 1 << OFFICE_AUDITOR,
	OPERATOR = 1 << OFFICE_OPERATOR,
	APPLICANT = 1 << OFFICE_APPLICANT,
	SUPERVISOR = 1 << OFFICE_SUPERVISOR,
	STAFF = CLERK | OFFICER | DUTY | AUDITOR,
	PERSONS = STAFF | OPERATOR | APPLICANT | SUPERVISOR,
};

/*
 * Bulletins prove themselves, so anyone on the staff may hand one in; who may
 * make which move of a case is its definition's to say (case/case_engine.h).
 */
const struct endpoint_rule endpoint_rules[] = {
	{ "GET", "/v1/health", PERSONS, false },
	{ "GET", "/v1/release", STAFF | OPERATOR, false },
	{ "GET", "/v1/bulletins", PERSONS, false },
	{ "GET", "/v1/bulletins/{}", PERSONS, false },
	{ "GET", "/v1/bulletins/{}/{}", PERSONS, false },
	{ "POST", "/v1/bulletins", CLERK | OFFICER | DUTY | OPERATOR, false },
	{ "GET", "/v1/conflicts", OFFICER | AUDITOR | OPERATOR, false },
	{ "GET", "/v1/measures", STAFF | OPERATOR, false },
	{ "GET", "/v1/directory", PERSONS, false },
	{ "GET", "/v1/directory/{}", PERSONS, false },
	{ "GET", "/v1/directory/{}/history", PERSONS, false },
	{ "POST", "/v1/directory:prepare", CLERK | OFFICER, false },
	{ "GET", "/v1/log/acts", OFFICER | AUDITOR, false },
	{ "GET", "/v1/module", OFFICER | AUDITOR | OPERATOR, false },
	{ "POST", "/v1/module:selftest", OPERATOR, false },
	{ "POST", "/v1/module:zeroise", OPERATOR, false },
	{ "GET", "/v1/modules", STAFF, false },
	{ "POST", "/v1/modules", CLERK, false },
	{ "POST", "/v1/modules:code", CLERK, false },
	{ "GET", "/v1/cards", STAFF, false },
	{ "POST", "/v1/cards/{}:assign", CLERK | OFFICER, false },
	{ "POST", "/v1/cards/{}:lost", CLERK | DUTY | OFFICER, false },
	{ "GET", "/v1/certificates", STAFF | OPERATOR, false },
	{ "POST", "/v1/leases", OPERATOR, false },
	{ "POST", "/v1/leases/{}:renew", OPERATOR, false },
	{ "POST", "/v1/leases/{}:release", OPERATOR, false },
	{ "GET", "/v1/case-definitions", PERSONS, false },
	{ "GET", "/v1/cases", STAFF | APPLICANT | SUPERVISOR, true },
	{ "POST", "/v1/cases", CLERK | DUTY | APPLICANT, true },
	{ "GET", "/v1/cases/{}", STAFF | APPLICANT | SUPERVISOR, true },
	{ "POST", "/v1/cases/{}:move", CLERK | OFFICER | DUTY | APPLICANT,
	    true },
	{ "POST", "/v1/cases/{}:code", CLERK, false },
	{ "POST", "/v1/cases/{}/attachments", CLERK | DUTY | APPLICANT, true },
	{ "GET", "/v1/cases/{}/attachments/{}", STAFF | APPLICANT | SUPERVISOR,
	    true },
	{ "GET", "/v1/case-changes", STAFF, false },
	{ "GET", "/v1/case-steps", OFFICER | AUDITOR, false },
	{ "GET", "/v1/release-reports", STAFF | OPERATOR, false },
	{ "GET", "/v1/people", CLERK | OFFICER | AUDITOR | OPERATOR, false },
	{ "POST", "/v1/people/{}:link", OPERATOR, false },
	{ "GET", "/v1/tokens", OFFICER | AUDITOR | OPERATOR, false },
	{ "POST", "/v1/tokens", OPERATOR, false },
	{ "POST", "/v1/tokens/{}:revoke", OPERATOR, false },
	{ "GET", "/v1/acts", OFFICER | AUDITOR, false },
	/* Of a session itself: whoever has one. */
	{ "POST", "/v1/session", PERSONS, false },
	{ "GET", "/v1/session", PERSONS, false },
	{ "POST", "/v1/session:end", PERSONS, false },
	{ NULL, NULL, 0, false },
};

/* One segment, or before a ':' of the pattern a part of it. */
static bool
matches(const char *pattern, const char *path)
{
	while (*pattern != '\0') {
		if (!text_starts(pattern, "{}")) {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		pattern += 2;
		if (*path == '/' || *path == '\0')
			return false;
		if (*pattern == ':') {
			size_t len = strcspn(path, "/");
			size_t end = strlen(pattern);

			if (len <= end ||
			    !text_equal(path + len - end, pattern))
				return false;
			return true;
		}
		path += strcspn(path, "/");
	}
	return *path == '\0';
}

const struct endpoint_rule *
endpoint_rule_find(const char *method, const char *path)
{
	const struct endpoint_rule *rule = endpoint_rules;

	for (; rule->method != NULL; rule++)
		if (text_equal(rule->method, method) &&
		    matches(rule->pattern, path))
			return rule;
	return NULL;
}

bool
endpoint_allows(const char *method, const char *path, unsigned offices)
{
	const struct endpoint_rule *rule = endpoint_rule_find(method, path);

	return rule != NULL && (rule->offices & offices) != 0;
}
