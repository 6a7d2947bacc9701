/*
 * Text with a NUL at its end: copying, numbers, UTF-8, hex and base64.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;

/* Copy to the heap; NULL only when memory ran out. */
char *text_dup(const char *text);
char *text_dup_len(const char *text, size_t len);

/*
 * Copy into a field of `size` bytes.  False, with an empty field, when it does
 * not fit: nothing is ever cut short in silence.
 */
bool text_copy(char *to, size_t size, const char *text);
bool text_copy_len(char *to, size_t size, const char *text, size_t len);

bool text_equal(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);

/* Index of `name` among the first `count` of `names`, -1 if it is not there. */
int text_find(const char *const *names, int count, const char *name);

/* Decimal digits only, no sign, no blanks, at most `max`. */
bool text_parse_u64(const char *text, uint64_t max, uint64_t *ret_value);

/* True if the bytes are UTF-8 without surrogates and overlong forms. */
bool text_is_utf8(const void *data, size_t len);

/*
 * Lower-case hex of `len` bytes into `to`, which has room for 2 * len + 1;
 * and back: exactly `len` bytes from exactly 2 * len lower-case digits.
 */
void hex_format(const void *data, size_t len, char *to);
bool hex_parse(const char *text, void *to, size_t len);

/*
 * Base64 of RFC 4648 section 4, with padding, on one line.  Decoding is
 * strict: no blanks, no missing padding, no stray bits; ERROR_MALFORMED.
 */
void base64_put(struct bytes *to, const void *data, size_t len);
int base64_parse(const char *text, size_t len, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Append `text` as one printable run for a log line or a terminal: control
 * characters, bidirectional controls and broken UTF-8 become \xHH, and a
 * quote or backslash gets a backslash.
 */
void text_put_escaped(struct bytes *to, const char *text, size_t len);

#endif
