#include "gateway/outbox/outbox_series.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "document/document.h"
#include "gateway/outbox/outbox_series_internal.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/ipc.h"

struct rows *
outbox_series_rows(const struct outbox_series *series)
{
	return store_rows(series->outbox->gateway->spool.store);
}

void
outbox_series_free(struct outbox_series *series)
{
	if (series == NULL)
		return;
	series->outbox->series -= series->is_counted;
	outbox_files_free(&series->files);
	free(series->named);
	free(series->copies);
	bytes_free(&series->findings);
	free(series);
}

/* ---- which files are whose ------------------------------------------- */

static size_t
stem_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL ? (size_t)(dot - name) : strlen(name);
}

bool
outbox_series_belongs(const char *di, const char *name)
{
	size_t stem = stem_of(di);

	if (document_kind_of_name(name) == DOCUMENT_DI)
		return text_equal(name, di);
	return stem_of(name) == stem && memcmp(name, di, stem) == 0;
}

int
outbox_series_add_file(struct outbox_letter *copy,
    const struct outbox_file *file, struct error *err)
{
	struct outbox_files *files = &copy->files;
	struct outbox_file *list =
	    realloc(files->list, (files->count + 1) * sizeof(*list));

	if (list == NULL)
		return error_set_memory(err);
	files->list = list;
	list[files->count++] = *file;
	files->size += file->len;
	return 0;
}

/* The letter itself with its rosters and message, before its attachments. */
static int
add_own_files(struct outbox_series *series, struct outbox_letter *copy,
    const char *di, struct error *err)
{
	for (size_t i = 0; i < series->files.count; i++) {
		const struct outbox_file *file = &series->files.list[i];

		if (file->kind == DOCUMENT_ATTACHMENT ||
		    !outbox_series_belongs(di, file->name))
			continue;
		series->named[i] = true;
		if (outbox_series_add_file(copy, file, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- making the copies ----------------------------------------------- */

static struct outbox_letter *
copy_new(struct outbox_series *series, struct error *err)
{
	const struct outbox_letter *lead = series->lead;
	struct outbox_letter *copy = calloc(1, sizeof(*copy));

	if (copy == NULL) {
		error_set_memory(err);
		return NULL;
	}
	copy->outbox = series->outbox;
	copy->series = series;
	copy->place = series->count;
	copy->draft = series->draft.row;
	/* The asker hears of all of them together. */
	copy->is_left = true;
	copy->is_apart = true;
	copy->is_english = lead->is_english;
	copy->is_only_check = lead->is_only_check;
	copy->undo_s = lead->undo_s;
	copy->is_undo_default = lead->is_undo_default;
	copy->actor = lead->actor;
	copy->findings.accept = lead->findings.accept;
	text_copy(copy->scope, sizeof(copy->scope),
	    series->draft.organisation.text);
	text_copy(copy->document.trace, sizeof(copy->document.trace),
	    lead->document.trace);
	/* With a row of this key the draft is being sent, or was. */
	if (series->count == 0)
		desk_draft_letter_key(&series->draft, copy->document.key);
	series->copies[series->count++] = copy;
	return copy;
}

static int
make_copies(struct outbox_series *series, struct error *err)
{
	const struct outbox_files *files = &series->files;

	series->named = calloc(files->count + 1, sizeof(*series->named));
	series->copies =
	    calloc(files->count + 1, sizeof(struct outbox_letter *));
	if (series->named == NULL || series->copies == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < files->count; i++) {
		struct outbox_letter *copy;

		if (files->list[i].kind != DOCUMENT_DI)
			continue;
		if (series->count == OUTBOX_SERIES_COPIES_MAX)
			break;
		copy = copy_new(series, err);
		if (copy == NULL ||
		    add_own_files(series, copy, files->list[i].name, err) < 0 ||
		    (!copy->is_only_check && outbox_take_add(copy, err) < 0))
			return -1;
	}
	if (series->count > 0)
		return 0;
	return error_set_id(err, "E7619", ERROR_MALFORMED,
	    "the draft has no letter (.di)");
}

static int
load(struct outbox_series *series, struct error *err)
{
	struct outbox_letter *lead = series->lead;
	struct desk_draft *draft = &series->draft;
	int64_t document;

	if (desk_draft_load(outbox_series_rows(series), lead->draft_id,
		lead->scope, draft, err) < 0)
		return -1;
	if (draft->state == DESK_DRAFT_SENT) {
		int found = outbox_series_next(outbox_series_rows(series),
		    &draft->id, 0, &document, err);

		series->is_sent_before = found > 0 && !lead->is_only_check;
		if (series->is_sent_before)
			return 0;
		return found < 0 ? -1
				 : error_set_id(err, "E6606", ERROR_DENIED,
				       "the draft was sent");
	}
	if (!lead->is_only_check &&
	    (desk_draft_may_change(outbox_series_rows(series), draft,
		 lead->match, &lead->target, err) < 0 ||
		outbox_draft_check_proofread(series->outbox, draft, err) < 0))
		return -1;
	return desk_draft_files(outbox_series_rows(series), draft->row,
	    &series->files, err);
}

static int
apply_begin(struct group_op *op, struct error *err)
{
	struct outbox_series *series = (struct outbox_series *)(void *)op;

	if (load(series, err) < 0)
		return -1;
	return series->is_sent_before ? 0 : make_copies(series, err);
}

void
outbox_series_answer(struct outbox_series *series, uint16_t status)
{
	struct outbox_letter *lead = series->lead;
	const struct outbox_reading reading =
	    outbox_reading_of(&series->outbox->gateway->spool);
	struct json_writer writer = json_writer_to(&lead->answer);
	struct error err = { 0 };

	if (outbox_series_read(&reading, lead->draft_id, lead->scope, &writer,
		&err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		outbox_letter_fail(lead, &err);
		return;
	}
	lead->type = "application/json";
	lead->status = status;
	outbox_letter_answer(lead);
}

static void
finish_begin(struct group_op *op, const struct error *failure)
{
	struct outbox_series *series = (struct outbox_series *)(void *)op;
	size_t count = series->count;

	if (failure != NULL) {
		for (size_t i = 0; i < count; i++)
			outbox_letter_free(series->copies[i]);
		outbox_letter_fail(series->lead, failure);
		return;
	}
	if (series->is_sent_before) {
		outbox_series_answer(series, 200);
		return;
	}
	series->left = series->working = count;
	for (size_t i = 0; i < count; i++) {
		series->copies[i]->is_stored = !series->lead->is_only_check;
		outbox_letter_enter(series->copies[i]);
		outbox_letter_stage(series->copies[i], OUTBOX_WAITS_CHECK);
	}
}

/* ---- the request ----------------------------------------------------- */

static int
read_path(struct outbox_letter *lead, const struct message_request *request,
    struct error *err)
{
	struct http_segments segments;

	if (http_target_parse(request->path, strlen(request->path),
		&lead->target, err) < 0)
		return -1;
	text_copy(lead->match, sizeof(lead->match), request->match);
	lead->is_only_check = http_path_match("/v1/drafts/{}:check-apart",
	    lead->target.path, &segments);
	if ((lead->is_only_check ||
		http_path_match("/v1/drafts/{}:send-apart", lead->target.path,
		    &segments)) &&
	    text_copy(lead->draft_id, sizeof(lead->draft_id), segments.text[0]))
		return 0;
	return error_set_id(err, "E6604", ERROR_NOT_FOUND, "no such draft");
}

static int
begin(struct outbox_letter *lead, const struct message_request *request,
    struct error *err)
{
	struct outbox *outbox = lead->outbox;
	struct outbox_series *series;

	if (read_path(lead, request, err) < 0 ||
	    outbox_letter_admit(lead, request, err) < 0)
		return -1;
	if (outbox->series == OUTBOX_SERIES_MAX)
		return error_set_id(err, "E4204", ERROR_BUSY,
		    "%d series are in the works", OUTBOX_SERIES_MAX);
	series = calloc(1, sizeof(*series));
	if (series == NULL)
		return error_set_memory(err);
	series->outbox = outbox;
	series->lead = lead;
	series->is_counted = true;
	outbox->series++;
	lead->leads = series;
	return 0;
}

void
outbox_series_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct outbox_letter *lead =
	    outbox_letter_new(outbox, peer, id, request);
	struct error err = { 0 };

	if (lead == NULL)
		return;
	if (begin(lead, request, &err) < 0) {
		outbox_letter_refuse(lead, &err);
		return;
	}
	outbox_letter_enter(lead);
	outbox_letter_stage(lead, OUTBOX_TOGETHER);
	lead->leads->op.apply = apply_begin;
	lead->leads->op.finish = finish_begin;
	group_add(outbox->gateway->spool.group, &lead->leads->op);
}
