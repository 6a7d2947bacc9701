/*
 * The files of a letter from its JSON form, and the check of all of them
 * together that sending them would make.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/make.h"
#include "document/pool.h"
#include "envelope/bundle.h"
#include "role/reader/letter_json.h"
#include "role/reader/reader_report.h"
#include "role/reader/reader_work.h"

enum { FILES_MAX = DOCUMENT_ROSTERS_MAX + 2 };

struct made_file {
	const char *name;
	struct bytes data;
};

struct making {
	struct pool pool;
	struct findings findings;
	const struct dtd_set *dtds;
	struct letter_json letter;
	struct made_file files[FILES_MAX];
	size_t file_count;
};

/* Where the next file is written. */
static struct bytes *
add_file(struct making *making, const char *name)
{
	struct made_file *file = &making->files[making->file_count++];

	file->name = name;
	return &file->data;
}

/* All of them, so that all faults are told at once.  0: refused. */
static int
make_files(struct making *making, struct error *err)
{
	struct letter_json *letter = &making->letter;
	struct pool *pool = &making->pool;
	struct findings *findings = &making->findings;
	int rc = document_write(&letter->document, making->dtds, pool, findings,
	    add_file(making, letter->document.name), err);

	for (size_t i = 0; rc >= 0 && i < letter->roster_count; i++)
		rc = roster_write(&letter->rosters[i], making->dtds, pool,
		    findings, add_file(making, letter->rosters[i].name), err);
	if (rc >= 0 && letter->message != NULL)
		rc = doc_message_write(letter->message, pool, findings,
		    add_file(making, letter->message->name), err);
	if (rc >= 0 && pool->failed)
		rc = error_set_memory(err);
	return rc < 0 ? -1 : findings->error_total == 0;
}

/*
 * Attachments are not here yet: what only they could breach is not looked at.
 */
static bool
counts(const struct finding *finding)
{
	return finding->severity == FINDING_ERROR &&
	    !text_equal(finding->rule, "E2123");
}

static void
copy_findings(struct making *making, const struct document_report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		struct finding_place place = { finding->file, finding->line,
			finding->column, finding->path };

		if (counts(finding))
			findings_add(&making->findings, &place, finding->rule,
			    finding->argument);
	}
}

/* The files against each other: recipients twice, or none, and so on. */
static int
check_files(struct making *making, struct error *err)
{
	const struct document *document = &making->letter.document;
	size_t count = making->file_count + document->attachment_count;
	struct document_input *inputs = calloc(count, sizeof(*inputs));
	struct document_report *report = NULL;
	int rc = -1;

	if (inputs == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < making->file_count; i++) {
		const struct made_file *file = &making->files[i];

		inputs[i] = (struct document_input){ file->name,
			document_kind_of_name(file->name), file->data.data,
			file->data.len };
	}
	for (size_t i = 0; i < document->attachment_count; i++)
		inputs[making->file_count + i] =
		    (struct document_input){ document->attachments[i].name,
			    DOCUMENT_ATTACHMENT, (const uint8_t *)"", 0 };
	if (document_check(inputs, count, making->dtds, &report, err) == 0) {
		copy_findings(making, report);
		rc = making->findings.error_total == 0;
	}
	document_report_free(report);
	free(inputs);
	return rc;
}

static void
put_bundle(const struct making *making, struct bytes *to)
{
	bundle_put_magic(to);
	for (size_t i = 0; i < making->file_count; i++) {
		const struct made_file *file = &making->files[i];

		bundle_put(to, BUNDLE_NAME, file->name, strlen(file->name));
		bundle_put(to, BUNDLE_FILE, file->data.data, file->data.len);
	}
}

static int
put_answer(const struct making *making, bool is_made, struct bytes *answer,
    struct error *err)
{
	const struct document_report report = {
		.findings = making->findings.items,
		.finding_count = making->findings.count,
		.finding_left_out = making->findings.left_out,
	};
	struct message_made body = { .is_made = is_made };
	struct bytes bundle = { 0 };
	struct bytes json = { 0 };
	int rc = -1;

	if (is_made)
		put_bundle(making, &bundle);
	if (reader_report_json(&report, &json, err) == 0 &&
	    bytes_failed(&bundle, err) == 0) {
		body.bundle = blob_of_bytes(&bundle);
		body.json = blob_of_bytes(&json);
		codec_encode(message_fields(MESSAGE_MADE), &body, answer);
		rc = bytes_failed(answer, err);
	}
	bytes_free(&bundle);
	bytes_free(&json);
	return rc;
}

int
reader_make(const struct message_make *request, const struct dtd_set *dtds,
    struct bytes *answer, struct error *err)
{
	struct making *making = calloc(1, sizeof(*making));
	int rc;

	if (making == NULL)
		return error_set_memory(err);
	making->dtds = dtds;
	making->findings.pool = &making->pool;
	rc = letter_json_read(request->json.data, request->json.len,
	    &making->pool, &making->findings, &making->letter, err);
	if (rc > 0)
		rc = make_files(making, err);
	if (rc > 0)
		rc = check_files(making, err);
	if (rc >= 0)
		rc = put_answer(making, rc > 0, answer, err);
	for (size_t i = 0; i < making->file_count; i++)
		bytes_free(&making->files[i].data);
	pool_free(&making->pool);
	free(making);
	return rc;
}
