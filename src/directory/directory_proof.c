#include "directory/directory_proof.h"

#include <string.h>

#include "base/error.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/image_parts.h"
#include "json/json_decode.h"
#include "json/json_read.h"
#include "json/json_write.h"

/* ---- writing ------------------------------------------------------------- */

int
directory_proof_encode(unsigned number, const struct digest *pages,
    struct cursor entries, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct digest path[DIRECTORY_PAGE_PATH];

	if (directory_page_path(pages, number, path, err) < 0)
		return -1;
	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "page", number);
	json_write_begin_array(&writer, "path");
	for (size_t i = 0; i < DIRECTORY_PAGE_PATH; i++)
		json_write_digest(&writer, NULL, &path[i]);
	json_write_end(&writer);
	json_write_begin_array(&writer, "entries");
	while (entries.left > 0 && !entries.failed) {
		size_t len = cursor_u32(&entries);
		const uint8_t *json = cursor_take(&entries, len);

		if (json != NULL)
			json_write_text_len(&writer, NULL, (const char *)json,
			    len);
	}
	json_write_end(&writer);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* ---- reading ------------------------------------------------------------- */

struct reading {
	int64_t page;
	struct digest path[DIRECTORY_PAGE_PATH];
	size_t path_count;
	/* Of JSON_FIELD_EACH: entries go straight to where they are wanted. */
	struct taking {
		struct directory_changes *entries;
		struct bytes leaves;
		struct org_code last;
		size_t count;
	} taking;
};

static int
take_entry(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct taking *taking = field;
	const char *text = json_value_text(value);
	struct org_code code;
	struct digest leaf;
	size_t len;

	(void)index;
	if (text == NULL)
		return error_set_id(err, "E3903", ERROR_MALFORMED,
		    "an entry that is no text");
	len = strlen(text);
	if (entry_org_parse_code(text, len, &code, err) < 0)
		return -1;
	if (strcmp(taking->last.text, code.text) >= 0)
		return image_mistake(err, code.text, "not in its place");
	taking->last = code;
	leaf = directory_leaf(text, len);
	bytes_put(&taking->leaves, leaf.bytes, DIGEST_LEN);
	taking->count++;
	return directory_changes_put_json(taking->entries, &code, text, len,
	    err);
}

static const struct json_field fields[] = {
	{ .name = "page",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct reading, page),
	    .size = sizeof(int64_t),
	    .max = DIRECTORY_PAGES - 1 },
	{ .name = "path",
	    .kind = JSON_FIELD_DIGESTS,
	    .offset = offsetof(struct reading, path),
	    .max = DIRECTORY_PAGE_PATH,
	    .count_offset = offsetof(struct reading, path_count) },
	{ .name = "entries",
	    .kind = JSON_FIELD_EACH,
	    .offset = offsetof(struct reading, taking),
	    .item = take_entry },
};

/* Each in its page, and the page under the root. */
static int
check(const struct reading *reading, size_t before, const struct digest *root,
    struct error *err)
{
	const struct directory_changes *entries = reading->taking.entries;
	struct digest page =
	    merkle_root((const void *)reading->taking.leaves.data,
		reading->taking.count);
	struct digest leaf = directory_page_leaf(&page);
	struct digest found;

	for (size_t i = before; i < entries->count; i++)
		if (directory_page_of(&entries->list[i].code) !=
		    (unsigned)reading->page)
			return image_mistake(err, entries->list[i].code.text,
			    "not in its page");
	if (!merkle_root_of_path(&leaf, (uint64_t)reading->page,
		DIRECTORY_PAGES, reading->path, reading->path_count, &found) ||
	    !digest_equal(&found, root))
		return error_set_id(err, "E3903", ERROR_UNTRUSTED,
		    "the page does not lead to the root of the directory");
	return 0;
}

int
directory_proof_take(const void *json, size_t len, const struct digest *root,
    unsigned *ret_number, struct directory_changes *entries, struct error *err)
{
	struct reading reading = { .taking = { .entries = entries } };
	size_t before = entries->count;
	int rc = json_decode(json, len, DIRECTORY_PROOF_MAX, fields,
	    ARRAY_LEN(fields), &reading, err);

	if (rc < 0 && err->id[0] == '\0')
		error_set_id(err, "E3903", ERROR_MALFORMED,
		    "not a page of the directory");
	if (rc == 0)
		rc = bytes_failed(&reading.taking.leaves, err);
	if (rc == 0)
		rc = check(&reading, before, root, err);
	if (rc == 0)
		*ret_number = (unsigned)reading.page;
	bytes_free(&reading.taking.leaves);
	return rc;
}

/* ---- parties -------------------------------------------------------------- */

static int
add(struct directory_parties *parties, const struct org_code *code,
    struct error *err)
{
	for (size_t i = 0; i < parties->count; i++)
		if (org_code_equal(&parties->list[i], code))
			return 0;
	if (parties->count == DIRECTORY_PARTIES_MAX)
		return error_set(err, ERROR_DENIED,
		    "more than %d organisations may receive",
		    DIRECTORY_PARTIES_MAX);
	parties->list[parties->count++] = *code;
	return 0;
}

int
directory_parties_add(struct directory_parties *parties,
    const struct org_code *code, struct error *err)
{
	struct org_code parent = org_code_parent(code);

	return add(parties, code, err) < 0 ? -1 : add(parties, &parent, err);
}

int
directory_parties_complete(struct directory_parties *parties,
    directory_proof_find_fn find, void *ctx, struct error *err)
{
	for (size_t i = 0; i < parties->count; i++) {
		struct entry_org org;
		int found = find(ctx, &parties->list[i], &org, err);
		int rc = 0;

		if (found < 0)
			return -1;
		if (found == 0)
			continue;
		/* Above an organisation nobody receives for it. */
		if (org.supervisor.text[0] != '\0' &&
		    org_code_is_unit(&parties->list[i]))
			rc = directory_parties_add(parties, &org.supervisor,
			    err);
		if (rc == 0 && org.successor.text[0] != '\0')
			rc =
			    directory_parties_add(parties, &org.successor, err);
		entry_org_free(&org);
		if (rc < 0)
			return -1;
	}
	return 0;
}
