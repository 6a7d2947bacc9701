/*
 * What the spoolers of all tiers share: the store with its group commit, the
 * bulletins, the other roles, payload that streams in, and the keeper's keys.
 * A tier's spooler embeds `struct spool` as its first member, so that the
 * handlers here fit into its tables.
 */
#ifndef ROLE_SPOOL_H
#define ROLE_SPOOL_H

#include <stdint.h>

#include "base/attr.h"
#include "role/bulletins/bulletins.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/spool/group.h"
#include "role/status/revoked.h"

struct error;
struct card_reports;
struct leases;
struct partials;
struct person;
struct requests;
struct retry;
struct role_env;
struct store;
struct uploads;

enum { SPOOL_KEYS_MAX = 256 };

/* A key that the keeper holds. */
struct spool_key {
	char name[MESSAGE_KEY_NAME_SIZE]; /* "module", "sign.376490000A" ... */
	struct digest certificate;
};

struct spool {
	struct role_env *env;
	struct store *store;
	struct group *group;
	struct bulletins *bulletins;
	struct peer *listener;
	struct peer *query;
	struct peer *keeper;
	struct peer *verifier;
	struct peer *courier;
	struct peer *reader;       /* gateways only */
	struct peer *printer;      /* gateways only */
	struct peer *tell[5];      /* who gets the directory; ends with NULL */
	struct partials *partials; /* what is here of large content */
	struct uploads *from_listener;
	struct uploads *from_courier;
	struct loop_timer *idle;
	struct leases *leases;      /* on its payload */
	struct card_reports *cards; /* that were lost */
	struct requests *requests;  /* of cases */
	struct revoked revoked;     /* status_watch.h keeps it */
	struct spool_key keys[SPOOL_KEYS_MAX];
	size_t key_count;
	uint64_t release_told; /* serial that the keeper knows */
	bool has_keys;         /* the keeper has answered */
	bool has_bulletins;    /* those of the store have been taken */
	bool is_open;          /* the listener may take requests */
	bool is_ready;
	const struct spool_tier *tier;
	struct group_hooks hooks; /* the tier's, with our own `broken` */
};

/* What a tier adds. */
struct spool_tier {
	uint32_t application_id;
	const char *const *migrations; /* bulletins_schema first */
	size_t migration_count;
	const struct peer_handler *listener_handlers;
	const struct peer_handler *courier_handlers; /* NULL without one */
	struct group_hooks hooks; /* `broken` stays NULL: it is ours */
	bool reads_disk; /* other roles read what is stored: store/segment.h */
	/* As in role/bulletins/bulletins.h; NULL but at management. */
	int (*on_store)(void *ctx, const struct bulletins_stored *stored,
	    int64_t *ret_entry, struct error *err);
	/* The directory changed; `spool` is the tier's ctx as well. */
	void (*on_directory)(struct spool *spool);
	/* Keys and directory are known for the first time: begin to work. */
	void (*on_ready)(struct spool *spool);
	/* The offices of a person (policy/office.h); NULL where roles count. */
	unsigned (
	    *offices_of)(struct spool *spool, const struct person *person);
};

/* Who the bulletins are polled from: a peer's name, or NULL. */
int spool_open(struct spool *spool, struct role_env *env,
    const struct spool_tier *tier, const char *upstream,
    struct error *err) MUST_CHECK;

/* For the handler tables of listener and courier: uploads. */
void spool_on_listener_upload(void *ctx, struct peer *peer,
    struct ipc_message *message);
void spool_on_courier_upload(void *ctx, struct peer *peer,
    struct ipc_message *message);

/*
 * Answer a local request that every spooler knows (role/spool/leases.h); false if it
 * is another one.
 */
bool spool_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* Message request, for a tier whose spooler has no answers but those. */
void spool_on_request(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* Message cancel, for a tier that answers at once. */
void spool_on_cancel(void *ctx, struct peer *peer, struct ipc_message *message);

/* The key of that name; NULL if the keeper has none. */
const struct spool_key *spool_key_find(const struct spool *spool,
    const char *name);

int64_t spool_now(const struct spool *spool);

/*
 * A call to another host failed: the next try, by the waits of [courier]; not
 * before the `after_s` seconds that the host itself asked for, 0 for none.
 * Milliseconds until then.
 */
uint64_t spool_back_off(const struct spool *spool, struct retry *retry,
    uint32_t after_s);

const struct directory *spool_directory(const struct spool *spool);

/*
 * Serial of the directory that spool_directory() gives; 0 for none.  The one in
 * force may be later by a moment: it is adopted first, and then opened.
 */
uint64_t spool_directory_serial(const struct spool *spool);

#endif
