/*
 * What the files letter*.c share: each reads a part of a letter into its
 * `struct document`, whatever order the parts stand in.
 */
#ifndef DOCUMENT_LETTER_INTERNAL_H
#define DOCUMENT_LETTER_INTERNAL_H

#include <stddef.h>

#include "document/letter.h"

struct _xmlNode;
struct xml_file;

/* ---- letter.c -------------------------------------------------------- */

/*
 * The text of a child that must be there: E2114 if it is empty, E2108 if it is
 * missing (which the official DTD tells, where that is enforced).
 */
const char *letter_needed_text(const struct xml_file *file,
    const struct _xmlNode *parent, const char *name);

/* The 文字 of an element, or what stands in it without one. */
const char *letter_text_of(const struct xml_file *file,
    const struct _xmlNode *node);

/* The texts of all children of that name. */
const char *const *letter_texts(const struct xml_file *file,
    const struct _xmlNode *parent, const char *name, size_t *ret_count);

/* Report that the root has no such element, unless the DTD did. */
void letter_report_missing(const struct xml_file *file,
    const struct _xmlNode *parent, const char *name);

/* ---- letter_head.c: sender, number, date, marks ---------------------- */

void letter_read_head(const struct xml_file *file, struct document *document);

/* ---- letter_body.c: subject, sections, signatures -------------------- */

void letter_read_body(const struct xml_file *file, struct document *document);

/* ---- letter_people.c: recipients and readers ------------------------- */

void letter_read_people(const struct xml_file *file, struct document *document);

/* ---- letter_meeting.c: of 開會通知單 and 會勘通知單 ------------------ */

void letter_read_meeting(const struct xml_file *file,
    struct document *document);

/* ---- letter_files.c -------------------------------------------------- */

/* The files that the letter declares and refers to, and its 附件. */
void letter_read_files(const struct xml_file *file, struct document *document);

#endif
