/*
 * What the files bulletins*.c share.
 */
#ifndef ROLE_BULLETINS_INTERNAL_H
#define ROLE_BULLETINS_INTERNAL_H

#include "base/bytes.h"
#include "bulletin/measures.h"
#include "bulletin/root.h"
#include "role/bulletins/bulletins.h"
#include "role/contents/contents.h"
#include "role/spool/group.h"
#include "sys/memory_file.h"

enum {
	BULLETINS_HELD_MAX = 300,
	BULLETINS_RETRY_FIRST_MS = 200,
	BULLETINS_RETRY_MAX_MS = 10000,
};

/* The newest of one type and name. */
struct bulletins_held {
	enum bulletin_type type;
	char name[BULLETIN_NAME_SIZE];
	uint64_t serial;
	struct digest digest;
	int64_t issued_at;
	int64_t fresh_at; /* of a timestamp */
	uint64_t served;  /* the newest serial that others may have */
	uint64_t later; /* serial of one that waits for fresh trust; 0: none */
	bool is_disowned;         /* a root took the role from who signed it */
	struct bulletin bulletin; /* decoded, but for timestamps */
};

/* One on its way: to the verifier, into the store, to the one who asked. */
struct bulletins_taking {
	struct group_op op;
	struct bulletins_taking *next;
	struct bulletins *bulletins;
	struct bytes cms;
	struct bytes receipt;
	struct bulletins_held held;
	int64_t expires_at;
	bool needs;            /* others may have it only with its receipt */
	struct bytes disowned; /* of a root: what it disowns, text */
	bool is_stored;        /* comes from our own rows */
	bool has_contents;     /* of a directory, judged and not written yet */
	struct bytes signers;  /* of a directory: their names, text */
	bulletins_fn fn;
	void *ctx;
};

struct bulletins {
	struct bulletins_options options;
	struct bulletins_held held[BULLETINS_HELD_MAX];
	size_t held_count;
	struct bulletins_taking
	    *first; /* waiting for the verifier, one after another */
	struct bulletins_taking **last;
	bool is_taking;
	bool has_started;         /* all stored ones were taken */
	uint64_t changes;         /* adopted, but for timestamps */
	bool is_dirty;            /* the image is older than what is held */
	bool has_news;            /* ... or what is told of serials is */
	struct loop_timer *again; /* to store what could not be stored */
	struct loop_timer *poll;
	uint64_t retry_ms;
	size_t polled_left; /* of the answer to a poll */
	struct contents *contents;
	struct bulletins_parts *parts;
	struct directory *directory;
	struct memory_file image;
	struct root root; /* the one in force, once it was asked for */
	bool has_root;
	struct measures measures;
	uint64_t measures_version;
	struct digest later; /* that waits for fresh trust, and was logged */
};

/* The newest of a type and name; NULL if there is none. */
struct bulletins_held *bulletins_find(struct bulletins *bulletins,
    enum bulletin_type type, const char *name);

/* Nothing waits to be taken: renew the image if need be, and tell. */
void bulletins_settle(struct bulletins *bulletins);

/* bulletins_take.c: store the first of the queue, which is in force. */
void bulletins_store_again(void *ctx);

/* bulletins_take.c: offer one that is stored already */
struct bulletins_kept {
	const void *cms;
	size_t len;
	bool needs;
	bool is_shown;
	int64_t fresh_at;
};
void bulletins_offer_stored(struct bulletins *bulletins,
    const struct bulletins_kept *kept);
void bulletins_taking_free(struct bulletins_taking *taking);

/*
 * bulletins_privilege.c: one that may enlarge power, and that the verifier has
 * judged.  ERROR_BUSY E3720 when it would do so while trust is stale; then it is
 * not asked for again before there is another timestamp.
 */
int bulletins_privilege_check(const struct bulletins_taking *taking,
    struct error *err) MUST_CHECK;

/* There is another timestamp. */
void bulletins_privilege_look(struct bulletins *bulletins);

/* bulletins_poll.c: ask the host above, again and again. */
void bulletins_poll(void *ctx);

/*
 * bulletins_parts.c: a directory bulletin waits until the parts of the directory
 * that are not here have come from the host above; then it is offered again.
 */
struct bulletins_parts;
int bulletins_parts_new(struct bulletins *bulletins,
    struct bulletins_parts **ret_parts, struct error *err) MUST_CHECK;
void bulletins_parts_free(struct bulletins_parts *parts);

/*
 * Wait for those of `taking`, in place of another one.  ERROR_UNTRUSTED E3901
 * if there is nobody to ask.
 */
int bulletins_parts_begin(struct bulletins_parts *parts,
    const struct bulletins_taking *taking, struct error *err) MUST_CHECK;

/* Of the one that waits; 0 for none. */
uint64_t bulletins_parts_serial(const struct bulletins_parts *parts);

/* It is in force, or another one is: nothing waits any more. */
void bulletins_parts_end(struct bulletins_parts *parts, uint64_t serial);

#endif
