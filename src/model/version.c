#include "model/version.h"

#include <stddef.h>

/* The next number of `*text`; false if there is none. */
static bool
take_part(const char **text, long *ret_part)
{
	const char *at = *text;
	long part = 0;

	if (*at < '0' || *at > '9' ||
	    (*at == '0' && at[1] >= '0' && at[1] <= '9'))
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		part = part * 10 + (*at - '0');
		if (part > VERSION_PART_MAX)
			return false;
	}
	*text = at;
	*ret_part = part;
	return true;
}

/* Missing numbers are 0. */
static bool
parse(const char *text, long parts[VERSION_PARTS])
{
	for (size_t i = 0; i < VERSION_PARTS; i++)
		parts[i] = 0;
	for (size_t i = 0; i < VERSION_PARTS; i++) {
		if (!take_part(&text, &parts[i]))
			return false;
		if (*text == '\0')
			return true;
		if (*text++ != '.')
			return false;
	}
	return false;
}

bool
version_is_good(const char *text)
{
	long parts[VERSION_PARTS];

	return parse(text, parts);
}

int
version_compare(const char *a, const char *b)
{
	long left[VERSION_PARTS], right[VERSION_PARTS];

	(void)parse(a, left);
	(void)parse(b, right);
	for (size_t i = 0; i < VERSION_PARTS; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}
