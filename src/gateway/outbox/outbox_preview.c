/*
 * A preview: the files of a draft go to the printer instead of the reader, and
 * what it makes of them is the answer.
 */
#include <string.h>

#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/printing.h"
#include "http/http_path.h"

int
outbox_preview_parse(struct outbox_letter *letter, const char *path,
    struct error *err)
{
	struct http_target target = { 0 };
	const char *as = "pdf";
	int rc = 0;

	if (http_target_parse(path, strlen(path), &target, err) < 0)
		return -1;
	if (http_target_param(&target, "as") != NULL)
		as = http_target_param(&target, "as");
	if (text_equal(as, "pdf"))
		letter->preview = MESSAGE_FORMAT_PDF;
	else if (text_equal(as, "html"))
		letter->preview = MESSAGE_FORMAT_HTML;
	else
		rc = error_set_id(err, "E6204", ERROR_MALFORMED,
		    "as must be pdf or html");
	http_target_free(&target);
	return rc;
}

static void
on_rendered(void *ctx, struct ipc_message *message)
{
	struct outbox_letter *letter = ctx;
	struct message_rendered rendered;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RENDERED, &rendered, &err) == 0) {
		bytes_put(&letter->answer, rendered.data.data,
		    rendered.data.len);
		letter->pages = rendered.pages;
		memcpy(letter->missing, rendered.missing,
		    sizeof(letter->missing));
		letter->type =
		    printing_type((enum message_format)letter->preview);
		if (bytes_failed(&letter->answer, &err) == 0) {
			outbox_letter_show(letter);
			return;
		}
	}
	outbox_letter_fail(letter, &err);
}

int
outbox_preview_ask(struct outbox_letter *letter, struct blob files,
    struct error *err)
{
	struct spool *spool = &letter->outbox->gateway->spool;
	const struct message_render ask = { .format = letter->preview,
		.created_at = spool_now(spool),
		.files = files };

	return peer_ask(spool->printer, MESSAGE_RENDER, &ask, -1, on_rendered,
	    letter, NULL, err);
}
