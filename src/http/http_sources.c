#include "http/http_sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { BUCKETS = 4096 };

struct http_sources {
	struct http_source *buckets[BUCKETS];
};

struct http_sources *
http_sources_new(void)
{
	return calloc(1, sizeof(struct http_sources));
}

void
http_sources_free(struct http_sources *sources)
{
	if (sources == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (sources->buckets[i] != NULL) {
			struct http_source *source = sources->buckets[i];

			sources->buckets[i] = source->next;
			free(source);
		}
	}
	free(sources);
}

/* FNV-1a: whoever picks addresses that collide only slows himself down. */
static size_t
bucket_of(const char *host)
{
	uint32_t hash = 2166136261U;

	for (; *host != '\0'; host++)
		hash = (hash ^ (unsigned char)*host) * 16777619U;
	return hash % BUCKETS;
}

static struct http_source **
find(struct http_sources *sources, const char *host)
{
	struct http_source **at = &sources->buckets[bucket_of(host)];

	while (*at != NULL && !text_equal((*at)->host, host))
		at = &(*at)->next;
	return at;
}

struct http_source *
http_source_enter(struct http_sources *sources, const char *host)
{
	struct http_source **at = find(sources, host);

	if (*at == NULL) {
		struct http_source *source = calloc(1, sizeof(*source));

		if (source == NULL)
			return NULL;
		text_copy(source->host, sizeof(source->host), host);
		*at = source;
	}
	(*at)->count++;
	return *at;
}

void
http_source_leave(struct http_sources *sources, struct http_source *source)
{
	struct http_source **at = find(sources, source->host);

	if (--source->count > 0)
		return;
	*at = source->next;
	free(source);
}
