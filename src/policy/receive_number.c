#include "policy/receive_number.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

const char receive_number_form[] = "{year}{serial:7}";

enum { DIGITS_MIN = 4, DIGITS_MAX = 10 };

enum part { PART_TEXT, PART_YEAR, PART_SERIAL, PART_BAD };

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* The part that begins at `*form`, which moves behind it. */
static enum part
next_part(const char **form, uint64_t *ret_digits)
{
	static const char year[] = "{year}";
	static const char serial[] = "{serial:";
	char digits[4] = "";
	size_t len;

	if (text_starts(*form, year)) {
		*form += sizeof(year) - 1;
		return PART_YEAR;
	}
	if (text_starts(*form, serial)) {
		*form += sizeof(serial) - 1;
		len = strcspn(*form, "}");
		if ((*form)[len] != '}' ||
		    !text_copy_len(digits, sizeof(digits), *form, len) ||
		    !text_parse_u64(digits, DIGITS_MAX, ret_digits) ||
		    *ret_digits < DIGITS_MIN)
			return PART_BAD;
		*form += len + 1;
		return PART_SERIAL;
	}
	return is_plain(*(*form)++) ? PART_TEXT : PART_BAD;
}

int
receive_number_check(const char *form, struct error *err)
{
	const char *at = form;
	unsigned counts[PART_BAD + 1] = { 0 };
	uint64_t digits;

	while (*at != '\0' && counts[PART_BAD] == 0)
		counts[next_part(&at, &digits)]++;
	if (counts[PART_BAD] == 0 && counts[PART_YEAR] == 1 &&
	    counts[PART_SERIAL] == 1 &&
	    counts[PART_TEXT] <= RECEIVE_NUMBER_TEXT_MAX &&
	    strlen(form) < RECEIVE_NUMBER_FORM_SIZE)
		return 0;
	return error_set_id(err, "E6721", ERROR_MALFORMED,
	    "a receive number has {year} and {serial:4} to {serial:10}, each "
	    "once, and at most %d bytes of letters, - and _ besides",
	    RECEIVE_NUMBER_TEXT_MAX);
}

void
receive_number_format(const char *form, int64_t roc_year, int64_t serial,
    char to[RECEIVE_NUMBER_SIZE])
{
	size_t len = 0;

	to[0] = '\0';
	while (*form != '\0' && len + 1 < RECEIVE_NUMBER_SIZE) {
		const char *from = form;
		size_t left = RECEIVE_NUMBER_SIZE - len;
		uint64_t digits = 0;

		switch (next_part(&form, &digits)) {
		case PART_YEAR:
			snprintf(to + len, left, "%03" PRId64, roc_year % 1000);
			break;
		case PART_SERIAL:
			snprintf(to + len, left, "%0*" PRId64, (int)digits,
			    serial % INT64_C(1000000000000));
			break;
		case PART_TEXT:
		case PART_BAD:
			snprintf(to + len, left, "%c", *from);
			break;
		}
		len += strlen(to + len);
	}
}
