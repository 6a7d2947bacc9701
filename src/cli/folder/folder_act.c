/*
 * What the document system made of a letter: acts/NAME.confirm, .return or
 * .notice, NAME being the folder that the letter came in.  The last two hold
 * the reason and the end of its line, before which nothing is done.
 */
#include "cli/folder/folder.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "sys/file.h"

enum { REASON_SIZE = 64 };

struct act {
	const char *file; /* its name */
	const char *suffix;
	char name[FOLDER_NAME_SIZE];
	char waybill[FOLDER_NAME_SIZE];
	const char *code;
	char reason[REASON_SIZE];
};

typedef enum yizhan_result (*reason_fn)(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival);

static const struct {
	const char *suffix;
	reason_fn fn; /* NULL: confirm */
} kinds[] = {
	{ ".confirm", NULL },
	{ ".return", yizhan_return },
	{ ".notice", yizhan_notice },
};

/* Which letter it is about. */
static int
find_letter(const struct folder *folder, struct act *act, struct error *err)
{
	char *code;

	if (folder_get(folder->names, act->name, act->waybill,
		sizeof(act->waybill), err) < 0)
		return -1;
	code = strchr(act->waybill, '_');
	if (code == NULL)
		return error_set_id(err, "E6803", ERROR_MALFORMED,
		    "no letter came in as %.200s", act->name);
	*code = '\0';
	act->code = code + 1;
	return 0;
}

/* 1 if the whole reason is there, 0 if it is still being written. */
static int
read_reason(const struct folder *folder, struct act *act, struct error *err)
{
	size_t len;

	if (folder_get(folder->acts, act->file, act->reason,
		sizeof(act->reason), err) < 0)
		return error_set_id(err, "E6804", ERROR_MALFORMED, "%.200s",
		    act->file);
	len = strcspn(act->reason, "\r\n");
	if (act->reason[len] == '\0')
		return 0;
	act->reason[len] = '\0';
	return 1;
}

static int
finish(struct folder *folder, const struct act *act, const char *suffix,
    const void *data, size_t len, struct error *err)
{
	char name[FOLDER_NAME_SIZE + 8];
	char moved[FOLDER_NAME_SIZE];
	struct log_line line;

	snprintf(name, sizeof(name), "%s%s", act->file, suffix);
	if (folder_put(folder, folder->acts_done, name, data, len, err) < 0 ||
	    folder_move(folder->acts, act->file, folder->acts_done, act->file,
		moved, err) < 0)
		return -1;
	log_begin(&line, &folder->log, LOG_LEVEL_NOTICE, "folder.act");
	log_text(&line, "act", act->file);
	log_text(&line, "outcome", suffix);
	log_end(&line);
	return 0;
}

static int
refuse(struct folder *folder, const struct act *act, struct bytes *reason,
    struct error *err)
{
	int rc = bytes_failed(reason, err);

	if (rc == 0)
		rc =
		    finish(folder, act, ".txt", reason->data, reason->len, err);
	bytes_free(reason);
	return rc;
}

static int
ask(struct folder *folder, const struct act *act, reason_fn fn,
    struct error *err)
{
	struct yizhan_arrival *arrival = NULL;
	struct bytes reason = { 0 };
	enum yizhan_result result = fn == NULL
	    ? yizhan_confirm(folder->api, act->waybill, act->code, &arrival)
	    : fn(folder->api, act->waybill, act->code, act->reason, &arrival);
	int rc;

	if (result == YIZHAN_OK) {
		rc = finish(folder, act, ".json", arrival->json,
		    strlen(arrival->json), err);
		yizhan_arrival_free(arrival);
		return rc;
	}
	if (result == YIZHAN_BUSY || result == YIZHAN_DENIED ||
	    result == YIZHAN_LOCAL)
		return folder_problem(folder, err);
	folder_reason_of_problem(yizhan_problem(folder->api), &reason);
	return refuse(folder, act, &reason, err);
}

static int
do_act(struct folder *folder, struct act *act, reason_fn fn, struct error *err)
{
	struct error failure = { 0 };
	struct bytes reason = { 0 };
	int ready = 1;

	if (fn != NULL)
		ready = read_reason(folder, act, &failure);
	if (ready > 0 && find_letter(folder, act, &failure) < 0)
		ready = -1;
	if (ready == 0)
		return 0;
	if (ready > 0)
		return ask(folder, act, fn, err);
	if (failure.code != ERROR_MALFORMED) {
		*err = failure;
		return -1;
	}
	folder_reason_of_error(&failure, &reason);
	return refuse(folder, act, &reason, err);
}

int
folder_acts(struct folder *folder, struct error *err)
{
	struct folder_names names;
	int rc = 0;

	if (folder_list(folder->acts, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++)
		for (size_t j = 0; j < ARRAY_LEN(kinds) && rc == 0; j++) {
			struct act act = { .file = names.list[i],
				.suffix = kinds[j].suffix };
			size_t len = strlen(act.file);

			if (!text_ends(act.file, act.suffix) ||
			    act.file[0] == '.' ||
			    !folder_is_file(folder->acts, act.file) ||
			    !text_copy_len(act.name, sizeof(act.name), act.file,
				len - strlen(act.suffix)))
				continue;
			rc = do_act(folder, &act, kinds[j].fn, err);
		}
	folder_names_free(&names);
	return rc;
}
