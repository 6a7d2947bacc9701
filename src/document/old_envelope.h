/*
 * The envelope of the former exchange: EN (信封檔), who sends which files to
 * whom, and ESW (加密切換檔), each recipient's key.  Read for what it says;
 * it opens nothing here and vouches for nothing.  Its DTD is not known: what
 * the elements are comes from public programs that write it.
 */
#ifndef DOCUMENT_OLD_ENVELOPE_H
#define DOCUMENT_OLD_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/org.h"

struct document_input;
struct error;
struct findings;
struct pool;

enum { OLD_ENVELOPE_LEN_MAX = 4 * 1024 * 1024 };

enum old_envelope_kind {
	OLD_ENVELOPE_EN,  /* root g2b2c-envelope */
	OLD_ENVELOPE_ESW, /* root g2b2c-encrypt-list */
};

struct old_envelope_party {
	struct org_code code; /* "" only where a finding says that it is bad */
	const char *name;
};

struct old_envelope_file {
	const char *name;
	bool needs_signature;
	const char *algorithm; /* "SHA256" */
	const char *hash;      /* in hex, as written */
	const char *note;
};

/* One card of a recipient, and the key that was encrypted for it. */
struct old_envelope_card {
	struct org_code code;
	const char *type;   /* "GCA" */
	const char *number; /* of the card */
	const char *method; /* "RSA" */
	size_t key_len;     /* characters of base64 */
};

struct old_envelope {
	const char *name; /* of the file */
	enum old_envelope_kind kind;
	/* Of EN. */
	struct old_envelope_party sender;
	const struct old_envelope_party *receivers;
	size_t receiver_count;
	const char *service;
	const char *application;
	const char *subject;
	const char *expires; /* "2026-12-20 23:59:59", as written */
	const struct old_envelope_file *files;
	size_t file_count;
	/* Of ESW. */
	const struct old_envelope_card *cards;
	size_t card_count;
};

/*
 * Read and check one envelope.  Returns 1, or 0 if the file is refused as a
 * whole (findings tell why), or -1 if memory ran out.
 */
int old_envelope_read(const struct document_input *input, struct pool *pool,
    struct findings *findings, struct old_envelope *ret_envelope,
    struct error *err) MUST_CHECK;

#endif
