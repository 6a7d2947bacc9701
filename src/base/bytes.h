/*
 * Byte strings: a growing buffer to write into, and a cursor to read outside
 * bytes with every length checked.  Integers are big-endian.
 *
 * Both carry their failure with them: after the first one every further call
 * does nothing, and the user asks once, at the end, with bytes_failed() or
 * cursor_done().
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

/* Start it as `{ 0 }`; release it with bytes_free(). */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t size;
	bool failed; /* memory ran out: contents are worthless */
};

void bytes_free(struct bytes *bytes);

/* Free after overwriting: for what is secret. */
void bytes_wipe(struct bytes *bytes);

/* Forget the contents, keep the memory. */
void bytes_clear(struct bytes *bytes);

void bytes_put(struct bytes *bytes, const void *data, size_t len);
void bytes_put_text(struct bytes *bytes, const char *text);
void bytes_put_format(struct bytes *bytes, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
void bytes_put_u8(struct bytes *bytes, uint8_t value);
void bytes_put_u16(struct bytes *bytes, uint16_t value);
void bytes_put_u32(struct bytes *bytes, uint32_t value);
void bytes_put_u64(struct bytes *bytes, uint64_t value);

/*
 * Room for `len` more bytes at the end, to be filled by the caller before the
 * next call on `bytes`; NULL when memory ran out.
 */
uint8_t *bytes_extend(struct bytes *bytes, size_t len);

/* 0, or -1 with ERROR_BUSY when an earlier call ran out of memory. */
int bytes_failed(const struct bytes *bytes, struct error *err) MUST_CHECK;

/* Borrows `data`; reads from front to back. */
struct cursor {
	const uint8_t *data;
	size_t left;
	bool failed; /* read beyond the end: values since then are zero */
};

struct cursor cursor_of(const void *data, size_t len);

uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16(struct cursor *cursor);
uint32_t cursor_u32(struct cursor *cursor);
uint64_t cursor_u64(struct cursor *cursor);

/* The next `len` bytes, borrowed; NULL beyond the end. */
const uint8_t *cursor_take(struct cursor *cursor, size_t len);

/* The next text of a list that ends each with a NUL; NULL if it does not end. */
const char *cursor_take_text(struct cursor *cursor);

/* Copy the next `len` bytes to `to`; zeros beyond the end. */
void cursor_copy(struct cursor *cursor, void *to, size_t len);

/* True if nothing was read beyond the end and nothing is left. */
bool cursor_done(const struct cursor *cursor);

#endif
