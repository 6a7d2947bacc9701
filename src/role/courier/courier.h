/*
 * The courier: the spooler's HTTP client.  One connection to each peer, made
 * when there is something to ask, again when it broke; every request of the
 * spooler becomes one HTTP request from this host's own address (R5.3.4) to a
 * peer whose whole certificate is known beforehand.
 *
 * It decides nothing: whether and when to ask again is for the spooler.
 */
#ifndef ROLE_COURIER_H
#define ROLE_COURIER_H

#include "base/attr.h"
#include "role/role.h"

struct courier;

/*
 * Bytes of an answer that is not a bundle; a longer one fails the call, each
 * time that it is asked for.  Who answers with a list keeps below it.
 */
enum {
	COURIER_ANSWER_MAX = 1024 * 1024,
	COURIER_FETCH_MAX = 16 * 1024 * 1024, /* of servers outside */
};

/* Everything of courier_start() but role_env_run(). */
int courier_open(struct role_env *env, struct courier **ret_courier,
    struct error *err) MUST_CHECK;
void courier_close(struct courier *courier);

#endif
