/*
 * The timestamp bulletin's body: which bulletin is the newest of each type and
 * name.  Short-lived and online, it is what freshness is measured by, and what
 * shows a host that it was given an old bulletin beside a new one.
 */
#ifndef BULLETIN_TIMESTAMP_H
#define BULLETIN_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"

struct error;
struct json_writer;

enum { TIMESTAMP_ITEMS_MAX = 256 };

struct timestamp_item {
	enum bulletin_type type;
	char name[BULLETIN_NAME_SIZE];
	uint64_t serial;
	struct digest sha256; /* of the JSON */
};

/* Start it as `{ 0 }`; release it with timestamp_free(). */
struct timestamp {
	struct timestamp_item *items;
	size_t item_count;
};

void timestamp_free(struct timestamp *timestamp);

/* ERROR_MALFORMED E7001: also for an item that is named twice. */
int timestamp_decode(const struct bulletin *bulletin,
    struct timestamp *ret_timestamp, struct error *err) MUST_CHECK;

/* Write the body object; for management and demo. */
void timestamp_encode(const struct timestamp *timestamp,
    struct json_writer *writer);

/*
 * Whether `after` may be the timestamp that somebody is shown after `before`:
 * two of them show what no host need have seen, that other people were told
 * something else.
 */
enum timestamp_order {
	TIMESTAMP_GOES_ON,
	TIMESTAMP_GOES_BACK,   /* it names a lower serial, or leaves one out */
	TIMESTAMP_CONTRADICTS, /* one serial of two digests */
};

/*
 * Both decoded, of one environment.  A newer root may have disowned who signed
 * too high a serial; then nothing is said of the others.  ERROR_MALFORMED E7001.
 */
int timestamp_compare(const struct bulletin *before,
    const struct bulletin *after, enum timestamp_order *ret_order,
    struct error *err) MUST_CHECK;

/* NULL if it names none. */
const struct timestamp_item *timestamp_find(const struct timestamp *timestamp,
    enum bulletin_type type, const char *name);

#endif
