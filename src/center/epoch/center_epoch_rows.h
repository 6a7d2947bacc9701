/*
 * Epochs of our log, and who has handed in again what the break before the
 * newest one lost.
 */
#ifndef CENTER_CENTER_EPOCH_ROWS_H
#define CENTER_CENTER_EPOCH_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "log/note.h"

struct error;
struct rows;

extern const char center_epoch_schema[];

struct center_epoch_row {
	uint64_t number;
	char origin[NOTE_NAME_SIZE];
	uint64_t first; /* records of the epochs before */
	int64_t opened_at;
	int64_t until; /* others are waited for at most so long; 0: no more */
};

/* 1 and the newest, or 0 before the first. */
int center_epoch_newest(struct rows *rows, struct center_epoch_row *ret_row,
    struct error *err) MUST_CHECK;
int center_epoch_add(struct rows *rows, const struct center_epoch_row *row,
    struct error *err) MUST_CHECK;

/* Nobody is waited for any more. */
int center_epoch_close(struct rows *rows, struct error *err) MUST_CHECK;

/* That a host has nothing more of before epoch `number`. */
int center_epoch_report_add(struct rows *rows, const char *host,
    uint64_t number, struct error *err) MUST_CHECK;
int center_epoch_has_reported(struct rows *rows, const char *host,
    uint64_t number, struct error *err) MUST_CHECK;

/*
 * That a longer log was signed than is here, by what witnesses cosigned: until a
 * bulletin names the next epoch.  _find: 1 or 0.
 */
int center_epoch_lost_add(struct rows *rows, const char *origin, uint64_t size,
    int64_t now, struct error *err) MUST_CHECK;
int center_epoch_lost_find(struct rows *rows, uint64_t *ret_size,
    struct error *err) MUST_CHECK;
int center_epoch_lost_clear(struct rows *rows, struct error *err) MUST_CHECK;

/*
 * Why hosts are not served as ever: 0 when they are, else -1 with ERROR_BUSY -
 * E4502, nothing is here, and it is not known whether something was; E4503, a
 * longer log was signed than is here; E5044, the data were restored and no
 * bulletin names the next epoch; E5046, it was opened, and others are handing in
 * again what was lost.
 */
int center_epoch_check_rows(struct rows *rows, struct error *err) MUST_CHECK;

#endif
