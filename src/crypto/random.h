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

/*
 * The same, out of a stock of this process that is filled for many at once, and
 * wiped where it was taken from: for salts, ids and the like, which are wanted
 * by the thousand.  Keys are made by random_fill().
 */
int random_draw(void *to, size_t len, struct error *err) MUST_CHECK;

#endif
