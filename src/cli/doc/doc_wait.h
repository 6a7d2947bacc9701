/*
 * Waiting for a letter that was sent: yizhan doc wait, and doc send --wait.
 */
#ifndef CLI_DOC_WAIT_H
#define CLI_DOC_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/event.h"

struct answer;
struct cli;
struct error;
struct json_value;

enum doc_wait {
	DOC_WAIT_MORE,  /* a delivery can still get there */
	DOC_WAIT_THERE, /* every delivery was at the state */
	DOC_WAIT_ENDED  /* all are through, and one never was at the state */
};

/* How an outbox document stands to the state that is waited for. */
enum doc_wait doc_wait_judge(const struct json_value *document,
    enum delivery_state wanted);

/* "90", "90s", "5m", "1h" as seconds, at most 1 000 000 of the unit. */
bool doc_wait_parse_time(const char *text, uint64_t *ret_s);

/* What to wait for, and how long: --`name` STATE and --timeout TIME. */
struct doc_wait_limit {
	enum delivery_state state;
	uint64_t s;
};
int doc_wait_read_limit(const struct cli *cli, const char *name,
    struct doc_wait_limit *ret_limit, struct error *err) MUST_CHECK;

/*
 * Ask until the letter is there; the document stays in `answer`, also when
 * this fails with E1210 (the time is over) or E1211 (ended otherwise).
 */
int doc_wait_for(struct answer *answer, const char *id,
    const struct doc_wait_limit *limit, struct error *err) MUST_CHECK;

#endif
