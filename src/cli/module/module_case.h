/*
 * The certificate of a crypto module over the network, as a case of the
 * procedure renew-module (docs/cases.md): what is carried as files otherwise.
 */
#ifndef CLI_MODULE_CASE_H
#define CLI_MODULE_CASE_H

#include "base/attr.h"

struct bytes;
struct cert;
struct cli;
struct error;

/*
 * At the gateway: hand the request up, signed by the module that is there.
 * Says under which id.
 */
int module_case_ask(const struct cli *cli, const char *organisation,
    const struct bytes *request, struct error *err) MUST_CHECK;

/*
 * At management: issue what the case asks for, attach the certificate and make
 * the move.  What was attached by an earlier try is not issued again.
 */
int module_case_issue(const struct cli *cli, const char *id,
    struct error *err) MUST_CHECK;

/* At the gateway: the certificate that came down with the case. */
int module_case_certificate(const struct cli *cli, const char *id,
    struct cert **ret_cert, struct error *err) MUST_CHECK;

#endif
