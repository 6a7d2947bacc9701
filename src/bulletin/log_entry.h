/*
 * What management's log says (docs/protocol.md 5): that a bulletin was
 * published, and what was done there by whom.  Entries are what center logs
 * call statements; a receipt of one is as of those (envelope/receipt.h).
 */
#ifndef BULLETIN_LOG_ENTRY_H
#define BULLETIN_LOG_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"

struct bytes;
struct error;

enum {
	LOG_ENTRY_MAX = 16384, /* bytes of one, as JSON */
	LOG_ENTRY_WORD_SIZE = 129,
	LOG_ENTRY_DETAIL_SIZE = 4097,
};

/* A bulletin that was published. */
struct log_entry_published {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	enum bulletin_type type;
	char name[BULLETIN_NAME_SIZE];
	uint64_t serial;
	struct digest sha256; /* of its JSON */
	int64_t time_ms;
};

/* Append the one line of JSON. */
int log_entry_put_published(const struct log_entry_published *published,
    struct bytes *to, struct error *err) MUST_CHECK;

/* ERROR_MALFORMED E3610. */
int log_entry_read_published(const void *json, size_t len,
    struct log_entry_published *ret_published, struct error *err) MUST_CHECK;

/* An act of administration: no second list of them is kept anywhere. */
struct log_entry_act {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	char host[BULLETIN_NAME_SIZE];
	char act[LOG_ENTRY_WORD_SIZE];   /* "module.issued", "case.decided" */
	char by[LOG_ENTRY_WORD_SIZE];    /* "uid 0", a person's fingerprint */
	char about[LOG_ENTRY_WORD_SIZE]; /* a code, host, case, fingerprint */
	char detail[LOG_ENTRY_DETAIL_SIZE]; /* text, or JSON as text; "" */
	int64_t time_ms;
};

int log_entry_put_act(const struct log_entry_act *act, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED E3610. */
int log_entry_read_act(const void *json, size_t len,
    struct log_entry_act *ret_act, struct error *err) MUST_CHECK;

#endif
