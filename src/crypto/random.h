/*
 * Fresh random bytes from the library's generator, which the system seeds.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>

#include "base/attr.h"

struct error;

/* Fill `to` with `len` random bytes; ERROR_SYSTEM if there are none. */
int random_fill(void *to, size_t len, struct error *err) MUST_CHECK;

#endif
