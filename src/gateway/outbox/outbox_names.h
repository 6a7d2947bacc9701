/*
 * The recipients of a letter's rosters against the directory and against the
 * names that the letter itself gives.  Pure.
 *
 * The reader compares names alone, having no directory.  Here each recipient
 * is who its code says, by its name in the directory: a difference that this
 * explains is no difference, and a roster whose name and code do not belong
 * together is one, though all names agree.
 */
#ifndef GATEWAY_OUTBOX_NAMES_H
#define GATEWAY_OUTBOX_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "gateway/outbox/outbox_plan.h"
#include "role/codec.h"

struct error;

/*
 * The name that the directory gives a code; NULL if it has none such.
 * Borrowed for the call of outbox_names_explain().
 */
typedef const char *(*outbox_name_fn)(void *ctx, const struct org_code *code);

/* True if two names are the same but for what people do not see as different. */
bool outbox_names_equal(const char *a, const char *b);

/*
 * Which of the findings in the reader's report the directory explains: E2133
 * whose name is that of a recipient's code, and E2134 of a recipient whose name
 * the letter does give.  `ret_explained` gets one truth for each finding of the
 * report, freed by the caller; NULL with `*ret_count` 0 if there are none.
 * Nothing is explained if the report left some out.
 */
int outbox_names_explain(struct blob report,
    const struct outbox_recipient *recipients, size_t count,
    outbox_name_fn name_of, void *ctx, bool **ret_explained, size_t *ret_count,
    struct error *err) MUST_CHECK;

#endif
