#include "model/org.h"

#include <string.h>

#include "base/text.h"

bool
org_code_parse(const char *text, struct org_code *ret_code)
{
	size_t len = strlen(text);

	if (len != ORG_LEN && len != ORG_UNIT_LEN)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') ||
			(text[i] >= 'A' && text[i] <= 'Z')))
			return false;
	return text_copy(ret_code->text, sizeof(ret_code->text), text);
}

bool
org_code_join(const char *org, const char *unit, struct org_code *ret_code)
{
	char text[ORG_TEXT_SIZE];
	size_t unit_len = strlen(unit);

	if (strlen(org) != ORG_LEN ||
	    (unit_len != 0 && unit_len != ORG_UNIT_LEN - ORG_LEN))
		return false;
	memcpy(text, org, ORG_LEN);
	memcpy(text + ORG_LEN, unit, unit_len + 1);
	return org_code_parse(text, ret_code);
}

bool
org_code_equal(const struct org_code *a, const struct org_code *b)
{
	return text_equal(a->text, b->text);
}

bool
org_code_is_unit(const struct org_code *code)
{
	return strlen(code->text) == ORG_UNIT_LEN;
}

struct org_code
org_code_parent(const struct org_code *code)
{
	struct org_code parent = *code;

	parent.text[ORG_LEN] = '\0';
	return parent;
}
