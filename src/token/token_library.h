/*
 * Keys in tokens, by the PKCS #11 library of whoever made the token: finding a
 * key and its certificate, and the three things that are done with a key.  Runs
 * in a copy of the keeper (sys/helper.h); nothing here parses what a token says
 * beyond its length.
 */
#ifndef TOKEN_TOKEN_LIBRARY_H
#define TOKEN_TOKEN_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token/token_uri.h"
#include "token/token_wire.h"

struct bytes;

enum { TOKEN_PIN_SIZE = 65, TOKEN_KEYS_MAX = 64, TOKEN_LIBRARIES_MAX = 4 };

/* A key as it is configured. */
struct token_place {
	struct token_uri uri;
	char pin[TOKEN_PIN_SIZE];
};

/* A key that is open. */
struct token_session {
	struct token_library *library; /* NULL: not open */
	unsigned long session;
	unsigned long object;
	unsigned long type; /* CKK_... */
	bool asks_always;   /* for the PIN, with each use */
};

struct token_library {
	const char *path; /* NULL: this place is free */
	void *handle;
	void *functions; /* CK_FUNCTION_LIST */
};

/* Start it as `{ 0 }` with places and count. */
struct token_worker {
	struct token_place *places; /* not ours */
	size_t count;
	struct token_library libraries[TOKEN_LIBRARIES_MAX];
	struct token_session sessions[TOKEN_KEYS_MAX];
	bool has_refused[TOKEN_KEYS_MAX]; /* the PIN: it is not tried again */
};

/*
 * A helper_work_fn of a struct token_worker: answer one request.  A key that is
 * not open is opened first; after a failure that says that the token went, its
 * library is started anew with the next request.
 */
void token_work(void *worker, const void *message, size_t len,
    struct bytes *answer);

#endif
