#include "http/http_order.h"

/* So much of the room is for those who have yet to show who they are. */
enum { NEWCOMERS_SHARE = 8 };

static void
append(struct http_order_entry *entry)
{
	struct http_order_list *list = &entry->order->lists[entry->standing];

	entry->next = NULL;
	entry->previous = list->last;
	if (list->last != NULL)
		list->last->next = entry;
	else
		list->first = entry;
	list->last = entry;
	list->count++;
}

static void
take_out(struct http_order_entry *entry)
{
	struct http_order_list *list = &entry->order->lists[entry->standing];

	if (entry->previous != NULL)
		entry->previous->next = entry->next;
	else
		list->first = entry->next;
	if (entry->next != NULL)
		entry->next->previous = entry->previous;
	else
		list->last = entry->previous;
	list->count--;
}

void
http_order_add(struct http_order *order, struct http_order_entry *entry,
    enum http_standing standing, void *owner)
{
	entry->order = order;
	entry->standing = standing;
	entry->owner = owner;
	append(entry);
}

void
http_order_touch(struct http_order_entry *entry, enum http_standing standing)
{
	if (entry->order == NULL)
		return;
	take_out(entry);
	entry->standing = standing;
	append(entry);
}

void
http_order_remove(struct http_order_entry *entry)
{
	if (entry->order == NULL)
		return;
	take_out(entry);
	entry->order = NULL;
}

size_t
http_order_count(const struct http_order *order, enum http_standing standing)
{
	return order->lists[standing].count;
}

struct http_order_entry *
http_order_first(const struct http_order *order, enum http_standing standing)
{
	return order->lists[standing].first;
}

struct http_order_entry *
http_order_victim(const struct http_order *order, size_t max)
{
	struct http_order_entry *idle =
	    http_order_first(order, HTTP_STANDING_IDLE);
	struct http_order_entry *newcomer = NULL;
	size_t newcomers = 0;

	for (int i = HTTP_STANDING_SILENT; i <= HTTP_STANDING_STRANGER; i++) {
		newcomers += order->lists[i].count;
		if (newcomer == NULL)
			newcomer = order->lists[i].first;
	}
	if (idle != NULL && newcomers * NEWCOMERS_SHARE < max)
		return idle;
	return newcomer;
}
