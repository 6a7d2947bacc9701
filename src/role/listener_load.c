#include "role/listener_load.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/digest.h"

enum { BUCKETS = 1024 };

struct caller {
	struct caller *next;
	struct digest fingerprint;
	size_t live;
};

struct listener_load {
	size_t live_max;
	size_t caller_max;
	size_t live;
	struct caller *buckets[BUCKETS];
};

int
listener_load_new(size_t live_max, size_t caller_max,
    struct listener_load **ret_load, struct error *err)
{
	struct listener_load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		return error_set_memory(err);
	load->live_max = live_max;
	load->caller_max = caller_max;
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

int
listener_load_add(struct listener_load *load, const struct digest *fingerprint,
    struct error *err)
{
	struct caller **at = find(load, fingerprint);
	struct caller *caller = *at;

	if (load->live >= load->live_max)
		return error_set_id(err, "E6206", ERROR_BUSY,
		    "%zu requests are being worked on", load->live);
	if (caller != NULL && caller->live >= load->caller_max)
		return error_set_id(err, "E6208", ERROR_BUSY,
		    "%zu requests of this host are being worked on",
		    caller->live);
	if (caller == NULL) {
		caller = calloc(1, sizeof(*caller));
		if (caller == NULL)
			return error_set_memory(err);
		caller->fingerprint = *fingerprint;
		*at = caller;
	}
	caller->live++;
	load->live++;
	return 0;
}

void
listener_load_remove(struct listener_load *load,
    const struct digest *fingerprint)
{
	struct caller **at = find(load, fingerprint);
	struct caller *caller = *at;

	assert(caller != NULL && load->live > 0);
	load->live--;
	if (--caller->live > 0)
		return;
	*at = caller->next;
	free(caller);
}
