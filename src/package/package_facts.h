/*
 * META-INF/yizhan.json: what a package says about itself, covered by the
 * organisation's signature, and its equality with the waybill.
 */
#ifndef PACKAGE_PACKAGE_FACTS_H
#define PACKAGE_PACKAGE_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/id.h"
#include "model/org.h"

struct bytes;
struct error;

enum {
	PACKAGE_ENVIRONMENT_SIZE = 41,
	PACKAGE_RECIPIENTS_MAX = 5000,
	PACKAGE_FACTS_BYTES_MAX = 256 * 1024,
};

/* Start it as `{ 0 }`; release it with package_facts_free(). */
struct package_facts {
	char environment[PACKAGE_ENVIRONMENT_SIZE];
	struct id document_id;
	struct org_code sender;
	struct org_code *recipients; /* in the roster's order */
	size_t recipient_count;
	int message; /* DM code 1-6, 0 for none */
};

void package_facts_free(struct package_facts *facts);

int package_facts_encode(const struct package_facts *facts, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED E3206; also for a recipient named twice, or none. */
int package_facts_parse(const void *data, size_t len,
    struct package_facts *ret_facts, struct error *err) MUST_CHECK;

bool package_facts_names(const struct package_facts *facts,
    const struct org_code *recipient);

/*
 * The package must be the one that the waybill speaks of: same environment,
 * document id, sender and DM code, as many recipients as the waybill counts,
 * and `recipient`, who opens it, among them (T-CRY-04).  ERROR_UNTRUSTED E3207
 * names the first difference.
 */
int package_facts_match(const struct package_facts *facts,
    const char *environment, const struct id *document_id,
    const struct org_code *sender, int message, size_t recipient_count,
    const struct org_code *recipient, struct error *err) MUST_CHECK;

#endif
