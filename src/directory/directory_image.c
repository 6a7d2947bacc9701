#include "directory/directory_image.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "directory/directory_internal.h"
#include "directory/directory_search.h"
#include "directory/image_parts.h"
#include "json/json_read.h"

enum { FOLDED_SIZE = ENTRY_NAME_MAX + 1 };

/* ---- organisations ------------------------------------------------------ */

/* An item of the bulletin while the codes are put into order. */
struct item {
	struct org_code code;
	const struct json_value *value;
};

static int
compare_items(const void *a, const void *b)
{
	const struct item *left = a;
	const struct item *right = b;

	return strcmp(left->code.text, right->code.text);
}

static void
add_keys(struct image_builder *builder, const struct entry_org *org,
    uint32_t index)
{
	for (size_t i = 0; i < org->key_count; i++) {
		const struct entry_key *from = &org->keys[i];
		struct image_key key = {
			.not_after_ms = from->not_after_ms,
			.revoked_at_ms = from->revoked.at_ms,
			.reason = (uint8_t)from->revoked.reason,
			.cert = image_cert(builder, &from->certificate),
			.use = (uint8_t)from->use,
			.state = (uint8_t)from->state,
		};

		bytes_put(&builder->sections[IMAGE_KEYS], &key, sizeof(key));
		image_own(builder, key.cert, DIRECTORY_OWNER_ORG, index,
		    key.use, key.state);
	}
}

static void
add_org(struct image_builder *builder, const struct entry_org *org,
    uint32_t index)
{
	char folded[FOLDED_SIZE];
	uint64_t sign;
	struct image_org to = {
		.accepts_letter_bytes = org->accepts_letter_bytes,
		.name = image_text(builder, org->name),
		.center = image_text(builder, org->center),
		.host = image_text(builder, org->host),
		.first_key = (uint32_t)image_count(builder, IMAGE_KEYS,
		    sizeof(struct image_key)),
		.key_count = (uint32_t)org->key_count,
		.code = org->code,
		.supervisor = org->supervisor,
		.successor = org->successor,
		.kind = (uint8_t)org->kind,
		.status = (uint8_t)org->status,
	};

	directory_fold(org->name, folded, sizeof(folded));
	sign = directory_sign(folded);
	to.folded = image_text(builder, folded);
	bytes_put(&builder->sections[IMAGE_ORGS], &to, sizeof(to));
	bytes_put(&builder->sections[IMAGE_SIGNS], &sign, sizeof(sign));
	add_keys(builder, org, index);
}

/* Codes of all items, in order; each may be there once. */
static int
sort_items(const struct json_value *array, struct item *items,
    struct error *err)
{
	size_t count = json_value_count(array);

	for (size_t i = 0; i < count; i++) {
		const char *code;

		items[i].value = json_value_item(array, i);
		code =
		    json_value_text(json_value_member(items[i].value, "code"));
		if (code == NULL || !org_code_parse(code, &items[i].code))
			return image_mistake(err, "directory",
			    "an organisation without code");
	}
	qsort(items, count, sizeof(*items), compare_items);
	for (size_t i = 1; i < count; i++)
		if (org_code_equal(&items[i - 1].code, &items[i].code))
			return image_mistake(err, items[i].code.text, "twice");
	return 0;
}

static int
add_orgs(struct image_builder *builder, const struct bulletin *bulletin,
    struct error *err)
{
	const struct json_value *array;
	struct item *items = NULL;
	size_t count;
	int rc = -1;

	if (image_body_array(bulletin, BULLETIN_DIRECTORY, "organisations", 1,
		ENTRY_ORGS_MAX, &array, err) < 0)
		return -1;
	count = json_value_count(array);
	items = calloc(count + 1, sizeof(*items));
	if (items == NULL)
		return error_set_memory(err);
	if (sort_items(array, items, err) < 0)
		goto done;
	for (size_t i = 0; i < count; i++) {
		struct entry_org org;

		if (entry_org_decode(items[i].value, &org, err) < 0)
			goto done;
		add_org(builder, &org, (uint32_t)i);
		entry_org_free(&org);
	}
	rc = 0;
done:
	free(items);
	return rc;
}

/* From their JSON, one after another. */
static int
add_next(struct image_builder *builder, const struct directory_sources *sources,
    struct error *err)
{
	struct org_code last = { "" };
	const void *json;
	size_t len;
	uint32_t index = 0;
	int more;

	while (
	    (more = sources->next(sources->next_ctx, &json, &len, err)) > 0) {
		struct entry_org org;
		bool is_after;

		if (entry_org_parse(json, len, &org, err) < 0)
			return -1;
		is_after = strcmp(org.code.text, last.text) > 0;
		last = org.code;
		if (is_after)
			add_org(builder, &org, index++);
		entry_org_free(&org);
		if (!is_after)
			return image_mistake(err, last.text, "out of order");
	}
	return more;
}

/* ---- from another image -------------------------------------------------- */

static void
keep_keys(struct image_builder *builder, const struct directory *old,
    const struct directory_org *org, uint32_t index)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key from = directory_key_at(old, org, i);
		struct image_key key = {
			.not_after_ms = from.not_after_ms,
			.revoked_at_ms = from.revoked_at_ms,
			.reason = (uint8_t)from.reason,
			.cert = image_cert_known(builder, &from.fingerprint,
			    from.certificate, from.certificate_len),
			.use = (uint8_t)from.use,
			.state = (uint8_t)from.state,
		};

		bytes_put(&builder->sections[IMAGE_KEYS], &key, sizeof(key));
		image_own(builder, key.cert, DIRECTORY_OWNER_ORG, index,
		    key.use, key.state);
	}
}

/* An entry that is as it was. */
static void
keep_org(struct image_builder *builder, const struct directory *old,
    uint32_t from, uint32_t index)
{
	struct directory_org org = directory_org_at(old, from);
	struct image_org to = old->orgs[from];

	to.name = image_text(builder, org.name);
	to.folded = image_text(builder, old->strings + old->orgs[from].folded);
	to.center = image_text(builder, org.center);
	to.host = image_text(builder, org.host);
	to.first_key = (uint32_t)image_count(builder, IMAGE_KEYS,
	    sizeof(struct image_key));
	bytes_put(&builder->sections[IMAGE_ORGS], &to, sizeof(to));
	bytes_put(&builder->sections[IMAGE_SIGNS], &old->signs[from],
	    sizeof(old->signs[from]));
	keep_keys(builder, old, &org, index);
}

static int
add_changed(struct image_builder *builder,
    const struct directory_change *change, uint32_t *index, struct error *err)
{
	struct entry_org org;

	if (change->is_removed)
		return 0;
	if (entry_org_parse(change->json.data, change->json.len, &org, err) < 0)
		return -1;
	add_org(builder, &org, (*index)++);
	entry_org_free(&org);
	return 0;
}

/* Both lists are in the order of codes. */
static int
add_renewed(struct image_builder *builder, const struct directory *old,
    const struct directory_changes *changes, struct error *err)
{
	size_t count = directory_org_count(old);
	size_t from = 0, at = 0;
	uint32_t index = 0;

	while (from < count || at < changes->count) {
		int order = from == count  ? 1
		    : at == changes->count ? -1
					   : strcmp(old->orgs[from].code.text,
						 changes->list[at].code.text);

		if (order < 0) {
			keep_org(builder, old, (uint32_t)from++, index++);
			continue;
		}
		from += order == 0;
		if (add_changed(builder, &changes->list[at++], &index, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_organisations(struct image_builder *builder,
    const struct directory_sources *sources, struct error *err)
{
	if (sources->directory != NULL)
		return add_orgs(builder, sources->directory, err);
	if (sources->next != NULL)
		return add_next(builder, sources, err);
	if (sources->old != NULL)
		return add_renewed(builder, sources->old, sources->changes,
		    err);
	return 0;
}

static int
compare_orgs(const void *key, const void *org)
{
	const struct org_code *code = key;
	const struct image_org *of = org;

	return strcmp(code->text, of->code.text);
}

/* ---- all of it ---------------------------------------------------------- */

/* Each organisation's center is in the network. */
static int
check_centers(struct image_builder *builder, struct error *err)
{
	const struct image_org *orgs =
	    (const void *)builder->sections[IMAGE_ORGS].data;
	const struct image_center *centers =
	    (const void *)builder->sections[IMAGE_CENTERS].data;
	size_t center_count =
	    image_count(builder, IMAGE_CENTERS, sizeof(*centers));

	for (size_t i = 0; i < image_count(builder, IMAGE_ORGS, sizeof(*orgs));
	     i++) {
		bool found = orgs[i].center == 0;

		for (size_t c = 0; c < center_count && !found; c++)
			found = centers[c].name == orgs[i].center;
		if (!found)
			return image_mistake(err, orgs[i].code.text,
			    "its center is not in the network");
	}
	return 0;
}

/* Who took over for whom ends somewhere, and soon. */
static int
check_successors(const struct image_builder *builder, struct error *err)
{
	const struct image_org *orgs =
	    (const void *)builder->sections[IMAGE_ORGS].data;
	size_t count = image_count(builder, IMAGE_ORGS, sizeof(*orgs));

	for (size_t i = 0; i < count; i++) {
		const struct image_org *at = &orgs[i];
		int steps = 0;

		while (at->successor.text[0] != '\0') {
			const char *about = at->code.text;

			at = bsearch(&at->successor, orgs, count, sizeof(*at),
			    compare_orgs);
			if (at == NULL)
				return image_mistake(err, about,
				    "its successor is not listed");
			if (++steps > DIRECTORY_SUCCESSORS_MAX)
				return image_mistake(err, orgs[i].code.text,
				    "its successors go in a circle, or on too "
				    "long");
		}
	}
	return 0;
}

static int
add_all(struct image_builder *builder, const struct directory_sources *sources,
    struct error *err)
{
	if (add_organisations(builder, sources, err) < 0 ||
	    check_successors(builder, err) < 0)
		return -1;
	if (sources->network != NULL &&
	    (image_add_network(builder, sources->network, err) < 0 ||
		check_centers(builder, err) < 0))
		return -1;
	for (size_t i = 0; i < sources->access_count; i++)
		if (image_add_access(builder, sources->access[i], err) < 0)
			return error_prefix(err, "access list %s",
			    sources->access[i]->name);
	return 0;
}

int
directory_image_build(const struct directory_sources *sources, struct bytes *to,
    struct error *err)
{
	struct image_builder builder = { .failed = false };
	struct image_header header = {
		.root = sources->root_serial,
		.directory = sources->directory_serial,
		.timestamp = sources->timestamp_serial,
	};
	int rc = -1;

	if (sources->directory != NULL)
		header.directory = sources->directory->serial;
	if (sources->network != NULL)
		header.network = sources->network->serial;
	image_begin(&builder,
	    sources->old != NULL ? sources->old->count[IMAGE_CERTS] : 0,
	    sources->old != NULL ? sources->old->count[IMAGE_DER] : 0);
	if (add_all(&builder, sources, err) < 0)
		goto done;
	rc = image_finish(&builder, header, to, err);
done:
	image_builder_free(&builder);
	return rc;
}
