/*
 * Where a host may be made to send events (T-WEB, server-side request forgery):
 * the URL of a webhook, and the addresses that the configuration lists.  Pure.
 *
 * One spelling only: scheme, an address, a port, a path; so that what is judged
 * here and what is asked later are the same thing.
 */
#ifndef POLICY_WEBHOOK_ADDRESS_H
#define POLICY_WEBHOOK_ADDRESS_H

#include <stdbool.h>

#include "base/attr.h"

struct error;

enum { WEBHOOK_URL_SIZE = 257 };

/*
 * May events be sent to `url`, when `allowed` ("10.1.2.0/24, 192.0.2.7") lists
 * where to?  Else ERROR_DENIED (E6413).  Link-local, multicast, unspecified and
 * reserved addresses are refused whatever the list says; loopback only when it
 * is listed by itself.
 */
int webhook_address_check(const char *url, const char *allowed,
    struct error *err) MUST_CHECK;

/* True for such a list: addresses, each with or without the length of a
 * prefix, with commas between. */
bool webhook_address_is_list(const char *text);

#endif
