/*
 * The parts of casework in the spooler; only casework*.c include this.
 */
#ifndef MANAGEMENT_CASEWORK_INTERNAL_H
#define MANAGEMENT_CASEWORK_INTERNAL_H

#include "base/bytes.h"
#include "management/casework.h"
#include "management/casework_rows.h"
#include "management/management.h"
#include "management/management_access.h"

struct case_library;
struct casework_log;
struct json_value;
struct loop_timer;
struct registration;
struct rows;

struct casework {
	struct management *management;
	struct rows *rows;
	struct case_library *library;
	struct loop_timer *timer;
	struct casework_log *log;
	int64_t watched_at; /* when all certificates were looked at */
};

/* One request that is being answered. */
struct casework_asked {
	struct casework *casework;
	struct peer *peer;
	uint32_t id; /* of the message */
	const struct message_request *request;
	const struct management_caller *caller;
	const char *name; /* of the case; "" when a case is opened */
};

int64_t casework_now(const struct casework *casework);
const char *casework_environment(const struct casework *casework);

/*
 * Make the open transaction durable.  When nobody can know what a restart will
 * find, the process ends.
 */
int casework_commit(struct casework *casework, struct error *err) MUST_CHECK;

/* The case, if the caller may see it; else ERROR_NOT_FOUND (E7110). */
int casework_find(const struct casework_asked *asked,
    struct casework_case *ret_case, struct error *err) MUST_CHECK;

/* Answer with the case as it is now, and a one-time code (or NULL). */
void casework_reply(const struct casework_asked *asked, const char *id,
    int status, const char *code);

/* Fill in who takes a step, when. */
void casework_fill_step(const struct casework_asked *asked,
    enum case_step_kind kind, struct casework_step *step);

/*
 * What the system does by itself in a case: its bulletins are in force, or its
 * deadline is over.  Failures are logged.
 */
void casework_settle(struct casework *casework, const char *id);

/* A move of the host itself. */
int casework_make_move(struct casework *casework, struct casework_case *file,
    int move, const char *note, struct error *err) MUST_CHECK;

/* The request file that a case has, decoded: 1, 0 for none, -1. */
int casework_read_request(struct casework *casework,
    const struct casework_case *file, struct registration *ret_registration,
    struct digest *ret_digest, struct error *err) MUST_CHECK;

/* True if it is the one-time code of the case; whether in time is not asked. */
bool casework_code_matches(const struct casework_case *file,
    const char *folded);

/* The three kinds of requests. */
void casework_open(const struct casework_asked *asked);
void casework_renew_code(const struct casework_asked *asked);
void casework_move(const struct casework_asked *asked);
void casework_attach(const struct casework_asked *asked);

/* A case that the host itself opens, of what another host has reported. */
int casework_open_reported(struct casework *casework, const char *definition,
    const struct json_value *said, const char *key, const char *note,
    struct error *err) MUST_CHECK;

/* The same in the name of `caller`; the id of the case. */
int casework_open_for(struct casework *casework,
    const struct management_caller *caller, const char *definition,
    const struct json_value *said, const char *key, const char *note,
    char ret_id[CASEWORK_ID_SIZE], struct error *err) MUST_CHECK;

/* Open a case for each lost card that was reported and has none. */
void casework_take_reports(struct casework *casework);

/*
 * The fields of a case that is to be opened, against its definition; fills in
 * subject, organisation, center and the JSON.  ERROR_MALFORMED E7111.
 */
int casework_check_fields(const struct json_value *fields,
    struct casework_case *file, struct error *err) MUST_CHECK;

#endif
