/*
 * What the files outbox_series*.c share: a series in the works.
 *
 *	outbox_series.c       the request, its draft, and the copies that are made of it
 *	outbox_series_copy.c  each copy: attachments, findings, waiting for the others; the end
 *	outbox_series_undo.c  all of them undone
 *	outbox_series_rows.c  rows, and how it stands
 */
#ifndef GATEWAY_OUTBOX_SERIES_INTERNAL_H
#define GATEWAY_OUTBOX_SERIES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/outbox/outbox_series.h"

struct outbox_series {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct outbox_letter *lead; /* the request, which owns us */
	struct desk_draft draft;
	struct outbox_files files; /* of the draft */
	bool *named;               /* of these: some copy has it */
	struct outbox_letter **copies;
	size_t count;
	size_t left;    /* in the list */
	size_t working; /* not where they wait for each other yet */
	bool is_sent_before;
	bool is_packing; /* all were accepted */
	bool is_counted;
	struct error failure;  /* the first one; or none */
	struct bytes findings; /* of all, as JSON, with commas between */
};

/* Its rows. */
struct rows *outbox_series_rows(const struct outbox_series *series);

/* A file more of a copy. */
int outbox_series_add_file(struct outbox_letter *copy,
    const struct outbox_file *file, struct error *err) MUST_CHECK;

/* The answer to who asked: how the series stands now. */
void outbox_series_answer(struct outbox_series *series, uint16_t status);

#endif
