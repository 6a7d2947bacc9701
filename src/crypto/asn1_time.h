/*
 * Times of the library as our instants.
 */
#ifndef CRYPTO_ASN1_TIME_H
#define CRYPTO_ASN1_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct asn1_string_st;

/* Milliseconds; fractions of a second are dropped.  False if it is none. */
bool asn1_time_read(const struct asn1_string_st *time, int64_t *ret_at_ms);

#endif
