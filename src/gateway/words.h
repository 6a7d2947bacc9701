/*
 * What a person says with a return or a notice (envelope/act_words.h): at the
 * recipient's gateway as it was said, at the sender's once it was opened.
 */
#ifndef GATEWAY_WORDS_H
#define GATEWAY_WORDS_H

#include <stdint.h>

#include "base/attr.h"
#include "envelope/act_words.h"
#include "model/event.h"

struct act;
struct directory;
struct error;
struct json_writer;
struct org_code;
struct rows;

extern const char words_schema[];

/* Of a received letter, or of a delivery that was sent; stored as numbers. */
enum words_side { WORDS_RECEIVED = 1, WORDS_SENT = 2 };

struct words {
	uint8_t salt[ACT_WORDS_SALT_LEN];
	char text[ACT_WORDS_SIZE];
};

/* In the open group.  The first ones of an event stay. */
int words_add(struct rows *rows, enum words_side side, int64_t row,
    enum event event, const struct words *words, struct error *err) MUST_CHECK;
/* The person was asked again: they were not said. */
int words_remove(struct rows *rows, enum words_side side, int64_t row,
    enum event event, struct error *err) MUST_CHECK;

/* 1, or 0 if nothing was said; EVENT_NONE: with the newest event. */
int words_find(struct rows *rows, enum words_side side, int64_t row,
    enum event event, struct words *ret_words, struct error *err) MUST_CHECK;

/* Write the member "words", "" for nothing. */
int words_write(struct rows *rows, enum words_side side, int64_t row,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/*
 * Seal words into the act for who opens letters to `sender`.  ERROR_DENIED E4507
 * when the directory has no key for that.
 */
int words_seal(const struct directory *directory, const struct org_code *sender,
    const struct words *words, struct act *act, struct error *err) MUST_CHECK;

#endif
