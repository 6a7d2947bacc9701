/*
 * Invitations, which come as a file from a center: what is taken is written in
 * the same bytes, or in those of the one form.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "directory/invitation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct invitation first = { .port = 0 };
	struct invitation second = { .port = 0 };
	struct bytes once = { 0 };
	struct bytes twice = { 0 };
	struct error err = { 0 };

	if (invitation_decode(data, len, &first, &err) < 0)
		return 0;
	if (strpbrk(first.center, "\n[]= ") != NULL ||
	    strpbrk(first.address, "\n[]= ") != NULL || first.root.len == 0)
		abort();
	if (invitation_encode(&first, &once, &err) < 0 ||
	    invitation_decode(once.data, once.len, &second, &err) < 0 ||
	    invitation_encode(&second, &twice, &err) < 0 ||
	    once.len != twice.len ||
	    memcmp(once.data, twice.data, once.len) != 0)
		abort();
	invitation_free(&first);
	invitation_free(&second);
	bytes_free(&once);
	bytes_free(&twice);
	return 0;
}
