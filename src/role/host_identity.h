/*
 * The TLS identity of a host, which its listener and its courier hold: key and
 * certificate in one PEM file that the configuration names.
 */
#ifndef ROLE_HOST_IDENTITY_H
#define ROLE_HOST_IDENTITY_H

#include "base/attr.h"

struct config;
struct error;
struct tls;

/*
 * Read `[keeper] tls = file:/path`, before the sandbox closes.  ERROR_MALFORMED
 * (E6207) when there is no such key, or it is no file; else as
 * keeper_file_read() and tls_server_new().
 */
int host_identity_server(const struct config *config, struct tls **ret_tls,
    struct error *err) MUST_CHECK;

/*
 * For people: the key `web` where there is one, else `tls`; a certificate is
 * asked for and not required, and HTTP/1.1 is let in.
 */
int host_identity_people(const struct config *config, struct tls **ret_tls,
    struct error *err) MUST_CHECK;
int host_identity_client(const struct config *config, struct tls **ret_tls,
    struct error *err) MUST_CHECK;

#endif
