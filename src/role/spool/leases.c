#include "role/spool/leases.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/query/queries.h"
#include "store/segment.h"

enum { NAME_LEN = 16, NAME_SIZE = 2 * NAME_LEN + 1 };

struct held {
	struct segment_lease *lease; /* NULL: a free place */
	char name[NAME_SIZE];
	uint64_t ends_at;
};

struct leases {
	struct segments *segments; /* not ours */
	struct held held[LEASES_MAX];
};

int
leases_new(struct segments *segments, struct leases **ret_leases,
    struct error *err)
{
	struct leases *leases = calloc(1, sizeof(*leases));

	if (leases == NULL)
		return error_set_memory(err);
	leases->segments = segments;
	*ret_leases = leases;
	return 0;
}

static void
drop(struct held *held)
{
	if (held->lease != NULL)
		segment_lease_drop(held->lease);
	*held = (struct held){ 0 };
}

void
leases_free(struct leases *leases)
{
	if (leases == NULL)
		return;
	for (size_t i = 0; i < LEASES_MAX; i++)
		drop(&leases->held[i]);
	free(leases);
}

void
leases_expire(struct leases *leases, uint64_t now_ms)
{
	for (size_t i = 0; i < LEASES_MAX; i++)
		if (leases->held[i].lease != NULL &&
		    leases->held[i].ends_at <= now_ms)
			drop(&leases->held[i]);
}

static uint64_t
end_of(uint64_t now_ms)
{
	return now_ms + (uint64_t)LEASES_EXPIRE_S * 1000;
}

static int
take(struct leases *leases, uint64_t now_ms, struct held **ret_held,
    struct error *err)
{
	uint8_t name[NAME_LEN];
	struct held *held = NULL;

	for (size_t i = 0; i < LEASES_MAX; i++)
		if (leases->held[i].lease == NULL)
			held = &leases->held[i];
	if (held == NULL)
		return error_set(err, ERROR_BUSY, "%d leases are held",
		    LEASES_MAX);
	if (random_fill(name, sizeof(name), err) < 0 ||
	    segment_lease_take(leases->segments, &held->lease, err) < 0)
		return -1;
	hex_format(name, sizeof(name), held->name);
	held->ends_at = end_of(now_ms);
	*ret_held = held;
	return 0;
}

static struct held *
find(struct leases *leases, const char *name, struct error *err)
{
	for (size_t i = 0; i < LEASES_MAX; i++)
		if (leases->held[i].lease != NULL &&
		    text_equal(leases->held[i].name, name))
			return &leases->held[i];
	error_set_id(err, "E5041", ERROR_NOT_FOUND, "no such lease is held");
	return NULL;
}

static void
reply(struct peer *peer, uint32_t id, int status, const struct held *held)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);

	json_write_begin_object(&writer, NULL);
	if (status == 201)
		json_write_text(&writer, "lease", held->name);
	if (held->lease != NULL)
		json_write_int(&writer, "expires_s", LEASES_EXPIRE_S);
	json_write_end(&writer);
	queries_reply(peer, id, status, &json);
}

bool
leases_answer(struct leases *leases, struct peer *peer, uint32_t id,
    const struct message_request *request, uint64_t now_ms)
{
	struct http_segments segments;
	struct held *held = NULL;
	struct error err = { 0 };
	bool is_new = text_equal(request->path, "/v1/leases");
	bool is_renewal =
	    http_path_match("/v1/leases/{}:renew", request->path, &segments);

	if (!text_equal(request->method, "POST") ||
	    (!is_new && !is_renewal &&
		!http_path_match("/v1/leases/{}:release", request->path,
		    &segments)))
		return false;
	leases_expire(leases, now_ms);
	if (is_new)
		(void)(take(leases, now_ms, &held, &err) < 0);
	else
		held = find(leases, segments.text[0], &err);
	if (held == NULL) {
		peer_refuse(peer, id, &err);
		return true;
	}
	if (is_renewal)
		held->ends_at = end_of(now_ms);
	else if (!is_new)
		drop(held);
	reply(peer, id, is_new ? 201 : 200, held);
	return true;
}
