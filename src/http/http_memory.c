#include "http/http_memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sys/pages.h"

enum { PAGES_FROM = 16384 }; /* from this size on pages of their own */

/* Before each block, so that its size is known when it is given back. */
union head {
	size_t size;
	max_align_t align;
};

static void *
take(size_t size, void *user_data)
{
	union head *head;

	(void)user_data;
	if (size > SIZE_MAX - sizeof(*head))
		return NULL;
	head = size < PAGES_FROM ? malloc(sizeof(*head) + size)
				 : pages_map(sizeof(*head) + size);
	if (head == NULL)
		return NULL;
	head->size = size;
	return head + 1;
}

static void
give_back(void *memory, void *user_data)
{
	union head *head = memory;

	(void)user_data;
	if (head == NULL)
		return;
	head--;
	if (head->size < PAGES_FROM)
		free(head);
	else
		pages_unmap(head, sizeof(*head) + head->size);
}

static void *
take_zeros(size_t count, size_t size, void *user_data)
{
	void *memory;

	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	memory = take(count * size, user_data);
	if (memory != NULL && count * size < PAGES_FROM)
		memset(memory, 0, count * size);
	return memory;
}

static void *
take_other(void *memory, size_t size, void *user_data)
{
	union head *head = memory;
	void *other;

	if (head == NULL)
		return take(size, user_data);
	head--;
	if (head->size < PAGES_FROM && size < PAGES_FROM) {
		head = realloc(head, sizeof(*head) + size);
		if (head == NULL)
			return NULL;
		head->size = size;
		return head + 1;
	}
	other = take(size, user_data);
	if (other == NULL)
		return NULL;
	memcpy(other, memory, head->size < size ? head->size : size);
	give_back(memory, user_data);
	return other;
}

nghttp2_mem http_memory = { NULL, take, give_back, take_zeros, take_other };
