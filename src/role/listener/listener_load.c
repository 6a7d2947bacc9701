#include "role/listener/listener_load.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

enum {
	BUCKETS = 1024,
	WINDOW_MS = 1000,
	WAIT_UNKNOWN_S = 2,
	WAIT_MAX_S = 60,
	EACH_WEIGHT = 8, /* what one piece of work counts against the others */
};

struct caller {
	struct caller *next;
	struct digest fingerprint;
	size_t live;
	size_t work; /* places that it has */
};

/* How long work takes, and how much was sent away lately. */
struct pace {
	uint64_t each_ms_weighted; /* times EACH_WEIGHT */
	uint64_t window_at;
	uint64_t refused, refused_before;
};

struct listener_load {
	struct listener_load_limits limits;
	size_t live;
	size_t work;
	size_t working; /* callers that have a place */
	struct pace pace;
	uint64_t told_at; /* beginning of a second, and refusals in it */
	size_t told;
	size_t held;
	struct caller *buckets[BUCKETS];
};

size_t
listener_load_share(size_t places, size_t callers)
{
	size_t share = places / (callers + 1);

	return share > 0 ? share : 1;
}

uint32_t
listener_load_wait_s(uint64_t waiting, uint64_t working, uint64_t each_ms,
    uint32_t random)
{
	uint64_t wait = WAIT_UNKNOWN_S;

	if (each_ms > 0 && working > 0)
		wait = (waiting * each_ms / working + 999) / 1000;
	if (wait < 1)
		wait = 1;
	if (wait > WAIT_MAX_S)
		wait = WAIT_MAX_S;
	return (uint32_t)(wait + random % (wait + 1));
}

int
listener_load_new(const struct listener_load_limits *limits,
    struct listener_load **ret_load, struct error *err)
{
	struct listener_load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		return error_set_memory(err);
	load->limits = *limits;
	*ret_load = load;
	return 0;
}

void
listener_load_free(struct listener_load *load)
{
	if (load == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (load->buckets[i] != NULL) {
			struct caller *caller = load->buckets[i];

			load->buckets[i] = caller->next;
			free(caller);
		}
	}
	free(load);
}

/* Where the caller hangs, or would. */
static struct caller **
find(struct listener_load *load, const struct digest *fingerprint)
{
	size_t bucket =
	    (size_t)(fingerprint->bytes[0] << 8 | fingerprint->bytes[1]) %
	    BUCKETS;
	struct caller **at = &load->buckets[bucket];

	while (*at != NULL && !digest_equal(&(*at)->fingerprint, fingerprint))
		at = &(*at)->next;
	return at;
}

static void
move_window(struct pace *pace, uint64_t now_ms)
{
	uint64_t passed = now_ms - pace->window_at;

	if (passed < WINDOW_MS)
		return;
	pace->refused_before = passed < 2 * WINDOW_MS ? pace->refused : 0;
	pace->refused = 0;
	pace->window_at = now_ms;
}

static void
count_end(struct pace *pace, uint64_t took_ms)
{
	/* What took less than a millisecond took some of it. */
	if (took_ms == 0)
		took_ms = 1;
	if (pace->each_ms_weighted == 0)
		pace->each_ms_weighted = took_ms * EACH_WEIGHT;
	else
		pace->each_ms_weighted +=
		    took_ms - pace->each_ms_weighted / EACH_WEIGHT;
}

static uint64_t
each_ms(const struct pace *pace)
{
	uint64_t weighted = pace->each_ms_weighted;

	return weighted == 0 ? 0 : (weighted + EACH_WEIGHT - 1) / EACH_WEIGHT;
}

/*
 * The host as a whole: what is being done, and as much again of those who were
 * sent away and will be back.  No more of these: one who comes again and again
 * must not have all others wait.
 */
static void
set_wait_of_all(struct listener_load *load, uint64_t now_ms, uint32_t random,
    struct error *err)
{
	struct pace *pace = &load->pace;
	uint64_t back;

	move_window(pace, now_ms);
	pace->refused++;
	back = pace->refused + pace->refused_before;
	if (back > load->limits.places)
		back = load->limits.places;
	err->retry_after_s = listener_load_wait_s(load->work + back, load->work,
	    each_ms(pace), random);
}

/* One caller: until something of its own has ended. */
static void
set_wait_of_one(const struct listener_load *load, const struct caller *caller,
    uint32_t random, struct error *err)
{
	size_t work = caller != NULL ? caller->work : 0;

	err->retry_after_s =
	    listener_load_wait_s(work + 1, work, each_ms(&load->pace), random);
}

static int
check_all(const struct listener_load *load,
    const struct listener_load_entry *entry, struct error *err)
{
	if (load->live >= load->limits.live)
		return error_set_id(err, "E6206", ERROR_BUSY,
		    "%zu requests are being worked on", load->live);
	if (entry->is_work && load->work >= load->limits.places)
		return error_set_id(err, "E6206", ERROR_BUSY,
		    "%zu submissions are being worked on", load->work);
	return 0;
}

static int
check_caller(const struct listener_load *load, const struct caller *caller,
    const struct listener_load_entry *entry, struct error *err)
{
	size_t work = caller != NULL ? caller->work : 0;
	size_t callers = load->working + (work == 0);

	if (caller != NULL && caller->live >= load->limits.caller)
		return error_set_id(err, "E6208", ERROR_BUSY,
		    "%zu requests of this host are being worked on",
		    caller->live);
	if (entry->is_work && !entry->is_local &&
	    work >= listener_load_share(load->limits.places, callers))
		return error_set_id(err, "E6208", ERROR_BUSY,
		    "%zu submissions of this host are being worked on: its "
		    "share among %zu",
		    work, callers);
	return 0;
}

int
listener_load_add(struct listener_load *load, struct listener_load_entry *entry,
    uint64_t now_ms, uint32_t random, struct error *err)
{
	struct caller **at = find(load, &entry->caller);
	struct caller *caller = *at;

	if (check_all(load, entry, err) < 0) {
		set_wait_of_all(load, now_ms, random, err);
		return -1;
	}
	if (check_caller(load, caller, entry, err) < 0) {
		set_wait_of_one(load, caller, random, err);
		return -1;
	}
	if (caller == NULL) {
		caller = calloc(1, sizeof(*caller));
		if (caller == NULL)
			return error_set_memory(err);
		caller->fingerprint = entry->caller;
		*at = caller;
	}
	caller->live++;
	load->live++;
	if (entry->is_work) {
		load->working += caller->work == 0;
		caller->work++;
		load->work++;
	}
	entry->is_counted = true;
	entry->since_ms = now_ms;
	return 0;
}

size_t
listener_load_max(const struct listener_load *load)
{
	return load->limits.caller;
}

size_t
listener_load_left(struct listener_load *load,
    const struct listener_load_entry *entry)
{
	const struct caller *caller = *find(load, &entry->caller);

	return entry->is_counted && caller != NULL &&
		caller->live < load->limits.caller
	    ? load->limits.caller - caller->live
	    : 0;
}

uint32_t
listener_load_hold(struct listener_load *load,
    struct listener_load_entry *entry, uint64_t now_ms)
{
	if (now_ms - load->told_at >= WINDOW_MS) {
		load->told_at = now_ms;
		load->told = 0;
	}
	if (load->told < LISTENER_LOAD_AT_ONCE) {
		load->told++;
		return 0;
	}
	if (load->held == LISTENER_LOAD_HELD_MAX)
		return 0;
	load->held++;
	entry->is_held = true;
	return LISTENER_LOAD_HOLD_MS;
}

static void
give_place_back(struct listener_load *load, struct caller *caller,
    uint64_t took_ms)
{
	count_end(&load->pace, took_ms);
	load->work--;
	caller->work--;
	load->working -= caller->work == 0;
}

void
listener_load_remove(struct listener_load *load,
    struct listener_load_entry *entry, uint64_t now_ms)
{
	struct caller **at = find(load, &entry->caller);
	struct caller *caller = *at;

	load->held -= entry->is_held;
	entry->is_held = false;
	if (!entry->is_counted)
		return;
	entry->is_counted = false;
	assert(caller != NULL && load->live > 0);
	if (entry->is_work)
		give_place_back(load, caller, now_ms - entry->since_ms);
	load->live--;
	if (--caller->live > 0)
		return;
	*at = caller->next;
	free(caller);
}
