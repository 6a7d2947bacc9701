/*
 * What a center's refusal of a waybill means.  Pure.
 */
#ifndef GATEWAY_OUTBOX_REFUSAL_H
#define GATEWAY_OUTBOX_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "role/codec.h"

/*
 * True if the center refuses for its own sake (overloaded, starting, failing):
 * then no other letter fares better, and all wait.
 */
bool outbox_refusal_is_of_all(uint16_t status);

/*
 * Is the letter refused for good?  Not by what passes (5xx, 408, 429), nor by
 * what is about us as a caller or about our clock, nor by a hold: that says
 * nothing of the letter, and an operator mends it.
 */
bool outbox_refusal_is_for_good(uint16_t status, const char *code);

#endif
