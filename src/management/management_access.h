/*
 * Who asks at a management host, and whether they may: at the control socket
 * (who connects there), and at the ports for people (a session or a token).
 * Both spooler and query ask this before anything else; what
 * policy/endpoint_rules.h does not allow is denied.
 *
 * Persons are those whom a case registered, with the offices that it gave
 * them, as long as no case ended that; and officers, whom the root names.
 */
#ifndef MANAGEMENT_MANAGEMENT_ACCESS_H
#define MANAGEMENT_MANAGEMENT_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "case/case_engine.h"
#include "model/org.h"

struct config;
struct digest;
struct directory;
struct error;
struct message_request;
struct people_caller;
struct rows;

/* Who asks. */
struct management_caller {
	/* "uid 0"; of a person or who signed "card FINGERPRINT"; "token ..." */
	char person[CASE_PERSON_SIZE];
	unsigned offices;             /* bits of policy/office.h */
	struct org_code organisation; /* whose cases it is about; "" for none */
};

/* What decides at the ports for people; not needed at the control socket. */
struct management_access {
	struct rows *people;   /* of sessions and tokens */
	struct rows *casework; /* of offices */
	const struct config *config;
	int64_t now_ms;
};

/*
 * The caller of a request, and whether the endpoint is for it: ERROR_DENIED
 * E7117; of people also what people_identify() refuses, and E6416 when the
 * person holds no office.  Fills in the request's actor and scope.
 *
 * The control socket's owner holds OFFICE_LOCAL, and may ask as one office of
 * that, or as a smaller one (yizhan-office), for an organisation
 * (yizhan-organisation); so nobody becomes more than the socket makes them,
 * but for reading, where `officer` sees what the staff sees.
 *
 * `ret_people`, which may be NULL, is left alone at the control socket.
 */
int management_admit(const struct management_access *access,
    struct message_request *request, struct management_caller *ret_caller,
    struct people_caller *ret_people, struct error *err) MUST_CHECK;

/*
 * The offices of whoever has this certificate, and the name and organisation
 * that the case has; "" of one whom only the root names.  0 for nobody.
 */
struct management_person {
	char name[CASE_PERSON_SIZE];
	struct org_code organisation;
	unsigned offices;
};
int management_find_person(struct rows *casework,
    const struct digest *certificate, struct management_person *ret_person,
    struct error *err) MUST_CHECK;

/*
 * May the caller see what belongs to that organisation?  The staff everything,
 * an applicant its own, a supervisor what is below it (R5.7).
 */
bool management_may_see(const struct management_caller *caller,
    const struct directory *directory, const char *organisation);

#endif
