#include "role/contents/contents.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin.h"
#include "directory/directory_changes.h"
#include "directory/directory_pages.h"
#include "directory/directory_tree.h"
#include "role/contents/contents_internal.h"
#include "store/query.h"

/* ---- starting ------------------------------------------------------------ */

static int
load_tree(struct contents *contents, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(contents->rows,
		"SELECT code, digest FROM directory_entry"
		" INDEXED BY directory_entry_page WHERE until IS NULL",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		struct org_code code;
		struct digest leaf;

		query_digest(query, 1, &leaf);
		if (!org_code_parse(query_text(query, 0), &code))
			more = error_set_id(err, "E5006", ERROR_MALFORMED,
			    "an entry of the directory without a code");
		else if (directory_tree_put(contents->tree, &code, &leaf, err) <
		    0)
			more = -1;
		if (more < 0)
			break;
	}
	query_end(query);
	return more;
}

int
contents_new(struct rows *rows, struct contents **ret_contents,
    struct error *err)
{
	struct contents *contents = calloc(1, sizeof(*contents));
	struct digest root;

	if (contents == NULL)
		return error_set_memory(err);
	contents->rows = rows;
	contents->wants_all = true;
	if (directory_tree_new(&contents->tree, err) < 0 ||
	    contents_read_state(rows, &contents->state, err) < 0 ||
	    load_tree(contents, err) < 0) {
		contents_free(contents);
		return -1;
	}
	/* Parts of another one came before the end: go on with parts. */
	root = directory_tree_root(contents->tree);
	contents->is_partial = directory_tree_count(contents->tree) > 0 &&
	    !digest_equal(&root, &contents->state.root);
	*ret_contents = contents;
	return 0;
}

void
contents_free(struct contents *contents)
{
	if (contents == NULL)
		return;
	directory_tree_free(contents->tree);
	directory_body_free(&contents->pending);
	directory_changes_free(&contents->since_image);
	contents_reading_free(contents->all);
	free(contents);
}

struct directory_tree *
contents_tree(struct contents *contents)
{
	return contents->tree;
}

/* ---- one bulletin -------------------------------------------------------- */

static int
apply(struct contents *contents, const struct digest *root, uint64_t count,
    struct error *err)
{
	struct directory_body *body = &contents->pending;

	if (directory_tree_apply(contents->tree, &body->changes, root, err) < 0)
		return -1;
	if (directory_tree_count(contents->tree) == count)
		return 0;
	directory_tree_undo(contents->tree, &body->changes);
	return error_set_id(err, "E3902", ERROR_UNTRUSTED,
	    "the bulletin counts %llu entries, and there are others",
	    (unsigned long long)count);
}

/* Is everything as the changes say? */
static bool
is_done(const struct directory_tree *tree,
    const struct directory_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct directory_change *change = &changes->list[i];
		struct digest leaf;
		bool is_there = directory_tree_find(tree, &change->code, &leaf);

		if (is_there == change->is_removed ||
		    (is_there && !digest_equal(&leaf, &change->leaf)))
			return false;
	}
	return true;
}

static int
judge_delta(struct contents *contents, uint64_t serial,
    enum contents_fit *ret_fit, struct error *err)
{
	struct directory_body *body = &contents->pending;
	bool follows =
	    !contents->is_partial && contents->state.serial + 1 == serial;
	struct digest root;

	/*
	 * The root says all that there is: what leads to it from here is good,
	 * also when a serial was taken back (bulletin/state.h).
	 */
	if (apply(contents, &body->root, body->count, err) == 0)
		return 0;
	if (follows || err->code != ERROR_UNTRUSTED)
		return -1;
	*err = (struct error){ 0 };
	root = directory_tree_root(contents->tree);
	if (!digest_equal(&root, &body->root)) {
		*ret_fit = CONTENTS_LACKING;
		return 0;
	}
	/* All of it has come in parts. */
	if (!is_done(contents->tree, &body->changes))
		return error_set_id(err, "E3902", ERROR_UNTRUSTED,
		    "the bulletin names the root of another directory");
	directory_changes_free(&body->changes);
	return apply(contents, NULL, body->count, err);
}

/* One at a time: whoever comes meanwhile comes again. */
static int
busy(struct error *err)
{
	return error_set(err, ERROR_BUSY,
	    "another change of the directory is being written");
}

int
contents_judge(struct contents *contents, const struct bulletin *bulletin,
    enum contents_fit *ret_fit, struct error *err)
{
	struct directory_body *body = &contents->pending;
	enum contents_fit fit = CONTENTS_FIT;
	int rc;

	if (contents->is_pending)
		return busy(err);
	if (directory_body_decode(bulletin, body, err) < 0)
		return -1;
	if (!body->is_whole)
		rc = judge_delta(contents, bulletin->serial, &fit, err);
	else if ((rc = directory_body_compare(body, contents->tree, err)) == 0)
		rc = apply(contents, NULL, body->count, err);
	if (rc < 0 || fit != CONTENTS_FIT)
		directory_body_free(body);
	contents->pending_serial = bulletin->serial;
	contents->is_for_later = false;
	contents->is_pending = rc == 0 && fit == CONTENTS_FIT;
	if (rc == 0)
		*ret_fit = fit;
	return rc;
}

const struct directory_changes *
contents_pending(const struct contents *contents)
{
	return &contents->pending.changes;
}

void
contents_abandon(struct contents *contents)
{
	directory_tree_undo(contents->tree, &contents->pending.changes);
	directory_body_free(&contents->pending);
	contents->is_pending = false;
}

void
contents_done(struct contents *contents)
{
	struct directory_changes *changes = &contents->pending.changes;
	struct error ignored = { 0 };

	if (contents->is_for_later) {
		contents->is_partial = true;
	} else {
		/* What came in parts is in no list. */
		contents->wants_all |= contents->is_partial ||
		    directory_changes_join(&contents->since_image, changes,
			&ignored) < 0;
		contents->is_partial = false;
		contents->state = contents->next_state;
	}
	directory_body_free(&contents->pending);
	contents->is_pending = false;
}

/* ---- parts --------------------------------------------------------------- */

int
contents_take_pages(struct contents *contents, uint64_t serial,
    struct cursor *answer, const struct digest *digests, struct error *err)
{
	struct directory_changes *changes = &contents->pending.changes;
	struct cursor page;
	unsigned number;
	int more;

	if (contents->is_pending)
		return busy(err);
	/* Beyond what is in force, so that nobody sees it yet. */
	contents->pending_serial = serial > contents->state.serial
	    ? serial
	    : contents->state.serial + 1;
	contents->is_for_later = true;
	while ((more = directory_pages_next(answer, digests, &number, &page,
		    err)) > 0)
		if (directory_page_compare(number, page, contents->tree,
			changes, err) < 0) {
			more = -1;
			break;
		}
	if (more == 0 && directory_changes_sort(changes, err) == 0 &&
	    directory_tree_apply(contents->tree, changes, NULL, err) == 0) {
		contents->is_pending = true;
		return 0;
	}
	directory_body_free(&contents->pending);
	return -1;
}

/* ---- the image ----------------------------------------------------------- */

struct contents_reading {
	struct query *query;
};

int
contents_reading_new(struct rows *rows, uint64_t serial,
    struct contents_reading **ret_reading, struct error *err)
{
	struct contents_reading *reading = calloc(1, sizeof(*reading));

	if (reading == NULL)
		return error_set_memory(err);
	if (query_begin(rows,
		"SELECT json FROM directory_entry WHERE since <= ?1"
		" AND (until IS NULL OR until > ?1) ORDER BY code",
		&reading->query, err) < 0) {
		free(reading);
		return -1;
	}
	query_bind_int(reading->query, 1, (int64_t)serial);
	*ret_reading = reading;
	return 0;
}

int
contents_reading_next(void *ctx, const void **ret_json, size_t *ret_len,
    struct error *err)
{
	struct contents_reading *reading = ctx;
	int more = query_next(reading->query, err);

	if (more > 0)
		*ret_json = query_data(reading->query, 0, ret_len);
	return more;
}

void
contents_reading_free(struct contents_reading *reading)
{
	if (reading == NULL)
		return;
	query_end(reading->query);
	free(reading);
}

int
contents_begin_image(struct contents *contents, const struct directory *old,
    struct directory_sources *to, struct error *err)
{
	to->directory_serial = contents->state.serial;
	if (!contents->wants_all && old != NULL) {
		to->old = old;
		to->changes = &contents->since_image;
		return 0;
	}
	if (contents_reading_new(contents->rows, contents->state.serial,
		&contents->all, err) < 0)
		return -1;
	to->next = contents_reading_next;
	to->next_ctx = contents->all;
	return 0;
}

void
contents_end_image(struct contents *contents, bool is_made)
{
	contents_reading_free(contents->all);
	contents->all = NULL;
	if (!is_made) {
		contents->wants_all = true;
		return;
	}
	contents->wants_all = false;
	directory_changes_free(&contents->since_image);
}
