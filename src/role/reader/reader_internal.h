/*
 * A reader without its process: what reader.c serves and tests drive.
 */
#ifndef ROLE_READER_INTERNAL_H
#define ROLE_READER_INTERNAL_H

#include "base/attr.h"
#include "role/peer.h"

struct dtd_set;
struct error;
struct log;
struct loop;
struct nursery;

struct reader {
	struct nursery *nursery;
	struct dtd_set *dtds;  /* in every copy */
	const struct log *log; /* not ours */
};

/*
 * Load what copies need and cannot load themselves.  Close in any case, before
 * the peers that were served: answers that are due are then never given.
 */
int reader_open(struct reader *reader, struct loop *loop, const struct log *log,
    struct error *err) MUST_CHECK;
void reader_close(struct reader *reader);

extern const struct peer_handler reader_handlers[];

#endif
