#include "exchange/refusal.h"

#include <stddef.h>

#include "base/attr.h"
#include "base/text.h"

enum refusal
refusal_judge(uint16_t status, const char *code)
{
	/* Their statuses may say 429 or 503: that counts after the code. */
	static const struct {
		const char *code;
		enum refusal refusal;
	} known[] = {
		{ "E4001", REFUSAL_OF_ONE },
		{ "E4002", REFUSAL_OF_ONE },
		{ "E4007", REFUSAL_OF_ONE },
		{ "E4008", REFUSAL_OF_ONE },
		{ "E4019", REFUSAL_OF_ONE },
		{ "E4024", REFUSAL_OF_ONE },
		{ "E4029", REFUSAL_OF_ONE },
		{ "E4035", REFUSAL_OF_SENDER },
		{ "E4042", REFUSAL_OF_SENDER },
		{ "E4043", REFUSAL_OF_SENDER },
		{ "E4044", REFUSAL_OF_ONE },
		{ "E4105", REFUSAL_OF_ONE },
		{ "E4222", REFUSAL_OF_ONE },
		{ "E4401", REFUSAL_OF_ONE },
		{ "E4402", REFUSAL_OF_ONE },
		{ "E6221", REFUSAL_OF_ONE },
		{ "E6222", REFUSAL_OF_ONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_equal(known[i].code, code))
			return known[i].refusal;
	if (status == 500)
		return REFUSAL_UNCLEAR;
	if (status > 500 || status == 408 || status == 429)
		return REFUSAL_OF_ALL;
	return REFUSAL_FOR_GOOD;
}

bool
refusal_is_of_caller(const char *code)
{
	static const char *const codes[] = { "E4001", "E4002", "E4007", "E4024",
		"E4029" };

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (text_equal(codes[i], code))
			return true;
	return false;
}
