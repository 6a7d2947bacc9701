/*
 * The evidence of one delivery as one file (docs/evidence.md), from rows that
 * may be read-only.  What goes in was verified before it was stored.
 */
#ifndef GATEWAY_EVIDENCE_EXPORT_H
#define GATEWAY_EVIDENCE_EXPORT_H

#include "base/attr.h"

struct bytes;
struct directory;
struct error;
struct id;
struct org_code;
struct rows;

/*
 * Append the file of a delivery that was sent here, or that came in.
 * ERROR_NOT_FOUND: no such delivery (E4208, E4314), or no receipt of it yet or
 * its waybill was not kept (E3507); ERROR_DENIED (E3508) if it does not fit
 * into one file.  `directory` may be NULL: then certificates are left out, which
 * the bulletins hold anyway.
 */
int evidence_export_sent(struct rows *rows, const struct directory *directory,
    const char *environment, const struct id *document,
    const struct org_code *recipient, struct bytes *to,
    struct error *err) MUST_CHECK;
int evidence_export_received(struct rows *rows,
    const struct directory *directory, const char *environment,
    const struct id *waybill_id, const struct org_code *recipient,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
