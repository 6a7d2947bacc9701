/*
 * Official documents as people see them on paper: a PDF of every kind, in the
 * layout of the official forms (R2.2, R2.3).
 *
 * A renderer holds the fonts.  It opens them in renderer_new() and nothing
 * afterwards, so it works behind a sandbox and in copies of the process
 * (sys/nursery.h); it starts no thread.  The fonts are 150 MB of mapped files:
 * make it before the nursery, whose memory limit counts from what there is.
 * The same input gives the same bytes.
 *
 * Texts come from documents that passed document_check(), but nothing is
 * trusted: what no font can draw, and what would turn the direction of
 * reading, is drawn as its number, 〔U+4DAE〕, and reported.
 */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct doc_message;
struct document;
struct error;
struct findings;
struct roster;

enum {
	RENDER_PAGES_MAX = 500,
	RENDER_TEXT_MAX = 4 * 1024 * 1024, /* bytes of UTF-8 on the paper */
	RENDER_PDF_MAX = 64 * 1024 * 1024,
	RENDER_MISSING_MAX = 32,
	RENDER_FONTS_MAX = 8,
};

struct renderer;

/* 本別, printed at the top left; the names are in render_mark_name(). */
enum render_mark {
	RENDER_MARK_NONE,
	RENDER_MARK_ORIGINAL,   /* 正本 */
	RENDER_MARK_COPY,       /* 副本 */
	RENDER_MARK_TRANSCRIPT, /* 抄本 */
};

/* Margins of the page. */
enum render_profile {
	RENDER_PROFILE_TEMPLATE, /* of the Archives Administration's forms */
	RENDER_PROFILE_MANUAL,   /* of 文書處理手冊 */
};

/*
 * What a received copy carries beside the letter: page numbers and seam marks
 * are a duty of who prints it, 電子公文 an option (作業辦法 art. 8(2)).  A seam
 * mark stands across two consecutive pages: half at the right edge of one,
 * half at the left edge of the next.
 */
struct render_receipt {
	const char *number; /* 收文號, or "" */
	const char *time;   /* as printed: 中華民國115年11月26日 10:08 */
	const char *qr_text; /* what to verify it with, or "": no QR code */
};

/* What stands on the paper beside the document; texts may be NULL for "". */
struct render_options {
	enum render_profile profile;
	enum render_mark mark;
	const char *dispatch;       /* 發文方式: 電子交換 */
	const char *archive_number; /* 檔號; the label is always there */
	const char *retention;      /* 保存年限 */
	const char *recipient; /* 受文者 of this copy; NULL: the letter's */
	/* Above 受文者, for window envelopes: postcode and address, a line each */
	const char *recipient_address;
	const char *delegation;                /* 分層負責 line */
	const struct render_receipt *received; /* NULL: a sender's print */
	const char *stamp; /* 戳記 on the first page: 已電子交換未確認 */
	/* Of a list alone: the letter whose recipients these are, or NULL. */
	const struct document *list_of;
	/* A title for each roster, which is then a part; or NULL. */
	const char *const *parts;
	int64_t created_at_ms; /* instant, for the metadata of the PDF */
};

/*
 * What to print, in this order; each part begins a page, and one at least is
 * there.
 */
struct render_input {
	const struct document *document;   /* or NULL */
	const struct doc_message *message; /* or NULL */
	const struct roster *rosters;      /* the list of recipients */
	size_t roster_count;
};

struct render_report {
	unsigned page_count;
	/* Code points that were drawn as their number, each once. */
	uint32_t missing[RENDER_MISSING_MAX];
	size_t missing_count;
	size_t missing_left_out; /* places of others that had no room */
};

/*
 * `fonts`: paths of font files, the first that has a character draws it; NULL
 * for those of the package fonts-cns11643-kai.  Files are named, never
 * searched for.  Fails with E1220 when one is missing or cannot be used.
 */
int renderer_new(const char *const *fonts, size_t count,
    struct renderer **ret_renderer, struct error *err) MUST_CHECK;
void renderer_free(struct renderer *renderer);

/*
 * Append a PDF to `to`.  Fails with E2295 when it would be larger than the
 * limits above, and with ERROR_BUSY when memory ran out; then `to` holds
 * nothing more than before.
 */
int render_pdf(struct renderer *renderer, const struct render_input *input,
    const struct render_options *options, struct bytes *to,
    struct render_report *ret_report, struct error *err) MUST_CHECK;

/* Each character of the report as a finding (E2160, a warning) of `file`. */
void render_report_findings(const struct render_report *report,
    const char *file, struct findings *findings);

const char *render_mark_name(enum render_mark mark);

#endif
