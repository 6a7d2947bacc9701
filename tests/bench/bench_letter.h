/*
 * Submissions as a gateway makes them, with the keys of a demo network: a
 * content part, a key part and a leaf for each recipient, the signed waybill;
 * and what the recipient's side will sign about them.  For load generators,
 * which make them in advance.  What cannot be made ends the program.
 */
#ifndef BENCH_LETTER_H
#define BENCH_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "http/tls.h"
#include "model/digest.h"
#include "model/id.h"

enum { LETTER_ACTS = 3 }; /* fetched, opened, confirmed */

#define LETTER_RECIPIENT "376470000A"

struct letter_maker;

/* `folder` is that of `yizhan demo --setup`. */
struct letter_maker *letter_maker_new(const char *folder);
void letter_maker_free(struct letter_maker *maker);

/* Release with letter_free(). */
struct letter {
	struct id waybill_id;
	struct bytes body;              /* a bundle, as it is posted */
	struct bytes acts[LETTER_ACTS]; /* signed, those of one recipient */
	struct bytes waybill;           /* until it is signed */
};

/*
 * One of gateway-1's organisation.  `bytes` of random content; one recipient
 * is LETTER_RECIPIENT, several are its units, U000000 and so on.  `number` is
 * in the last 4 bytes of the waybill id.  The content lies at the end of body.
 */
void letter_make(struct letter_maker *maker, uint32_t number, size_t bytes,
    unsigned recipients, unsigned acts, struct letter *ret_letter);

/*
 * Make what letter_make() left ready to be posted: one letter is signed alone,
 * several as items of batches.
 */
void letter_sign(struct letter_maker *maker, struct letter *letters,
    size_t count);
void letter_free(struct letter *letter);
uint32_t letter_number(const struct id *waybill_id);

/* A client's identity, of HOST.keys/tls.pem, and a host's fingerprint. */
struct tls *letter_tls(const char *folder, const char *host);
struct digest letter_fingerprint(const char *folder, const char *host);

#endif
