/* What the files of cli/offline.h share. */
#ifndef CLI_OFFLINE_INTERNAL_H
#define CLI_OFFLINE_INTERNAL_H

#include <stdbool.h>

#include "base/bytes.h"
#include "bulletin/state.h"
#include "cli/offline.h"
#include "directory/directory_proof.h"
#include "role/verifier/verify.h"

enum { OFFLINE_BULLETINS_MAX = 512, OFFLINE_PAGES_MAX = 256 };

/* Not ours. */
struct offline_page {
	uint64_t serial;
	struct blob json;
};

struct offline {
	struct bulletin_state *state;
	struct offline_page pages[OFFLINE_PAGES_MAX];
	size_t page_count;
	struct directory_parties parties; /* whose entries are wanted */
	struct bulletin *bulletins; /* every root, network and directory */
	size_t count;
	/* Those that are judged by now; NULL: none chosen yet. */
	const struct bulletin *root, *network, *directory_bulletin;
	struct rows *rows; /* that have the directory; or NULL */
	struct bytes image;
	struct directory *directory;
	struct trust *trust;
	struct cert_cache *certs;
	struct checkpoint_cache *checkpoints;
	struct batch_cache *batches;
	struct verify_context context;
	struct bytes act;
	struct bytes act_cms;
};

/*
 * Take a bulletin, of each version: evidence is judged by that of its time.
 * What it was before stays as it is after a failure.
 */
int offline_take(struct offline *offline, const void *cms, size_t len,
    int64_t now, struct error *err) MUST_CHECK;

/* Every file of a folder; what came before is newer if it `is_addition`. */
int offline_take_folder(struct offline *offline, const char *folder,
    int64_t now, bool is_addition, struct error *err) MUST_CHECK;

/*
 * The version of serial `wanted`; without it the next newer one, which still
 * names the keys of before, or the newest of all.
 */
const struct bulletin *offline_find(const struct offline *offline,
    enum bulletin_type type, uint64_t wanted);

/* The directory of the bulletins that are chosen, in place of the one before. */
int offline_build_directory(struct offline *offline,
    struct error *err) MUST_CHECK;

#endif
