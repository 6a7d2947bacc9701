/*
 * Certificates that ended three months ago leave the directory (R5.1.4): which
 * entries change, and to what.  Pure; two officers sign what comes of it.
 */
#ifndef MANAGEMENT_DIRECTORY_ENDED_H
#define MANAGEMENT_DIRECTORY_ENDED_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct directory;
struct error;

/* How many organisations have one. */
size_t directory_ended_count(const struct directory *directory, int64_t now_ms);

/*
 * Append an array of `{"code":"…","keys":[…]}`: each organisation that has such a
 * certificate, with the keys that stay.  ERROR_NOT_FOUND (E3714) if there is none.
 */
int directory_ended_entries(const struct directory *directory, int64_t now_ms,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
