/*
 * The files of one letter as texts that a test may change, checked together.
 * Helpers end the test when they cannot do their work.
 */
#ifndef HARNESS_DOCUMENT_FIXTURE_H
#define HARNESS_DOCUMENT_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "document/document.h"

enum { FIXTURE_FILES_MAX = 8 };

/* Start it as `{ 0 }`; end with fixture_discard(). */
struct fixture {
	struct document_input files[FIXTURE_FILES_MAX];
	struct bytes texts[FIXTURE_FILES_MAX];
	size_t count;
	struct document_report *report;
};

extern const char fixture_pdf[];
extern const size_t fixture_pdf_len;
extern const char fixture_odt[];
extern const size_t fixture_odt_len;

/* Add a file: bytes, a text, or a file of data/samples. */
void fixture_add(struct fixture *fixture, const char *name, const void *data,
    size_t len);
void fixture_add_text(struct fixture *fixture, const char *name,
    const char *text);
void fixture_add_sample(struct fixture *fixture, const char *name,
    const char *sample);

/* A letter of rendered_03: DI `sample`, two rosters, two attachments. */
void fixture_add_letter(struct fixture *fixture, const char *sample);
struct fixture fixture_letter(void);

/* A roster of 104 with these entries, as XML. */
void fixture_put_roster(struct fixture *fixture, const char *name,
    const char *entries);

/* Letters of other kinds, with rosters that fit; a notice has none. */
struct fixture fixture_meeting(void);
struct fixture fixture_survey(void);
struct fixture fixture_notice(void);

/* Put `to` in the place of the first `from` of file `index`. */
void fixture_change(struct fixture *fixture, size_t index, const char *from,
    const char *to);

/* Check with DTDs read for it and with a set: both must say the same. */
void fixture_check(struct fixture *fixture);
void fixture_discard(struct fixture *fixture);

/* The first finding of a rule, NULL if there is none. */
const struct finding *fixture_find(const struct fixture *fixture,
    const char *rule);

/* For reading its fields: a finding that equals none if there is none. */
const struct finding *fixture_the(const struct fixture *fixture,
    const char *rule);
size_t fixture_count(const struct fixture *fixture, const char *rule);

void fixture_assert_accepted(const struct fixture *fixture);
void fixture_assert_refused(const struct fixture *fixture, const char *rule);

/* Exactly these rules were found, in any order; a NULL ends the list. */
void fixture_assert_rules(const struct fixture *fixture,
    const char *const *rules);

/* A recipient as the letter names it; an item that has none below it. */
void fixture_assert_reader(const struct document_reader *reader,
    enum reader_kind kind, const char *name, bool with_attachments);
void fixture_assert_item(const struct document_item *item, const char *number,
    const char *text);

#endif
