/*
 * Rewrapped deliveries in the center's rows: since when another key part is
 * wanted, and the one that came (docs/protocol.md 4, Rewrap).
 */
#ifndef CENTER_CENTER_REWRAP_ROWS_H
#define CENTER_CENTER_REWRAP_ROWS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/digest.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct rows;

extern const char center_rewrap_schema[];

/* Start it as `{ 0 }`; release it with center_rewrap_free(). */
struct center_rewrap {
	int64_t asked_at;         /* 0: none is waited for here */
	uint64_t serial;          /* of the addendum; 0: none came yet */
	struct digest seal;       /* the certificate that it is for */
	struct org_code receiver; /* whose that is */
	struct bytes addendum;    /* CMS */
	struct bytes key_part;
};

void center_rewrap_free(struct center_rewrap *rewrap);

/* 1, or 0 if there is none. */
int center_rewrap_find(struct rows *rows, int64_t delivery,
    struct center_rewrap *rewrap, struct error *err) MUST_CHECK;

/* Another key part is wanted, from now on. */
int center_rewrap_ask(struct rows *rows, int64_t delivery, int64_t at,
    struct error *err) MUST_CHECK;

/* It came: it takes the place of the one before. */
int center_rewrap_set(struct rows *rows, int64_t delivery,
    const struct message_addendum *addendum, struct blob cms,
    struct blob key_part, struct error *err) MUST_CHECK;

/* A delivery for which one was asked before `before`, the first: 1 or 0. */
int center_rewrap_overdue(struct rows *rows, int64_t before,
    int64_t *ret_delivery, struct error *err) MUST_CHECK;

/*
 * The next delivery above row `after` that a host served by `center` has not
 * opened yet: 1 or 0.
 */
int center_unopened_next(struct rows *rows, const char *center, int64_t after,
    int64_t *ret_delivery, struct error *err) MUST_CHECK;

#endif
