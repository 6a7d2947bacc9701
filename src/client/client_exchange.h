/*
 * A request to a gateway as it is, and all of its answer: for who checks a
 * gateway (yizhan conformance), where the functions of yizhan.h would mend or
 * hide what is wrong.  Not part of the library's interface.
 */
#ifndef CLIENT_CLIENT_EXCHANGE_H
#define CLIENT_CLIENT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

struct yizhan;

struct client_exchange {
	const char *method;
	const char *target;
	const char *const *headers; /* whole lines, "name: value" */
	size_t header_count;
	const char *type; /* of the body, NULL for none */
	const void *body;
	size_t body_len;
	bool is_anonymous; /* without the token */
};

struct client_exchanged {
	int status; /* 0: nobody answered, `detail` says why */
	char type[96];
	char etag[80];
	char *data; /* with a 0 behind it */
	size_t len;
	char detail[160];
};

/* Asked once.  Release with client_exchanged_free(). */
void client_exchange(struct yizhan *yizhan,
    const struct client_exchange *exchange,
    struct client_exchanged *ret_exchanged);
void client_exchanged_free(struct client_exchanged *exchanged);

#endif
