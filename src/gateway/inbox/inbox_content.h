/*
 * One content part for all recipients of a waybill that are here: it is fetched
 * by one of its deliveries, the others wait aside meanwhile and then share it,
 * and it leaves with the last one that needs it.
 *
 * Who waits aside has `is_due` 0.  As long as one does, another delivery of the
 * waybill is due in the step that fetches: whatever moves that one wakes them in
 * the same change.
 */
#ifndef GATEWAY_INBOX_CONTENT_H
#define GATEWAY_INBOX_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct id;
struct inbox_job;
struct inbox_row;
struct rows;

/* The steps at which a delivery still needs its content; 0 and 1 fetch it. */
#define INBOX_CONTENT_NEEDS "step IN (0, 1, 2, 3, 4, 5, 10)"

/*
 * All below in the open group.  Is another delivery of the waybill about to
 * fetch its content: 1 or 0.
 */
int inbox_content_is_awaited(struct rows *rows, const struct id *waybill_id,
    int64_t but, struct error *err) MUST_CHECK;

/* Content of the waybill that another delivery of it has: 1 or 0. */
int inbox_content_find(struct rows *rows, const struct inbox_row *row,
    uint64_t *ret_content, struct error *err) MUST_CHECK;

/*
 * The delivery has its content, or fails to get it: all that wait aside go on,
 * or the next one of them tries.
 */
int inbox_content_wake_all(struct rows *rows, const struct inbox_row *row,
    struct error *err) MUST_CHECK;
int inbox_content_wake_one(struct rows *rows, const struct inbox_row *row,
    struct error *err) MUST_CHECK;

/*
 * The delivery needs its content no more: it is removed unless another one
 * does.  Changes `row->content`, to be saved by the caller.
 */
int inbox_content_release(struct inbox_job *job, struct error *err) MUST_CHECK;

/* It was lost, or is to be fetched again: it is gone for all who share it. */
int inbox_content_drop(struct inbox_job *job, struct error *err) MUST_CHECK;

/* Is another delivery of this waybill being fetched at this moment? */
bool inbox_content_is_coming(const struct inbox_job *job);

/* Wait aside for that one; the job is gone. */
void inbox_content_wait(struct inbox_job *job);

#endif
