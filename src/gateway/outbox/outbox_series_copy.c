/* Copies of a series on their way, where they wait for each other, and the end. */
#include <stdlib.h>

#include "base/text.h"
#include "gateway/outbox/outbox_inspect.h"
#include "gateway/outbox/outbox_series_internal.h"
#include "json/json_write.h"
#include "policy/verdict.h"
#include "role/problem.h"
#include "store/store.h"
#include "sys/ipc.h"

/* ---- which attachments a copy names ---------------------------------- */

static int
take_named(void *ctx, const char *name, struct error *err)
{
	struct outbox_letter *copy = ctx;
	struct outbox_series *series = copy->series;

	for (size_t i = 0; i < series->files.count; i++) {
		const struct outbox_file *file = &series->files.list[i];

		if (file->kind != DOCUMENT_ATTACHMENT ||
		    !text_equal(file->name, name))
			continue;
		series->named[i] = true;
		return outbox_series_add_file(copy, file, err);
	}
	return 0;
}

static void
on_named(void *ctx, struct ipc_message *message)
{
	struct outbox_letter *copy = ctx;
	struct message_report *report = malloc(sizeof(*report));
	struct error err = { 0 };
	int rc = -1;

	if (report == NULL)
		error_set_memory(&err);
	else if (message_read(message, MESSAGE_REPORT, report, &err) == 0)
		rc = outbox_findings_missing(report->json, take_named, copy,
		    &err);
	free(report);
	if (rc < 0 && outbox_check_may_ask_again(copy, &err)) {
		outbox_series_name(copy);
		return;
	}
	if (rc < 0) {
		outbox_letter_fail(copy, &err);
		return;
	}
	outbox_letter_measure(copy);
	outbox_inspect_start(copy);
}

void
outbox_series_name(struct outbox_letter *copy)
{
	struct error err = { 0 };

	if (outbox_check_ask(copy, on_named, &err) < 0)
		outbox_letter_fail(copy, &err);
}

/* ---- what is wrong --------------------------------------------------- */

/* An array without its brackets, behind those before. */
static int
put_findings(struct outbox_series *series, struct outbox_letter *copy,
    struct error *err)
{
	struct outbox_findings *findings = &copy->findings;
	struct bytes list = { 0 };
	struct json_writer writer = json_writer_to(&list);
	int rc;

	/* What is about a whole letter: about which of them. */
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].file[0] == '\0')
			text_copy(findings->list[i].file,
			    sizeof(findings->list[i].file),
			    copy->files.list[0].name);
	rc = outbox_findings_write(findings, blob_of_bytes(&copy->report),
	    copy->is_english, NULL, &writer, err);
	if (rc == 0)
		rc = json_write_done(&writer, err);
	if (rc == 0 && list.len > 2) {
		if (series->findings.len > 0)
			bytes_put_u8(&series->findings, ',');
		bytes_put(&series->findings, list.data + 1, list.len - 2);
		rc = bytes_failed(&series->findings, err);
	}
	bytes_free(&list);
	return rc;
}

static void
fail(struct outbox_series *series, const struct error *failure)
{
	if (series->failure.code == ERROR_NONE)
		series->failure = *failure;
}

/* An attachment that no copy names is left over (E2124). */
static int
check_left_over(struct outbox_series *series, struct error *err)
{
	const struct verdict verdict = verdict_of(VERDICT_REFUSE, "E2124",
	    ERROR_MALFORMED, "no copy names it");
	struct outbox_letter *any = series->lead;

	for (size_t i = 0; i < series->files.count; i++) {
		const char *name = series->files.list[i].name;
		const struct outbox_place place = { name, 0, 0 };

		if (!series->named[i] &&
		    outbox_findings_add(&any->findings, &verdict, &place, "",
			name, err) < 0)
			return -1;
	}
	if (!any->findings.has_error)
		return 0;
	if (put_findings(series, any, err) < 0)
		return -1;
	return error_set_id(err, "E4201", ERROR_MALFORMED,
	    "the draft has files that no letter of it names");
}

/* ---- together -------------------------------------------------------- */

/* Those that wait; what is with somebody else comes back by itself. */
static void
end_all(struct outbox_series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (series->copies[i] != NULL &&
		    series->copies[i]->stage == OUTBOX_TOGETHER)
			outbox_letter_show(series->copies[i]);
}

static int
send_copy(struct outbox_series *series, const struct outbox_letter *copy,
    struct error *err)
{
	const struct outbox_document *document = &copy->document;

	for (size_t i = 0; i < copy->files.count; i++) {
		const struct outbox_file *file = &copy->files.list[i];

		if (outbox_file_add(outbox_series_rows(series), document->row,
			(int64_t)i, file->name, file->payload, file->len,
			&file->digest, err) < 0)
			return -1;
	}
	if (outbox_seal_document(copy, err) < 0)
		return -1;
	return outbox_series_add(outbox_series_rows(series), &series->draft.id,
	    document->row, err);
}

static int
apply_send(struct group_op *op, struct error *err)
{
	struct outbox_series *series = (struct outbox_series *)(void *)op;
	struct desk_draft draft;
	int found = desk_draft_find_row(outbox_series_rows(series),
	    series->draft.row, &draft, err);

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set(err, ERROR_SYSTEM, "the draft is missing");
	/* Of a series that was undone before nothing is listed any more. */
	if (outbox_series_forget(outbox_series_rows(series), &draft.id, err) <
	    0)
		return -1;
	for (size_t i = 0; i < series->count; i++)
		if (send_copy(series, series->copies[i], err) < 0)
			return -1;
	return desk_draft_sent_apart(outbox_series_rows(series), &draft,
	    &series->lead->actor, spool_now(&series->outbox->gateway->spool),
	    err);
}

static void
finish_send(struct group_op *op, const struct error *failure)
{
	struct outbox_series *series = (struct outbox_series *)(void *)op;
	struct outbox *outbox = series->outbox;

	if (failure != NULL) {
		fail(series, failure);
		end_all(series);
		return;
	}
	for (size_t i = 0; i < series->count; i++) {
		series->copies[i]->series = NULL;
		outbox->count++;
		outbox_letter_leave(series->copies[i]);
	}
	outbox_submit_wake(outbox->submit);
	outbox_hold_wake(outbox->holds);
	outbox_series_answer(series, 201);
}

/* All are where they wait for each other. */
static void
go_on(struct outbox_series *series)
{
	struct error err = { 0 };

	if (!series->is_packing && check_left_over(series, &err) < 0)
		fail(series, &err);
	if (series->failure.code != ERROR_NONE || series->lead->is_only_check) {
		end_all(series);
		return;
	}
	if (series->is_packing) {
		series->op.apply = apply_send;
		series->op.finish = finish_send;
		group_add(series->outbox->gateway->spool.group, &series->op);
		return;
	}
	series->is_packing = true;
	series->working = series->count;
	for (size_t i = 0; i < series->count; i++)
		outbox_letter_stage(series->copies[i], OUTBOX_WAITS_PACK);
}

static void
arrive(struct outbox_series *series)
{
	if (--series->working == 0)
		go_on(series);
}

void
outbox_series_checked(struct outbox_letter *copy)
{
	struct error err = { 0 };

	if (put_findings(copy->series, copy, &err) < 0)
		fail(copy->series, &err);
	outbox_letter_stage(copy, OUTBOX_TOGETHER);
	arrive(copy->series);
}

void
outbox_series_packed(struct outbox_letter *copy)
{
	outbox_pack_free(copy->pack);
	copy->pack = NULL;
	outbox_letter_stage(copy, OUTBOX_TOGETHER);
	arrive(copy->series);
}

void
outbox_series_reported(struct outbox_letter *copy)
{
	struct outbox_series *series = copy->series;
	struct error err = { 0 };

	if (copy->findings.has_error)
		error_set_id(&err, "E4201", ERROR_MALFORMED,
		    "a letter of the series was refused");
	if (put_findings(series, copy, &err) < 0 || err.code != ERROR_NONE)
		fail(series, &err);
	arrive(series);
}

void
outbox_series_refused(struct outbox_letter *copy)
{
	struct outbox_series *series = copy->series;
	struct error err = { 0 };

	fail(series, &copy->failure);
	if (copy->report.len > 0 && !series->is_packing &&
	    put_findings(series, copy, &err) < 0)
		fail(series, &err);
	arrive(series);
}

/* ---- the answer ------------------------------------------------------ */

static int
put_answer(struct outbox_series *series, struct error *err)
{
	struct outbox_letter *lead = series->lead;
	struct bytes list = { 0 };
	int rc;

	bytes_put_u8(&list, '[');
	bytes_put(&list, series->findings.data, series->findings.len);
	bytes_put_text(&list, "]");
	bytes_put_u8(&list, '\0');
	rc = bytes_failed(&list, err);
	if (rc == 0 && lead->is_only_check) {
		lead->status = 200;
		lead->type = "application/json";
		bytes_put_format(&lead->answer,
		    "{\"accepted\":%s,\"count\":%zu,\"findings\":",
		    series->failure.code == ERROR_NONE ? "true" : "false",
		    series->count);
		bytes_put_text(&lead->answer, (const char *)list.data);
		bytes_put_u8(&lead->answer, '}');
	} else if (rc == 0) {
		lead->type = problem_type;
		lead->status = (uint16_t)problem_put(&series->failure,
		    lead->is_english ? "en" : "zh-TW", lead->document.trace,
		    (const char *)list.data, &lead->answer);
	}
	bytes_free(&list);
	return rc < 0 ? -1 : bytes_failed(&lead->answer, err);
}

/* None is left, and none was sent. */
static void
end(struct outbox_series *series)
{
	struct outbox_letter *lead = series->lead;
	struct error err = series->failure;
	/* What is no fault of a letter has nothing to list. */
	bool has_list = lead->is_only_check
	    ? err.code == ERROR_NONE || text_equal(err.id, "E4201")
	    : series->findings.len > 0;

	if (!has_list || put_answer(series, &err) < 0) {
		outbox_letter_fail(lead, &err);
		return;
	}
	outbox_letter_answer(lead);
}

void
outbox_series_left(struct outbox_series *series, size_t place)
{
	series->copies[place] = NULL;
	if (--series->left == 0)
		end(series);
}
