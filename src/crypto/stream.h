/*
 * Content parts: AES256-GCM-HKDF streaming encryption with segments of 1 MiB
 * (docs/protocol.md 3), of any length in constant memory.
 *
 * Decrypted bytes are handed out a segment at a time, after its tag was
 * checked.  That the stream is whole is known only when stream_finish()
 * returns 0: use nothing before.
 */
#ifndef CRYPTO_STREAM_H
#define CRYPTO_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/secret.h"

struct error;

enum {
	STREAM_SEGMENT_LEN = 1048576, /* of ciphertext, with its tag */
	STREAM_TAG_LEN = 16,
	STREAM_HEADER_LEN = 40,
	STREAM_BUFFER_LEN = STREAM_SEGMENT_LEN,
};

/* Takes the output; returns -1 to stop. */
typedef int (*stream_sink_fn)(void *context, const uint8_t *data, size_t len,
    struct error *err);

struct stream; /* worth keeping: it holds a buffer of a segment */

/*
 * `buffer` has STREAM_BUFFER_LEN bytes and must outlive the stream; NULL to have
 * one allocated.
 */
int stream_new(uint8_t *buffer, struct stream **ret_stream,
    struct error *err) MUST_CHECK;
void stream_free(struct stream *stream);

/* Length of the ciphertext of `plain_len` bytes. */
uint64_t stream_length(uint64_t plain_len);

/*
 * Start over, to encrypt or to decrypt, bound to `aad`.  A key is for one
 * stream only.
 */
int stream_begin_encrypt(struct stream *stream, const struct secret_key *key,
    const void *aad, size_t aad_len, stream_sink_fn sink, void *context,
    struct error *err) MUST_CHECK;
int stream_begin_decrypt(struct stream *stream, const struct secret_key *key,
    const void *aad, size_t aad_len, stream_sink_fn sink, void *context,
    struct error *err) MUST_CHECK;

/*
 * More input, as much as there is at hand; then the end.  Decryption fails with
 * ERROR_UNTRUSTED (E3030) if anything was changed, moved, cut or added; after
 * a failure the stream must be begun anew.
 */
int stream_push(struct stream *stream, const void *data, size_t len,
    struct error *err) MUST_CHECK;
int stream_finish(struct stream *stream, struct error *err) MUST_CHECK;

#endif
