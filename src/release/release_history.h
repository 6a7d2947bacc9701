/*
 * What was done with releases at a host, by whom and when: lines of JSON in
 * `releases/history` of the data folder, to which is only added (T-REL-05).
 */
#ifndef RELEASE_RELEASE_HISTORY_H
#define RELEASE_RELEASE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/version.h"

struct bytes;
struct error;

enum release_act {
	RELEASE_FETCHED,
	RELEASE_REFUSED, /* a file or a list that does not fit: an alarm */
	RELEASE_VERIFIED,
	RELEASE_STAGED,
	RELEASE_INSTALLED,
	RELEASE_RETURNED,
	RELEASE_CONFIRMED,
	RELEASE_ACTS
};

const char *release_act_name(enum release_act act);

enum { RELEASE_HISTORY_MAX = 1 << 20 };

/* Start it as `{ 0 }` but for `act`. */
struct release_note {
	enum release_act act;
	int64_t at;
	char version[VERSION_SIZE];
	struct digest code; /* of the release */
	const char *by;     /* who did it: a person, or "uid N" */
	const char *detail; /* or "" */
};

/*
 * Add it, durably; `dir` is that of the pool.  Beyond RELEASE_HISTORY_MAX bytes
 * the file is kept as history.1 and a new one begun.
 */
int release_history_add(int dir, const struct release_note *note,
    struct error *err) MUST_CHECK;

/* Something was refused, and nothing was found to be right since. */
enum { RELEASE_DETAIL_SIZE = 512 };
struct release_alarm {
	int64_t at;
	char version[VERSION_SIZE];
	char detail[RELEASE_DETAIL_SIZE]; /* the message's id and text */
};

/*
 * 1: there is an alarm; 0: the newest act that found anything found it right,
 * or there is no history; -1.  Reads the end of the file alone.
 */
int release_history_alarm(int dir, struct release_alarm *ret_alarm,
    struct error *err) MUST_CHECK;

/* Append all lines of the newest file, as one JSON array. */
int release_history_read(int dir, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
