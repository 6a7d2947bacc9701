/*
 * The tables that every store has, as the first migrations of its database.
 */
#ifndef STORE_STORE_SCHEMA_H
#define STORE_STORE_SCHEMA_H

#include <stddef.h>

#include "base/attr.h"

struct error;

/*
 * The store's migrations, then the `count` ones of the daemon, as one list,
 * which the caller frees; the texts are not copied.
 */
int store_schema_join(const char *const *migrations, size_t count,
    const char *const **ret_list, size_t *ret_count,
    struct error *err) MUST_CHECK;

#endif
