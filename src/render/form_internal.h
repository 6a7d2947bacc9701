/* For form*.c alone. */
#ifndef RENDER_FORM_INTERNAL_H
#define RENDER_FORM_INTERNAL_H

#include "base/bytes.h"
#include "document/letter.h"
#include "render/form.h"

struct doc_message;
struct roster;

/* A document on its way to blocks. */
struct form {
	struct flow *flow;
	struct pool *pool;
	struct shaping *shaping;
	const struct document *document;
	const struct render_options *options;
};

/* The text in the pool; frees `text`. */
const char *form_text(struct form *form, struct bytes *text);

/* 正本 and 發文方式 at the left, 檔號 and 保存年限 at the right. */
void form_marks(struct form *form);

/* Senders and 文別, such as 內政部 函. */
void form_title_line(struct form *form, const char *class_name);

/* A field of the head, 12 points. */
void form_field(struct form *form, const char *label, const char *text);

/* A field of the body, 16 points. */
void form_main_field(struct form *form, const char *label, const char *text);

void form_gap(struct form *form, double height);

/* 發文日期 to 附件; and those of a 簽, 文號 to 附件. */
void form_issue_fields(struct form *form);
void form_memo_fields(struct form *form, const char *number,
    const char *handling);
void form_addressee(struct form *form);
void form_sections(struct form *form);
void form_section(struct form *form, const struct document_section *section);

/* "A、B(含附件)、C"; originals get attachments without a word. */
const char *form_readers(struct form *form,
    const struct document_reader *readers, size_t count, bool are_copies);
void form_copies(struct form *form);
void form_signatures(struct form *form);

/* "府計管一字第1150012345號" */
const char *form_ref_no(struct pool *pool, const struct ref_no *ref_no);

void form_memo(struct form *form);
void form_meeting(struct form *form);
void form_roster(struct form *form, const struct roster *rosters, size_t count);
void form_message(struct form *form, const struct doc_message *message);

#endif
