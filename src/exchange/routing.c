#include "exchange/routing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* A leaf while it is sorted: by its center, then by its place. */
struct item {
	const char *center;
	size_t leaf;
};

struct routing {
	struct route *routes;
	size_t count;
	size_t *leaves; /* of all routes, one after the other */
};

static int
compare_items(const void *a, const void *b)
{
	const struct item *left = a;
	const struct item *right = b;
	int order = strcmp(left->center, right->center);

	if (order != 0)
		return order;
	return left->leaf < right->leaf ? -1 : left->leaf > right->leaf;
}

/* Ours first, the others by their first leaf. */
static int
compare_routes(const void *a, const void *b)
{
	const struct route *left = a;
	const struct route *right = b;

	if (left->is_local != right->is_local)
		return left->is_local ? -1 : 1;
	return left->leaves[0] < right->leaves[0] ? -1 : 1;
}

/* `items` are sorted: each run of one center becomes a route. */
static int
fill(struct routing *routing, const struct item *items, size_t count,
    const char *own, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct route *route = &routing->routes[routing->count];

		routing->leaves[i] = items[i].leaf;
		if (i > 0 && text_equal(items[i].center, items[i - 1].center)) {
			route[-1].leaf_count++;
			continue;
		}
		if (items[i].center[0] == '\0' ||
		    !text_copy(route->center, sizeof(route->center),
			items[i].center))
			return error_set(err, ERROR_MALFORMED,
			    "leaf %zu names no center", items[i].leaf);
		route->is_local = text_equal(items[i].center, own);
		route->leaves = &routing->leaves[i];
		route->leaf_count = 1;
		routing->count++;
	}
	qsort(routing->routes, routing->count, sizeof(*routing->routes),
	    compare_routes);
	return 0;
}

int
routing_split(const char *const *centers, size_t count, const char *own,
    struct routing **ret_routing, struct error *err)
{
	struct routing *routing = calloc(1, sizeof(*routing));
	struct item *items = calloc(count + 1, sizeof(*items));
	int rc = -1;

	if (routing == NULL || items == NULL) {
		error_set_memory(err);
		goto done;
	}
	routing->routes = calloc(count + 1, sizeof(*routing->routes));
	routing->leaves = calloc(count + 1, sizeof(*routing->leaves));
	if (routing->routes == NULL || routing->leaves == NULL) {
		error_set_memory(err);
		goto done;
	}

	for (size_t i = 0; i < count; i++)
		items[i] = (struct item){ centers[i], i };
	qsort(items, count, sizeof(*items), compare_items);
	if (fill(routing, items, count, own, err) < 0)
		goto done;

	*ret_routing = routing;
	routing = NULL;
	rc = 0;
done:
	routing_free(routing);
	free(items);
	return rc;
}

void
routing_free(struct routing *routing)
{
	if (routing == NULL)
		return;
	free(routing->routes);
	free(routing->leaves);
	free(routing);
}

size_t
routing_count(const struct routing *routing)
{
	return routing->count;
}

const struct route *
routing_at(const struct routing *routing, size_t index)
{
	return &routing->routes[index];
}
