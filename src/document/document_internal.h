/*
 * What document.c and its checks across files share.
 */
#ifndef DOCUMENT_DOCUMENT_INTERNAL_H
#define DOCUMENT_DOCUMENT_INTERNAL_H

#include <stddef.h>

#include "base/attr.h"
#include "document/document.h"
#include "document/pool.h"

struct document_memory {
	struct pool pool;
	struct findings findings;
	struct document document;
	struct roster rosters[DOCUMENT_ROSTERS_MAX];
	struct doc_message message;
	struct old_envelope envelopes[DOCUMENT_ENVELOPES_MAX];
};

/* One check: what was handed in and what was read so far. */
struct document_set {
	const struct document_input *files;
	size_t count;
	const struct dtd_set *dtds; /* or NULL */
	struct document_report *report;
	struct pool *pool;
	struct findings *findings;
};

/* A finding about a whole file that was handed in. */
void document_report_file(const struct document_set *set, const char *file,
    const char *rule, const char *argument);

/*
 * The names of all files handed in, the first bytes of the attachments, and
 * that the letter names exactly the files that are there.
 */
void document_check_files(const struct document_set *set);

/*
 * That the letter has recipients, each once, and that 正本, 副本, 出席者 and
 * 列席者 name the same as the rosters do.  Fails only if memory ran out.
 */
int document_check_recipients(const struct document_set *set,
    struct error *err) MUST_CHECK;

#endif
