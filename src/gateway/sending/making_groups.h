/*
 * Groups in a letter in JSON (POST /v1/documents:make): an item {"group":"G01",
 * "except":["376470000A"]} of a list of recipients becomes the members of that
 * group, so that whoever makes the letter needs to know only its code.
 */
#ifndef GATEWAY_SENDING_MAKING_GROUPS_H
#define GATEWAY_SENDING_MAKING_GROUPS_H

#include "base/attr.h"
#include "role/codec.h"

struct config;
struct error;
struct rows;

/*
 * Append the letter `json` to `to` with members in the place of groups; nothing
 * when it names none.  `scope` is the caller's.  Lists are the entries of
 * rosters, and originals, copies, attendees and observers.
 */
int making_groups_expand(struct rows *rows, const struct config *config,
    const char *scope, struct blob json, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
