/*
 * What the commands of demo_trouble.h have in common: which demo it is, whom of
 * it they are about, and asking its hosts.
 */
#ifndef DEMO_DEMO_TROUBLE_INTERNAL_H
#define DEMO_DEMO_TROUBLE_INTERNAL_H

#include <sys/types.h>

#include "base/attr.h"
#include "demo/demo_keys.h"
#include "demo/demo_network.h"
#include "demo/demo_story.h"

struct cli;
struct error;
struct json_document;

/* Paths of sockets are shorter still. */
enum { TROUBLE_FOLDER_SIZE = 1024, TROUBLE_PATH_SIZE = 1200 };

struct trouble {
	struct cli *cli;
	char folder[TROUBLE_FOLDER_SIZE];
	const struct demo_host *gateway; /* NULL: about no agency */
	struct demo_story story;         /* for demo_local() */
};

/* The demo of --config or $YIZHAN_CONFIG; then also the agency of the argument. */
int trouble_begin(struct trouble *trouble, struct cli *cli,
    struct error *err) MUST_CHECK;
int trouble_begin_about(struct trouble *trouble, struct cli *cli,
    struct error *err) MUST_CHECK;

/* POST, or with `json` NULL GET; the answer is read. */
int trouble_ask(const struct trouble *trouble, const struct demo_host *host,
    const char *target, const char *json, struct json_document **ret_document,
    struct error *err) MUST_CHECK;

/* The process group of a host that runs; its first process has this id too. */
int trouble_find_group(const struct trouble *trouble, const char *name,
    pid_t *ret_group, struct error *err) MUST_CHECK;

/* Key and certificate from DIR/NAME.pem. */
int trouble_read_pair(const struct trouble *trouble, const char *name,
    struct demo_pair *ret_pair, struct error *err) MUST_CHECK;

/* {"entries":[...]} (docs/api.md): signed and published by the demo's officers. */
int trouble_publish_directory(const struct trouble *trouble,
    const char *entries, struct error *err) MUST_CHECK;

/* What was done, and at which page of which gateway it is to be seen. */
void trouble_tell(const struct trouble *trouble, const struct demo_host *seen,
    const char *zh, const char *en, const char *page);

#endif
