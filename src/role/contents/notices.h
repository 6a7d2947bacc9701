/*
 * What was changed about the organisations of this host, told to them: what, by
 * whom, when, with which directory; kept until somebody has read it (R5.7;
 * docs/directory.md).
 */
#ifndef ROLE_NOTICES_H
#define ROLE_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct group;
struct json_writer;
struct log;
struct message_request;
struct peer;
struct rows;

/* A part of bulletins_schema. */
#define NOTICES_SCHEMA                                                         \
	"CREATE TABLE directory_notice (id INTEGER PRIMARY KEY AUTOINCREMENT," \
	" code TEXT NOT NULL, serial INTEGER NOT NULL, at INTEGER NOT NULL,"   \
	" action TEXT NOT NULL, signers TEXT NOT NULL, what TEXT NOT NULL,"    \
	" read_at INTEGER) STRICT;"                                            \
	"CREATE INDEX directory_notice_serial ON directory_notice (serial);"

/* Beyond it the oldest go, those that were read first. */
enum { NOTICES_MAX = 10000, NOTICES_LIST_MAX = 200 };

/* Who changed the directory, and when. */
struct notices_author {
	const char *host;    /* ours: whose entries are told */
	const char *signers; /* names; "" when they are not known */
	uint64_t serial;
	int64_t at;
};

/*
 * Note a change of an entry, inside a transaction, if it is one of ours before or
 * after: its JSON of before and after, `len` 0 for what is not there.
 */
int notices_note(struct rows *rows, const struct notices_author *author,
    const char *code, const void *before, size_t before_len, const void *after,
    size_t after_len, struct error *err) MUST_CHECK;

/* A line of the log for each that came with `serial`. */
void notices_log(struct rows *rows, const struct log *log, uint64_t serial);

/*
 * Members "unread" and "notices": those not read, or all, the newest first, of
 * `scope` and its units ("": of all here).
 */
int notices_write(struct rows *rows, bool all, const char *scope,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/*
 * POST /v1/notices/{id}:read: it is not told again.  False if the request is
 * another one.
 */
bool notices_answer(struct rows *rows, struct group *group, struct peer *peer,
    uint32_t id, const struct message_request *request, int64_t now);

#endif
