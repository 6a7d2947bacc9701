/*
 * What a verifier decides: pure functions of bytes, of the directory and of the
 * anchors, one for each request.  Bindings and refusals: docs/protocol.md 9.
 *
 * Where it says "trusted", the signer's chain leads to an anchor of the root
 * bulletin and is valid at `now`; before a root is known that is left out.  An
 * asker compares the signer's certificate with what the directory registers.
 */
#ifndef ROLE_VERIFY_H
#define ROLE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "log/note.h"
#include "model/revocation.h"
#include "model/standing.h"
#include "role/message.h"

struct batch_cache;
struct bulletin;
struct cert_cache;
struct checkpoint_cache;
struct directory;
struct directory_center;
struct error;
struct root;
struct signed_by;
struct trust;
struct waybill;

struct verify_context {
	const char *environment;
	struct cert_cache *certs;
	struct trust *trust;               /* NULL: no root yet */
	const struct directory *directory; /* NULL: none yet */
	struct checkpoint_cache *checkpoints;
	struct batch_cache *batches; /* may be NULL */
	int64_t now;
	int64_t stated_at; /* a log has it since; 0: it is to be judged now */
};

/*
 * A waybill, signed alone or in a batch, with its records: of a submission all leaves with their key parts,
 * of a relay some with key part and path, of a delivery one with its path.
 * Checked: one trusted signer who is the module that the head names (E3403),
 * the environment (E3120), root and count or the path of each leaf (E3122),
 * key-part digests (E3123), no recipient twice (E3402), order and completeness
 * of the records (E3401).  `leaves` owns what ret_waybill->leaves points to.
 */
int verify_waybill(const struct verify_context *context,
    const struct message_verify_waybill *request,
    struct message_waybill *ret_waybill, struct bytes *leaves,
    struct error *err) MUST_CHECK;

/* The second half of it: the records against a waybill that was verified. */
int verify_records(const struct waybill *waybill, uint8_t type,
    const struct blob *records, struct bytes *leaves,
    struct error *err) MUST_CHECK;

/* An act, signed alone or in a batch: one trusted signer, form, environment
 * (E3411). */
int verify_act(const struct verify_context *context, const void *cms,
    size_t len, struct message_act *ret_act, struct error *err) MUST_CHECK;

/*
 * An addendum: one trusted signer, form (E3107), environment (E3411), and the
 * key part that it names (E3123).
 */
int verify_addendum(const struct verify_context *context,
    const struct message_verify_addendum *request,
    struct message_addendum *ret_addendum, struct error *err) MUST_CHECK;

/* Who signed an addendum without its key part, and when, as it says. */
int verify_addendum_signer(const struct verify_context *context,
    const struct blob *cms, struct digest *ret_signer, int64_t *ret_time,
    struct error *err) MUST_CHECK;

/*
 * A receipt: the path leads to the checkpoint (E3404), that is signed by the
 * log key which the directory holds for the statement's center (E3405, E3406),
 * and where the event needs an act, there is one (E3409) that says the same
 * (E3407) by the registered key of the recipient or of who receives for it
 * (E3408); of `rewrapped` the act is the sender's addendum.  `rewrap` and
 * `returned` may be a center's word, without act: the second only of what
 * waited for a key part, which is for the asker to know.  Who signed the act had
 * a valid certificate when the center stated it, or has now: a receipt may come
 * after its end, and clocks may be behind.  ERROR_BUSY (E3410) without a directory.  `act` and `act_cms` own
 * what ret_receipt points to.
 */
int verify_receipt(const struct verify_context *context,
    const struct blob *json, struct message_receipt *ret_receipt,
    struct bytes *act, struct bytes *act_cms, struct error *err) MUST_CHECK;

/*
 * Whether the certificate is registered for `code`, or for who receives for it,
 * and was not revoked at `at_ms`.
 */
bool verify_is_registered(const struct verify_context *context,
    const char *code, enum key_use use, const struct digest *fingerprint,
    int64_t at_ms);

/*
 * A request to cosign: form (E5025, E5020), and the log key that the directory
 * holds for the note's origin (E3405, E5021).  One of management's log must end
 * with a timestamp, which comes with it (E3612, E3611).  `proof` and `stated`
 * own what ret_checkpoint->proof and ->stated point to; the note is the
 * request's.
 */
int verify_checkpoint(const struct verify_context *context,
    const struct root *root, const struct blob *request,
    struct message_checkpoint *ret_checkpoint, struct bytes *proof,
    struct bytes *stated, struct error *err) MUST_CHECK;

/* What a request to cosign management's log brings besides; blobs empty. */
struct verify_stated {
	struct blob receipt;
	struct blob cms;
};

/*
 * The timestamp by the root's key that is the last of `size` entries of the
 * tree.  Appends its JSON.
 */
int verify_stated(const struct verify_context *context, const struct root *root,
    const struct verify_stated *stated, uint64_t size,
    const struct digest *tree_root, struct bytes *json,
    struct error *err) MUST_CHECK;

/*
 * Whether a receipt shows that management's log has the bulletin, under a
 * checkpoint that the quorum of `root` cosigned; for a timestamp, as its last
 * entry.  ERROR_UNTRUSTED E3611, E3610, E3405, E5021.  `*ret_witnessed_at`: when
 * the first of those did who are counted.
 */
int verify_published(const struct verify_context *context,
    const struct root *root, const struct blob *receipt,
    const struct bulletin *bulletin, int64_t *ret_witnessed_at,
    struct error *err) MUST_CHECK;

/*
 * The management host that keeps the log of this origin, or of an epoch before
 * it; with NULL, any log.  Returns ret_management, or NULL for none.
 */
const struct directory_center *
verify_find_management_log(const struct verify_context *context,
    const char *origin, struct directory_center *ret_management);

/*
 * A checkpoint with cosignatures: that of the log as above, and by how many
 * authorities among the root's witnesses it is cosigned.  A bad cosignature of
 * one of them is E5021.
 */
int verify_cosigned(const struct verify_context *context,
    const struct root *root, const struct blob *note,
    struct message_cosigned *ret_cosigned, struct error *err) MUST_CHECK;

/*
 * A token by one of the time-stamping authorities that the root names (E3603)
 * over this digest, with this nonce (0: any; E3602).  The token is borrowed.
 */
int verify_token(const struct root *root, const struct blob *token,
    const struct digest *digest, uint64_t nonce,
    struct message_stamp *ret_stamp, struct error *err) MUST_CHECK;

/* The same in the answer that an authority gave (E3601). */
int verify_stamp(const struct root *root,
    const struct message_verify_stamp *request, struct message_stamp *ret_stamp,
    struct error *err) MUST_CHECK;

/*
 * Where the revocation of a certificate can be asked, URLs line by line, and the
 * OCSPRequest about it.  ERROR_UNTRUSTED (E3004) if no anchor of the root made it.
 */
int verify_status_places(const struct root *root,
    const struct message_status_ask *request, struct bytes *ocsp,
    struct bytes *crl, struct bytes *ask, struct error *err) MUST_CHECK;

/*
 * What an OCSP answer, or a list, says of one certificate that an anchor of the
 * root made, as ocsp_check() and crl_open() have it; `at_ms` of 0 is evidence.
 */
int verify_revocation(const struct root *root, bool is_list,
    const struct blob *answer, const struct digest *nonce,
    const struct blob *certificate, int64_t at_ms,
    struct revocation *ret_revocation, struct error *err) MUST_CHECK;

/*
 * The same of several certificates, at most 256: one struct message_status_one
 * each.  Only what is wrong with the request fails.
 */
int verify_status(const struct root *root,
    const struct message_verify_status *request, int64_t now_ms,
    struct bytes *verdicts, struct error *err) MUST_CHECK;

/* What verify_grown() found; start it as `{ 0 }`. */
struct verify_grown {
	struct bytes cosigned; /* struct message_cosigned */
	struct blob note;      /* part of the request */
	struct bytes stamps;   /* list of struct message_stamp */
	struct bytes verdicts; /* list of struct message_grown_one */
};

/*
 * Whether a cosigned checkpoint, by enough authorities (else E5029), or a
 * stamped one, by at least one (else E3603), continues each of those that
 * somebody holds.  `*ret_grown` is to be freed also after a failure.
 */
int verify_grown(const struct verify_context *context, const struct root *root,
    const struct message_verify_grown *request, struct verify_grown *ret_grown,
    struct error *err) MUST_CHECK;
void verify_grown_free(struct verify_grown *grown);

/* The name of a witness's key: "yizhan/production/witness/center-b". */
void verify_witness_name(const char *environment, const char *host,
    char to[NOTE_NAME_SIZE]);

/*
 * Any CMS.  One signer must be trusted; several (bulletins) are for the asker.
 * `content` and `signers` own what ret_signed points to.
 */
int verify_signed(const struct verify_context *context,
    const struct message_verify_signed *request,
    struct message_signed *ret_signed, struct bytes *content,
    struct bytes *signers, struct error *err) MUST_CHECK;

/* Whether the signer is trusted; ERROR_UNTRUSTED (E3003, E3004). */
int verify_signer(const struct verify_context *context,
    const struct signed_by *by, struct error *err) MUST_CHECK;

#endif
