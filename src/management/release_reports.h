/*
 * Which host reported which release (T-REL-05): GET /v1/release-reports, from
 * the cases that `yizhan release confirm` files.  Whose report one is says the
 * link and the module by which it came, and not what stands in it.
 */
#ifndef MANAGEMENT_RELEASE_REPORTS_H
#define MANAGEMENT_RELEASE_REPORTS_H

#include "base/attr.h"

struct directory;
struct error;
struct json_writer;
struct rows;

/*
 * Every host of network and directory with its newest report; those without one
 * too.  `own` is the name of this host, `rows` casework's.  ERROR_BUSY before
 * there is a directory.
 */
int release_reports_write(struct rows *rows, const struct directory *directory,
    const char *own, struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
