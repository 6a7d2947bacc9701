#include "http/http_message.h"

static uint32_t
or_default(uint32_t value, uint32_t standard)
{
	return value != 0 ? value : standard;
}

struct http_limits
http_limits_of(const struct http_limits *limits)
{
	struct http_limits full = {
		.streams_max = or_default(limits->streams_max, 128),
		.header_list_max = or_default(limits->header_list_max, 16384),
		.stream_window = or_default(limits->stream_window, 262144),
		.connection_window =
		    or_default(limits->connection_window, 4194304),
		.connections_max = or_default(limits->connections_max, 16384),
		.source_max = or_default(limits->source_max, UINT32_MAX),
		.unproven_max = or_default(limits->unproven_max, 512),
		.first_ms = or_default(limits->first_ms, 10000),
		.handshake_ms = or_default(limits->handshake_ms, 10000),
		.headers_ms = or_default(limits->headers_ms, 10000),
		.body_ms = or_default(limits->body_ms, 30000),
		.write_ms = or_default(limits->write_ms, 60000),
		.idle_ms = or_default(limits->idle_ms, 600000),
		.ping_ms = or_default(limits->ping_ms, 30000),
		.request_ms = or_default(limits->request_ms, 120000),
	};

	return full;
}
