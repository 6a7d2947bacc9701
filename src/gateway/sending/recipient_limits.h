/*
 * What recipients take, where the directory does not say it: a school's system
 * that refuses long file names, a center with a limit of its own.  An
 * organisation keeps what it knows of others, so that its people are told before
 * they choose files (docs/decisions/0027-the-desk-that-sends.md).
 */
#ifndef GATEWAY_SENDING_RECIPIENT_LIMITS_H
#define GATEWAY_SENDING_RECIPIENT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct gateway;
struct json_writer;
struct peer;
struct rows;

enum {
	RECIPIENT_LIMITS_MAX = 2000, /* of an organisation */
	RECIPIENT_OF_SIZE = 64,
	RECIPIENT_LIMIT_NOTE_SIZE = 256,
};

/* A migration of the gateway's database. */
extern const char recipient_limits_schema[];

/* 0 and false: no limit. */
struct recipient_limit {
	char of[RECIPIENT_OF_SIZE]; /* a code, "center:NAME", or "*" for all */
	int64_t letter_bytes;
	int64_t attachments; /* how many */
	int64_t file_name;   /* characters */
	bool plain_names;    /* no characters but those of ASCII */
	char note[RECIPIENT_LIMIT_NOTE_SIZE];
};

/* Start it as `{ 0 }`. */
struct recipient_limits {
	struct recipient_limit *list;
	size_t count;
};

void recipient_limits_free(struct recipient_limits *limits);

/* Those that the organisation of `code` keeps. */
int recipient_limits_load(struct rows *rows, const struct org_code *code,
    struct recipient_limits *limits, struct error *err) MUST_CHECK;

/*
 * What holds for a recipient behind a center: the smallest of all that is said
 * of it, of its organisation, of the center, and of everybody.
 */
struct recipient_limit recipient_limits_for(const struct recipient_limits
						*limits,
    const struct org_code *code, const char *center);

/* The smaller of both, in each respect; `of` is left as it is. */
void recipient_limit_tighten(struct recipient_limit *limit,
    const struct recipient_limit *by);

/*
 * What is wrong with the name of an attachment: E6612 too long, E6613 other
 * characters; NULL for nothing.
 */
const char *recipient_limit_judge_name(const struct recipient_limit *limit,
    const char *name);

/* A name that it takes, such as "attachment-2.pdf", for the file `number`. */
void recipient_limit_suggest(const struct recipient_limit *limit,
    const char *name, size_t number, char to[MESSAGE_FILE_NAME_SIZE]);

/* Members of an object. */
void recipient_limit_write(const struct recipient_limit *limit,
    struct json_writer *writer);

/* The body of GET /v1/recipient-limits. */
int recipient_limits_write(struct rows *rows, const struct org_code *code,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* POST /v1/recipient-limits. */
void recipient_limits_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct message_request *request);

#endif
