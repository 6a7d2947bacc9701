/*
 * Transferable proof that management told two stories (T-LOG-09): two
 * timestamps by its key, the later of which names a lower serial, or another
 * digest of a serial.  Both were last entries of checkpoints that it had
 * cosigned.  As text:
 *
 *	yizhan-bulletin-conflict-1
 *	<the timestamp that was shown first, CMS in base64>
 *	<the other one>
 */
#ifndef BULLETIN_CONTRADICTION_H
#define BULLETIN_CONTRADICTION_H

#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "bulletin/bulletin.h"
#include "bulletin/timestamp.h"

struct cert_cache;
struct error;

/* The line that such a text begins with, without its end. */
extern const char contradiction_mark[];

enum { CONTRADICTION_MAX = 4 << 20 };

/* Append the text. */
void contradiction_put(const void *first, size_t first_len, const void *second,
    size_t second_len, struct bytes *to);

/* Start it as `{ 0 }`; release it with contradiction_free(). */
struct contradiction {
	struct bytes first, second; /* CMS */
};

void contradiction_free(struct contradiction *contradiction);

/* ERROR_MALFORMED E3617. */
int contradiction_parse(const void *data, size_t len,
    struct contradiction *ret_contradiction, struct error *err) MUST_CHECK;

/*
 * Whether it proves something: both by a key of `role`, which is that of the
 * root for timestamps, of one environment, and one cannot follow the other.
 * ERROR_UNTRUSTED: E7002, E7003; E3618 they can both be.
 */
int contradiction_check(const struct contradiction *contradiction,
    struct cert_cache *cache, const struct bulletin_role *role,
    enum timestamp_order *ret_order, struct error *err) MUST_CHECK;

#endif
