/*
 * Servers outside of the network: there are none in the simulation.
 */
#include <stdlib.h>

#include "base/error.h"
#include "http/http_fetch.h"

struct http_fetcher {
	struct loop *loop;
};

int
http_fetcher_new(struct loop *loop, const char *from,
    struct http_fetcher **ret_fetcher, struct error *err)
{
	(void)from;
	*ret_fetcher = calloc(1, sizeof(**ret_fetcher));
	if (*ret_fetcher == NULL)
		return error_set_memory(err);
	(*ret_fetcher)->loop = loop;
	return 0;
}

void
http_fetcher_free(struct http_fetcher *fetcher)
{
	free(fetcher);
}

int
http_fetch(struct http_fetcher *fetcher, const struct http_fetch *fetch,
    http_fetched_fn fn, void *ctx, struct error *err)
{
	(void)fetcher;
	(void)fn;
	(void)ctx;
	return error_set_id(err, "E6305", ERROR_BUSY, "no server at %.200s",
	    fetch->url);
}
