#include "service/catalogue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "service/catalogue_internal.h"

static int
compare_id(const void *id, const void *message)
{
	return strcmp(id, ((const struct message *)message)->id);
}

const struct message *
catalogue_find(const char *id)
{
	return bsearch(id, catalogue_table, catalogue_table_count,
	    sizeof(catalogue_table[0]), compare_id);
}

const struct message *
catalogue_of_error(const struct error *err)
{
	const struct message *message = catalogue_find(error_message_id(err));

	/* An id without an entry is a mistake that scripts/check-docs finds. */
	return message != NULL ? message : &catalogue_table[0];
}

size_t
catalogue_count(void)
{
	return catalogue_table_count;
}

const struct message *
catalogue_at(size_t index)
{
	assert(index < catalogue_table_count);
	return &catalogue_table[index];
}
