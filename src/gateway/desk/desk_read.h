/* What the query role answers about the desk: each as docs/api.md has it. */
#ifndef GATEWAY_DESK_READ_H
#define GATEWAY_DESK_READ_H

#include "base/attr.h"

struct error;
struct gateway_asked;

/*
 * For the registry desk and those who see all: E6710 for a person of a unit
 * who sees what is assigned to it.
 */
int desk_check_whole(const struct gateway_asked *asked,
    struct error *err) MUST_CHECK;

/* The parameter `organisation`, or the caller's own; E6403 for another's. */
struct org_code;
int desk_read_organisation(const struct gateway_asked *asked,
    struct org_code *ret_code, struct error *err) MUST_CHECK;

int desk_read_settings(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int desk_read_waiting(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;
int desk_read_units(struct gateway_asked *asked, struct error *err) MUST_CHECK;
int desk_read_deputies(struct gateway_asked *asked,
    struct error *err) MUST_CHECK;

#endif
