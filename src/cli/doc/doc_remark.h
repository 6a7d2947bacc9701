/*
 * What somebody did about letters or deliveries, told to a gateway: the options
 * --by, --action and --note, and the command's arguments.
 */
#ifndef CLI_DOC_DOC_REMARK_H
#define CLI_DOC_DOC_REMARK_H

#include "base/attr.h"

struct answer;
struct cli;
struct error;

struct doc_remark {
	const char *usage;  /* said when --by or --action is missing */
	const char *target; /* of the request */
	const char *list;   /* its member that has the arguments */
	const char *count;  /* member of the answer: how many were recorded */
};

/* Record it at the gateway that `answer` is open to, and say how many. */
int doc_remark_record(struct cli *cli, struct answer *answer,
    const struct doc_remark *remark, struct error *err) MUST_CHECK;

#endif
