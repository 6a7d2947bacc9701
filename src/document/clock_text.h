/*
 * Weekdays and times of day as letters write them: 星期二, 上午9時30分.
 */
#ifndef DOCUMENT_CLOCK_TEXT_H
#define DOCUMENT_CLOCK_TEXT_H

#include <stdbool.h>

/*
 * 星期二, 週二, 禮拜二, 二, in brackets or not; 0 is Sunday (日, 天).  False
 * if it is none.
 */
bool weekday_parse(const char *text, int *ret_weekday);

/*
 * 8時30分, 下午2時, 14時整, 上午9時半, 9:30; half-width or full-width digits.
 * "下午20時30分", which the tag set itself gives as an example, is 20:30.
 * False if it is none, or none that exists.  Minutes since midnight go to
 * `ret_minutes`, which may be NULL.
 */
bool clock_text_parse(const char *text, int *ret_minutes);

#endif
