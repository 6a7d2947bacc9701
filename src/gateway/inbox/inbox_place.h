/*
 * What the gateway's spooler knows, as the facts that inbox_judge.h takes.
 */
#ifndef GATEWAY_INBOX_PLACE_H
#define GATEWAY_INBOX_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/inbox/inbox_judge.h"

struct error;
struct gateway;

struct inbox_place inbox_place_of(const struct gateway *gateway);

/*
 * Whether a refusal is the last word after `failures` tries.  What the system
 * did is none; nor is what a newer directory may change, before a fresh one
 * has said so several times.  One older than `directory` (serial), by which its
 * center took the letter or goes now, says nothing for good, however fresh;
 * 0: unknown.
 */
bool inbox_place_is_final(const struct gateway *gateway, uint32_t failures,
    uint64_t directory, const struct error *refusal);

#endif
