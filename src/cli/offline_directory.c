/* The directory of a serial, from rows, proven pages or all bulletins up to it. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/offline_internal.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_image.h"
#include "directory/directory_proof.h"
#include "directory/directory_tree.h"
#include "json/json_read.h"
#include "role/contents/contents.h"

/* The bulletin of exactly this serial. */
static const struct bulletin *
find_directory(const struct offline *offline, uint64_t serial)
{
	const struct bulletin *found =
	    offline_find(offline, BULLETIN_DIRECTORY, serial);

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

int
offline_build_directory(struct offline *offline, struct error *err)
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
