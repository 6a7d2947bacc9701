/*
 * Which connection of a server goes first when there are too many (T-WEB-02).
 * A connection has a standing, and in each standing those that have not moved
 * on for longest come first.  Internal to http/; pure.
 */
#ifndef HTTP_HTTP_ORDER_H
#define HTTP_HTTP_ORDER_H

#include <stddef.h>

enum http_standing {
	HTTP_STANDING_SILENT,   /* has not even said hello in full */
	HTTP_STANDING_SHAKING,  /* TLS is being agreed on: costs memory */
	HTTP_STANDING_STRANGER, /* could be anybody */
	HTTP_STANDING_IDLE,     /* a registered peer that asks for nothing */
	HTTP_STANDING_BUSY,     /* ... that has a request under way */
	HTTP_STANDING_COUNT,
};

struct http_order_entry {
	struct http_order_entry *next;
	struct http_order_entry *previous;
	struct http_order *order; /* NULL: in none */
	enum http_standing standing;
	void *owner;
};

struct http_order_list {
	struct http_order_entry *first;
	struct http_order_entry *last;
	size_t count;
};

/* Start it as `{ 0 }`. */
struct http_order {
	struct http_order_list lists[HTTP_STANDING_COUNT];
};

void http_order_add(struct http_order *order, struct http_order_entry *entry,
    enum http_standing standing, void *owner);

/* It moved on just now: the last of those of this standing. */
void http_order_touch(struct http_order_entry *entry,
    enum http_standing standing);

/* Does nothing when it is in none. */
void http_order_remove(struct http_order_entry *entry);

size_t http_order_count(const struct http_order *order,
    enum http_standing standing);

/* The one of this standing that has waited longest; NULL for none. */
struct http_order_entry *http_order_first(const struct http_order *order,
    enum http_standing standing);

/*
 * Who is to be closed so that another one has room where there is room for
 * `max`: the longest silent, then the longest waiting of those that have not
 * shown who they are.  When these are fewer than an eighth, so that a newcomer
 * would hardly have the time to show who it is, a registered peer that asks for
 * nothing; never one that has a request under way: NULL.
 */
struct http_order_entry *http_order_victim(const struct http_order *order,
    size_t max);

#endif
