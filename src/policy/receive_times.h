/*
 * Immediate and scheduled receiving (即時或定時收文, 作業辦法 art. 8-1): when a
 * letter that waits at the center is fetched.  Times of the day, every day, in
 * UTC+08:00, so nothing waits for more than 24 hours.  Pure.
 */
#ifndef POLICY_RECEIVE_TIMES_H
#define POLICY_RECEIVE_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/event.h"

struct error;

enum { RECEIVE_TIMES_MAX = 24, RECEIVE_TIMES_TEXT_SIZE = 160 };

struct receive_times {
	size_t count;                        /* 0: at once */
	uint16_t minutes[RECEIVE_TIMES_MAX]; /* of the day, growing */
	bool urgent_at_once;                 /* 最速件 wait for no time */
};

/* "" or "09:00,13:30"; E6722. */
int receive_times_parse(const char *text, struct receive_times *ret_times,
    struct error *err) MUST_CHECK;

/* When what was announced at `at_ms` is fetched; `at_ms` for at once. */
int64_t receive_times_next(const struct receive_times *times, enum speed speed,
    int64_t at_ms);

#endif
