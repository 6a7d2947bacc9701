#include "bulletin/draft.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert_cache.h"
#include "crypto/signed.h"
#include "json/json_read.h"

static const char magic[] = "YZDRAFT1\n";

enum {
	MAGIC_LEN = sizeof(magic) - 1,
	RECORD_BULLETIN = 'U',
	RECORD_BEFORE = 'P',
	RECORD_ROOT = 'R',
	RECORD_WAS = 'E',
	RECORD_HEAD = 1 + 8,
	GROUP = 4, /* digits of the check code that are read together */
	DIGITS = 2 * DIGEST_LEN,
};

void
draft_free(struct draft *draft)
{
	bulletin_free(&draft->bulletin);
	bulletin_free(&draft->before);
	root_free(&draft->root);
	root_free(&draft->new_root);
	json_document_free(draft->was_document);
	memset(draft, 0, sizeof(*draft));
}

size_t
draft_bytes_max(void)
{
	return 3 * bulletin_bytes_max(BULLETIN_DIRECTORY) +
	    bulletin_bytes_max(BULLETIN_ROOT) + MAGIC_LEN + 4 * RECORD_HEAD;
}

/* ---- the file ----------------------------------------------------------- */

static void
put_record(struct bytes *to, uint8_t kind, const struct bytes *json)
{
	bytes_put_u8(to, kind);
	bytes_put_u64(to, json->len);
	bytes_put(to, json->data, json->len);
	to->failed |= json->failed;
}

void
draft_put(struct bytes *to, const struct bytes *bulletin,
    const struct bytes *before, const struct bytes *root,
    const struct bytes *was)
{
	bytes_put(to, magic, MAGIC_LEN);
	put_record(to, RECORD_BULLETIN, bulletin);
	put_record(to, RECORD_BEFORE, before);
	put_record(to, RECORD_ROOT, root);
	if (was->len > 0)
		put_record(to, RECORD_WAS, was);
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E7030", ERROR_MALFORMED, "draft: %s", what);
}

/* One record, borrowed; NULL after a failure. */
static const uint8_t *
take_record(struct cursor *cursor, uint8_t kind, size_t *ret_len)
{
	uint64_t len;

	if (cursor_u8(cursor) != kind)
		cursor->failed = true;
	len = cursor_u64(cursor);
	*ret_len = cursor->failed || len > cursor->left ? 0 : (size_t)len;
	if (len > cursor->left)
		cursor->failed = true;
	return cursor->failed ? NULL : cursor_take(cursor, *ret_len);
}

static int
read_root(const struct bulletin *bulletin, struct root *to, struct error *err)
{
	if (bulletin->type != BULLETIN_ROOT)
		return malformed(err, "its root is another bulletin");
	return root_decode(bulletin, to, err);
}

/* The root by which it is judged: the old one, or its own at first. */
static int
read_roots(struct draft *draft, const void *root, size_t len, struct error *err)
{
	struct bulletin bulletin = { 0 };
	int rc;

	if (draft->bulletin.type == BULLETIN_ROOT) {
		if (read_root(&draft->bulletin, &draft->new_root, err) < 0)
			return -1;
		return read_root(draft->has_before ? &draft->before
						   : &draft->bulletin,
		    &draft->root, err);
	}
	if (bulletin_parse(root, len, &bulletin, err) < 0)
		return -1;
	rc = text_equal(bulletin.environment, draft->bulletin.environment)
	    ? read_root(&bulletin, &draft->root, err)
	    : malformed(err, "its root is of another environment");
	bulletin_free(&bulletin);
	return rc;
}

/* Does the predecessor, if there must be one, come before it? */
static int
check_before(const struct draft *draft, struct error *err)
{
	const struct bulletin *bulletin = &draft->bulletin;
	const struct bulletin *before = &draft->before;
	const struct digest none = { { 0 } };

	if (!draft->has_before)
		return bulletin->serial == 1 &&
			digest_equal(&bulletin->previous, &none)
		    ? 0
		    : malformed(err, "its predecessor is missing");
	if (before->type != bulletin->type ||
	    !text_equal(before->name, bulletin->name) ||
	    !text_equal(before->environment, bulletin->environment) ||
	    before->serial + 1 != bulletin->serial)
		return malformed(err, "it follows another bulletin");
	if (!digest_equal(&before->digest, &bulletin->previous))
		return malformed(err,
		    "its predecessor has another digest than it names");
	return 0;
}

static int
read_was(struct draft *draft, const void *json, size_t len, struct error *err)
{
	if (json_read(json, len, len, &draft->was_document, err) < 0)
		return malformed(err, "what was before is no JSON");
	draft->was = json_root(draft->was_document);
	return json_value_is_array(draft->was)
	    ? 0
	    : malformed(err, "what was before is no list");
}

static int
parse(struct draft *draft, struct cursor cursor, struct error *err)
{
	size_t bulletin_len, before_len, root_len, was_len = 0;
	const uint8_t *bulletin, *before, *root, *was = NULL;

	bulletin = take_record(&cursor, RECORD_BULLETIN, &bulletin_len);
	before = take_record(&cursor, RECORD_BEFORE, &before_len);
	root = take_record(&cursor, RECORD_ROOT, &root_len);
	if (cursor.left > 0)
		was = take_record(&cursor, RECORD_WAS, &was_len);
	if (!cursor_done(&cursor))
		return malformed(err, "a part is missing, or too much");
	draft->has_before = before_len > 0;
	if (bulletin_parse(bulletin, bulletin_len, &draft->bulletin, err) < 0 ||
	    (draft->has_before &&
		bulletin_parse(before, before_len, &draft->before, err) < 0) ||
	    check_before(draft, err) < 0 ||
	    (was != NULL && read_was(draft, was, was_len, err) < 0))
		return -1;
	return read_roots(draft, root, root_len, err);
}

int
draft_parse(const void *data, size_t len, struct draft *ret_draft,
    struct error *err)
{
	struct draft draft = { 0 };

	if (len > draft_bytes_max() || len < MAGIC_LEN ||
	    memcmp(data, magic, MAGIC_LEN) != 0)
		return malformed(err, "not a file of a draft");
	if (parse(&draft,
		cursor_of((const uint8_t *)data + MAGIC_LEN, len - MAGIC_LEN),
		err) < 0) {
		draft_free(&draft);
		return -1;
	}
	*ret_draft = draft;
	return 0;
}

/* ---- signatures --------------------------------------------------------- */

static bool
role_has(const struct root *root, const struct bulletin *bulletin,
    const struct digest *fingerprint)
{
	const struct bulletin_role *role =
	    root_role_of(root, bulletin->type, bulletin->name);

	for (size_t i = 0; role != NULL && i < role->certificate_count; i++)
		if (digest_equal(&role->certificates[i], fingerprint))
			return true;
	return false;
}

int
draft_check_signer(const struct draft *draft, const struct digest *fingerprint,
    struct error *err)
{
	const struct bulletin *bulletin = &draft->bulletin;

	if (role_has(&draft->root, bulletin, fingerprint) ||
	    (bulletin->type == BULLETIN_ROOT &&
		role_has(&draft->new_root, bulletin, fingerprint)))
		return 0;
	return error_set_id(err, "E7034", ERROR_UNTRUSTED,
	    "the root does not name this certificate for %s",
	    bulletin_type_name(bulletin->type));
}

static int
check_threshold(const struct root *root, const struct draft *draft,
    const struct bulletin_signers *signers, struct error *err)
{
	const struct bulletin_role *role =
	    root_role_of(root, draft->bulletin.type, draft->bulletin.name);

	if (role == NULL)
		return error_set_id(err, "E7003", ERROR_UNTRUSTED,
		    "the root lets nobody sign %s",
		    bulletin_type_name(draft->bulletin.type));
	return bulletin_check_role(signers, role, err);
}

/* What was joined, opened as every host will. */
static int
check_joined(const struct draft *draft, struct cert_cache *cache,
    const struct bytes *joined, struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct bulletin_signers signers;
	int rc = 0;

	if (bulletin_open(cache, joined->data, joined->len, &bulletin, &signers,
		err) < 0)
		return -1;
	bulletin_free(&bulletin);
	for (size_t i = 0; i < signers.count && rc == 0; i++)
		rc = draft_check_signer(draft, &signers.fingerprints[i], err);
	if (rc == 0)
		rc = check_threshold(&draft->root, draft, &signers, err);
	if (rc == 0 && draft->bulletin.type == BULLETIN_ROOT)
		rc = check_threshold(&draft->new_root, draft, &signers, err);
	return rc;
}

int
draft_combine(const struct draft *draft, struct cert_cache *cache,
    const struct signed_part *parts, size_t count, int64_t now_ms,
    struct bytes *to, struct error *err)
{
	struct bytes joined = { 0 };
	int rc = -1;

	if (draft->bulletin.expires_ms <= now_ms)
		return error_set_id(err, "E7035", ERROR_DENIED,
		    "it has expired before it was published");
	if (signed_join(cache, parts, count, draft->bulletin.json.data,
		draft->bulletin.json.len, &joined, err) < 0) {
		if (err->code == ERROR_MALFORMED ||
		    err->code == ERROR_UNTRUSTED)
			text_copy(err->id, sizeof(err->id), "E7032");
		goto done;
	}
	if (check_joined(draft, cache, &joined, err) < 0)
		goto done;
	bytes_put(to, joined.data, joined.len);
	rc = bytes_failed(to, err);
done:
	bytes_free(&joined);
	return rc;
}

/* ---- the check code ------------------------------------------------------ */

void
draft_format_code(const struct digest *digest, char to[DRAFT_CODE_SIZE])
{
	char text[DIGEST_TEXT_SIZE];
	size_t at = 0;

	digest_format(digest, text);
	for (size_t i = 0; i < DIGITS; i++) {
		if (i > 0 && i % GROUP == 0)
			to[at++] = ' ';
		to[at++] = text[i];
	}
	to[at] = '\0';
}

bool
draft_code_matches(const struct digest *digest, const char *typed)
{
	char text[DIGEST_TEXT_SIZE];
	size_t matched = 0;

	digest_format(digest, text);
	for (const char *at = typed; *at != '\0'; at++) {
		char c =
		    *at >= 'A' && *at <= 'F' ? (char)(*at - 'A' + 'a') : *at;

		if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (matched == DIGITS || text[matched] != c)
			return false;
		matched++;
	}
	return matched >= (size_t)DRAFT_CODE_ASKED * GROUP &&
	    matched % GROUP == 0;
}
