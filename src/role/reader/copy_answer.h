/*
 * What a copy in the nursery hands back: a message or a failure, encoded on
 * one side and decoded with care on the other.
 */
#ifndef ROLE_COPY_ANSWER_H
#define ROLE_COPY_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"

struct bytes;
struct error;

/*
 * In the copy: append the encoded body `answer` of a message of that type, or
 * the failure when `rc` is negative.
 */
void copy_answer_put(struct bytes *result, enum message_type type, int rc,
    const struct bytes *answer, const struct error *err);

/*
 * Outside: decode the body, whose blobs borrow from `result`.  The copy's
 * failure becomes this one's; anything else that is no such message is E2290.
 */
int copy_answer_read(const uint8_t *result, size_t len, enum message_type type,
    void *ret_body, struct error *err) MUST_CHECK;

#endif
