/*
 * A ZIP file written as it comes, of which no length is known beforehand:
 * entries that are deflated, and small ones that are stored as they are, such
 * as the mimetype of an OpenDocument file.  What it makes is appended to the
 * caller's bytes, which the caller empties between calls.
 */
#ifndef PACKAGE_ZIP_STREAM_H
#define PACKAGE_ZIP_STREAM_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;
struct zip_stream;

enum { ZIP_STREAM_ENTRIES_MAX = 8, ZIP_STREAM_NAME_SIZE = 64 };

int zip_stream_new(struct zip_stream **ret_stream,
    struct error *err) MUST_CHECK;
void zip_stream_free(struct zip_stream *stream);

/* A whole entry, stored. */
int zip_stream_add(struct zip_stream *stream, const char *name,
    const void *data, size_t len, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * One entry in pieces: begin, put as often as need be, end.  ERROR_SYSTEM when
 * it grows beyond 4 GiB.
 */
int zip_stream_begin(struct zip_stream *stream, const char *name,
    struct bytes *to, struct error *err) MUST_CHECK;
int zip_stream_put(struct zip_stream *stream, const void *data, size_t len,
    struct bytes *to, struct error *err) MUST_CHECK;
int zip_stream_end(struct zip_stream *stream, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The directory, which ends the file. */
int zip_stream_finish(struct zip_stream *stream, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
