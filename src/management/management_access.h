/*
 * Who asks at a management host's control socket, and whether they may.  Both
 * spooler and query ask this before anything else; what policy/endpoint_rules.h
 * does not allow is denied.
 */
#ifndef MANAGEMENT_MANAGEMENT_ACCESS_H
#define MANAGEMENT_MANAGEMENT_ACCESS_H

#include <stdbool.h>

#include "base/attr.h"
#include "case/case_engine.h"
#include "model/org.h"

struct directory;
struct error;
struct message_request;

/* Who asks. */
struct management_caller {
	char person[CASE_PERSON_SIZE]; /* "uid 0"; of who signed: a card */
	unsigned offices;              /* bits of policy/office.h */
	struct org_code organisation; /* whose cases it is about; "" for none */
};

/*
 * The caller of a request, and whether the endpoint is for it: ERROR_DENIED
 * E7117.  The control socket's owner holds OFFICE_LOCAL, and may ask as one
 * office of that, or as a smaller one (yizhan-office), for an organisation
 * (yizhan-organisation); so nobody becomes more than the socket makes them,
 * but for reading, where `officer` sees what the staff sees.
 */
int management_admit(const struct message_request *request,
    struct management_caller *ret_caller, struct error *err) MUST_CHECK;

/*
 * May the caller see what belongs to that organisation?  The staff everything,
 * an applicant its own, a supervisor what is below it (R5.7).
 */
bool management_may_see(const struct management_caller *caller,
    const struct directory *directory, const char *organisation);

#endif
