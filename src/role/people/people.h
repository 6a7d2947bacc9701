/*
 * Persons, sessions and tokens at the spooler of a host that people work at:
 * what docs/api.md lists under "Persons and tokens", and the record of who
 * asked for which change, durable before the change is begun.
 */
#ifndef ROLE_PEOPLE_H
#define ROLE_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"

struct directory;
struct error;
struct json_writer;
struct peer;
struct people_caller;
struct rows;
struct spool;

/*
 * Take a request of the listener, admitted already (role/people/people_admit.h):
 * answer it if it is about persons or tokens; false if it is another one.
 */
bool people_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request);

/*
 * A request that changes something came in: write down who asks for it (at the
 * control socket the user of the operating system, "uid 0"), then call `go_on` with a copy of the request.  Refuses by
 * itself when that cannot be written.
 */
typedef void (*people_go_on_fn)(void *ctx, struct peer *peer, uint32_t id,
    const struct message_request *request);
void people_record(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request, people_go_on_fn go_on, void *ctx);

/* Message touch. */
void people_on_touch(void *ctx, struct peer *peer, struct ipc_message *message);

/* The body of GET /v1/session, and of the answer to a log-in. */
void people_write_session(const struct people_caller *caller,
    const struct directory *directory, struct json_writer *writer);

/*
 * Reads of the query role, `scope` being the caller's: GET /v1/persons,
 * /v1/tokens, /v1/acts.  ERROR_NOT_FOUND (E6201) for another path.
 */
struct people_reading {
	struct rows *rows;
	const char *scope;
	const char *cursor;
	unsigned limit;
};
int people_read(const struct people_reading *reading, const char *path,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
