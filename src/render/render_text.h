/*
 * Words that stand on a document but not in it, the same on paper and on
 * screen.
 */
#ifndef RENDER_RENDER_TEXT_H
#define RENDER_RENDER_TEXT_H

struct bytes;
struct document;
struct ref_no;

/* 文別, as it stands beside the name of the sender: "書函", "開會通知單". */
const char *render_title(const struct document *document);

/* 速別; "" for none. */
const char *render_speed(const struct document *document);

/* 擬辦方式; a code that is not known is shown as it is. */
const char *render_handling(const char *code);

/* Append "府計管一字第1150012345號"; of a memo the number alone. */
void render_reference_put(const struct document *document,
    const struct ref_no *ref_no, struct bytes *to);

#endif
