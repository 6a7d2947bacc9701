#include "printer/printer_work.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/document.h"
#include "document/dtd.h"
#include "printer/printer_list.h"
#include "render/render.h"
#include "render/render_html.h"
#include "role/reader/check_files.h"

enum { POINT_SIZE = 12 };

int
printer_tools_open(struct printer_tools *tools, struct error *err)
{
	memset(tools, 0, sizeof(*tools));
	if (dtd_set_new(&tools->dtds, err) < 0 ||
	    render_html_new(&tools->html, err) < 0)
		return -1;
	/* A host without fonts carries letters all the same. */
	if (renderer_new(NULL, 0, &tools->paper, &tools->no_paper) < 0)
		tools->paper = NULL;
	return 0;
}

void
printer_tools_close(struct printer_tools *tools)
{
	renderer_free(tools->paper);
	render_html_free(tools->html);
	dtd_set_free(tools->dtds);
	memset(tools, 0, sizeof(*tools));
}

/* As many as there is room for; "..." says that there are more. */
static void
put_missing(const struct render_report *report, char to[MESSAGE_MISSING_SIZE])
{
	size_t len = 0;

	for (size_t i = 0; i < report->missing_count &&
	     len + 2 * POINT_SIZE < MESSAGE_MISSING_SIZE;
	     i++)
		len += (size_t)snprintf(to + len, POINT_SIZE, "%sU+%04X",
		    i > 0 ? " " : "", report->missing[i] & 0x1fffff);
	if (report->missing_left_out > 0)
		snprintf(to + len, POINT_SIZE, " ...");
}

/* ---- whose copy it is ------------------------------------------------ */

static const struct roster_entry *
find_entry(const struct document_report *report, const char *code)
{
	const struct roster_entry *only =
	    report->document != NULL ? report->document->recipient : NULL;

	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t j = 0; j < report->rosters[i].count; j++)
			if (text_equal(report->rosters[i].entries[j].code.text,
				code))
				return &report->rosters[i].entries[j];
	return only != NULL && text_equal(only->code.text, code) ? only : NULL;
}

/* The rosters know; without an entry the asker's words stand. */
static void
set_recipient(const struct message_render *request,
    const struct document_report *report, struct render_options *options)
{
	const struct roster_entry *entry = request->recipient[0] != '\0'
	    ? find_entry(report, request->recipient)
	    : NULL;

	options->mark = (enum render_mark)request->mark;
	if (request->name[0] != '\0')
		options->recipient = request->name;
	if (entry == NULL)
		return;
	options->recipient = entry->name;
	options->mark = text_starts(entry->copy, "副") ? RENDER_MARK_COPY
	    : text_starts(entry->copy, "抄")           ? RENDER_MARK_TRANSCRIPT
						       : RENDER_MARK_ORIGINAL;
}

/* ---- the page -------------------------------------------------------- */

static int
put_answer(const struct render_report *done, const struct bytes *page,
    struct bytes *answer, struct error *err)
{
	struct message_rendered body = { .pages = done->page_count };

	if (page->failed)
		return bytes_failed(page, err);
	put_missing(done, body.missing);
	body.data = blob_of_bytes(page);
	codec_encode(message_fields(MESSAGE_RENDERED), &body, answer);
	return bytes_failed(answer, err);
}

static int
put_page(const struct printer_tools *tools,
    const struct message_render *request, const struct document_report *report,
    struct bytes *answer, struct error *err)
{
	/* People do not get the list of recipients with a letter. */
	const bool is_letter = report->document != NULL;
	const struct render_input input = { report->document, report->message,
		is_letter ? NULL : report->rosters,
		is_letter ? 0 : report->roster_count };
	const struct render_receipt receipt = { .number = request->number,
		.time = request->time,
		.qr_text = request->verify };
	/* Of what goes on paper for want of a receipt. */
	const bool is_paper = text_starts(request->stamp, "已電子交換未");
	struct render_options options = {
		.dispatch = is_paper ? "紙本" : "電子交換",
		.received = request->is_received ? &receipt : NULL,
		.stamp = request->stamp,
		.created_at_ms = request->created_at,
	};
	struct render_report done = { 0 };
	struct bytes page = { 0 };
	int rc;

	set_recipient(request, report, &options);
	if (request->format == MESSAGE_FORMAT_HTML)
		rc = render_html_put(tools->html, &input, &options, &page, err);
	else
		rc = render_pdf(tools->paper, &input, &options, &page, &done,
		    err);
	if (rc == 0)
		rc = put_answer(&done, &page, answer, err);
	bytes_free(&page);
	return rc;
}

/* ---- the list of its recipients --------------------------------------- */

static int
put_list(const struct printer_tools *tools,
    const struct message_render *request, const struct document_report *report,
    struct bytes *answer, struct error *err)
{
	struct printer_list list = { 0 };
	const struct render_options options = {
		.created_at_ms = request->created_at,
		.list_of = report->document,
		.parts = printer_list_titles,
	};
	const struct render_input input = { .rosters = list.parts,
		.roster_count = PRINTER_LIST_PARTS };
	struct render_report done = { 0 };
	struct bytes page = { 0 };
	int rc = printer_list_make(report, request, &list, err);

	if (rc == 0 && request->format == MESSAGE_FORMAT_CSV)
		printer_list_put_csv(&list, &page);
	else if (rc == 0)
		rc = render_pdf(tools->paper, &input, &options, &page, &done,
		    err);
	if (rc == 0)
		rc = put_answer(&done, &page, answer, err);
	bytes_free(&page);
	printer_list_free(&list);
	return rc;
}

static int
check_request(const struct printer_tools *tools,
    const struct message_render *request, struct error *err)
{
	bool is_good = request->format == MESSAGE_FORMAT_PDF ||
	    request->format ==
		(request->is_list ? MESSAGE_FORMAT_CSV : MESSAGE_FORMAT_HTML);

	if (!is_good || request->mark > RENDER_MARK_TRANSCRIPT)
		return error_set(err, ERROR_MALFORMED, "format %u, mark %u",
		    request->format, request->mark);
	if (request->format == MESSAGE_FORMAT_PDF && tools->paper == NULL) {
		*err = tools->no_paper;
		return -1;
	}
	return 0;
}

/* A roster or a message may be looked at without its letter. */
static int
render_report(const struct printer_tools *tools,
    const struct message_render *request, const struct document_report *report,
    bool has_letter, struct bytes *answer, struct error *err)
{
	bool has_other = report->message != NULL || report->roster_count > 0;

	if (report->document == NULL && (has_letter || !has_other)) {
		if (document_report_refusal(report, err) == 0)
			error_set(err, ERROR_MALFORMED, "no document");
		return -1;
	}
	return request->is_list ? put_list(tools, request, report, answer, err)
				: put_page(tools, request, report, answer, err);
}

static bool
has_letter(const struct check_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->inputs[i].kind == DOCUMENT_DI)
			return true;
	return false;
}

int
printer_render(const struct printer_tools *tools,
    const struct message_render *request, struct bytes *answer,
    struct error *err)
{
	struct document_report *report = NULL;
	struct check_files files = { 0 };
	int rc = -1;

	if (check_request(tools, request, err) == 0 &&
	    check_files_read(request->files, &files, err) == 0 &&
	    document_check(files.inputs, files.count, tools->dtds, &report,
		err) == 0)
		rc = render_report(tools, request, report, has_letter(&files),
		    answer, err);
	document_report_free(report);
	check_files_free(&files);
	return rc;
}
