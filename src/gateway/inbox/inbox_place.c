#include "gateway/inbox/inbox_place.h"

#include "base/attr.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "model/standing.h"

enum { TRIES_MIN = 3 };

struct inbox_place
inbox_place_of(const struct gateway *gateway)
{
	return (struct inbox_place){
		.environment = gateway->environment,
		.host = gateway->name,
		.center = gateway->center,
		.directory = spool_directory(&gateway->spool),
		.keys = gateway->spool.keys,
		.key_count = gateway->spool.key_count,
	};
}

/* Refusals that may pass, and whether only by a newer directory. */
static const struct {
	const char *id;
	bool of_directory;
} passing[] = {
	{ "E3003", true }, { "E3004", true }, { "E4302", true },
	{ "E4303", true }, { "E4304", true }, { "E4308", true },
	{ "E2290", false }, /* the reader's copy died, ran out of memory ... */
	{ "E2291", false },
	{ "E2292", false }, /* ... or of time: perhaps for lack of it here */
};

bool
inbox_place_is_final(const struct gateway *gateway, uint32_t failures,
    uint64_t directory, const struct error *refusal)
{
	int64_t fresh_at = bulletins_fresh_at(gateway->spool.bulletins);
	bool is_fresh = freshness_grade(fresh_at, spool_now(&gateway->spool)) ==
	    FRESHNESS_FRESH;
	bool is_early = directory > spool_directory_serial(&gateway->spool);

	if (error_is_temporary(refusal) || refusal->code == ERROR_SYSTEM)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		if (text_equal(passing[i].id, refusal->id))
			return failures >= TRIES_MIN &&
			    ((is_fresh && !is_early) ||
				!passing[i].of_directory);
	return true;
}
