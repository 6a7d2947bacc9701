/*
 * The recipients of a letter in two parts (作業辦法 art. 7-4): those who got it by
 * electronic exchange, and those who get paper, since they are named by the
 * letter and by no roster, or were changed to paper.
 */
#ifndef PRINTER_PRINTER_LIST_H
#define PRINTER_PRINTER_LIST_H

#include <stddef.h>

#include "base/attr.h"
#include "document/roster.h"

struct bytes;
struct document_report;
struct error;
struct message_render;

enum { PRINTER_LIST_PARTS = 2 };

/* "電子交換", "紙本": of parts[0] and parts[1]. */
extern const char *const printer_list_titles[PRINTER_LIST_PARTS];

/* Start it as `{ 0 }`; release it with printer_list_free(). */
struct printer_list {
	struct roster parts[PRINTER_LIST_PARTS];
	struct roster_entry *entries[PRINTER_LIST_PARTS];
};

void printer_list_free(struct printer_list *list);

/* Borrows from `report`. */
int printer_list_make(const struct document_report *report,
    const struct message_render *request, struct printer_list *list,
    struct error *err) MUST_CHECK;

/* As a table (base/csv.h). */
void printer_list_put_csv(const struct printer_list *list, struct bytes *to);

#endif
