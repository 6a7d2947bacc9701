/*
 * Put the evidence of one delivery into a file, part by part; the bytes depend
 * on the parts alone, so asking twice gives the same file.
 */
#ifndef EVIDENCE_EVIDENCE_MAKE_H
#define EVIDENCE_EVIDENCE_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "evidence/evidence_facts.h"

struct bytes;
struct digest;
struct error;

struct evidence_maker;

/* Of these facts only `parts` is not used.  They are copied. */
int evidence_maker_new(const struct evidence_facts *facts,
    struct evidence_maker **ret_maker, struct error *err) MUST_CHECK;
void evidence_maker_free(struct evidence_maker *maker);

/*
 * Each part once, in this order; the waybill as CMS or item of a batch, which
 * is then taken apart.  All fail with ERROR_DENIED (E3508) when the
 * file becomes too large.
 */
int evidence_put_waybill(struct evidence_maker *maker, const void *signature,
    size_t len, struct error *err) MUST_CHECK;
int evidence_put_leaf(struct evidence_maker *maker, const void *json,
    size_t len, const struct evidence_path *path, struct error *err) MUST_CHECK;

/*
 * One more receipt, as JSON that was verified before; the oldest first.
 * ERROR_MALFORMED (E3111, E3110).
 */
int evidence_add_receipt(struct evidence_maker *maker, const void *json,
    size_t len, struct error *err) MUST_CHECK;

/*
 * What a person said with the act of the last receipt: salt and words, whose
 * digest the act names (envelope/act_words.h).
 */
int evidence_add_words(struct evidence_maker *maker, const void *salt,
    size_t salt_len, const char *words, struct error *err) MUST_CHECK;

/*
 * The last receipt is continued by a later checkpoint that is cosigned: a note
 * with its cosignatures, and the hashes of the proof.
 */
int evidence_add_cosigned(struct evidence_maker *maker, const void *note,
    size_t note_len, const struct digest *proof, size_t proof_count,
    struct error *err) MUST_CHECK;

/*
 * The same by one with time stamps; give its tokens, if `*ret_is_new`, by
 * evidence_add_stamp() before anything else.
 */
int evidence_add_stamped(struct evidence_maker *maker, const void *note,
    size_t note_len, const struct digest *proof, size_t proof_count,
    bool *ret_is_new, struct error *err) MUST_CHECK;
int evidence_add_stamp(struct evidence_maker *maker, const void *token,
    size_t len, struct error *err) MUST_CHECK;

/*
 * What an authority said of a signer: an OCSP answer or a CRL; each one once, and
 * its bytes are added to `*total` then.
 */
int evidence_add_answer(struct evidence_maker *maker, const void *answer,
    size_t len, size_t *total, struct error *err) MUST_CHECK;

/* A certificate in DER, named by its owner and use: "sender-module". */
int evidence_add_certificate(struct evidence_maker *maker, const char *owner,
    const void *der, size_t len, const struct digest *fingerprint,
    struct error *err) MUST_CHECK;

/* A bulletin in CMS; in the order in which they are to be taken. */
int evidence_add_bulletin(struct evidence_maker *maker, const char *type,
    uint64_t serial, const void *cms, size_t len, struct error *err) MUST_CHECK;

/*
 * A page of the directory of that serial, as directory/directory_proof.h writes
 * it: each one once.
 */
int evidence_add_page(struct evidence_maker *maker, uint64_t serial,
    unsigned number, const void *json, size_t len,
    struct error *err) MUST_CHECK;

/* The directory is too large to go along; evidence.json says so. */
void evidence_lacks_directory(struct evidence_maker *maker);

/* The serials that the receipts so far were judged by, of one kind. */
enum evidence_serial { EVIDENCE_ROOT, EVIDENCE_NETWORK, EVIDENCE_DIRECTORY };
size_t evidence_serials(const struct evidence_maker *maker,
    enum evidence_serial kind, uint64_t *to, size_t max);

/* True if a receipt so far is of this center. */
bool evidence_has_center(const struct evidence_maker *maker, const char *name);

/* Append the whole file. */
int evidence_finish(struct evidence_maker *maker, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
