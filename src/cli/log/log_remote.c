#include "cli/log/log_remote.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "cli/local.h"
#include "cli/offline.h"
#include "crypto/merkle.h"
#include "envelope/statement.h"
#include "log/conflict.h"
#include "log/tile_path.h"
#include "log/tree.h"
#include "role/verifier/verify.h"

enum { RECORDS_MAX = 8 * 1024 * 1024, PATH_SIZE = 256 };

struct auditing {
	const struct log_remote_terms *terms;
	struct log_trust *trust;
	struct leaves_summary *summary;
	struct log_remote_found *found;
	struct note_checkpoint newest;
	struct bytes text;   /* the newest checkpoint */
	struct bytes hashes; /* of all its records */
};

static const char *
name_of(const struct auditing *auditing)
{
	return auditing->terms->by->name;
}

static void
find(struct auditing *auditing, enum leaves_fault fault, uint64_t first,
    uint64_t last, const char *why)
{
	const struct leaves_finding finding = { fault, first, last, why };

	auditing->summary->findings++;
	auditing->terms->tell(auditing->terms->ctx, &finding);
}

/* ---- asking ---------------------------------------------------------- */

static int
fetch(const struct auditing *auditing, const char *part, struct bytes *to,
    struct error *err)
{
	struct http_answer answer = { .status = 0 };
	char path[PATH_SIZE];
	int rc;

	snprintf(path, sizeof(path), "/v1/logs/%s/%s", name_of(auditing), part);
	rc = local_get(auditing->terms->local, path, &answer, err);
	if (rc == 0) {
		bytes_put(to, answer.body.data, answer.body.len);
		rc = bytes_failed(to, err);
	}
	http_answer_free(&answer);
	return rc;
}

/* The newest checkpoint, which need not be cosigned yet. */
static int
fetch_newest(struct auditing *auditing, struct error *err)
{
	if (fetch(auditing, "checkpoint", &auditing->text, err) < 0)
		return -1;
	if (log_trust_keep(auditing->trust, auditing->text.data,
		auditing->text.len, &auditing->newest, err) < 0)
		return error_prefix(err, "the newest checkpoint of %s",
		    name_of(auditing));
	if (auditing->newest.size > RECORDS_MAX)
		return error_set(err, ERROR_DENIED,
		    "%s has more than %d records: audit a copy of its folder",
		    name_of(auditing), RECORDS_MAX);
	auditing->summary->records = auditing->newest.size;
	return 0;
}

/* The newest that is cosigned; none is a finding. */
static int
fetch_cosigned(struct auditing *auditing, struct error *err)
{
	struct bytes *note = &auditing->found->note;
	struct note_checkpoint checkpoint;
	struct error why = { 0 };

	if (fetch(auditing, "cosigned", note, &why) < 0) {
		bytes_clear(note);
		if (why.code != ERROR_NOT_FOUND) {
			*err = why;
			return -1;
		}
		find(auditing, LEAVES_UNSIGNED, 0, 0,
		    "no witness cosigned anything");
		return 0;
	}
	if (log_trust_keep(auditing->trust, note->data, note->len, &checkpoint,
		err) < 0)
		return error_prefix(err, "the cosigned checkpoint of %s",
		    name_of(auditing));
	auditing->summary->attested = checkpoint.size;
	return 0;
}

/* By the newest root, which names the witnesses. */
static int
count_witnesses(struct auditing *auditing, struct error *err)
{
	const struct statement_serials newest = { UINT64_MAX, UINT64_MAX,
		UINT64_MAX, UINT64_MAX };
	struct offline *offline = auditing->trust->offline;
	const struct blob note = blob_of_bytes(&auditing->found->note);
	struct message_cosigned cosigned = { .quorum = 0 };
	struct root root = { 0 };
	int rc = -1;

	if (note.len == 0)
		return 0;
	if (offline_select(offline, &newest, auditing->terms->by->now, err) <
		0 ||
	    offline_root(offline, offline_newest_root(offline), &root, err) < 0)
		return -1;
	rc = verify_cosigned(offline_context(offline), &root, &note, &cosigned,
	    err);
	root_free(&root);
	if (rc < 0)
		return -1;
	auditing->found->authorities = cosigned.authorities;
	auditing->found->quorum = cosigned.quorum;
	if (cosigned.authorities == 0 || cosigned.authorities < cosigned.quorum)
		find(auditing, LEAVES_UNSIGNED, cosigned.size, cosigned.size,
		    "too few authorities cosigned it");
	return 0;
}

/* Hashes of all records; what is not given is a finding. */
static int
fetch_hashes(struct auditing *auditing, struct error *err)
{
	uint64_t size = auditing->newest.size;

	for (uint64_t first = 0; first < size; first += TILE_WIDTH) {
		struct tile_path path = { .index = first / TILE_WIDTH,
			.width = TILE_WIDTH };
		char name[TILE_PATH_SIZE], part[TILE_PATH_SIZE + 8];
		size_t before = auditing->hashes.len;
		struct error why = { 0 };

		if (size - first < TILE_WIDTH)
			path.width = (unsigned)(size - first);
		tile_path_format(&path, name);
		snprintf(part, sizeof(part), "tile/%s", name);
		if (fetch(auditing, part, &auditing->hashes, &why) == 0 &&
		    auditing->hashes.len - before ==
			(size_t)path.width * DIGEST_LEN)
			continue;
		if (why.code != ERROR_NONE && why.code != ERROR_NOT_FOUND) {
			*err = why;
			return -1;
		}
		auditing->hashes.len = before;
		find(auditing, LEAVES_MISSING, first, first + path.width - 1,
		    "the host does not give their hashes");
		return 0;
	}
	return 0;
}

/* ---- judging --------------------------------------------------------- */

static struct digest
hash_at(const struct auditing *auditing, uint64_t index)
{
	struct digest hash;

	memcpy(hash.bytes, auditing->hashes.data + index * DIGEST_LEN,
	    DIGEST_LEN);
	return hash;
}

static int
node_at(void *context, unsigned level, uint64_t index, struct digest *ret_hash,
    struct error *err)
{
	const struct auditing *auditing = context;
	struct tree_edge edge = { 0 };
	uint64_t first = index << level;

	(void)err;
	for (uint64_t i = 0; i < UINT64_C(1) << level; i++) {
		struct digest leaf = hash_at(auditing, first + i);

		tree_edge_append(&edge, &leaf, NULL, NULL);
	}
	*ret_hash = tree_edge_root(&edge);
	return 0;
}

/* That the log signed both; nothing if they can both be. */
static void
prove(struct auditing *auditing, size_t at)
{
	const struct log_trust *trust = auditing->trust;
	const struct note_checkpoint *kept = &trust->kept[at];
	struct digest proof[MERKLE_PATH_MAX];
	struct bytes text = { 0 };
	struct error err = { 0 };
	size_t count = 0;

	if (text_equal(kept->origin, auditing->newest.origin) &&
	    (kept->size == auditing->newest.size ||
		tree_conflict(kept->size, auditing->newest.size, node_at,
		    auditing, proof, &count, &err) == 0) &&
	    conflict_put(trust->texts[at].data, trust->texts[at].len,
		auditing->text.data, auditing->text.len, proof, count, &text,
		&err) == 0)
		bytes_put(&auditing->found->proofs, text.data, text.len);
	bytes_free(&text);
}

/* A tree of the size of each that was kept must have its root. */
static void
judge(struct auditing *auditing, uint64_t size, const struct digest *root)
{
	const struct log_trust *trust = auditing->trust;

	for (size_t i = 0; i < trust->kept_count; i++) {
		if (trust->kept[i].size != size)
			continue;
		if (digest_equal(&trust->kept[i].root, root)) {
			auditing->summary->checkpoints++;
			continue;
		}
		find(auditing, LEAVES_REWRITTEN, size, size,
		    "a checkpoint that the log signed says otherwise");
		prove(auditing, i);
	}
}

static void
judge_all(struct auditing *auditing)
{
	const struct log_trust *trust = auditing->trust;
	struct tree_edge edge = { 0 };
	size_t next = 0;

	for (uint64_t i = 0; i < auditing->newest.size; i++) {
		struct digest leaf = hash_at(auditing, i);

		tree_edge_append(&edge, &leaf, NULL, NULL);
		if (next == trust->kept_count ||
		    trust->kept[next].size != edge.size)
			continue;
		auditing->summary->root = tree_edge_root(&edge);
		judge(auditing, edge.size, &auditing->summary->root);
		while (next < trust->kept_count &&
		    trust->kept[next].size == edge.size)
			next++;
	}
	auditing->summary->root = tree_edge_root(&edge);
	for (; next < trust->kept_count; next++)
		find(auditing, LEAVES_SHORT, trust->kept[next].size,
		    trust->kept[next].size,
		    "a kept checkpoint counts more records");
}

static int
audit(struct auditing *auditing, struct error *err)
{
	const struct log_remote_terms *terms = auditing->terms;

	if (log_trust_open(terms->by, &auditing->trust, err) < 0)
		return -1;
	for (int i = 0; i < terms->kept_count; i++)
		if (log_trust_keep_file(auditing->trust, terms->kept[i], err) <
		    0)
			return -1;
	if (terms->memory != NULL && access(terms->memory, F_OK) == 0 &&
	    log_trust_keep_file(auditing->trust, terms->memory, err) < 0)
		return -1;
	/* In this order: what is cosigned is not newer than the newest. */
	if (fetch_cosigned(auditing, err) < 0 ||
	    fetch_newest(auditing, err) < 0 ||
	    count_witnesses(auditing, err) < 0 ||
	    fetch_hashes(auditing, err) < 0)
		return -1;
	if (auditing->hashes.len == auditing->newest.size * DIGEST_LEN)
		judge_all(auditing);
	return 0;
}

int
log_remote_audit(const struct log_remote_terms *terms,
    struct leaves_summary *ret_summary, struct log_remote_found *found,
    struct error *err)
{
	struct auditing auditing = { .terms = terms,
		.summary = ret_summary,
		.found = found };
	int rc;

	*ret_summary = (struct leaves_summary){ .records = 0 };
	*found = (struct log_remote_found){ .quorum = 0 };
	rc = audit(&auditing, err);
	log_trust_close(auditing.trust);
	bytes_free(&auditing.text);
	bytes_free(&auditing.hashes);
	return rc;
}
