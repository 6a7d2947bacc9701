#include "log/epoch.h"

#include <string.h>

#include "base/text.h"

/* The digits of the number; NULL for an origin without. */
static const char *
digits_of(const char *origin)
{
	const char *slash = strrchr(origin, '/');

	return slash != NULL && slash[1] != '\0' && slash[1] != '0' ? slash + 1
								    : NULL;
}

uint64_t
epoch_number(const char *origin)
{
	const char *digits = digits_of(origin);
	uint64_t number;

	return digits != NULL && text_parse_u64(digits, INT64_MAX, &number)
	    ? number
	    : 0;
}

bool
epoch_is_earlier(const char *earlier, const char *origin)
{
	uint64_t before = epoch_number(earlier);
	uint64_t now = epoch_number(origin);
	size_t len;

	if (before == 0 || before >= now)
		return false;
	len = (size_t)(digits_of(earlier) - earlier);
	return len == (size_t)(digits_of(origin) - origin) &&
	    memcmp(earlier, origin, len) == 0;
}

bool
epoch_is_of(const char *origin, const char *newest)
{
	return text_equal(origin, newest) || epoch_is_earlier(origin, newest);
}
