#include "bulletin/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/state_internal.h"
#include "crypto/cert_cache.h"

enum { CACHE_SIZE = 64 };

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
	for (size_t i = 0; i < state->measure_count; i++)
		bulletin_free(&state->measures[i]);
	free(state->measures);
	free(state->held);
	free(state);
}

void
bulletin_state_set_admit(struct bulletin_state *state, bulletin_admit_fn admit,
    void *ctx)
{
	state->admit = admit;
	state->admit_ctx = ctx;
}

static struct bulletin *
find_measures(const struct bulletin_state *state, enum bulletin_type type,
    const char *name)
{
	for (size_t i = 0; i < state->measure_count; i++)
		if (state->measures[i].type == type &&
		    text_equal(state->measures[i].name, name))
			return &state->measures[i];
	return NULL;
}

const struct bulletin *
state_measures(const struct bulletin_state *state, enum bulletin_type type,
    const char *name)
{
	return find_measures(state, type, name);
}

size_t
state_place(const struct bulletin_state *state, enum bulletin_type type,
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
	size_t i = state_place(state, type, name, &found);

	return found ? &state->held[i] : NULL;
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
	size_t at = state_place(state, type, name, &found);

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

/* What must stand in its successor too. */
static int
keep_measures(struct bulletin_state *state, const struct bulletin *bulletin,
    struct error *err)
{
	struct bulletin *kept =
	    find_measures(state, bulletin->type, bulletin->name);
	struct bulletin copy = { 0 };
	struct bulletin *more;

	if (bulletin->type < BULLETIN_HOLD ||
	    bulletin->type > BULLETIN_RESTORATION)
		return 0;
	if (bulletin_parse(bulletin->json.data, bulletin->json.len, &copy,
		err) < 0)
		return -1;
	if (kept == NULL) {
		more = realloc(state->measures,
		    (state->measure_count + 1) * sizeof(*more));
		if (more == NULL) {
			bulletin_free(&copy);
			return error_set_memory(err);
		}
		state->measures = more;
		kept = &more[state->measure_count++];
	} else {
		bulletin_free(kept);
	}
	*kept = copy;
	return 0;
}

static int
adopt(struct bulletin_state *state, struct arrival *arrival, struct error *err)
{
	const struct bulletin *bulletin = &arrival->bulletin;
	struct bulletin_held *held;

	if (keep_measures(state, bulletin, err) < 0)
		return -1;
	held = make_place(state, bulletin->type, bulletin->name, err);
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

static int
take(struct bulletin_state *state, const void *cms, size_t len, int64_t now_ms,
    bool is_trial, enum bulletin_news *ret_news, struct bulletin *ret_bulletin,
    struct bulletin_signers *ret_signers, struct error *err)
{
	struct arrival arrival = { .signers = { .count = 0 } };
	enum bulletin_news news = BULLETIN_KNOWN;
	int rc = -1;

	if (bulletin_open(state->cache, cms, len, &arrival.bulletin,
		&arrival.signers, err) < 0)
		goto done;
	if (state_judge(state, &arrival, len, now_ms, &news, err) < 0)
		goto done;
	if (news == BULLETIN_ADOPTED &&
	    !(is_trial && bulletin_type_enlarges(arrival.bulletin.type)) &&
	    adopt(state, &arrival, err) < 0)
		goto done;

	*ret_news = news;
	if (ret_signers != NULL)
		*ret_signers = arrival.signers;
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

int
bulletin_state_take(struct bulletin_state *state, const void *cms, size_t len,
    int64_t now_ms, enum bulletin_news *ret_news, struct bulletin *ret_bulletin,
    struct error *err)
{
	return take(state, cms, len, now_ms, false, ret_news, ret_bulletin,
	    NULL, err);
}

int
bulletin_state_try(struct bulletin_state *state, const void *cms, size_t len,
    int64_t now_ms, enum bulletin_news *ret_news, struct bulletin *ret_bulletin,
    struct bulletin_signers *ret_signers, struct error *err)
{
	return take(state, cms, len, now_ms, true, ret_news, ret_bulletin,
	    ret_signers, err);
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
		(held->is_disowned &&
		    !digest_equal(&held->digest, &item->sha256)));
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
