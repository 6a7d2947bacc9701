#include "gateway/sending/recipients.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "directory/directory_search.h"
#include "gateway/gateway.h"
#include "gateway/sending/ask.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/recipients_internal.h"
#include "service/config.h"

enum { FOLDED_SIZE = 1024 };

/* ---- the list -------------------------------------------------------- */

static struct recipient_told *
add(struct recipients *recipients, const struct sending_ask *ask,
    struct error *err)
{
	const struct config *config = ask->gateway->spool.env->config;
	struct recipient_told *list;

	if ((int64_t)recipients->count >= config->limits.recipients) {
		error_set_id(err, "E4028", ERROR_MALFORMED,
		    "more than %lld recipients",
		    (long long)config->limits.recipients);
		return NULL;
	}
	/* Twice as many each time. */
	if ((recipients->count & (recipients->count - 1)) == 0) {
		size_t size =
		    recipients->count == 0 ? 1 : 2 * recipients->count;

		list = realloc(recipients->list, size * sizeof(*list));
		if (list == NULL) {
			error_set_memory(err);
			return NULL;
		}
		recipients->list = list;
	}
	list = &recipients->list[recipients->count++];
	*list =
	    (struct recipient_told){ .asked = "", .with_attachments = true };
	return list;
}

/* Those whose names are this one as people read it; the best others, too. */
static void
find_name(const struct recipients *recipients, struct recipient_told *told,
    const char *name)
{
	char wanted[FOLDED_SIZE], folded[FOLDED_SIZE];
	uint32_t found[RECIPIENTS_CANDIDATES_MAX];
	size_t total, count, exact = 0;
	struct directory_org org;

	count = directory_search(recipients->directory, name, 0,
	    RECIPIENTS_CANDIDATES_MAX, found, &total);
	directory_fold(name, wanted, sizeof(wanted));
	for (size_t i = 0; i < count; i++) {
		org = directory_org_at(recipients->directory, found[i]);
		directory_fold(org.name, folded, sizeof(folded));
		if (!text_equal(folded, wanted) || org.status == ORG_DISSOLVED)
			continue;
		told->code = org.code;
		exact++;
	}
	if (exact == 1)
		return;
	told->code.text[0] = '\0';
	told->rule = exact == 0 ? "E6619" : "E6620";
	memcpy(told->candidates, found, count * sizeof(*found));
	told->candidate_count = count;
}

static void
judge(struct recipients *recipients, const struct sending_ask *ask,
    struct recipient_told *told)
{
	if (told->code.text[0] == '\0')
		return;
	outbox_way_judge(&ask->gateway->spool, &told->code, 0, &told->way);
	if (!told->way.is_known)
		return;
	told->limit = recipient_limits_for(&recipients->limits, &told->code,
	    told->way.org.center);
	recipient_limit_tighten(&told->limit,
	    &(struct recipient_limit){
		.letter_bytes = (int64_t)told->way.org.accepts_letter_bytes });
}

/* ---- groups ---------------------------------------------------------- */

static bool
is_excepted(const struct json_value *except, const struct org_code *code)
{
	for (size_t i = 0; i < json_value_count(except); i++) {
		const char *text = json_value_text(json_value_item(except, i));

		if (text != NULL && text_equal(text, code->text))
			return true;
	}
	return false;
}

static int
add_group(struct recipients *recipients, const struct sending_ask *ask,
    const struct org_code *organisation, const struct json_value *item,
    struct error *err)
{
	const char *code = json_value_text(json_value_member(item, "group"));
	const struct json_value *except = json_value_member(item, "except");
	struct desk_group group = { 0 };
	int rc = desk_group_load(sending_ask_rows(ask), organisation,
	    code != NULL ? code : "", &group, err);

	for (size_t i = 0; rc == 0 && i < group.count; i++) {
		const struct desk_member *member = &group.members[i];
		struct recipient_told *told;

		if (is_excepted(except, &member->code))
			continue;
		told = add(recipients, ask, err);
		if (told == NULL) {
			rc = -1;
			break;
		}
		told->asked = code;
		text_copy(told->group, sizeof(told->group), group.code);
		told->code = member->code;
		told->with_attachments = member->with_attachments;
		told->is_copy = member->is_copy;
		judge(recipients, ask, told);
	}
	desk_group_free(&group);
	return rc;
}

/* ---- what is asked --------------------------------------------------- */

/* "376470000A", "彰化縣政府", {"code"}, {"name"}, or {"group","except"}. */
static int
add_item(struct recipients *recipients, const struct sending_ask *ask,
    const struct org_code *organisation, const struct json_value *item,
    struct error *err)
{
	const char *text = json_value_text(item);
	struct recipient_told *told;

	if (json_value_member(item, "group") != NULL)
		return add_group(recipients, ask, organisation, item, err);
	if (text == NULL)
		text = json_value_text(json_value_member(item, "code"));
	if (text == NULL)
		text = json_value_text(json_value_member(item, "name"));
	if (text == NULL || strlen(text) > DIRECTORY_QUERY_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "a recipient is a code, a name or a group");
	told = add(recipients, ask, err);
	if (told == NULL)
		return -1;
	told->asked = text;
	json_value_bool(json_value_member(item, "with_attachments"),
	    &told->with_attachments);
	json_value_bool(json_value_member(item, "copy"), &told->is_copy);
	if (!org_code_parse(text, &told->code))
		find_name(recipients, told, text);
	judge(recipients, ask, told);
	return 0;
}

static int
read_list(struct recipients *recipients, const struct sending_ask *ask,
    const struct org_code *organisation, struct error *err)
{
	const struct json_value *list = sending_ask_member(ask, "recipients");

	if (!json_value_is_array(list))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "recipients must be a list");
	for (size_t i = 0; i < json_value_count(list); i++)
		if (add_item(recipients, ask, organisation,
			json_value_item(list, i), err) < 0)
			return -1;
	return 0;
}

static int
read_files(struct recipients *recipients, const struct sending_ask *ask,
    struct error *err)
{
	const struct json_value *list = sending_ask_member(ask, "files");
	size_t count = json_value_count(list);

	if (count > RECIPIENTS_FILES_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "files names more than %d", RECIPIENTS_FILES_MAX);
	recipients->files = calloc(count + 1, sizeof(*recipients->files));
	if (recipients->files == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct json_value *item = json_value_item(list, i);
		const char *name =
		    json_value_text(json_value_member(item, "name"));
		int64_t len = 0;

		if (name == NULL || strlen(name) >= MESSAGE_FILE_NAME_SIZE ||
		    (json_value_member(item, "length") != NULL &&
			(!json_value_integer(json_value_member(item, "length"),
			     &len) ||
			    len < 0)))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "a file is {\"name\",\"length\"}");
		recipients->files[recipients->file_count++] =
		    (struct recipient_file){ name, (uint64_t)len };
	}
	return 0;
}

static int
read_all(struct recipients *recipients, struct sending_ask *ask,
    struct error *err)
{
	const struct spool *spool = &ask->gateway->spool;
	struct org_code organisation;

	recipients->directory = spool_directory(spool);
	recipients->is_english = ask->is_english;
	recipients->letter_bytes =
	    (uint64_t)spool->env->config->limits.letter_bytes;
	if (recipients->directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	recipients->serial = directory_serials(recipients->directory).directory;
	if (sending_ask_organisation(ask, &organisation, err) < 0 ||
	    recipient_limits_load(sending_ask_rows(ask), &organisation,
		&recipients->limits, err) < 0 ||
	    read_list(recipients, ask, &organisation, err) < 0)
		return -1;
	return read_files(recipients, ask, err);
}

static int
check(struct sending_ask *ask, struct error *err)
{
	struct recipients recipients = { .count = 0 };
	const char *as;
	int rc = read_all(&recipients, ask, err);

	as = http_target_param(&ask->target, "as");
	if (rc == 0 && as != NULL && text_equal(as, "csv")) {
		ask->type = "text/csv; charset=utf-8";
		recipients_put_csv(&recipients, &ask->json);
		rc = bytes_failed(&ask->json, err);
	} else if (rc == 0) {
		recipients_write(&recipients, &ask->writer);
	}
	recipient_limits_free(&recipients.limits);
	free(recipients.list);
	free(recipients.files);
	return rc;
}

void
recipients_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	sending_ask_begin(gateway, peer, id, request, check);
}
