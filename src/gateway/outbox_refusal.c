#include "gateway/outbox_refusal.h"

#include "base/attr.h"
#include "base/text.h"

bool
outbox_refusal_is_of_all(uint16_t status)
{
	return status >= 500 || status == 408 || status == 429;
}

bool
outbox_refusal_is_for_good(uint16_t status, const char *code)
{
	static const char *const passing[] = { "E4001", "E4002", "E4007",
		"E4008", "E4019", "E4023", "E4024", "E4029", "E4035" };

	if (status < 400 || outbox_refusal_is_of_all(status))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		if (text_equal(passing[i], code))
			return false;
	return true;
}
