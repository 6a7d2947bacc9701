/* A page of the directory out of an evidence file. */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "directory/directory_changes.h"
#include "directory/directory_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct digest root;
	struct directory_changes entries = { .count = 0 };
	struct error err = { 0 };
	unsigned number;

	/* Whatever it says, it does not lead to that root. */
	if (directory_proof_take(data, size, &root, &number, &entries, &err) ==
	    0)
		__builtin_trap();
	directory_changes_free(&entries);
	return 0;
}
