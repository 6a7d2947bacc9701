/*
 * Document ids and waybill ids: UUIDv7 (RFC 9562), made by the gateway.  A
 * document id names a letter, a waybill id one sending of it.
 */
#ifndef MODEL_ID_H
#define MODEL_ID_H

#include <stdbool.h>
#include <stdint.h>

enum { ID_LEN = 16, ID_TEXT_SIZE = 37, ID_RANDOM_LEN = 10 };

struct id {
	uint8_t bytes[ID_LEN];
};

/* A UUIDv7 of the instant `now_ms` (UTC) and ten fresh random bytes. */
struct id id_make(int64_t now_ms, const uint8_t random[ID_RANDOM_LEN]);

bool id_equal(const struct id *a, const struct id *b);
int id_compare(const struct id *a, const struct id *b);
bool id_is_nil(const struct id *id);

/* The 36-character form in lower case; parsing accepts nothing else. */
void id_format(const struct id *id, char to[ID_TEXT_SIZE]);
bool id_parse(const char *text, struct id *ret_id);

#endif
