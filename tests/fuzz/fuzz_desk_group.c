/* Groups of recipients as a table (src/gateway/sending/desk_group_csv.c). */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "gateway/sending/desk_group.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is read is something a group can be. */
static int
look(void *ctx, struct desk_group *group, struct error *err)
{
	struct org_code code;

	(void)ctx;
	(void)err;
	if (!desk_group_code_is_good(group->code) || group->count == 0)
		abort();
	for (size_t i = 0; i < group->count; i++)
		if (!org_code_parse(group->members[i].code.text, &code))
			abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	int rc = desk_group_read_csv(blob_of(data, size), look, NULL, &err);

	if (rc < 0 && err.code == ERROR_NONE)
		abort();
	return 0;
}
