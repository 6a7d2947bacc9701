/*
 * Judging again what was accepted before this host knew (design: protocol 5):
 * when a hold, a suspension or a revocation comes late, and had begun before,
 * every letter that came since is looked at once more.  Nothing is undone and
 * nothing is dropped: who reviews flags what it finds, or holds it.
 *
 * A host looks back once for each of them, and remembers that it did.
 */
#ifndef ROLE_REVIEW_H
#define ROLE_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/org.h"

struct digest;
struct directory;
struct error;
struct measures;
struct revoked;
struct rows;

/* A migration of the databases of centers and gateways. */
extern const char review_schema[];

/* What is known now; not ours. */
struct review_facts {
	const struct measures *measures;
	const struct directory *directory; /* NULL: there is none yet */
	const struct revoked *revoked;     /* by their authorities; or NULL */
};

/* What is known of the sending side of a letter. */
struct review_sender {
	struct org_code code;
	const char *host;            /* its gateway; "" if not known here */
	const struct digest *module; /* that signed its waybill */
	const struct digest *card;   /* that signed its package; NULL: unseen */
};

/*
 * Whether it was stopped at `at_ms`, by all that is known now: "E3721" it, its
 * gateway, module or card was held or suspended; "E3722" its module or card was
 * revoked by then; "" it was not, or nothing is known of it.
 */
const char *review_judge(const struct review_facts *facts,
    const struct review_sender *sender, int64_t at_ms);

/*
 * The same for its module alone and for what is to be held back: was stopped at
 * `at_ms` and still is at `now_ms`.  A measure that stops what is queued counts
 * whenever the letter was accepted.
 */
bool review_stops_module(const struct review_facts *facts,
    const struct review_sender *sender, int64_t at_ms, int64_t now_ms);

/* What this host has not looked back for.  Start it as `{ 0 }`. */
struct review {
	struct bytes names; /* each with its NUL */
	int64_t since_ms;   /* the earliest time that they are about */
};

/*
 * Find those that are not in `rows`.  True of review_has_any() afterwards: look
 * at all that was accepted from `since_ms` on, then review_end().
 */
int review_begin(struct rows *rows, const struct review_facts *facts,
    int64_t now_ms, struct review *ret_review, struct error *err) MUST_CHECK;
bool review_has_any(const struct review *review);

/* All was looked at, in the open group. */
int review_end(struct rows *rows, const struct review *review,
    struct error *err) MUST_CHECK;
void review_free(struct review *review);

#endif
