#include "cli/offline.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "cli/offline_internal.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/trust.h"
#include "directory/directory.h"
#include "envelope/batch_open.h"
#include "envelope/statement.h"
#include "role/verifier/checkpoint_cache.h"

enum { CERTS = 256, CHECKPOINTS = 64, BATCHES = 64 };

void
offline_use_rows(struct offline *offline, struct rows *rows)
{
	offline->rows = rows;
}

static int
trust_anchors(struct offline *offline, struct error *err)
{
	struct root root = { 0 };
	int rc = 0;

	trust_free(offline->trust);
	offline->trust = NULL;
	if (root_decode(offline->root, &root, err) < 0)
		return -1;
	if (trust_new(&offline->trust, err) < 0)
		rc = -1;
	for (size_t i = 0; i < root.anchor_count && rc == 0; i++) {
		struct cert *anchor = NULL;

		rc = cert_parse(root.anchors[i].data, root.anchors[i].len,
		    &anchor, err);
		if (rc == 0)
			rc = trust_add_anchor(offline->trust, anchor, err);
		cert_free(anchor);
	}
	root_free(&root);
	return rc;
}

int
offline_add_page(struct offline *offline, uint64_t serial,
    const struct blob *json, struct error *err)
{
	if (offline->page_count == OFFLINE_PAGES_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "more than %d pages of directories", OFFLINE_PAGES_MAX);
	offline->pages[offline->page_count++] =
	    (struct offline_page){ serial, *json };
	return 0;
}

int
offline_set_parties(struct offline *offline, const struct org_code *sender,
    const struct org_code *recipient, struct error *err)
{
	offline->parties.count = 0;
	return directory_parties_add(&offline->parties, sender, err) < 0
	    ? -1
	    : directory_parties_add(&offline->parties, recipient, err);
}

int
offline_select(struct offline *offline, const struct statement_serials *serials,
    int64_t at, struct error *err)
{
	const struct bulletin *root =
	    offline_find(offline, BULLETIN_ROOT, serials->root);
	const struct bulletin *network =
	    offline_find(offline, BULLETIN_NETWORK, serials->network);
	const struct bulletin *directory =
	    offline_find(offline, BULLETIN_DIRECTORY, serials->directory);

	if (root == NULL)
		return error_set(err, ERROR_UNTRUSTED, "no root bulletin");
	if (root != offline->root) {
		offline->root = root;
		if (trust_anchors(offline, err) < 0)
			return -1;
	}
	if (offline->directory == NULL || network != offline->network ||
	    directory != offline->directory_bulletin) {
		offline->network = network;
		offline->directory_bulletin = directory;
		if (offline_build_directory(offline, err) < 0)
			return -1;
	}
	offline->context.trust = offline->trust;
	offline->context.directory = offline->directory;
	offline->context.now = at;
	return 0;
}

const struct verify_context *
offline_context(const struct offline *offline)
{
	return &offline->context;
}

/* Nothing taken yet. */
static int
new_offline(const char *root, const char *environment, int64_t now,
    struct offline **ret_offline, struct error *err)
{
	struct offline *offline;
	struct digest pin;

	if (!digest_parse(root, &pin))
		return error_set(err, ERROR_MALFORMED,
		    "\"%s\" is not a SHA-256 of 64 hex digits", root);
	offline = calloc(1, sizeof(*offline));
	if (offline == NULL)
		return error_set_memory(err);
	/* One more, so that `take` can always hold what it has taken. */
	offline->bulletins =
	    calloc(OFFLINE_BULLETINS_MAX + 1, sizeof(struct bulletin));
	if (offline->bulletins == NULL ||
	    bulletin_state_new(environment, &pin, &offline->state, err) < 0 ||
	    cert_cache_new(CERTS, &offline->certs, err) < 0 ||
	    checkpoint_cache_new(CHECKPOINTS, &offline->checkpoints, err) < 0 ||
	    batch_cache_new(BATCHES, &offline->batches, err) < 0) {
		offline_close(offline);
		return err->code == ERROR_NONE ? error_set_memory(err) : -1;
	}
	offline->context = (struct verify_context){
		.environment = environment,
		.certs = offline->certs,
		.checkpoints = offline->checkpoints,
		.batches = offline->batches,
		.now = now,
	};
	*ret_offline = offline;
	return 0;
}

int
offline_open(const char *folder, const char *root, const char *environment,
    int64_t now, struct offline **ret_offline, struct error *err)
{
	const struct statement_serials newest = { UINT64_MAX, UINT64_MAX,
		UINT64_MAX, UINT64_MAX };
	struct offline *offline = NULL;

	if (new_offline(root, environment, now, &offline, err) < 0)
		return -1;
	if (offline_take_folder(offline, folder, now, false, err) < 0 ||
	    offline_select(offline, &newest, now, err) < 0) {
		offline_close(offline);
		return -1;
	}
	*ret_offline = offline;
	return 0;
}

int
offline_open_parts(const struct offline_part *parts, size_t count,
    const char *folder, const char *root, const char *environment, int64_t now,
    struct offline **ret_offline, struct error *err)
{
	struct offline *offline = NULL;

	if (new_offline(root, environment, now, &offline, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (offline_take(offline, parts[i].cms.data, parts[i].cms.len,
			now, err) < 0) {
			error_prefix(err, "%s", parts[i].name);
			goto failed;
		}
	if (folder != NULL &&
	    offline_take_folder(offline, folder, now, true, err) < 0)
		goto failed;
	*ret_offline = offline;
	return 0;
failed:
	offline_close(offline);
	return -1;
}

bool
offline_reaches(const struct offline *offline, enum bulletin_type type,
    uint64_t serial)
{
	const struct bulletin *found = offline_find(offline, type, serial);

	return found != NULL && found->serial >= serial;
}

uint64_t
offline_newest_root(const struct offline *offline)
{
	const struct bulletin *found =
	    offline_find(offline, BULLETIN_ROOT, UINT64_MAX);

	return found != NULL ? found->serial : 0;
}

int
offline_root(const struct offline *offline, uint64_t serial,
    struct root *ret_root, struct error *err)
{
	const struct bulletin *found =
	    offline_find(offline, BULLETIN_ROOT, serial);

	if (found == NULL || found->serial < serial)
		return 0;
	return root_decode(found, ret_root, err) < 0 ? -1 : 1;
}

size_t
offline_serials(const struct offline *offline, enum bulletin_type type,
    uint64_t *to, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < offline->count && count < max; i++)
		if (offline->bulletins[i].type == type)
			to[count++] = offline->bulletins[i].serial;
	return count;
}

bool
offline_has(const struct offline *offline, enum bulletin_type type,
    uint64_t serial)
{
	const struct bulletin *found = offline_find(offline, type, serial);

	return found != NULL && (serial == 0 || found->serial == serial);
}

void
offline_close(struct offline *offline)
{
	if (offline == NULL)
		return;
	for (size_t i = 0; i < offline->count; i++)
		bulletin_free(&offline->bulletins[i]);
	free(offline->bulletins);
	directory_close(offline->directory);
	bytes_free(&offline->image);
	trust_free(offline->trust);
	cert_cache_free(offline->certs);
	checkpoint_cache_free(offline->checkpoints);
	batch_cache_free(offline->batches);
	bulletin_state_free(offline->state);
	bytes_free(&offline->act);
	bytes_free(&offline->act_cms);
	free(offline);
}

static int
check(struct offline *offline, const struct blob *json,
    struct message_receipt *ret_receipt, struct error *err)
{
	bytes_clear(&offline->act);
	bytes_clear(&offline->act_cms);
	return verify_receipt(&offline->context, json, ret_receipt,
	    &offline->act, &offline->act_cms, err);
}

/*
 * A record that was restored before any checkpoint covered it has its first one
 * in the epoch after, which only a later network bulletin names.
 */
static int
check_later(struct offline *offline, const struct blob *json,
    struct message_receipt *ret_receipt, struct error *err)
{
	const struct bulletin *selected = offline->network;
	struct error first = *err;
	int rc = -1;

	for (uint64_t serial = selected->serial + 1;
	     rc < 0 && text_equal(error_message_id(err), "E3406") &&
	     offline_reaches(offline, BULLETIN_NETWORK, serial);
	     serial = offline->network->serial + 1) {
		offline->network =
		    offline_find(offline, BULLETIN_NETWORK, serial);
		*err = (struct error){ 0 };
		rc = offline_build_directory(offline, err);
		offline->context.directory = offline->directory;
		if (rc == 0)
			rc = check(offline, json, ret_receipt, err);
	}
	/* What comes next is judged as was chosen. */
	offline->network = selected;
	if (offline_build_directory(offline, rc < 0 ? &first : err) < 0)
		rc = -1;
	offline->context.directory = offline->directory;
	if (rc < 0)
		*err = first;
	return rc;
}

int
offline_check_receipt(struct offline *offline, const void *json, size_t len,
    struct message_receipt *ret_receipt, struct error *err)
{
	struct blob blob = blob_of(json, len);
	int rc = check(offline, &blob, ret_receipt, err);

	return rc < 0 && text_equal(error_message_id(err), "E3406")
	    ? check_later(offline, &blob, ret_receipt, err)
	    : rc;
}
