/*
 * Proofs against management, and entries of its log: what is parsed can be
 * written again and is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/contradiction.h"
#include "bulletin/log_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
try_proof(const uint8_t *data, size_t len)
{
	struct contradiction contradiction = { .first = { 0 } };
	struct bytes again = { 0 };
	struct error err = { 0 };

	if (contradiction_parse(data, len, &contradiction, &err) < 0)
		return;
	contradiction_put(contradiction.first.data, contradiction.first.len,
	    contradiction.second.data, contradiction.second.len, &again);
	if (again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	bytes_free(&again);
	contradiction_free(&contradiction);
}

static void
try_entry(const uint8_t *data, size_t len)
{
	struct log_entry_published published, same;
	struct log_entry_act act;
	struct bytes again = { 0 };
	struct error err = { 0 };

	if (log_entry_read_published(data, len, &published, &err) == 0) {
		if (log_entry_put_published(&published, &again, &err) < 0 ||
		    log_entry_read_published(again.data, again.len, &same,
			&err) < 0 ||
		    same.serial != published.serial)
			abort();
		/* One kind is never the other. */
		if (log_entry_read_act(data, len, &act, &err) == 0)
			abort();
	} else if (log_entry_read_act(data, len, &act, &err) == 0) {
		if (log_entry_put_act(&act, &again, &err) < 0)
			abort();
	}
	bytes_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	try_proof(data, len);
	try_entry(data, len);
	return 0;
}
