#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "document/clock_text.h"
#include "document/roc_date.h"

enum { MINUTES_OF_DAY = 24 * 60 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct roc_date date;
	int number;

	if (text == NULL)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (roc_date_parse(text, &date) &&
	    (date.year < 1 || date.year > ROC_YEAR_MAX || date.month < 1 ||
		date.month > 12 || date.day < 1 || date.day > 31))
		abort();
	if (roc_date_parse(text, &date) &&
	    (roc_date_weekday(&date) < 0 || roc_date_weekday(&date) > 6))
		abort();
	if (clock_text_parse(text, &number) &&
	    (number < 0 || number > MINUTES_OF_DAY))
		abort();
	if (weekday_parse(text, &number) && (number < 0 || number > 6))
		abort();
	free(text);
	return 0;
}
