/*
 * Any bytes as what a host asks management for, and as what hosts hand up: what
 * is read is written again to what is read the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/case_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
as_request(const uint8_t *data, size_t len)
{
	struct case_request request = { .file_len = 0 };
	struct case_request again = { .file_len = 0 };
	struct bytes json = { 0 };
	struct bytes second = { 0 };
	struct error err = { 0 };

	if (case_request_decode(data, len, &request, &err) < 0)
		return;
	if (case_request_encode(&request, &json, &err) < 0 ||
	    case_request_decode(json.data, json.len, &again, &err) < 0 ||
	    case_request_encode(&again, &second, &err) < 0 ||
	    json.len != second.len ||
	    memcmp(json.data, second.data, json.len) != 0)
		abort();
	case_request_free(&request);
	case_request_free(&again);
	bytes_free(&json);
	bytes_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct case_request_sent sent = { .file = { 0 } };
	struct bytes json = { 0 };
	struct error err = { 0 };

	as_request(data, len);
	if (case_request_sent_decode(data, len, &sent, &err) < 0)
		return 0;
	if (case_request_sent_encode(&sent, &json, &err) < 0)
		abort();
	case_request_sent_free(&sent);
	bytes_free(&json);
	return 0;
}
