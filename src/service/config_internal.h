/*
 * Between config.c, which holds the values, and config_read.c, which finds
 * them in files.
 */
#ifndef SERVICE_CONFIG_INTERNAL_H
#define SERVICE_CONFIG_INTERNAL_H

#include "base/attr.h"
#include "service/config.h"

/* All defaults, nothing checked. */
int config_new(struct config **ret_config, struct error *err) MUST_CHECK;

/*
 * Set one value; what another place has set before is replaced, what the same
 * file has set before is an error (E1105).
 */
int config_set(struct config *config, const char *section, const char *key,
    const char *value, const char *file, int line,
    struct error *err) MUST_CHECK;

/* Fill in what follows from other values, and check that all fit together. */
int config_finish(struct config *config, struct error *err) MUST_CHECK;

#endif
