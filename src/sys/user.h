/*
 * Whose process this is.
 */
#ifndef SYS_USER_H
#define SYS_USER_H

#include "base/attr.h"

struct error;

/* When this process is root and `name` is not "" or NULL: become that user. */
int user_become(const char *name, struct error *err) MUST_CHECK;

#endif
