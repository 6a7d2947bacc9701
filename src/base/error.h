/*
 * Why an operation failed.
 *
 * A function that can fail takes a `struct error *err` as its last parameter
 * and returns -1 after filling it in; the caller owns the struct, usually on
 * its stack, and starts it as `{ 0 }`.  Setting an error allocates nothing.
 * Libraries never log: the process that gives up on an operation logs the
 * error, once.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

/*
 * One code for each reaction we have to a failure, not for each cause; the
 * text names the cause.
 */
enum error_code {
	ERROR_NONE = 0,
	ERROR_BUSY,      /* try again later: peer down, disk full, lock held */
	ERROR_NOT_FOUND, /* the thing named does not exist */
	ERROR_EXISTS,    /* the thing to be created exists already */
	ERROR_MALFORMED, /* input breaks its format: reject it */
	ERROR_UNTRUSTED, /* a signature or certificate fails: reject and audit */
	ERROR_DENIED,    /* a policy forbids it: reject and audit */
	ERROR_SYSTEM,    /* the system let us down: stop and call an operator */
};

enum { ERROR_ID_SIZE = 8, ERROR_TEXT_SIZE = 320 };

struct error {
	enum error_code code;
	char id[ERROR_ID_SIZE]; /* message catalogue id, "" for the code's */
	char text[ERROR_TEXT_SIZE]; /* the particulars, in English */
	uint32_t retry_after_s;     /* when it may go better; 0: not known */
};

/* Record a failure.  Always returns -1, so that callers can return it. */
int error_set(struct error *err, enum error_code code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * Record a failure that people will read about: `id` names its entry in the
 * message catalogue (data/messages/catalogue.ini), which holds the title, the
 * cause and the next step in both languages.  Always returns -1.
 */
int error_set_id(struct error *err, const char *id, enum error_code code,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * Record the failure that errno describes, choosing its code: ENOENT becomes
 * ERROR_NOT_FOUND, ENOSPC becomes ERROR_BUSY, and so on.  Always returns -1.
 */
int error_set_errno(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Out of memory is an ordinary ERROR_BUSY.  Always returns -1. */
int error_set_memory(struct error *err);

/* Put "what we were doing: " before the text.  Always returns -1. */
int error_prefix(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* True if the same call may well succeed later, unchanged. */
bool error_is_temporary(const struct error *err);

/*
 * The catalogue id of the error: its own, or the general one of its code
 * ("E1001" for ERROR_BUSY and so on).  Never NULL.
 */
const char *error_message_id(const struct error *err);

#endif
