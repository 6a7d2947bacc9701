/*
 * Checkpoints: signed statements of a log's size and root, as C2SP signed
 * notes (tlog-checkpoint, Ed25519):
 *
 *	<origin>
 *	<size>
 *	<root, base64>
 *
 *	— <key name> <base64 of key id and signature>
 *
 * The log's own key is named as its origin.  Witnesses add lines of theirs.
 * Formatting and signing are apart, since the key is in another process.
 */
#ifndef LOG_NOTE_H
#define LOG_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	NOTE_NAME_SIZE = 128,
	NOTE_SIGNATURES_MAX = 16,
	NOTE_MAX = 4096, /* bytes; a longer one is malformed */
	NOTE_KEY_ID_LEN = 4,
	NOTE_PUBLIC_LEN = 32,
	NOTE_SIGNATURE_LEN = 64,
	NOTE_COSIGNATURE_LEN = 72, /* time and signature */
	NOTE_SIGNATURE_MAX = 128,  /* of other kinds of keys */
};

/* What a checkpoint says. */
struct note_checkpoint {
	char origin[NOTE_NAME_SIZE];
	uint64_t size;
	struct digest root;
};

struct note_signature {
	char name[NOTE_NAME_SIZE];
	uint8_t key_id[NOTE_KEY_ID_LEN];
	size_t len; /* NOTE_SIGNATURE_LEN for Ed25519 */
	uint8_t bytes[NOTE_SIGNATURE_MAX];
};

/* A parsed note; owns nothing outside itself. */
struct note {
	struct note_checkpoint checkpoint;
	size_t text_len; /* of the signed text at the front of the note */
	size_t signature_count;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* The first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key). */
void note_key_id(const char *name, const uint8_t public_key[NOTE_PUBLIC_LEN],
    uint8_t to[NOTE_KEY_ID_LEN]);

/*
 * Append the text that is signed, with its last newline.  Names, the origin
 * too, are printable ASCII without blanks and plus signs; ERROR_MALFORMED.
 */
int note_put_text(const struct note_checkpoint *checkpoint, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Append the whole note: the text and the origin's signature over it. */
int note_put(const struct note_checkpoint *checkpoint,
    const uint8_t public_key[NOTE_PUBLIC_LEN],
    const uint8_t signature[NOTE_SIGNATURE_LEN], struct bytes *to,
    struct error *err) MUST_CHECK;

/* Append one more signature line to a note that note_put() made. */
int note_put_signature(const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN],
    const uint8_t signature[NOTE_SIGNATURE_LEN], struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Cosignatures (C2SP tlog-cosignature, cosignature/v1): a witness signs the
 * text together with the time, in whole seconds since 1970.
 *
 * Append what is signed, given a note or its text alone.
 */
int note_put_cosigned_text(const void *text, size_t text_len, int64_t time_s,
    struct bytes *to, struct error *err) MUST_CHECK;

/* Append the witness's line to a note. */
int note_put_cosignature(const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], int64_t time_s,
    const uint8_t signature[NOTE_SIGNATURE_LEN], struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * The time of a good cosignature of this witness on the note; ERROR_NOT_FOUND
 * without a line of its key, ERROR_UNTRUSTED (E5021) with a bad one.
 */
int note_verify_cosignature(const void *data, size_t len, const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], int64_t *ret_time_s,
    struct error *err) MUST_CHECK;

/*
 * Parse a note, checking no signature.  ERROR_MALFORMED (E5020) for any text
 * that note_put() would not write, extension lines among them.
 */
int note_parse(const void *data, size_t len, struct note *ret_note,
    struct error *err) MUST_CHECK;

/*
 * Parse `data` and check that the holder of `public_key`, named `name`, signed
 * it.  ERROR_UNTRUSTED (E5021) without a valid signature of that key; lines of
 * other keys do not matter.  The caller compares the origin.
 */
int note_verify(const void *data, size_t len, const char *name,
    const uint8_t public_key[NOTE_PUBLIC_LEN], struct note *ret_note,
    struct error *err) MUST_CHECK;

#endif
