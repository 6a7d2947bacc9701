/*
 * A token of SoftHSM in a folder of its own (SOFTHSM2_CONF), filled by stock
 * tools.  What cannot be made ends the test program.
 */
#ifndef HARNESS_TOKEN_H
#define HARNESS_TOKEN_H

#include "harness/scratch.h"

struct cert;
struct key;

extern const char token_library_path[];

struct token_folder {
	char path[SCRATCH_PATH_SIZE];
	char tokens[SCRATCH_PATH_SIZE + 16]; /* what SoftHSM keeps there */
	char pin_path[SCRATCH_PATH_SIZE + 16];
};

/* With one token "yizhan", whose PIN is in `pin_path`. */
void token_folder_make(struct token_folder *ret_folder);
void token_folder_remove(const struct token_folder *folder);

/* Put in a key that may sign, or agree if it is on a curve; `id` is in hex. */
void token_folder_add_key(const struct token_folder *folder, const char *name,
    const char *id, const struct key *key);
void token_folder_add_cert(const struct token_folder *folder, const char *name,
    const char *id, const struct cert *cert);

/* The URI of a key of it, in a buffer that the next call uses again. */
const char *token_folder_uri(const struct token_folder *folder,
    const char *name);

/* Somebody pulls the token out, and puts it back. */
void token_folder_pull(const struct token_folder *folder);
void token_folder_put_back(const struct token_folder *folder);

#endif
