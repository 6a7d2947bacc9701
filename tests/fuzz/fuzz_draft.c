/*
 * Any bytes as the file of a draft, as they come on a stick: what is read is
 * written again to the same parts, and no signature of nobody makes a bulletin.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/draft.h"
#include "bulletin/measures.h"
#include "bulletin/texts.h"
#include "crypto/cert_cache.h"
#include "crypto/signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Bodies of the types that are judged by their form alone. */
static void
read_body(const struct bulletin *bulletin)
{
	struct measures measures = { 0 };
	struct error err = { 0 };

	if (bulletin->type == BULLETIN_HOLD ||
	    bulletin->type == BULLETIN_SUSPENSION ||
	    bulletin->type == BULLETIN_RESTORATION) {
		if (measures_read(&measures, bulletin, &err) == 0)
			(void)measures_judge(&measures, MEASURE_ORGANISATION,
			    "376490000A", MEASURE_BOTH, bulletin->issued_ms);
		(void)(measures_check_successor(bulletin, bulletin, &err) == 0);
		measures_free(&measures);
	} else if (bulletin->type >= BULLETIN_RELEASE) {
		(void)(texts_check(bulletin, &err) == 0);
	}
}

static void
combine(const struct draft *draft)
{
	const struct signed_part part = { draft->bulletin.json.data,
		draft->bulletin.json.len };
	struct cert_cache *cache = NULL;
	struct bytes made = { 0 };
	struct error err = { 0 };

	if (cert_cache_new(4, &cache, &err) < 0)
		return;
	if (draft_combine(draft, cache, &part, 1, 0, &made, &err) == 0)
		abort();
	bytes_free(&made);
	cert_cache_free(cache);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct draft draft = { 0 };
	struct error err = { 0 };

	if (draft_parse(data, len, &draft, &err) < 0)
		return 0;
	read_body(&draft.bulletin);
	combine(&draft);
	draft_free(&draft);
	return 0;
}
