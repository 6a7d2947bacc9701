#include "management/management_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "policy/endpoint_rules.h"
#include "role/listener/listener.h"
#include "role/message.h"

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

int
management_admit(const struct message_request *request,
    struct management_caller *ret_caller, struct error *err)
{
	struct management_caller caller = { .offices = 0 };
	char path[MESSAGE_PATH_SIZE];

	/* Nobody else's office is known here yet. */
	if (request->door != LISTENER_LOCAL)
		return deny(err, request, "only at the control socket");
	if (read_caller(request, &caller, err) < 0)
		return -1;
	text_copy_len(path, sizeof(path), request->path,
	    strcspn(request->path, "?"));
	if (!endpoint_allows(request->method, path, caller.offices))
		return deny(err, request, "not for this office");
	*ret_caller = caller;
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
