/*
 * A printer without its process: what printer.c serves and tests drive.
 */
#ifndef PRINTER_PRINTER_INTERNAL_H
#define PRINTER_PRINTER_INTERNAL_H

#include "base/attr.h"
#include "printer/printer_work.h"
#include "role/peer.h"

struct error;
struct log;
struct loop;
struct nursery;
struct role_env;

struct printer {
	struct nursery *nursery;
	struct printer_tools tools; /* in every copy */
	const struct log *log;      /* not ours */
};

/*
 * Load what copies need and cannot load themselves.  Close in any case, before
 * the peers that were served: answers that are due are then never given.
 */
int printer_open(struct printer *printer, struct loop *loop,
    const struct log *log, struct error *err) MUST_CHECK;
void printer_close(struct printer *printer);

extern const struct peer_handler printer_handlers[];

/* The role, from its start to its end. */
int printer_start(struct role_env *env, struct error *err);

#endif
