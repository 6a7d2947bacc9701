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
#include "model/scope.h"

struct address_book;
struct bytes;
struct directory;
struct error;
struct json_value;
struct group;
struct leaves;
struct measures;
struct peer;
struct role_env;
struct root;
struct rows;

struct bulletins;

/* A migration of every spooler's database. */
extern const char bulletins_schema[];

/* One that is being stored, and whether others may have it at once. */
struct bulletins_stored {
	enum bulletin_type type;
	const char *name;
	uint64_t serial;
	struct digest digest; /* of the JSON */
};

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
	/*
	 * Management, or NULL: one is being stored, in the open group; its
	 * entry in the log, or -1 when that comes later.
	 */
	int (*on_store)(void *ctx, const struct bulletins_stored *stored,
	    int64_t *ret_entry, struct error *err);
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

/*
 * The same with the receipt, which may be empty, that shows that enough
 * witnesses cosigned management's log with it (protocol 5).
 */
struct bulletins_offered {
	const void *cms;
	size_t len;
	const void *receipt;
	size_t receipt_len;
};
void bulletins_offer_shown(struct bulletins *bulletins,
    const struct bulletins_offered *offered, bulletins_fn fn, void *ctx);

/*
 * At management: what the log's witnesses cosigned, up to `size` entries, has
 * its receipt from now on; in the open group.  Then, when that is durable, tell
 * the other roles.
 */
int bulletins_show(struct bulletins *bulletins, struct leaves *leaves,
    uint64_t size, const struct bytes *note, struct error *err) MUST_CHECK;
void bulletins_shown(struct bulletins *bulletins);

/*
 * SQL: the bulletin `b` may be handed out, since it needs no witnesses or has
 * their cosignatures.
 */
#define BULLETINS_MAY_LEAVE "(b.needs = 0 OR length(b.receipt) > 0)"

/* NULL until network and directory are known; until the next on_change. */
const struct directory *bulletins_directory(const struct bulletins *bulletins);

struct bulletin_serials bulletins_serials(const struct bulletins *bulletins);

/* How many were adopted since the start, timestamps not counted. */
uint64_t bulletins_changes(const struct bulletins *bulletins);

/*
 * How fresh the newest timestamp is: when it was issued, or, where witnesses
 * must cosign, when the first of those who are counted did; 0 for none.
 */
int64_t bulletins_fresh_at(const struct bulletins *bulletins);

/* What the bulletins decided against somebody; until the next on_change. */
const struct measures *bulletins_measures(const struct bulletins *bulletins);

/* Grows whenever those are others. */
uint64_t bulletins_measures_version(const struct bulletins *bulletins);

/* What is in force of a type and name; NULL for none; until the next one. */
const struct bulletin *bulletins_in_force(struct bulletins *bulletins,
    enum bulletin_type type, const char *name);

/* True if a root took the role from who signed the one in force. */
bool bulletins_is_disowned(struct bulletins *bulletins, enum bulletin_type type,
    const char *name);

/* What is in force of a type and name: its serial and digest; 0 for none. */
uint64_t bulletins_serial(const struct bulletins *bulletins,
    enum bulletin_type type, const char *name, struct digest *ret_digest);

/*
 * The newest of it that others may have: at management, which shows it to
 * witnesses first, it may be an older one than is in force.  0 for none.
 */
uint64_t bulletins_served(struct bulletins *bulletins, enum bulletin_type type,
    const char *name);

/* The root in force, lent until the next one is; ERROR_BUSY before there is one. */
int bulletins_root(struct bulletins *bulletins, const struct root **ret_root,
    struct error *err) MUST_CHECK;

/* For whom a change of the directory is prepared. */
struct bulletins_wish {
	const char
	    *center; /* who serves new entries that name none; may be "" */
	struct scope scope; /* of who is to sign: E3916 for what lies outside */
};

/*
 * What edits make of the directory in force (role/contents/contents.h), with an image
 * made of it on trial: ERROR_MALFORMED E7020 for what no host could use.
 */
int bulletins_prepare_directory(struct bulletins *bulletins,
    const struct bulletins_wish *wish, struct address_book *book,
    struct bytes *body, struct bytes *was, struct error *err) MUST_CHECK;

/* The same of an array of entries (role/contents/contents.h). */
int bulletins_prepare_entries(struct bulletins *bulletins,
    const struct json_value *entries, struct bytes *body, struct bytes *was,
    struct error *err) MUST_CHECK;

/* "root:1,network:1,access/center-a:2", as GET /v1/bulletins wants (serials.h). */
void bulletins_put_have(const struct bulletins *bulletins, struct bytes *to);

#endif
