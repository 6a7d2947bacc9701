/*
 * Casework of the management tier (docs/cases.md): cases are opened, evidence
 * is attached, moves are made, and what they want published is compared with
 * the bulletins in force.  Runs in the spooler, in a database of its own.
 * Reading is management/casework_query.h.
 *
 * No case publishes anything: officers sign drafts on their own machines
 * (docs/trust.md), and the case goes on when hosts believe the bulletin.
 */
#ifndef MANAGEMENT_CASEWORK_H
#define MANAGEMENT_CASEWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct casework;
struct error;
struct management;
struct management_caller;
struct message_request;
struct peer;
struct rows;

/* `management` must outlive it. */
int casework_new(struct management *management, struct casework **ret_casework,
    struct error *err) MUST_CHECK;
void casework_free(struct casework *casework);

/*
 * Answer a request below /v1/cases that changes something, now or later; false
 * if it is another one.  What is answered with success is durable.
 */
bool casework_answer(struct casework *casework, struct peer *peer, uint32_t id,
    const struct message_request *request,
    const struct management_caller *caller);

/* Its rows: who holds which office (management/management_access.h). */
struct rows *casework_rows(const struct casework *casework);

/* Bulletins changed: cases that waited for them go on. */
void casework_look(struct casework *casework);

#endif
