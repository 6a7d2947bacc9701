/*
 * Care for what must not leak: overwriting and comparing.
 */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECRET_KEY_LEN = 32 };

/* A symmetric key; wipe it when done. */
struct secret_key {
	uint8_t bytes[SECRET_KEY_LEN];
};

/* Overwrite; the compiler does not leave it out. */
void secret_wipe(void *data, size_t len);

/* Takes as long for equal as for unequal bytes. */
bool secret_equal(const void *a, const void *b, size_t len);

#endif
