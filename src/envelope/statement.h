/*
 * What a center says in its log (docs/protocol.md 5): the words of a receipt.
 */
#ifndef ENVELOPE_STATEMENT_H
#define ENVELOPE_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"

struct error;

enum { STATEMENT_NAME_SIZE = 41, STATEMENT_MAX = 64 * 1024 };

/* Whose act it is; pages show it (系統代簽 or 簽收). */
enum statement_signer {
	STATEMENT_CENTER,
	STATEMENT_MODULE,
	STATEMENT_ORGANISATION,
	STATEMENT_SIGNER_COUNT
};

const char *statement_signer_name(enum statement_signer signer);

struct statement_serials {
	uint64_t root, directory, network, timestamp;
};

/* Start it as `{ 0 }`; release it with statement_free(). */
struct statement {
	char environment[STATEMENT_NAME_SIZE];
	char center[STATEMENT_NAME_SIZE];
	enum event event;
	struct digest waybill;
	struct id waybill_id;
	struct org_code sender;
	struct org_code recipient;    /* "": it speaks of the whole waybill */
	struct digest leaf;           /* zeros then */
	char at[STATEMENT_NAME_SIZE]; /* where it happened */
	int64_t time_ms;
	enum statement_signer signer;
	struct statement_serials serials;
	/*
	 * As of when that trust was fresh: how old it was is `time_ms` less
	 * this.  0: no timestamp was known.
	 */
	int64_t fresh_ms;
	struct digest status; /* of the revocation answer used; zeros: none */
	struct bytes act;     /* CMS; empty: none */
	struct digest remote; /* leaf hash of the other center's; zeros: none */
};

void statement_free(struct statement *statement);

/* Append the one line of JSON that goes into the log. */
int statement_encode(const struct statement *statement, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3110). */
int statement_decode(const void *json, size_t len, struct statement *statement,
    struct error *err) MUST_CHECK;

#endif
