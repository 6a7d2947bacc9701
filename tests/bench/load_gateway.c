/*
 * Feeds of both gateways, and what the recipient's does with a delivery.
 */
#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/loop.h"

enum {
	FETCHES_MAX = 64, /* letters that the recipient works on at once */
	EARLY_MAX = 1000,
	EARLY_MS = 5,
};

/* ---- the recipient's gateway ----------------------------------------- */

struct fetch {
	struct load *load;
	struct http_client *client;
	uint32_t index;
	unsigned act, early;
	struct loop_timer *again;
	bool has_content;
	uint64_t received;
};

static void fetch_next(struct load *load);
static void post_act(struct fetch *fetch);
static void ask_delivery(struct fetch *fetch);

static void
on_fetch_body(void *ctx, struct http_stream *stream, const uint8_t *data,
    size_t len)
{
	struct fetch *fetch = ctx;

	(void)data;
	fetch->received += len;
	http_stream_consume(stream, len);
}

static void
end_fetch(struct fetch *fetch)
{
	struct load *load = fetch->load;

	load->cycle_us[load->fetched++] =
	    clock_steady_us() - load->sent_at[fetch->index];
	load->fetching--;
	loop_timer_free(fetch->again);
	free(fetch);
	fetch_next(load);
	load_submit(load);
	load_check_end(load);
}

static void
on_acted(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct fetch *fetch = ctx;

	load_check_status(fetch->load, stream, err, "act");
	if (++fetch->act < fetch->load->options.acts)
		post_act(fetch);
	else
		end_fetch(fetch);
}

/* Ask again what the feed told before its group had a checkpoint. */
static void
on_again(void *ctx)
{
	ask_delivery(ctx);
}

static bool
was_early(struct fetch *fetch, struct http_stream *stream,
    const struct error *err)
{
	struct load *load = fetch->load;
	struct error why = { 0 };

	if (err != NULL || http_stream_status(stream) != 404 ||
	    fetch->early++ == EARLY_MAX)
		return false;
	load->early++;
	fetch->received = 0;
	if (fetch->again == NULL &&
	    loop_timer_new(load->loop, on_again, fetch, &fetch->again, &why) <
		0)
		load_fail(&why);
	loop_timer_start(fetch->again, EARLY_MS);
	return true;
}

static void
on_fetched(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct fetch *fetch = ctx;

	if (was_early(fetch, stream, err))
		return;
	load_check_status(fetch->load, stream, err, "delivery");
	if (fetch->received < fetch->load->options.bytes)
		fetch->load->failed++;
	post_act(fetch);
}

static void
post_act(struct fetch *fetch)
{
	static const struct http_stream_events events = { .on_body =
							      on_fetch_body,
		.on_end = on_acted };
	struct load *load = fetch->load;

	load_ask(fetch->client, "POST", "/v1/acts",
	    "application/vnd.yizhan.bundle",
	    &load->letters[fetch->index].acts[fetch->act], &events, fetch);
}

static void
ask_delivery(struct fetch *fetch)
{
	static const struct http_stream_events events = { .on_body =
							      on_fetch_body,
		.on_end = on_fetched };
	const struct letter *letter = &fetch->load->letters[fetch->index];
	char id[ID_TEXT_SIZE], target[LOAD_TARGET_SIZE];

	id_format(&letter->waybill_id, id);
	snprintf(target, sizeof(target), "/v1/deliveries/%s/%s", id,
	    LETTER_RECIPIENT);
	load_ask(fetch->client, "GET", target, NULL, NULL, &events, fetch);
}

static void
fetch_next(struct load *load)
{
	while (load->fetching < FETCHES_MAX &&
	    load->fetched + load->fetching < load->told) {
		uint64_t at = load->fetched + load->fetching;
		struct fetch *fetch = calloc(1, sizeof(*fetch));

		if (fetch == NULL)
			abort();
		fetch->load = load;
		fetch->client =
		    load->clients[1][at % load->options.connections];
		fetch->index = load->queue[at];
		load->fetching++;
		ask_delivery(fetch);
	}
}

/* ---- feeds ----------------------------------------------------------- */

static void
on_feed_body(void *ctx, struct http_stream *stream, const uint8_t *data,
    size_t len)
{
	struct feed *feed = ctx;

	bytes_put(&feed->body, data, len);
	http_stream_consume(stream, len);
}

/* The letter whose id `text` begins with, ours; else false. */
static bool
find_letter(const struct load *load, const char *text, uint32_t *ret_number)
{
	char id_text[ID_TEXT_SIZE];
	struct id id;

	text_copy_len(id_text, sizeof(id_text), text, ID_TEXT_SIZE - 1);
	if (!id_parse(id_text, &id))
		return false;
	*ret_number = letter_number(&id);
	return *ret_number < load->sent &&
	    id_equal(&id, &load->letters[*ret_number].waybill_id);
}

/* Deliveries go into the queue.  A store may hold others, of runs before. */
static void
take_deliveries(struct load *load, const char *text)
{
	static const char mark[] = "\"kind\":\"delivery\",\"waybill_id\":\"";
	uint32_t number;

	while ((text = strstr(text, mark)) != NULL) {
		text += sizeof(mark) - 1;
		if (find_letter(load, text, &number) &&
		    load->told < load->options.count)
			load->queue[load->told++] = number;
	}
	fetch_next(load);
}

static void
take_receipts(struct load *load, const char *text)
{
	static const char *const events[] = { "",
		"\\\"event\\\":\\\"fetched\\\"", "\\\"event\\\":\\\"opened\\\"",
		"\\\"event\\\":\\\"confirmed\\\"" };
	static const char mark[] = "\\\"waybill_id\\\":\\\"";
	uint32_t number;

	while ((text = strstr(text, events[load->options.acts])) != NULL &&
	    (text = strstr(text, mark)) != NULL) {
		text += sizeof(mark) - 1;
		if (find_letter(load, text, &number))
			load->heard++;
	}
	load_check_end(load);
}

static void
on_acknowledged(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct feed *feed = ctx;

	load_check_status(feed->load, stream, err, "acknowledgement");
	load_read_feed(feed);
}

static void
acknowledge(struct feed *feed)
{
	static const struct http_stream_events events = { .on_end =
							      on_acknowledged };
	struct bytes body = { 0 };

	bytes_put_format(&body, "{\"through\":%llu}",
	    (unsigned long long)feed->after);
	load_ask(feed->load->clients[feed->gateway][0], "POST",
	    "/v1/feed/acknowledge", "application/json", &body, &events, feed);
}

/* The number after the last `mark` in `text`, or `otherwise`. */
static uint64_t
number_after(const char *text, const char *mark, uint64_t otherwise)
{
	const char *found = NULL;
	char digits[24];
	uint64_t number;

	while ((text = strstr(text, mark)) != NULL) {
		text += strlen(mark);
		found = text;
	}
	if (found == NULL ||
	    !text_copy_len(digits, sizeof(digits), found,
		strspn(found, "0123456789")) ||
	    !text_parse_u64(digits, UINT64_MAX, &number))
		return otherwise;
	return number;
}

static void
on_feed(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct feed *feed = ctx;
	struct load *load = feed->load;
	uint64_t last;
	const char *text;

	load_check_status(load, stream, err, "feed");
	bytes_put_u8(&feed->body, '\0');
	if (feed->body.failed)
		abort();
	text = (const char *)feed->body.data;
	last = number_after(text, "{\"sequence\":", 0);
	if (feed->gateway == 0)
		take_receipts(load, text);
	else
		take_deliveries(load, text);
	bytes_clear(&feed->body);
	if (last > feed->after) {
		feed->after = last;
		acknowledge(feed);
	} else if (load->failed == 0) {
		load_read_feed(feed);
	}
}

void
load_read_feed(struct feed *feed)
{
	static const struct http_stream_events events = { .on_body =
							      on_feed_body,
		.on_end = on_feed };
	char target[LOAD_TARGET_SIZE];

	snprintf(target, sizeof(target), "/v1/feed?after=%llu&wait=%d",
	    (unsigned long long)feed->after, LOAD_WAIT_S);
	load_ask(feed->load->clients[feed->gateway][0], "GET", target, NULL,
	    NULL, &events, feed);
}
