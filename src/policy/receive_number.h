/*
 * The form of receive numbers (收文號), as an organisation wants them in its
 * register: "{year}{serial:7}" is 1150000001.  Pure.
 */
#ifndef POLICY_RECEIVE_NUMBER_H
#define POLICY_RECEIVE_NUMBER_H

#include <stdint.h>

#include "base/attr.h"

struct error;

enum {
	RECEIVE_NUMBER_SIZE = 32,
	RECEIVE_NUMBER_FORM_SIZE = 48,
	RECEIVE_NUMBER_TEXT_MAX =
	    16, /* bytes of a form that stay as they are */
	RECEIVE_NUMBER_SERIAL_MAX = 12, /* digits that a serial may need */
};

extern const char receive_number_form[]; /* without another one */

/*
 * E6721 unless it has {year} (民國) and {serial:N}, N from 4 to 10, each once,
 * and else only letters, - and _, no digit: then no two numbers of an
 * organisation are the same, however often its form changes.
 */
int receive_number_check(const char *form, struct error *err) MUST_CHECK;

/* By a form that was checked. */
void receive_number_format(const char *form, int64_t roc_year, int64_t serial,
    char to[RECEIVE_NUMBER_SIZE]);

#endif
