/*
 * Words that stand on a document but not in it, the same on paper and on
 * screen.
 */
#ifndef RENDER_RENDER_TEXT_H
#define RENDER_RENDER_TEXT_H

#include "document/doc_message.h"
#include "document/letter.h"

struct bytes;

/* 文別, as it stands beside the name of the sender: "書函", "開會通知單". */
const char *render_title(const struct document *document);

/* 速別; "" for none. */
const char *render_speed(enum document_speed speed);

/* 擬辦方式; a code that is not known is shown as it is. */
const char *render_handling(const char *code);

/* 文書訊息: "附件修正重發". */
const char *render_message(enum doc_message_code code);

/* Append "府計管一字第1150012345號", or nothing. */
void render_ref_no_put(const struct ref_no *ref_no, struct bytes *to);

/* The same of a memo, which has a number alone. */
void render_memo_no_put(const struct ref_no *ref_no, struct bytes *to);

#endif
