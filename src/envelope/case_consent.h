/*
 * What a person signs to make a move of a case: which case, which move, and the
 * newest step that the person has seen, so that it holds for nothing else
 * (docs/protocol.md 6.5).  And the record of a step, as the log has it.
 */
#ifndef ENVELOPE_CASE_CONSENT_H
#define ENVELOPE_CASE_CONSENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	CASE_CONSENT_MAX = 8192,
	CASE_CONSENT_CMS_MAX = 32768,
	CASE_CONSENT_ID_SIZE = 41,
	CASE_CONSENT_MOVE_SIZE = 32,
	CASE_CONSENT_NOTE_SIZE = 1025,
	CASE_CONSENT_PERSON_SIZE = 80,
};

struct case_consent {
	char environment[ENVELOPE_NAME_SIZE];
	char id[CASE_CONSENT_ID_SIZE];
	struct digest after; /* of the newest step's record */
	char move[CASE_CONSENT_MOVE_SIZE];
	char note[CASE_CONSENT_NOTE_SIZE];
	int64_t time_ms;
};

int case_consent_encode(const struct case_consent *consent, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Decode what signed_verify() returned; ERROR_MALFORMED (E7116). */
int case_consent_decode(const void *json, size_t len,
    struct case_consent *ret_consent, struct error *err) MUST_CHECK;

/* A step, without what persons wrote or sent: that stays with the case. */
struct case_record {
	const char *environment;
	const char *id;
	const char *definition;
	int64_t sequence;
	const char *kind;
	const char *move;  /* "" for none, as all that follows */
	const char *state; /* after it */
	const char *evidence;
	const char *person;
	struct digest content; /* of what was attached */
	struct digest note;
	struct digest consent; /* of the CMS */
	int64_t time_ms;
};

/* Append the one line of JSON that goes into the log. */
int case_record_encode(const struct case_record *record, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
