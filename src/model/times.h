/*
 * Instants.  Everywhere in code and on disk an instant is an int64_t of
 * milliseconds since 1970 in UTC; in objects it is RFC 3339 text in UTC with
 * milliseconds; people see UTC+08:00 and the 民國 year.
 */
#ifndef MODEL_TIMES_H
#define MODEL_TIMES_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TIMES_RFC3339_SIZE = 25, /* "2026-11-22T03:04:05.678Z" */
	TIMES_ROC_SIZE = 48,     /* "中華民國115年11月22日 11:04:05" */
};

/* Years 1970 to 9999; an instant outside is shown as the nearest inside. */
void times_format(int64_t at_ms, char to[TIMES_RFC3339_SIZE]);

/* Accepts exactly what times_format() writes. */
bool times_parse(const char *text, int64_t *ret_at_ms);

/*
 * Any time of RFC 3339, as people and their programs write it: a fraction or
 * none, Z or an offset.  What is finer than a millisecond is cut off; a leap
 * second is refused.
 */
bool times_read(const char *text, int64_t *ret_at_ms);

/* For people: 民國 year, UTC+08:00. */
void times_format_roc(int64_t at_ms, char to[TIMES_ROC_SIZE]);

/* Midnight that begins the next civil day in UTC+08:00 (次日). */
int64_t times_next_day(int64_t at_ms);

/* Days since 1970-01-01 of a proleptic Gregorian date; false if none such. */
bool times_days_of_date(int year, int month, int day, int64_t *ret_days);

#endif
