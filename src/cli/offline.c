#include "cli/offline.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "bulletin/state.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/trust.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_image.h"
#include "directory/directory_proof.h"
#include "directory/directory_tree.h"
#include "envelope/batch_open.h"
#include "envelope/statement.h"
#include "json/json_read.h"
#include "role/contents/contents.h"
#include "role/verifier/checkpoint_cache.h"
#include "role/verifier/verify.h"

enum {
	CERTS = 256,
	CHECKPOINTS = 64,
	BATCHES = 64,
	BULLETINS_MAX = 512,
	PAGES_MAX = 256,
	PATH_SIZE = 4096
};

/* Not ours. */
struct offline_page {
	uint64_t serial;
	struct blob json;
};

struct offline {
	struct bulletin_state *state;
	struct offline_page pages[PAGES_MAX];
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

static int
read_file(const char *path, size_t max, struct bytes *to, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	do {
		uint8_t *room = bytes_extend(to, 65536);

		len = room != NULL ? read(fd, room, 65536) : -1;
		to->len -= 65536 - (len > 0 ? (size_t)len : 0);
	} while (len > 0 && to->len <= max);
	close(fd);
	if (len < 0)
		return error_set_errno(err, "reading %s", path);
	if (to->len > max)
		return error_set(err, ERROR_MALFORMED,
		    "%s is too long for a bulletin", path);
	return 0;
}

/* Of each version: evidence is judged by that of its time. */
static int
take(struct offline *offline, const void *cms, size_t len, int64_t now,
    struct error *err)
{
	struct bulletin bulletin = { 0 };
	enum bulletin_news news;

	if (offline->count == BULLETINS_MAX)
		return error_set(err, ERROR_MALFORMED, "more than %d bulletins",
		    BULLETINS_MAX);
	if (bulletin_state_take(offline->state, cms, len, now, &news, &bulletin,
		err) < 0)
		return -1;
	if (news == BULLETIN_ADOPTED &&
	    (bulletin.type == BULLETIN_ROOT ||
		bulletin.type == BULLETIN_NETWORK ||
		bulletin.type == BULLETIN_DIRECTORY))
		offline->bulletins[offline->count++] = bulletin;
	else
		bulletin_free(&bulletin);
	return 0;
}

static int
take_file(struct offline *offline, const char *path, int64_t now,
    struct error *err)
{
	struct bytes cms = { 0 };
	int rc = -1;

	if (read_file(path, bulletin_bytes_max(BULLETIN_DIRECTORY), &cms,
		err) == 0)
		rc = take(offline, cms.data, cms.len, now, err);
	bytes_free(&cms);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

static int
take_all(struct offline *offline, const char *folder, int64_t now,
    bool is_addition, struct error *err)
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, NULL, alphasort);
	int rc = 0;

	if (count < 0)
		return error_set_errno(err, "listing %s", folder);
	for (int i = 0; i < count; i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && rc == 0)
			rc = take_file(offline, path, now, err);
		/* What came before it, with the evidence, is newer: fine. */
		if (rc < 0 && is_addition && text_equal(err->id, "E7006")) {
			*err = (struct error){ 0 };
			rc = 0;
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

/*
 * The version of serial `wanted`; without it the next newer one, which still
 * names the keys of before, or the newest of all.
 */
static const struct bulletin *
find(const struct offline *offline, enum bulletin_type type, uint64_t wanted)
{
	const struct bulletin *best = NULL;

	for (size_t i = 0; i < offline->count; i++) {
		const struct bulletin *bulletin = &offline->bulletins[i];

		if (bulletin->type != type)
			continue;
		if (best == NULL || best->serial < wanted
			? best == NULL || bulletin->serial > best->serial
			: bulletin->serial >= wanted &&
			    bulletin->serial < best->serial)
			best = bulletin;
	}
	return best;
}

/* The bulletin of exactly this serial. */
static const struct bulletin *
find_directory(const struct offline *offline, uint64_t serial)
{
	const struct bulletin *found =
	    find(offline, BULLETIN_DIRECTORY, serial);

	return found != NULL && found->serial == serial ? found : NULL;
}

static bool
says_all(const struct bulletin *bulletin)
{
	return json_value_member(bulletin->body, "root") == NULL;
}

/* The last one at or before `bulletin` that says all, or the first of all. */
static const struct bulletin *
find_beginning(const struct offline *offline, const struct bulletin *bulletin)
{
	while (bulletin != NULL && !says_all(bulletin) && bulletin->serial > 1)
		bulletin = find_directory(offline, bulletin->serial - 1);
	return bulletin;
}

/* What one says, over what those before it said. */
static int
lay_over(const struct bulletin *bulletin, struct directory_tree *tree,
    struct directory_changes *all, struct error *err)
{
	struct directory_body body = { .count = 0 };
	int rc;

	if (directory_body_decode(bulletin, &body, err) < 0)
		return -1;
	rc = body.is_whole ? directory_body_compare(&body, tree, err) : 0;
	if (rc == 0)
		rc = directory_tree_apply(tree, &body.changes,
		    body.is_whole ? NULL : &body.root, err);
	if (rc == 0)
		rc = directory_changes_join(all, &body.changes, err);
	directory_body_free(&body);
	return rc;
}

/* Each entry that is not gone. */
struct entries {
	struct directory_changes all;
	size_t at;
};

static int
next_entry(void *ctx, const void **ret_json, size_t *ret_len, struct error *err)
{
	struct entries *entries = ctx;

	(void)err;
	while (entries->at < entries->all.count) {
		const struct directory_change *change =
		    &entries->all.list[entries->at++];

		if (change->is_removed)
			continue;
		*ret_json = change->json.data;
		*ret_len = change->json.len;
		return 1;
	}
	return 0;
}

/* The pages of one directory, proven. */
struct proven {
	struct directory_changes found; /* all entries of them, by code */
	bool has[DIRECTORY_PAGES];
};

static const struct directory_change *
find_entry(const struct directory_changes *found, const struct org_code *code)
{
	size_t first = 0;
	size_t end = found->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		int order = strcmp(found->list[middle].code.text, code->text);

		if (order == 0)
			return &found->list[middle];
		if (order < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

static int
find_proven(void *ctx, const struct org_code *code, struct entry_org *ret_org,
    struct error *err)
{
	const struct proven *proven = ctx;
	const struct directory_change *entry;

	/* Else who left it out would say that it is not listed. */
	if (!proven->has[directory_page_of(code)])
		return error_set_id(err, "E3505", ERROR_NOT_FOUND,
		    "the page of the directory with %s is not here",
		    code->text);
	entry = find_entry(&proven->found, code);
	if (entry == NULL)
		return 0;
	return entry_org_parse(entry->json.data, entry->json.len, ret_org,
		   err) < 0
	    ? -1
	    : 1;
}

/* Those of the parties alone: what else is on their pages proves nothing here. */
static int
take_proven(const struct offline *offline, struct proven *proven,
    struct entries *entries, struct error *err)
{
	struct directory_parties parties = offline->parties;

	if (directory_changes_sort(&proven->found, err) < 0 ||
	    directory_parties_complete(&parties, find_proven, proven, err) < 0)
		return -1;
	for (size_t i = 0; i < parties.count; i++) {
		const struct directory_change *entry =
		    find_entry(&proven->found, &parties.list[i]);

		if (entry != NULL &&
		    directory_changes_put_json(&entries->all, &entry->code,
			entry->json.data, entry->json.len, err) < 0)
			return -1;
	}
	return directory_changes_sort(&entries->all, err);
}

/* 1 with pages of the directory that is judged by, 0 without any. */
static int
collect_pages(const struct offline *offline, struct entries *entries,
    struct error *err)
{
	const struct bulletin *last = offline->directory_bulletin;
	struct directory_body body = { .count = 0 };
	struct proven *proven = calloc(1, sizeof(*proven));
	size_t count = 0;
	int rc;

	if (proven == NULL)
		return error_set_memory(err);
	rc = directory_body_decode(last, &body, err);
	for (size_t i = 0; i < offline->page_count && rc == 0; i++) {
		const struct offline_page *page = &offline->pages[i];
		unsigned number;

		if (page->serial != last->serial || body.is_whole)
			continue;
		rc = directory_proof_take(page->json.data, page->json.len,
		    &body.root, &number, &proven->found, err);
		if (rc == 0)
			proven->has[number] = true;
		count++;
	}
	if (rc == 0 && count > 0)
		rc = take_proven(offline, proven, entries, err);
	directory_changes_free(&proven->found);
	directory_body_free(&body);
	free(proven);
	return rc < 0 ? -1 : count > 0;
}

/* From the bulletins up to the one that is judged by, if all are there. */
static int
collect(const struct offline *offline, struct entries *entries,
    struct error *err)
{
	const struct bulletin *last = offline->directory_bulletin;
	const struct bulletin *at = find_beginning(offline, last);
	struct directory_tree *tree = NULL;
	int rc = 0;

	if (at == NULL && offline->parties.count > 0)
		return error_set_id(err, "E3505", ERROR_NOT_FOUND,
		    "directory %llu says only what it changed: neither its "
		    "pages are here, nor those before it",
		    (unsigned long long)last->serial);
	if (at == NULL)
		return 0;
	if (directory_tree_new(&tree, err) < 0)
		return -1;
	while (rc == 0 && at != NULL) {
		rc = lay_over(at, tree, &entries->all, err);
		at =
		    at == last ? NULL : find_directory(offline, at->serial + 1);
	}
	directory_tree_free(tree);
	return rc;
}

static int
build_directory(struct offline *offline, struct error *err)
{
	struct directory_sources sources = {
		.network = offline->network,
	};
	struct entries entries = { .at = 0 };
	struct contents_reading *reading = NULL;
	int rc = -1;

	directory_close(offline->directory);
	offline->directory = NULL;
	bytes_clear(&offline->image);
	if (offline->directory_bulletin == NULL) {
		rc = 0;
	} else if (offline->rows != NULL) {
		sources.directory_serial = offline->directory_bulletin->serial;
		rc = contents_reading_new(offline->rows,
		    sources.directory_serial, &reading, err);
		sources.next = contents_reading_next;
		sources.next_ctx = reading;
	} else {
		sources.directory_serial = offline->directory_bulletin->serial;
		sources.next = next_entry;
		sources.next_ctx = &entries;
		rc = says_all(offline->directory_bulletin)
		    ? 0
		    : collect_pages(offline, &entries, err);
		if (rc == 0)
			rc = collect(offline, &entries, err);
		else if (rc > 0)
			rc = 0;
	}
	if (rc == 0)
		rc = directory_image_build(&sources, &offline->image, err);
	contents_reading_free(reading);
	directory_changes_free(&entries.all);
	if (rc < 0 || bytes_failed(&offline->image, err) < 0)
		return -1;
	return directory_open(offline->image.data, offline->image.len,
	    &offline->directory, err);
}

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
	if (offline->page_count == PAGES_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "more than %d pages of directories", PAGES_MAX);
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
	    find(offline, BULLETIN_ROOT, serials->root);
	const struct bulletin *network =
	    find(offline, BULLETIN_NETWORK, serials->network);
	const struct bulletin *directory =
	    find(offline, BULLETIN_DIRECTORY, serials->directory);

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
		if (build_directory(offline, err) < 0)
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
	offline->bulletins = calloc(BULLETINS_MAX + 1, sizeof(struct bulletin));
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
	if (take_all(offline, folder, now, false, err) < 0 ||
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
		if (take(offline, parts[i].cms.data, parts[i].cms.len, now,
			err) < 0) {
			error_prefix(err, "%s", parts[i].name);
			goto failed;
		}
	if (folder != NULL && take_all(offline, folder, now, true, err) < 0)
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
	const struct bulletin *found = find(offline, type, serial);

	return found != NULL && found->serial >= serial;
}

uint64_t
offline_newest_root(const struct offline *offline)
{
	const struct bulletin *found = find(offline, BULLETIN_ROOT, UINT64_MAX);

	return found != NULL ? found->serial : 0;
}

int
offline_root(const struct offline *offline, uint64_t serial,
    struct root *ret_root, struct error *err)
{
	const struct bulletin *found = find(offline, BULLETIN_ROOT, serial);

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
	const struct bulletin *found = find(offline, type, serial);

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
		offline->network = find(offline, BULLETIN_NETWORK, serial);
		*err = (struct error){ 0 };
		rc = build_directory(offline, err);
		offline->context.directory = offline->directory;
		if (rc == 0)
			rc = check(offline, json, ret_receipt, err);
	}
	/* What comes next is judged as was chosen. */
	offline->network = selected;
	if (build_directory(offline, rc < 0 ? &first : err) < 0)
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
