/*
 * A host's bulletins, kept by its spooler: stored as they came, judged by the
 * verifier, polled from the host above, and turned into the directory image
 * that every role works with (protocol 5; R4.1).
 *
 * Nothing waits for the host above: what is stored is taken again at start.
 */
#ifndef ROLE_BULLETINS_H
#define ROLE_BULLETINS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"
#include "bulletin/state.h"

struct bytes;
struct directory;
struct error;
struct group;
struct measures;
struct peer;
struct role_env;
struct root;
struct rows;

struct bulletins;

/* A migration of every spooler's database. */
extern const char bulletins_schema[];

struct bulletins_options {
	struct role_env *env;
	struct rows *rows; /* of the store that `group` writes */
	struct group *group;
	struct peer *verifier;
	struct peer *courier;     /* NULL: nobody is polled */
	const char *upstream;     /* peer name to poll; must outlive */
	struct peer *const *tell; /* who gets the image; NULL at its end */
	/* After the directory changed, and once all at start was taken. */
	void (*on_change)(void *ctx);
	void *ctx;
};

/* Begin: the stored ones are offered to the verifier, then polling starts. */
int bulletins_new(const struct bulletins_options *options,
    struct bulletins **ret_bulletins, struct error *err) MUST_CHECK;
void bulletins_free(struct bulletins *bulletins);

/* `failure` is NULL when it is in force and durable here (or was before). */
typedef void (*bulletins_fn)(void *ctx, const struct error *failure);

/* Take one that arrived; it is copied. */
void bulletins_offer(struct bulletins *bulletins, const void *cms, size_t len,
    bulletins_fn fn, void *ctx);

/* NULL until network and directory are known; until the next on_change. */
const struct directory *bulletins_directory(const struct bulletins *bulletins);

struct bulletin_serials bulletins_serials(const struct bulletins *bulletins);

/* How many were adopted since the start, timestamps not counted. */
uint64_t bulletins_changes(const struct bulletins *bulletins);

/* When the newest timestamp was issued; 0 for none. */
int64_t bulletins_fresh_at(const struct bulletins *bulletins);

/* What the bulletins decided against somebody; until the next on_change. */
const struct measures *bulletins_measures(const struct bulletins *bulletins);

/* Grows whenever those are others. */
uint64_t bulletins_measures_version(const struct bulletins *bulletins);

/* What is in force of a type and name: its serial and digest; 0 for none. */
uint64_t bulletins_serial(const struct bulletins *bulletins,
    enum bulletin_type type, const char *name, struct digest *ret_digest);

/*
 * The root in force, to be released with root_free(); ERROR_BUSY before there
 * is one.
 */
int bulletins_root(const struct bulletins *bulletins, struct root *ret_root,
    struct error *err) MUST_CHECK;

/* "root:1,network:1,access/center-a:2", as GET /v1/bulletins wants. */
void bulletins_put_have(const struct bulletins *bulletins, struct bytes *to);

#endif
