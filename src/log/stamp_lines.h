/*
 * Time stamps (RFC 3161 tokens) before the checkpoint that they are over, as a
 * center answers with them:
 *
 *	stamp <token, base64>		any number of lines
 *
 *	<the checkpoint, a signed note>
 *
 * Each is over the SHA-256 of the note's bytes.  What they are worth is not
 * looked at here.
 */
#ifndef LOG_STAMP_LINES_H
#define LOG_STAMP_LINES_H

#include <stddef.h>

struct bytes;
struct cursor;

enum { STAMP_LINES_MAX = 16 };

void stamp_lines_put(const void *token, size_t len, struct bytes *to);

/* Append the empty line: the note follows. */
void stamp_lines_end(struct bytes *to);

/*
 * Take the next token from the front, appended to `token`: 1, 0 when the note
 * is what is left, or -1 for what is malformed.
 */
int stamp_lines_next(struct cursor *cursor, struct bytes *token);

#endif
