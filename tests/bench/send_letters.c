/*
 * Load generator: hands `COUNT` letters with an attachment of 16 KB each to a
 * gateway's control socket, `FLIGHT` at a time, alternating between two
 * recipients, and prints how long acknowledgements took.  A letter that is
 * refused for want of room (429, 503) is handed in again soon, whatever
 * Retry-After says, and counted.
 *
 *	send_letters SOCKET COUNT FLIGHT FIRST_SERIAL
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bench/result.h"
#include "envelope/bundle.h"
#include "http/http_client.h"
#include "sys/clock.h"
#include "sys/loop.h"

enum { ANNEX_LEN = 16384, AGAIN_MS = 250, FLIGHT_MAX = 100 };

struct load {
	struct loop *loop;
	struct http_client *client;
	uint64_t count, flight, first;
	uint64_t sent, done, failed, refused;
	uint64_t started_us;
	uint64_t full_us;  /* the last time that all of `flight` were waiting */
	uint64_t *took_us; /* by order of completion */
	uint8_t *annex;    /* ANNEX_LEN bytes */
};

struct letter {
	struct load *load;
	uint64_t serial;
	uint64_t started_us;
	struct loop_timer *again;
};

static const struct {
	const char *code, *name;
} recipients[] = {
	{ "376470000A", "彰化縣政府" },
	{ "376530000A", "屏東縣政府" },
};

static void
put_di(struct bytes *to, uint64_t serial, const char *name)
{
	bytes_put_format(to,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [\n"
	    "<!ENTITY ATTCH1 SYSTEM \"annex.txt\" NDATA _X>\n"
	    "<!ENTITY 表單 SYSTEM \"letter.sw\" NDATA DI>\n"
	    "<!NOTATION DI SYSTEM \"\">\n<!NOTATION _X SYSTEM \"\">\n]>\n"
	    "<函><發文機關><全銜>雲林縣政府</全銜><機關代碼>376490000A"
	    "</機關代碼></發文機關><函類別 代碼=\"函\"/><地址>示範路1號</地址>"
	    "<聯絡方式>承辦人：王○○</聯絡方式><受文者><交換表 交換表單=\"表單\">"
	    "如正副本行文單位</交換表></受文者><發文日期><年月日>"
	    "中華民國115年11月20日</年月日></發文日期><發文字號><字>府計管一字"
	    "</字><文號><年度>115</年度><流水號>%07llu</流水號></文號>"
	    "</發文字號><速別 代碼=\"普通件\"/><附件><文字>如文</文字>"
	    "<附件檔名 附件名=\"ATTCH1\"/></附件><主旨><文字>第%llu號，請查照。"
	    "</文字></主旨><正本><全銜>%s</全銜></正本><署名>縣長　○○○</署名>"
	    "</函>\n",
	    (unsigned long long)serial, (unsigned long long)serial, name);
}

static void
put_sw(struct bytes *to, const char *code, const char *name)
{
	bytes_put_format(to,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 交換表單 SYSTEM \"104_roster_utf8.dtd\">\n<交換表單>"
	    "<全銜>%s</全銜><機關代碼>%s</機關代碼><含附件>含附件</含附件>"
	    "<本別><收發處理本別 代碼=\"正本\"/></本別></交換表單>\n",
	    name, code);
}

static void
put_file(struct bytes *to, const char *name, const struct bytes *data)
{
	bundle_put(to, BUNDLE_NAME, name, strlen(name));
	bundle_put(to, BUNDLE_FILE, data->data, data->len);
}

static void
put_letter(const struct load *load, uint64_t serial, struct bytes *to)
{
	size_t which = serial % ARRAY_LEN(recipients);
	struct bytes di = { 0 }, sw = { 0 }, annex = { 0 };

	put_di(&di, serial, recipients[which].name);
	put_sw(&sw, recipients[which].code, recipients[which].name);
	bytes_put(&annex, load->annex, ANNEX_LEN);
	bundle_put_magic(to);
	put_file(to, "letter.di", &di);
	put_file(to, "letter.sw", &sw);
	put_file(to, "annex.txt", &annex);
	bytes_free(&di);
	bytes_free(&sw);
	bytes_free(&annex);
}

static void send_next(struct load *load);

static void
end_letter(struct letter *letter)
{
	struct load *load = letter->load;

	load->took_us[load->done++] = clock_steady_us() - letter->started_us;
	loop_timer_free(letter->again);
	free(letter);
	if (load->done == load->count)
		loop_stop(load->loop);
	else if (load->sent < load->count)
		send_next(load);
	if (load->sent == load->count && load->full_us == 0)
		load->full_us = clock_steady_us();
}

static void
on_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct letter *letter = ctx;
	struct load *load = letter->load;
	int status = err != NULL ? 0 : http_stream_status(stream);

	if (status == 429 || status == 503) {
		load->refused++;
		loop_timer_start(letter->again, AGAIN_MS);
		return;
	}
	if (status != 201)
		load->failed++;
	end_letter(letter);
}

static const struct http_stream_events stream_events = { .on_end = on_end };

static void
on_closed(void *ctx, const struct error *err)
{
	struct load *load = ctx;

	fprintf(stderr, "connection closed: %s\n", err->text);
	loop_stop(load->loop);
}

static const struct http_client_events client_events = {
	.on_closed = on_closed,
};

static void
hand_in(void *ctx)
{
	static const char type[] = "application/vnd.yizhan.bundle";
	struct letter *letter = ctx;
	char key[32];
	struct http_header headers[] = { { "content-type", type },
		{ "idempotency-key", key } };
	struct bytes body = { 0 };
	struct http_outgoing request = { .method = "POST",
		.target = "/v1/documents",
		.headers = headers,
		.header_count = ARRAY_LEN(headers),
		.body = { .bytes = &body } };
	struct http_stream *stream;
	struct error err = { 0 };

	snprintf(key, sizeof(key), "bench-%llu",
	    (unsigned long long)letter->serial);
	put_letter(letter->load, letter->serial, &body);
	if (http_client_send(letter->load->client, &request, &stream_events,
		letter, &stream, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(EXIT_FAILURE);
	}
	bytes_free(&body);
}

static void
send_next(struct load *load)
{
	struct letter *letter = calloc(1, sizeof(*letter));
	struct error err = { 0 };

	if (letter == NULL ||
	    loop_timer_new(load->loop, hand_in, letter, &letter->again, &err) <
		0)
		abort();
	letter->load = load;
	letter->serial = load->first + load->sent++;
	letter->started_us = clock_steady_us();
	hand_in(letter);
}

static void
print(const struct load *load)
{
	uint64_t us = clock_steady_us() - load->started_us;

	result_sort(load->took_us, load->done);
	printf("{\"sent\":%llu,\"failed\":%llu,\"refused\":%llu,"
	       "\"seconds\":%.3f,\"full\":%llu,\"full_seconds\":%.3f,"
	       "\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n",
	    (unsigned long long)load->done, (unsigned long long)load->failed,
	    (unsigned long long)load->refused, (double)us / 1e6,
	    (unsigned long long)(load->count - load->flight),
	    (double)(load->full_us - load->started_us) / 1e6,
	    (double)result_percentile(load->took_us, load->done, 50) / 1e3,
	    (double)result_percentile(load->took_us, load->done, 99) / 1e3);
}

int
main(int argc, char **argv)
{
	struct load load = { 0 };
	struct error err = { 0 };
	struct http_client_options options = { .fd = -1,
		.authority = "localhost",
		.events = &client_events,
		.ctx = &load };

	if (argc != 5 || !text_parse_u64(argv[2], 10000000, &load.count) ||
	    !text_parse_u64(argv[3], FLIGHT_MAX, &load.flight) ||
	    !text_parse_u64(argv[4], 9000000, &load.first) || load.count == 0) {
		fprintf(stderr,
		    "usage: send_letters SOCKET COUNT FLIGHT "
		    "FIRST_SERIAL\n");
		return 64;
	}
	load.took_us = calloc(load.count, sizeof(load.took_us[0]));
	load.annex = malloc(ANNEX_LEN);
	for (size_t i = 0; load.annex != NULL && i < ANNEX_LEN; i++)
		load.annex[i] = (uint8_t)("0123456789abcdef\n"[i * 7 % 17]);
	if (load.took_us == NULL || load.annex == NULL ||
	    loop_new(&load.loop, &err) < 0)
		return EXIT_FAILURE;
	options.loop = load.loop;
	options.unix_path = argv[1];
	if (http_client_new(&options, &load.client, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	load.started_us = clock_steady_us();
	while (load.sent < load.flight && load.sent < load.count)
		send_next(&load);
	if (loop_run(load.loop, &err) < 0 || load.done < load.count)
		return EXIT_FAILURE;
	print(&load);
	http_client_free(load.client);
	loop_free(load.loop);
	free(load.took_us);
	free(load.annex);
	return EXIT_SUCCESS;
}
