/*
 * What this gateway lets through of attachments that nobody can look into, or
 * that hold macros: section [attachments] of its configuration.
 */
#ifndef GATEWAY_ATTACHMENT_POLICY_H
#define GATEWAY_ATTACHMENT_POLICY_H

#include <stdint.h>

struct config;

/* Bits of enum archive_policy. */
uint8_t attachment_policy(const struct config *config);

#endif
