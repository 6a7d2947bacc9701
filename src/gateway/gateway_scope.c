#include "gateway/gateway_scope.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_rows.h"
#include "http/http_path.h"
#include "role/people/people_admit.h"

enum { PART_SIZE = 128 };

/* The segment `number` (from 0) of a path, up to a verb; "" for none. */
static void
part_of(const char *path, int number, char to[PART_SIZE])
{
	while (*path == '/' && number-- > 0) {
		path++;
		path += strcspn(path, "/");
	}
	to[0] = '\0';
	if (*path == '/')
		(void)text_copy_len(to, PART_SIZE, path + 1,
		    strcspn(path + 1, "/:"));
}

static int
check_outbox(struct rows *rows, const char *path, const char *scope,
    struct error *err)
{
	struct outbox_document document;
	char text[PART_SIZE];
	struct id id;
	int found;

	part_of(path, 2, text);
	if (text[0] == '\0')
		return 0;
	if (!id_parse(text, &id))
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "%.40s is no id", text);
	found = outbox_document_find(rows, &id, &document, err);
	if (found < 0)
		return -1;
	if (found == 0 || !people_may_see(scope, document.sender.text))
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no such letter was sent here");
	return 0;
}

static int
check_inbox(const char *path, const char *scope, struct error *err)
{
	char text[PART_SIZE];

	part_of(path, 2, text);
	if (text[0] == '\0')
		return 0;
	part_of(path, 3, text);
	if (people_may_see(scope, text))
		return 0;
	return error_set_id(err, "E4314", ERROR_NOT_FOUND,
	    "no such letter for %.20s", text);
}

int
gateway_scope_check(struct rows *rows, const struct message_request *request,
    struct error *err)
{
	struct http_target target = { 0 };
	int rc = 0;

	if (request->scope[0] == '\0')
		return 0;
	if (http_target_parse(request->path, strlen(request->path), &target,
		err) < 0)
		return -1;
	if (text_starts(target.path, "/v1/outbox"))
		rc = check_outbox(rows, target.path, request->scope, err);
	else if (text_starts(target.path, "/v1/inbox"))
		rc = check_inbox(target.path, request->scope, err);
	http_target_free(&target);
	return rc;
}
