#include "bulletin/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/timestamp.h"
#include "crypto/cert_cache.h"

enum {
	AHEAD_MAX_MS = 60 * 1000, /* of an issuer's clock before ours */
	CACHE_SIZE = 64,
};

struct bulletin_state {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	struct digest pin;
	struct cert_cache *cache;
	struct root root; /* role_count 0 before the first */
	struct timestamp timestamp;
	struct bulletin_held *held; /* sorted by type, then name */
	size_t held_count, held_size;
};

/* One that arrived, while it is judged. */
struct arrival {
	struct bulletin bulletin;
	struct bulletin_signers signers;
	struct root root;           /* of a root bulletin */
	struct timestamp timestamp; /* of a timestamp bulletin */
};

int
bulletin_state_new(const char *environment, const struct digest *pin,
    struct bulletin_state **ret_state, struct error *err)
{
	struct bulletin_state *state = calloc(1, sizeof(*state));

	if (state == NULL)
		return error_set_memory(err);
	state->pin = *pin;
	if (!text_copy(state->environment, sizeof(state->environment),
		environment)) {
		free(state);
		return error_set(err, ERROR_MALFORMED,
		    "environment name too long");
	}
	if (cert_cache_new(CACHE_SIZE, &state->cache, err) < 0) {
		free(state);
		return -1;
	}
	*ret_state = state;
	return 0;
}

void
bulletin_state_free(struct bulletin_state *state)
{
	if (state == NULL)
		return;
	cert_cache_free(state->cache);
	root_free(&state->root);
	timestamp_free(&state->timestamp);
	free(state->held);
	free(state);
}

/* Where it is, or would go. */
static size_t
place_of(const struct bulletin_state *state, enum bulletin_type type,
    const char *name, bool *ret_found)
{
	size_t i = 0;

	*ret_found = false;
	for (; i < state->held_count; i++) {
		int order = (int)state->held[i].type - (int)type;

		if (order == 0)
			order = strcmp(state->held[i].name, name);
		if (order >= 0) {
			*ret_found = order == 0;
			break;
		}
	}
	return i;
}

static struct bulletin_held *
find(const struct bulletin_state *state, enum bulletin_type type,
    const char *name)
{
	bool found;
	size_t i = place_of(state, type, name, &found);

	return found ? &state->held[i] : NULL;
}

static int
untrusted(const struct bulletin *bulletin, const char *id, const char *why,
    struct error *err)
{
	return error_set_id(err, id, ERROR_UNTRUSTED, "bulletin %s %s %llu: %s",
	    bulletin_type_name(bulletin->type), bulletin->name,
	    (unsigned long long)bulletin->serial, why);
}

/* Is it signed by those whose business it is? */
static int
check_role(const struct bulletin_state *state, const struct arrival *arrival,
    struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;
	const struct bulletin_role *role;

	if (state->root.role_count == 0)
		return untrusted(bulletin, "E7011", "there is no root", err);
	role = root_role_of(&state->root, bulletin->type, bulletin->name);
	if (role == NULL)
		return untrusted(bulletin, "E7003", "nobody may sign it", err);
	return bulletin_check_role(&arrival->signers, role, err);
}

/* The first root is known by its digest; it must also sign for itself. */
static int
check_first_root(const struct bulletin_state *state,
    const struct arrival *arrival, struct error *err)
{
	if (!digest_equal(&arrival->bulletin.digest, &state->pin))
		return untrusted(&arrival->bulletin, "E7004",
		    "not the root that is configured", err);
	return bulletin_check_role(&arrival->signers,
	    root_role_of(&arrival->root, BULLETIN_ROOT, ""), err);
}

/* A new root by the threshold of the old one and of itself. */
static int
check_signers(const struct bulletin_state *state, struct arrival *arrival,
    struct error *err)
{
	if (arrival->bulletin.type != BULLETIN_ROOT)
		return check_role(state, arrival, err);
	if (root_decode(&arrival->bulletin, &arrival->root, err) < 0)
		return -1;
	if (state->root.role_count == 0)
		return check_first_root(state, arrival, err);
	if (check_role(state, arrival, err) < 0)
		return -1;
	return bulletin_check_role(&arrival->signers,
	    root_role_of(&arrival->root, BULLETIN_ROOT, ""), err);
}

/* Against what is held of the same type and name. */
static int
check_sequence(const struct bulletin *bulletin,
    const struct bulletin_held *held, struct error *err)
{
	bool has_previous =
	    !digest_equal(&bulletin->previous, &(struct digest){ { 0 } });

	if (has_previous != (bulletin->serial > 1))
		return untrusted(bulletin, "E7005",
		    "serial and predecessor do not fit", err);
	if (held == NULL || held->is_disowned)
		return 0;
	if (bulletin->serial < held->serial)
		return untrusted(bulletin, "E7006",
		    "older than what is held (rollback)", err);
	if (bulletin->serial == held->serial)
		return untrusted(bulletin, "E7007",
		    "another one has this serial (equivocation)", err);
	if (bulletin->serial == held->serial + 1 &&
	    !digest_equal(&bulletin->previous, &held->digest))
		return untrusted(bulletin, "E7005",
		    "it follows another one than what is held", err);
	if (bulletin->type == BULLETIN_ROOT &&
	    bulletin->serial != held->serial + 1)
		return untrusted(bulletin, "E7005", "a root between is missing",
		    err);
	return 0;
}

/* A bulletin against what the timestamp in force says of its serial. */
static int
check_named(const struct bulletin_state *state, const struct bulletin *bulletin,
    struct error *err)
{
	const struct timestamp_item *item =
	    timestamp_find(&state->timestamp, bulletin->type, bulletin->name);

	if (item != NULL && item->serial == bulletin->serial &&
	    !digest_equal(&item->sha256, &bulletin->digest))
		return untrusted(bulletin, "E7009",
		    "not the one that the timestamp names", err);
	return 0;
}

/* A timestamp against what is held, and against the timestamp before it. */
static int
check_timestamp(const struct bulletin_state *state,
    const struct arrival *arrival, struct error *err)
{
	const struct bulletin_held *before =
	    find(state, BULLETIN_TIMESTAMP, "");
	bool goes_on = before != NULL && !before->is_disowned;

	for (size_t i = 0; i < arrival->timestamp.item_count; i++) {
		const struct timestamp_item *item =
		    &arrival->timestamp.items[i];
		const struct timestamp_item *last =
		    timestamp_find(&state->timestamp, item->type, item->name);
		const struct bulletin_held *held =
		    find(state, item->type, item->name);

		if (goes_on && last != NULL && item->serial < last->serial)
			return untrusted(&arrival->bulletin, "E7006",
			    "it names an older one than the last did", err);
		if (held != NULL && !held->is_disowned &&
		    item->serial == held->serial &&
		    !digest_equal(&item->sha256, &held->digest))
			return untrusted(&arrival->bulletin, "E7009",
			    "it names another one than is held", err);
	}
	return 0;
}

static int
judge(const struct bulletin_state *state, struct arrival *arrival, size_t len,
    int64_t now_ms, enum bulletin_news *ret_news, struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;
	const struct bulletin_held *held =
	    find(state, bulletin->type, bulletin->name);

	if (len > bulletin_bytes_max(bulletin->type))
		return error_set_id(err, "E7001", ERROR_MALFORMED,
		    "bulletin of %zu bytes, too many for its type", len);
	if (!text_equal(bulletin->environment, state->environment))
		return untrusted(bulletin, "E7008",
		    "it is of another environment", err);
	if (held != NULL && digest_equal(&held->digest, &bulletin->digest)) {
		*ret_news = BULLETIN_KNOWN;
		return 0;
	}
	if (check_signers(state, arrival, err) < 0)
		return -1;
	if (bulletin->issued_ms > now_ms + AHEAD_MAX_MS)
		return untrusted(bulletin, "E7010", "issued in the future",
		    err);
	if (check_sequence(bulletin, held, err) < 0 ||
	    check_named(state, bulletin, err) < 0)
		return -1;
	if (bulletin->type == BULLETIN_TIMESTAMP &&
	    (timestamp_decode(bulletin, &arrival->timestamp, err) < 0 ||
		check_timestamp(state, arrival, err) < 0))
		return -1;
	*ret_news = BULLETIN_ADOPTED;
	return 0;
}

/* Mark those whose signers have no longer the role. */
static void
disown(struct bulletin_state *state)
{
	for (size_t i = 0; i < state->held_count; i++) {
		struct bulletin_held *held = &state->held[i];
		const struct bulletin_role *role =
		    root_role_of(&state->root, held->type, held->name);
		struct error ignored = { 0 };

		if (held->type != BULLETIN_ROOT)
			held->is_disowned = role == NULL ||
			    bulletin_check_role(&held->signers, role,
				&ignored) < 0;
	}
}

static struct bulletin_held *
make_place(struct bulletin_state *state, enum bulletin_type type,
    const char *name, struct error *err)
{
	bool found;
	size_t at = place_of(state, type, name, &found);

	if (found)
		return &state->held[at];
	if (state->held_count == state->held_size) {
		size_t size = state->held_size * 2 + 8;
		struct bulletin_held *held =
		    realloc(state->held, size * sizeof(*held));

		if (held == NULL) {
			error_set_memory(err);
			return NULL;
		}
		state->held = held;
		state->held_size = size;
	}
	memmove(&state->held[at + 1], &state->held[at],
	    (state->held_count - at) * sizeof(*state->held));
	state->held_count++;
	return &state->held[at];
}

static int
adopt(struct bulletin_state *state, struct arrival *arrival, struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;
	struct bulletin_held *held =
	    make_place(state, bulletin->type, bulletin->name, err);

	if (held == NULL)
		return -1;
	memset(held, 0, sizeof(*held));
	held->type = bulletin->type;
	text_copy(held->name, sizeof(held->name), bulletin->name);
	held->serial = bulletin->serial;
	held->digest = bulletin->digest;
	held->issued_ms = bulletin->issued_ms;
	held->expires_ms = bulletin->expires_ms;
	held->signers = arrival->signers;

	if (bulletin->type == BULLETIN_ROOT) {
		root_free(&state->root);
		state->root = arrival->root;
		memset(&arrival->root, 0, sizeof(arrival->root));
		disown(state);
	}
	if (bulletin->type == BULLETIN_TIMESTAMP) {
		timestamp_free(&state->timestamp);
		state->timestamp = arrival->timestamp;
		memset(&arrival->timestamp, 0, sizeof(arrival->timestamp));
	}
	return 0;
}

int
bulletin_state_take(struct bulletin_state *state, const void *cms, size_t len,
    int64_t now_ms, enum bulletin_news *ret_news, struct bulletin *ret_bulletin,
    struct error *err)
{
	struct arrival arrival = { .signers = { .count = 0 } };
	enum bulletin_news news = BULLETIN_KNOWN;
	int rc = -1;

	if (bulletin_open(state->cache, cms, len, &arrival.bulletin,
		&arrival.signers, err) < 0)
		goto done;
	if (judge(state, &arrival, len, now_ms, &news, err) < 0)
		goto done;
	if (news == BULLETIN_ADOPTED && adopt(state, &arrival, err) < 0)
		goto done;

	*ret_news = news;
	if (ret_bulletin != NULL) {
		*ret_bulletin = arrival.bulletin;
		memset(&arrival.bulletin, 0, sizeof(arrival.bulletin));
	}
	rc = 0;
done:
	bulletin_free(&arrival.bulletin);
	root_free(&arrival.root);
	timestamp_free(&arrival.timestamp);
	return rc;
}

const struct bulletin_held *
bulletin_state_held(const struct bulletin_state *state, enum bulletin_type type,
    const char *name)
{
	return find(state, type, name);
}

size_t
bulletin_state_count(const struct bulletin_state *state)
{
	return state->held_count;
}

const struct bulletin_held *
bulletin_state_at(const struct bulletin_state *state, size_t index)
{
	return &state->held[index];
}

const struct root *
bulletin_state_root(const struct bulletin_state *state)
{
	return state->root.role_count > 0 ? &state->root : NULL;
}

enum freshness
bulletin_state_freshness(const struct bulletin_state *state, int64_t now_ms)
{
	const struct bulletin_held *held = find(state, BULLETIN_TIMESTAMP, "");

	return held == NULL ? FRESHNESS_EXPIRED
			    : freshness_grade(held->issued_ms, now_ms);
}

bool
bulletin_state_is_behind(const struct bulletin_state *state,
    enum bulletin_type type, const char *name)
{
	const struct timestamp_item *item =
	    timestamp_find(&state->timestamp, type, name);
	const struct bulletin_held *held = find(state, type, name);

	return item != NULL &&
	    (held == NULL || held->serial < item->serial ||
		(held->is_disowned && held->serial != item->serial));
}

struct bulletin_serials
bulletin_state_serials(const struct bulletin_state *state)
{
	uint64_t serials[BULLETIN_TYPE_COUNT] = { 0 };

	for (size_t i = 0; i < state->held_count; i++)
		serials[state->held[i].type] = state->held[i].serial;
	return (struct bulletin_serials){
		.root = serials[BULLETIN_ROOT],
		.directory = serials[BULLETIN_DIRECTORY],
		.network = serials[BULLETIN_NETWORK],
		.timestamp = serials[BULLETIN_TIMESTAMP],
	};
}
