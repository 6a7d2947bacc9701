/*
 * What the files make*.c share: writing elements, with the path of the one at
 * hand for findings.
 */
#ifndef DOCUMENT_MAKE_INTERNAL_H
#define DOCUMENT_MAKE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct document;
struct document_file;
struct document_item;
struct document_section;
struct error;
struct findings;
struct org_code;
struct roster_entry;

enum { MAKE_PATH_SIZE = 512 };

struct maker {
	const char *file;          /* being made */
	struct findings *findings; /* not ours */
	struct bytes *out;         /* not ours */
	char path[MAKE_PATH_SIZE]; /* "/函/正本" */
};

/* ---- make_xml.c: elements and texts ---------------------------------- */

/* The XML declaration, and "<!DOCTYPE root SYSTEM dtd". */
void make_prolog(struct maker *maker, const char *root);

/* A finding about the element at hand. */
void make_report(struct maker *maker, const char *rule, const char *argument);

/*
 * Begin and end an element; `nth` counts those of one name under a parent, 0
 * where there can be but one.  An attribute may be NULL.
 */
void make_open(struct maker *maker, const char *name, size_t nth);
void make_open_with(struct maker *maker, const char *name, size_t nth,
    const char *attribute, const char *value);
void make_close(struct maker *maker, const char *name);

/* Text of the element at hand, escaped; E2170. */
void make_text(struct maker *maker, const char *text);

/* A whole element with its text; make_needed() reports an empty one. */
void make_element(struct maker *maker, const char *name, size_t nth,
    const char *text);
void make_needed(struct maker *maker, const char *name, size_t nth,
    const char *text);

/* An element without content; no attribute if `value` is NULL. */
void make_empty(struct maker *maker, const char *name, const char *value);

/* The same of a closed list, which ends with NULL: E2105 for another word. */
void make_word(struct maker *maker, const char *name, const char *value,
    const char *const *list);

/* 機關代碼, and 單位代碼 of a unit; E2110. */
void make_code(struct maker *maker, const struct org_code *code);

/* ---- make_entry.c ---------------------------------------------------- */

/* The name of the file being made; it must end in `extension`. */
void make_check_name(struct maker *maker, const char *extension);

/*
 * Hand `made` out: what a function of make.h returns when reading it again
 * gave `rc` and `is_clean` says that there was no error.
 */
int make_finish(const struct bytes *made, int rc, bool is_clean,
    struct bytes *to, struct error *err) MUST_CHECK;

/* One recipient by code, as 交換表單 and 受文者 have it, but for 本別. */
void make_entry(struct maker *maker, const struct roster_entry *entry,
    size_t nth);

/* ---- make_files.c ---------------------------------------------------- */

/* The declarations of all files, from "[" to "]>". */
void make_subset(struct maker *maker, const struct document *document);

/* The entity of file `index` of a list, or the one of its place. */
enum make_file_kind { MAKE_ATTACHMENT, MAKE_ROSTER, MAKE_MESSAGE };
void make_entity(const struct document_file *file, enum make_file_kind kind,
    size_t index, char *to, size_t size);

/* ---- make_section.c -------------------------------------------------- */

void make_section(struct maker *maker, const struct document_section *section,
    size_t nth);

/* ---- make_head.c, make_body.c ---------------------------------------- */

void make_senders(struct maker *maker, const struct document *document);
void make_unit(struct maker *maker, const struct document *document);
void make_class(struct maker *maker, const struct document *document);
void make_address(struct maker *maker, const struct document *document);
void make_contacts(struct maker *maker, const struct document *document);
void make_addressee(struct maker *maker, const struct document *document);
void make_callers(struct maker *maker, const struct document *document);
void make_issued(struct maker *maker, const struct document *document);
void make_ref_nos(struct maker *maker, const struct document *document);
void make_speed(struct maker *maker, const struct document *document);
void make_secrecy(struct maker *maker, const struct document *document);
void make_handling(struct maker *maker, const struct document *document);

void make_attachments(struct maker *maker, const struct document *document);
void make_subject(struct maker *maker, const struct document *document);
void make_times(struct maker *maker, const struct document *document);
void make_venue(struct maker *maker, const struct document *document);
void make_chairs(struct maker *maker, const struct document *document);
void make_sections(struct maker *maker, const struct document *document);
void make_originals(struct maker *maker, const struct document *document);
void make_copies(struct maker *maker, const struct document *document);
void make_attendees(struct maker *maker, const struct document *document);
void make_observers(struct maker *maker, const struct document *document);
void make_remarks(struct maker *maker, const struct document *document);
void make_superiors(struct maker *maker, const struct document *document);
void make_signatures(struct maker *maker, const struct document *document);
void make_signed(struct maker *maker, const struct document *document);

#endif
