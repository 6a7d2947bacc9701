/*
 * The store of a host of any kind, for commands that open it themselves: which
 * database it is and which tables it has.
 */
#ifndef CLI_HOST_STORE_H
#define CLI_HOST_STORE_H

#include "base/attr.h"
#include "store/store.h"

struct error;

enum { HOST_STORE_KIND_SIZE = 16 };

struct host_store {
	int kind;         /* CONFIG_CENTER ... */
	const char *name; /* of the kind: "center" */
	struct store_options options;
};

/*
 * `dir` must outlive the store.  Also on file systems that may lose data.
 * ERROR_MALFORMED for none or several kinds.
 */
int host_store_open(int64_t kinds, const char *dir, struct host_store *store,
    struct error *err) MUST_CHECK;

/* The bit of a kind's name; 0 for none such. */
int host_store_kind(const char *name);

#endif
