/*
 * What somebody decided about a letter of which only receipts are left (lost.h):
 * that ends it.  All decisions are kept, and the last one counts.
 */
#ifndef GATEWAY_LOST_DECIDE_H
#define GATEWAY_LOST_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"

struct json_writer;
struct message_request;
struct org_code;
struct id;
struct peer;
struct remark;
struct rows;
struct spool;

enum lost_action {
	LOST_OPEN,       /* none yet, or not after all */
	LOST_RESENT,     /* it was sent once more, under another id */
	LOST_PAPER,      /* it went on paper */
	LOST_NOT_NEEDED, /* the document system has it: nothing to do */
	LOST_ACTION_COUNT
};

const char *lost_action_name(enum lost_action action);
bool lost_action_parse(const char *name, enum lost_action *ret_action);

/* A migration of a gateway's database, behind lost_schema. */
extern const char lost_decision_schema[];

/* Letters that a decision is about, as far as `scope` may see them. */
struct lost_name {
	const struct id *waybill_id;
	const struct org_code *recipient; /* of one that came in; NULL: any */
	const char *scope;                /* "": all of them */
};

/*
 * In the open group: how many it was recorded of; ERROR_NOT_FOUND E4508 when
 * there is none of that name.
 */
int lost_decide(struct rows *rows, const struct lost_name *name,
    enum lost_action action, const struct remark *remark, int64_t now_ms,
    int64_t *ret_count, struct error *err) MUST_CHECK;

/* "decisions" of a letter (its row), the oldest first. */
int lost_write_decisions(struct rows *rows, int64_t letter,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* POST /v1/lost. */
void lost_request(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
