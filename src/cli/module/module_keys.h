/*
 * The key files of a host's crypto module, for the commands that make, complete
 * and destroy them.  TLS keys are none of it.
 */
#ifndef CLI_MODULE_KEYS_H
#define CLI_MODULE_KEYS_H

#include <stddef.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct config;
struct error;

struct module_key_file {
	const char *name;          /* the configuration's */
	const char *path;          /* the same */
	struct digest certificate; /* zeros: the file has none */
};

/* Start it as `{ 0 }`. */
struct module_keys {
	struct module_key_file *items;
	size_t count;
};

void module_keys_free(struct module_keys *keys);

/* Those of the configuration whose files are there. */
int module_keys_find(const struct config *config, struct module_keys *ret_keys,
    struct error *err) MUST_CHECK;

/*
 * Overwrite each file and the storage key of the data folder, and remove them;
 * durable when it returns.  All are tried; the first failure is told.
 */
int module_keys_destroy(const struct config *config,
    const struct module_keys *keys, struct error *err) MUST_CHECK;

/* A new file for its owner alone, durable. */
int module_keys_write(const char *path, const struct bytes *data,
    struct error *err) MUST_CHECK;

#endif
