/*
 * Texts of any kind on paper: the first byte says which document, the rest are
 * its texts, a NUL between them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/doc_message.h"
#include "document/letter.h"
#include "document/roster.h"
#include "render/render.h"

enum { TEXTS_MAX = 64, LEN_MAX = 65536, KINDS = DOC_KIND_OTHER + 1 };

struct texts {
	char data[LEN_MAX + 1];
	const char *items[TEXTS_MAX];
	size_t count;
	size_t at;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
cut(struct texts *texts, const uint8_t *data, size_t len)
{
	len = len < LEN_MAX ? len : LEN_MAX;
	memcpy(texts->data, data, len);
	texts->data[len] = '\0';
	for (size_t at = 0; at <= len && texts->count < TEXTS_MAX;
	     at += strlen(texts->data + at) + 1)
		texts->items[texts->count++] = texts->data + at;
}

/* The next text; "" behind the last. */
static const char *
next(struct texts *texts)
{
	return texts->at < texts->count ? texts->items[texts->at++] : "";
}

/* Half of the texts that are left become items, each below the one before. */
static size_t
nest(struct texts *texts, struct document_item items[TEXTS_MAX])
{
	size_t count = (texts->count - texts->at) / 4;

	for (size_t i = 0; i < count; i++)
		items[i] = (struct document_item){ .number = next(texts),
			.text = next(texts),
			.items = &items[i + 1],
			.item_count = i + 1 < count };
	return count > 0;
}

static void
print(struct renderer *renderer, const struct render_input *input,
    const struct render_options *options)
{
	struct render_report report;
	struct bytes pdf = { 0 };
	struct error err = { 0 };

	if (render_pdf(renderer, input, options, &pdf, &report, &err) < 0) {
		if (err.code != ERROR_MALFORMED && err.code != ERROR_BUSY)
			abort();
	} else if (report.page_count == 0 || pdf.len < 1000) {
		abort();
	}
	bytes_free(&pdf);
}

static void
print_texts(struct renderer *renderer, unsigned how, struct texts *texts)
{
	struct document_item items[TEXTS_MAX];
	struct ref_no number = { next(texts), next(texts), next(texts), "",
		"" };
	struct document_sender senders[2] = { { .name = next(texts) },
		{ .name = next(texts) } };
	struct document_reader reader = { .name = next(texts),
		.title = next(texts),
		.with_attachments = true };
	struct roster_entry entry = { .name = next(texts),
		.copy = next(texts) };
	struct roster roster = { .name = "1.sw",
		.entries = &entry,
		.count = 1 };
	const char *contact = next(texts);
	const char *signature = next(texts);
	struct render_receipt receipt = { next(texts), next(texts),
		next(texts) };
	struct document_section section = { .label = next(texts),
		.text = next(texts),
		.items = items };
	struct document document = { .name = "1.di",
		.kind = (enum doc_kind)(how % KINDS),
		.class_name = next(texts),
		.senders = senders,
		.sender_count = how / 16 % 3,
		.ref_nos = &number,
		.ref_no_count = 1,
		.issued_text = next(texts),
		.secrecy = "",
		.declassify = "",
		.subject = next(texts),
		.sections = &section,
		.section_count = 1,
		.address = next(texts),
		.contacts = &contact,
		.contact_count = 1,
		.addressee = next(texts),
		.signatures = &signature,
		.signature_count = 1,
		.attachment_note = "",
		.originals = &reader,
		.original_count = 1,
		.copies = &reader,
		.copy_count = 1,
		.venue = "",
		.unit = "",
		.handling = "",
		.signed_text = "" };
	struct render_options options = { .received =
					      how >= 128 ? &receipt : NULL };
	struct render_input input = { .document = &document,
		.rosters = &roster,
		.roster_count = how / 64 % 2 };

	section.item_count = nest(texts, items);
	print(renderer, &input, &options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct renderer *renderer;
	struct texts *texts;
	struct error err = { 0 };

	if (renderer == NULL && renderer_new(NULL, 0, &renderer, &err) < 0)
		abort();
	if (len == 0)
		return 0;
	texts = calloc(1, sizeof(*texts));
	if (texts == NULL)
		return 0;
	cut(texts, data + 1, len - 1);
	print_texts(renderer, data[0], texts);
	free(texts);
	return 0;
}
