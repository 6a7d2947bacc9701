#include "model/resend.h"

enum { SENT_IN_ERROR = 4, TEST = 5, UNCHANGED = 6 };

enum resend_effect
resend_effect(int message)
{
	if (message == SENT_IN_ERROR)
		return RESEND_RETRACTS;
	if (message <= 0 || message == TEST || message > UNCHANGED)
		return RESEND_NONE;
	return RESEND_REPLACES;
}

const char *
resend_effect_name(enum resend_effect effect)
{
	static const char *const names[RESEND_EFFECT_COUNT] = {
		[RESEND_NONE] = "",
		[RESEND_REPLACES] = "replaced",
		[RESEND_RETRACTS] = "sent_in_error",
	};

	return names[effect];
}

bool
resend_names_earlier(int message)
{
	return resend_effect(message) != RESEND_NONE;
}
