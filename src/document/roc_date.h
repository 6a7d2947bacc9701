/*
 * Dates of documents: 中華民國115年11月20日.
 */
#ifndef DOCUMENT_ROC_DATE_H
#define DOCUMENT_ROC_DATE_H

#include <stdbool.h>

/* A later year is a slip of the pen: 1115, or a Gregorian year. */
enum { ROC_YEAR_MAX = 200 };

struct roc_date {
	int year; /* 民國, 1 to ROC_YEAR_MAX; 0 stands for no date */
	int month;
	int day;
};

/*
 * Accepts a day that exists, with or without 中華民國 or 民國 in front, in
 * half-width or full-width digits, with blanks between the parts.
 */
bool roc_date_parse(const char *text, struct roc_date *ret_date);

/* 0 for Sunday to 6; of a date that exists. */
int roc_date_weekday(const struct roc_date *date);

#endif
