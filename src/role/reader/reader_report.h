/*
 * What a check found, as the JSON of docs/api.md: the letter and the findings,
 * each with the words of the catalogue in both languages.
 *
 *   {"document":{...}|null,
 *    "envelopes":[...],
 *    "findings":[{"severity":"error","file":"1.di","line":3,"column":5,
 *      "element":"/函/主旨","rule":"E2104","text":"...",
 *      "title":{"zh":"...","en":"..."},"cause":{...},"remedy":{...}}],
 *    "left_out":0}
 *
 * `text` is what the finding is about, taken from the file: escape it where it
 * is shown.
 */
#ifndef ROLE_READER_REPORT_H
#define ROLE_READER_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct document;
struct document_report;
struct error;

/* Append the JSON. */
int reader_report_json(const struct document_report *report, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Subject and reference (府計管一字第1150012345號) into fields of `size` bytes,
 * cut between characters when they do not fit; "" for no document.  The subject
 * of an order without one is the first text of its sections.
 */
void reader_report_subject(const struct document *document, char *to,
    size_t size);
void reader_report_reference(const struct document *document, char *to,
    size_t size);

/* A text into a field of `size` bytes, cut between characters. */
void reader_report_cut(const char *text, char *to, size_t size);

/* As enum speed of model/event.h. */
uint8_t reader_report_speed(const struct document *document);

#endif
