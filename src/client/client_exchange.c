#include "client/client_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_internal.h"

enum { WAIT_S = 60 };

void
client_exchange(struct yizhan *yizhan, const struct client_exchange *exchange,
    struct client_exchanged *ret_exchanged)
{
	struct client_request request = { .method = exchange->method,
		.target = exchange->target,
		.raw_type = exchange->type,
		.raw = exchange->body,
		.raw_len = exchange->body_len,
		.headers = exchange->headers,
		.header_count = exchange->header_count,
		.is_anonymous = exchange->is_anonymous,
		.is_raw = true,
		.wait_s = WAIT_S };
	struct client_answer answer = { 0 };

	*ret_exchanged = (struct client_exchanged){ 0 };
	(void)client_ask_once(yizhan, &request, &answer);
	ret_exchanged->status = answer.status;
	snprintf(ret_exchanged->type, sizeof(ret_exchanged->type), "%s",
	    answer.type);
	snprintf(ret_exchanged->etag, sizeof(ret_exchanged->etag), "%s",
	    answer.etag);
	if (answer.status == 0)
		snprintf(ret_exchanged->detail, sizeof(ret_exchanged->detail),
		    "%.150s", yizhan_problem(yizhan)->detail);
	if (client_text_add(&answer.text, "", 0)) {
		ret_exchanged->data = answer.text.data;
		ret_exchanged->len = answer.text.len;
		answer.text = (struct client_text){ 0 };
	}
	client_answer_free(&answer);
}

void
client_exchanged_free(struct client_exchanged *exchanged)
{
	free(exchanged->data);
	*exchanged = (struct client_exchanged){ 0 };
}
