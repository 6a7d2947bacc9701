#include "role/query/query_links.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "json/json_write.h"
#include "model/times.h"
#include "role/message.h"
#include "role/query/queries.h"

enum { LINKS_MAX = 64, NAME_SIZE = MESSAGE_HOST_SIZE + 8 };

struct query_links {
	struct message_link items[LINKS_MAX];
	size_t count;
};

struct query_links *
query_links_new(void)
{
	return calloc(1, sizeof(struct query_links));
}

/* A failure that goes on began when it was told first. */
static void
renew(struct message_link *link, const struct message_link *news)
{
	int64_t since = link->since;
	bool goes_on = !link->is_well && !news->is_well;

	*link = *news;
	if (goes_on)
		link->since = since;
}

void
query_links_take(struct query_links *links, const struct message_link *news)
{
	if (links == NULL)
		return;
	for (size_t i = 0; i < links->count; i++)
		if (text_equal(links->items[i].peer, news->peer)) {
			renew(&links->items[i], news);
			return;
		}
	if (links->count < LINKS_MAX)
		links->items[links->count++] = *news;
}

void
query_links_write(const struct queries *queries, struct json_writer *writer)
{
	const struct query_links *links = queries->links;

	for (size_t i = 0; links != NULL && i < links->count; i++) {
		const struct message_link *link = &links->items[i];
		char name[NAME_SIZE];
		char time[TIMES_RFC3339_SIZE];
		char text[ERROR_TEXT_SIZE + TIMES_RFC3339_SIZE + 32];

		times_format(link->since, time);
		snprintf(name, sizeof(name), "link %s", link->peer);
		snprintf(text, sizeof(text), "%s %s%s%s",
		    link->is_well ? "well since" : "no connection since", time,
		    link->is_well ? "" : ": ", link->why);
		queries_write_check(queries, writer, name,
		    link->is_well ? QUERIES_OK : QUERIES_FAILED, link->code,
		    text);
	}
}
