#include "gateway/outbox/outbox_accept.h"

#include <string.h>

#include "base/text.h"
#include "document/finding.h"

bool
outbox_accept_has(const struct outbox_accept *accept, const char *rule)
{
	for (size_t i = 0; i < accept->count; i++)
		if (text_equal(accept->rules[i], rule))
			return true;
	return false;
}

static int
add_rule(struct outbox_accept *accept, const char *text, size_t len,
    struct error *err)
{
	char rule[ERROR_ID_SIZE];

	if (!text_copy_len(rule, sizeof(rule), text, len) ||
	    !finding_rule_needs_accept(rule))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "accept=%.*s is no warning that can be accepted",
		    len < 64 ? (int)len : 64, text);
	if (outbox_accept_has(accept, rule))
		return 0;
	if (accept->count == OUTBOX_ACCEPT_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "accept names more than %d rules", OUTBOX_ACCEPT_MAX);
	text_copy(accept->rules[accept->count++], sizeof(rule), rule);
	return 0;
}

int
outbox_accept_parse(const char *text, struct outbox_accept *ret_accept,
    struct error *err)
{
	struct outbox_accept accept = { 0 };

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		if (add_rule(&accept, text, len, err) < 0)
			return -1;
		text += len + (text[len] == ',');
	}
	*ret_accept = accept;
	return 0;
}
