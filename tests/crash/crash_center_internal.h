/*
 * What the files crash_center*.c share: one look at what a crash left.
 */
#ifndef CRASH_CRASH_CENTER_INTERNAL_H
#define CRASH_CRASH_CENTER_INTERNAL_H

#include "base/error.h"
#include "crash/center_play.h"
#include "crash/crash_center.h"
#include "model/event.h"

struct center_waybill;
struct rows;
struct store;

enum { CHECK_STATED_MAX = 1024 };

/* A statement of the log. */
struct check_stated {
	enum event event;
	struct digest leaf;
	bool is_own; /* not another center's that is repeated */
};

struct check {
	struct store *store;
	struct rows *rows;
	char *complaint;
	bool moves;
	unsigned lost;
	struct check_stated stated[CHECK_STATED_MAX];
	size_t stated_count;
	struct error err;
};

int check_complain(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A count or another number; -1 and a complaint if there is none. */
int64_t check_number(struct check *check, const char *sql, int64_t argument);

/* A receipt that was given out can be given out again, and verifies (I4). */
int check_receipt(struct check *check, const struct crash_said *said);

/* ---- crash_center_move.c ---------------------------------------------- */

/* Each delivery is decided here, or handed over, or was; never two of them. */
int check_move_ways(struct check *check, const struct center_waybill *waybill,
    const struct world_letter *letter);

/* What was said of moves: CENTER_MOVED and the kinds behind it. */
int check_moved(struct check *check, const struct crash_said *said);

#endif
