#include "gateway/gateway_scope.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_view.h"
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

/* Of a repeat the first entry counts: it is the one that is assigned. */
static int
check_letter(struct rows *rows, const char *waybill, const char *code,
    const struct message_request *request, struct error *err)
{
	struct inbox_view view = inbox_view_of(request);
	struct org_code recipient;
	struct inbox_row row = { 0 };
	struct id id;
	int found = 0;

	if (!people_may_see(request->scope, code))
		return 0;
	if (!request->is_limited)
		return 1;
	if (id_parse(waybill, &id) && org_code_parse(code, &recipient))
		found = inbox_row_find_name(rows, &id, &recipient, &row, err);
	if (found > 0 && row.first != 0)
		found = inbox_row_find(rows, row.first, &row, err);
	return found > 0 ? inbox_view_shows(&view, &row) : found;
}

static int
check_inbox(struct rows *rows, const char *path,
    const struct message_request *request, struct error *err)
{
	char waybill[PART_SIZE];
	char code[PART_SIZE];
	int may;

	part_of(path, 2, waybill);
	if (waybill[0] == '\0')
		return 0;
	part_of(path, 3, code);
	may = check_letter(rows, waybill, code, request, err);
	if (may == 0)
		return error_set_id(err, "E4314", ERROR_NOT_FOUND,
		    "no such letter for %.20s", code);
	return may < 0 ? -1 : 0;
}

/* Whose card it is, by the directory: no other registers any. */
static int
check_card(const struct directory *directory, const char *path,
    const char *scope, struct error *err)
{
	struct directory_owner owner;
	struct digest fingerprint;
	char text[PART_SIZE];

	part_of(path, 2, text);
	if (text[0] == '\0')
		return 0;
	if (directory != NULL && digest_parse(text, &fingerprint) &&
	    directory_find_owner(directory, &fingerprint, &owner) &&
	    owner.kind == DIRECTORY_OWNER_ORG &&
	    people_may_see(scope,
		directory_org_at(directory, owner.index).code.text))
		return 0;
	return error_set_id(err, "E3712", ERROR_NOT_FOUND,
	    "no card %.64s of %s", text, scope);
}

static int
find_limit(struct rows *rows, struct message_request *request,
    struct error *err)
{
	struct desk_settings settings;
	struct org_code code;

	request->is_limited = false;
	if (request->unit[0] == '\0' || !org_code_parse(request->scope, &code))
		return 0;
	if (desk_settings_find(rows, &code, &settings, err) < 0)
		return -1;
	request->is_limited = settings.is_limited;
	return 0;
}

int
gateway_scope_check(struct rows *rows, const struct directory *directory,
    struct message_request *request, struct error *err)
{
	struct http_target target = { 0 };
	int rc = 0;

	if (request->scope[0] == '\0')
		return 0;
	if (find_limit(rows, request, err) < 0 ||
	    http_target_parse(request->path, strlen(request->path), &target,
		err) < 0)
		return -1;
	if (text_starts(target.path, "/v1/outbox"))
		rc = check_outbox(rows, target.path, request->scope, err);
	else if (text_starts(target.path, "/v1/inbox"))
		rc = check_inbox(rows, target.path, request, err);
	else if (text_starts(target.path, "/v1/cards"))
		rc = check_card(directory, target.path, request->scope, err);
	http_target_free(&target);
	return rc;
}
