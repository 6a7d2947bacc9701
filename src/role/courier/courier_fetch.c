/*
 * Requests of the spooler to servers outside of the network.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/http_fetch.h"
#include "http/http_message.h"
#include "role/courier/courier_internal.h"
#include "role/peer.h"
#include "sys/ipc.h"

enum { HEADERS_MAX = 8 };

/* Until it is answered. */
struct fetching {
	struct courier *courier;
	uint32_t id;
};

static void
on_fetched(void *ctx, const struct http_fetched *fetched,
    const struct error *failure)
{
	struct fetching *fetching = ctx;
	struct peer *spooler = fetching->courier->spooler;
	struct message_fetched answer = { .status = 0 };

	if (failure != NULL) {
		peer_refuse(spooler, fetching->id, failure);
	} else {
		answer.status = (uint16_t)fetched->status;
		answer.body = blob_of_bytes(fetched->body);
		/* Too long to be one that anybody waits for. */
		if (!text_copy(answer.type, sizeof(answer.type), fetched->type))
			answer.type[0] = '\0';
		peer_tell(spooler, MESSAGE_FETCHED, fetching->id, &answer, -1);
	}
	free(fetching);
}

void
courier_fetch_begin(struct courier *courier, struct ipc_message *message)
{
	struct fetching *fetching = calloc(1, sizeof(*fetching));
	struct http_header headers[HEADERS_MAX];
	struct message_fetch asked;
	struct error err = { 0 };

	if (fetching == NULL) {
		error_set_memory(&err);
	} else if (message_read(message, MESSAGE_FETCH, &asked, &err) == 0) {
		const struct http_fetch fetch = { .url = asked.url,
			.address = asked.address,
			.type = asked.type,
			.headers = headers,
			.header_count = message_read_headers(asked.headers,
			    headers, HEADERS_MAX),
			.body = asked.body.data,
			.body_len = asked.body.len,
			.answer_max = asked.answer_max < COURIER_FETCH_MAX
			    ? asked.answer_max
			    : COURIER_FETCH_MAX,
			.timeout_ms = asked.timeout_ms };

		*fetching = (struct fetching){ courier, message->id };
		if (http_fetch(courier->fetcher, &fetch, on_fetched, fetching,
			&err) == 0)
			return;
	}
	free(fetching);
	peer_refuse(courier->spooler, message->id, &err);
}
