/*
 * Letters that came in before this gateway knew of a hold, suspension or
 * revocation that had begun by then are judged again (role/status/review.h), as
 * of when its center took them: what a person may have acted on is marked with
 * the reason, never taken away.  It does so by its own bulletins, whatever its
 * center does.
 */
#ifndef GATEWAY_INBOX_REVIEW_H
#define GATEWAY_INBOX_REVIEW_H

#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"

struct digest;
struct gateway;
struct inbox_row;
struct reviewer;
struct rows;

/* A migration of the gateway's database, behind those of inbox and events. */
extern const char inbox_review_schema[];
/* ... and another one behind it. */
extern const char inbox_review_directory_schema[];

int inbox_review_new(struct gateway *gateway, struct reviewer **ret_reviewer,
    struct error *err) MUST_CHECK;

/*
 * In the open group: whose module signed its waybill, when it was taken, and by
 * which directory.
 */
struct inbox_taken {
	const struct digest *module;
	int64_t at_ms;
	uint64_t directory; /* serial */
};
int inbox_review_add(struct rows *rows, int64_t letter,
    const struct inbox_taken *taken, struct error *err) MUST_CHECK;

/* The serial of that directory; 0 when it was not noted. */
int inbox_review_directory(struct rows *rows, int64_t letter,
    uint64_t *ret_directory, struct error *err) MUST_CHECK;

/*
 * The same: it becomes an entry of the inbox, with the certificate that signed
 * its package, and is judged by what is known by now.
 */
int inbox_review_enter(struct gateway *gateway, const struct inbox_row *row,
    const struct digest *card, struct error *err) MUST_CHECK;

/* The id of the message that says why it is in doubt, "" when it is not. */
int inbox_review_doubt(struct rows *rows, int64_t letter,
    char ret_doubt[ERROR_ID_SIZE], struct error *err) MUST_CHECK;

#endif
