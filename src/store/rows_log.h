/*
 * SQLite's write-ahead log as bytes (sqlite.org/fileformat2.html, 4): enough
 * to tell a frame that was written from one that changed since.  Pure.
 *
 * Each frame's sum continues the sum of the frame before it.
 */
#ifndef STORE_ROWS_LOG_H
#define STORE_ROWS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

enum {
	ROWS_PAGE = 4096,
	ROWS_LOG_HEAD = 32,       /* of the log */
	ROWS_LOG_FRAME_HEAD = 24, /* of a frame, in front of its page */
	ROWS_LOG_FRAME = ROWS_LOG_FRAME_HEAD + ROWS_PAGE,
};

struct rows_log_sum {
	uint32_t s[2];
};

/* What the first bytes of a log say. */
struct rows_log_head {
	bool is_big_endian;      /* its sums count words so */
	uint32_t salt[2];        /* repeated in each frame */
	struct rows_log_sum sum; /* which frame 1 continues */
};

/* False if it is no head of a log of our page size, or its sum is wrong. */
bool rows_log_head_read(const uint8_t head[ROWS_LOG_HEAD],
    struct rows_log_head *ret_head) MUST_CHECK;

/* The sum that stands in the head of a frame. */
struct rows_log_sum rows_log_frame_sum(const uint8_t head[ROWS_LOG_FRAME_HEAD]);

/* Is the frame the last one of a transaction? */
bool rows_log_frame_commits(const uint8_t head[ROWS_LOG_FRAME_HEAD]);

/* True if the frame is of this log, and whole, behind one with sum `before`. */
bool rows_log_frame_is_whole(const struct rows_log_head *log,
    struct rows_log_sum before, const uint8_t head[ROWS_LOG_FRAME_HEAD],
    const uint8_t page[ROWS_PAGE]) MUST_CHECK;

/* Where frame `number`, counted from 1, begins. */
uint64_t rows_log_frame_at(uint32_t number);

/* The number of the frame that offset `at` lies in; 0 for the head. */
uint32_t rows_log_frame_of(uint64_t at);

#endif
