/*
 * What the message form (DM, 文書訊息) of a letter means for an earlier one:
 * its codes 1 to 6, 0 for a letter without one (docs/protocol.md 3).
 */
#ifndef MODEL_RESEND_H
#define MODEL_RESEND_H

#include <stdbool.h>

enum resend_effect {
	RESEND_NONE,     /* an ordinary letter, or a test (5) */
	RESEND_REPLACES, /* sent again: 1, 2, 3 mended, 6 as it was */
	RESEND_RETRACTS, /* the earlier one was sent in error: 4 */
	RESEND_EFFECT_COUNT
};

enum resend_effect resend_effect(int message);

/*
 * How the earlier letter is marked: "", "replaced", "sent_in_error".  It is
 * marked, never hidden.
 */
const char *resend_effect_name(enum resend_effect effect);

/* May, and should, a letter with this code name an earlier one? */
bool resend_names_earlier(int message);

#endif
