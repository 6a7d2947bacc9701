#include "management/management_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "management/casework_rows.h"
#include "policy/endpoint_rules.h"
#include "role/listener/listener.h"
#include "role/message.h"
#include "role/people/people_admit.h"

enum { SUPERVISORS_MAX = 8 };

static int
deny(struct error *err, const struct message_request *request, const char *why)
{
	return error_set_id(err, "E7117", ERROR_DENIED, "%s %.80s: %s",
	    request->method, request->path, why);
}

static int
read_caller(const struct message_request *request,
    struct management_caller *caller, struct error *err)
{
	snprintf(caller->person, sizeof(caller->person), "uid %" PRIu32,
	    request->uid);
	caller->offices = OFFICE_LOCAL;
	if (request->office[0] != '\0' &&
	    !office_parse_list(request->office, &caller->offices))
		return deny(err, request, "there is no such office");
	if (request->organisation[0] != '\0' &&
	    !org_code_parse(request->organisation, &caller->organisation))
		return deny(err, request, "that is no organisation");
	return 0;
}

/* A longer name is cut between two characters. */
static void
cut_name(const char *name, char to[CASE_PERSON_SIZE])
{
	size_t len = strlen(name);

	if (len >= CASE_PERSON_SIZE)
		len = CASE_PERSON_SIZE - 1;
	while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
		len--;
	text_copy_len(to, CASE_PERSON_SIZE, name, len);
}

int
management_find_person(struct rows *casework, const struct digest *certificate,
    struct management_person *ret_person, struct error *err)
{
	struct casework_person found = { .offices = 0 };
	struct management_person person = { .offices = 0 };
	char text[DIGEST_TEXT_SIZE];
	bool is_officer = false;
	int count;

	digest_format(certificate, text);
	count = casework_find_person(casework, text, &found, err);
	if (count < 0 ||
	    casework_is_officer(casework, text, &is_officer, err) < 0)
		return -1;
	if (count > 0 && !found.is_ended) {
		cut_name(found.name, person.name);
		(void)org_code_parse(found.organisation, &person.organisation);
		person.offices = found.offices;
	}
	/* Registered or not, who is an officer stands in the root alone. */
	person.offices &= ~(1u << OFFICE_OFFICER);
	if (is_officer)
		person.offices |= 1u << OFFICE_OFFICER;
	*ret_person = person;
	return 0;
}

/*
 * A program asks for one organisation, and never in the place of the staff:
 * reading is what who supervises it sees, sending what an applicant does.
 */
static unsigned
offices_of_token(unsigned scopes)
{
	return ((scopes & 1u << ACCESS_READ) != 0 ? 1u << OFFICE_SUPERVISOR
						  : 0) |
	    ((scopes & 1u << ACCESS_SEND) != 0 ? 1u << OFFICE_APPLICANT : 0);
}

static int
read_signed_in(const struct management_access *access,
    struct message_request *request, struct management_caller *caller,
    struct people_caller *people, struct error *err)
{
	struct management_person person = { .offices = 0 };
	char text[DIGEST_TEXT_SIZE];

	if (people_identify(access->people, access->config, access->now_ms,
		request, people, err) < 0)
		return -1;
	if (people->is_token) {
		caller->offices = offices_of_token(people->token.scopes);
		caller->organisation = people->token.organisation;
		snprintf(caller->person, sizeof(caller->person), "token %s",
		    people->token.prefix);
	} else {
		if (management_find_person(access->casework,
			&people->person.certificate, &person, err) < 0)
			return -1;
		caller->offices = person.offices;
		caller->organisation = person.organisation;
		digest_format(&people->person.certificate, text);
		/* The same person as who signs with that card. */
		snprintf(caller->person, sizeof(caller->person), "card %s",
		    text);
	}
	people->offices = caller->offices;
	if ((caller->offices & ~(unsigned)OFFICE_SCOPED) != 0)
		request->scope[0] = '\0';
	else
		text_copy(request->scope, sizeof(request->scope),
		    caller->organisation.text);
	if (caller->offices != 0)
		return 0;
	return error_set_id(err, "E6416", ERROR_DENIED,
	    "%s holds no office here", request->actor);
}

int
management_admit(const struct management_access *access,
    struct message_request *request, struct management_caller *ret_caller,
    struct people_caller *ret_people, struct error *err)
{
	struct management_caller caller = { .offices = 0 };
	struct people_caller people = { 0 };
	bool is_local = request->door == LISTENER_LOCAL;
	char path[MESSAGE_PATH_SIZE];

	request->actor[0] = request->scope[0] = '\0';
	if (is_local
		? read_caller(request, &caller, err) < 0
		: read_signed_in(access, request, &caller, &people, err) < 0)
		return -1;
	text_copy_len(path, sizeof(path), request->path,
	    strcspn(request->path, "?"));
	if (!endpoint_allows(request->method, path, caller.offices))
		return deny(err, request, "not for this office");
	*ret_caller = caller;
	if (ret_people != NULL && !is_local)
		*ret_people = people;
	return 0;
}

bool
management_may_see(const struct management_caller *caller,
    const struct directory *directory, const char *organisation)
{
	struct directory_org org;
	struct org_code code;

	if ((caller->offices & ~(unsigned)OFFICE_SCOPED) != 0)
		return true;
	if (caller->organisation.text[0] == '\0')
		return false;
	if (text_equal(caller->organisation.text, organisation))
		return true;
	if ((caller->offices & 1u << OFFICE_SUPERVISOR) == 0 ||
	    directory == NULL || !org_code_parse(organisation, &code))
		return false;
	for (int i = 0; i < SUPERVISORS_MAX; i++) {
		if (!directory_find_org(directory, &code, &org) ||
		    org.supervisor.text[0] == '\0')
			return false;
		code = org.supervisor;
		if (org_code_equal(&code, &caller->organisation))
			return true;
	}
	return false;
}
