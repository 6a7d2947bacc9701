/*
 * Messages between roles (role/message.h): what the keeper, the crypto module, is asked.
 */
#ifndef ROLE_MESSAGE_KEEPER_H
#define ROLE_MESSAGE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/digest.h"
#include "role/codec.h"
#include "role/message/message_type.h"

/*
 * Keeper: the crypto module.
 */

struct message_keys {
	struct blob keys; /* list of struct message_key_entry */
};

struct message_key_entry {
	char name[MESSAGE_KEY_NAME_SIZE]; /* as in the configuration */
	struct digest certificate;
	struct blob der;
};

/* Sign a typed statement: the keeper looks at its first bytes and refuses
 * what the key may not sign. */
struct message_sign {
	char key[MESSAGE_KEY_NAME_SIZE];
	uint8_t kind; /* enum keeper_kind */
	int64_t time;
	struct blob statement;
};

/*
 * Sign many statements of one kind at once: each is looked at as above, then
 * one signature is made over the tree of all (envelope/batch.h).
 */
struct message_sign_batch {
	char key[MESSAGE_KEY_NAME_SIZE];
	uint8_t kind; /* KEEPER_WAYBILL or KEEPER_ACT */
	int64_t time;
	struct blob statements; /* list of struct message_statement */
};

struct message_statement {
	struct blob statement;
};

struct message_signature {
	/* CMS; for checkpoints and cosignatures the 64 bytes of Ed25519. */
	struct blob signature;
};

/* Verifier to keeper: fixed fields of a key part, no CMS. */
struct message_unwrap {
	struct blob fields; /* sealed_codec_encode() */
};

struct message_unwrapped {
	struct blob key; /* content-encryption key */
	struct digest seal;
};

/* Seal a secret for the store; and open it again. */
struct message_keep {
	bool is_open;
	struct blob secret;
};

struct message_kept {
	struct blob secret;
};

/* What the crypto module is to do, and how it is then. */
enum module_action {
	MODULE_SHOW,
	MODULE_SELFTEST,
	MODULE_ZEROISE,
	MODULE_RELEASE, /* take note of `programs` */
};

struct message_module {
	uint8_t action;       /* enum module_action */
	bool is_ours;         /* the release is of the version that runs */
	struct blob programs; /* digests that the release bulletin names */
};

struct message_module_state {
	uint8_t state;     /* enum keeper_state */
	uint8_t integrity; /* enum keeper_integrity */
	struct digest program;
	uint32_t passed; /* bits 1 << enum known_answer */
	uint64_t uses_max;
	struct blob failure; /* text */
	struct blob keys;    /* list of struct message_key_uses */
};

struct message_key_uses {
	char name[MESSAGE_KEY_NAME_SIZE];
	struct digest certificate;
	uint64_t uses;
};

/* Management: the certificate of a gateway's crypto module, by key `issuer`. */
enum { MESSAGE_CODES_SIZE = 513 };

struct message_issue {
	char host[MESSAGE_HOST_SIZE];
	char codes[MESSAGE_CODES_SIZE]; /* organisations, a blank between */
	struct blob public_key;         /* P-256, uncompressed point */
	int64_t not_before_at;
	int64_t not_after_at;
};

struct message_issued {
	struct blob certificate; /* DER */
};

/* What a gateway asks for: the verifier takes it apart. */
struct message_verify_module_request {
	struct blob request; /* docs/crypto-module.md */
};

struct message_module_request {
	char host[MESSAGE_HOST_SIZE];
	char codes[MESSAGE_CODES_SIZE];
	int64_t time;
	struct blob public_key;
	struct blob json; /* what is authenticated by the one-time code ... */
	struct blob mac;  /* ... with this HMAC */
};

#endif
