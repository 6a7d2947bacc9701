/*
 * A verifier without its process: what verifier.c serves and tests drive.
 */
#ifndef ROLE_VERIFIER_INTERNAL_H
#define ROLE_VERIFIER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/peer.h"

struct batch_cache;
struct bulletin_state;
struct cert_cache;
struct checkpoint_cache;
struct config;
struct directory_view;
struct error;
struct log;
struct trust;
struct verifier_admission;
struct verify_context;

struct verifier {
	const char *environment; /* of the configuration */
	const struct log *log;   /* not ours */
	int64_t clock_offset_ms;
	struct cert_cache *certs;
	struct checkpoint_cache *checkpoints;
	struct batch_cache *batches;
	struct bulletin_state *bulletins;
	struct directory_view *directory;
	struct trust *trust; /* NULL before the first root */
	struct peer *keeper; /* not ours; NULL: no key part can be opened */
	bool is_publisher;   /* management: its log is what shows bulletins */
	struct verifier_admission *admission; /* of the one being taken */
};

/* `config` and `log` must outlive the verifier.  Close in any case. */
int verifier_open(struct verifier *verifier, const struct config *config,
    const struct log *log, struct error *err) MUST_CHECK;
void verifier_close(struct verifier *verifier);

/* What is known at this moment; lives until the next message. */
struct verify_context verifier_context(const struct verifier *verifier);

/*
 * Take a bulletin.  A new root brings its anchors into force.  Fails as
 * bulletin_state_take(); `json` owns what ret_taken points to.
 */
int verifier_take(struct verifier *verifier,
    const struct message_bulletin_take *request,
    struct message_bulletin_taken *ret_taken, struct bytes *json,
    struct error *err) MUST_CHECK;

extern const struct peer_handler verifier_listener_handlers[];
extern const struct peer_handler verifier_spooler_handlers[];

#endif
