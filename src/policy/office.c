#include "policy/office.h"

#include <string.h>

#include "base/text.h"

enum { NAME_SIZE = 16 };

static const char *const names[OFFICE_COUNT] = { "clerk", "officer", "duty",
	"auditor", "operator", "applicant", "supervisor", "system" };

const char *
office_name(enum office office)
{
	return names[office];
}

bool
office_parse(const char *name, enum office *ret_office)
{
	int found = text_find(names, OFFICE_COUNT, name);

	if (found < 0)
		return false;
	*ret_office = (enum office)found;
	return true;
}

bool
office_parse_list(const char *list, unsigned *ret_offices)
{
	unsigned offices = 0;

	while (*list != '\0') {
		size_t len = strcspn(list, " ");
		char name[NAME_SIZE];
		enum office office;

		if (!text_copy_len(name, sizeof(name), list, len) ||
		    !office_parse(name, &office) || office == OFFICE_SYSTEM)
			return false;
		offices |= 1u << office;
		list += len;
		list += strspn(list, " ");
	}
	*ret_offices = offices;
	return offices != 0;
}
