#include "directory/directory_image.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "directory/directory.h"
#include "directory/directory_entry.h"
#include "directory/directory_search.h"
#include "directory/image_builder.h"
#include "json/json_decode.h"

enum { FOLDED_SIZE = ENTRY_NAME_MAX + 1 };

static int
mistake(struct error *err, const char *about, const char *what)
{
	return error_set_id(err, "E7020", ERROR_MALFORMED, "%s: %s", about,
	    what);
}

/* The array of this name in a body whose other members are `other`. */
static int
body_array(const struct bulletin *bulletin, enum bulletin_type type,
    const char *name, size_t members, size_t max,
    const struct json_value **ret_array, struct error *err)
{
	const struct json_value *array =
	    json_value_member(bulletin->body, name);

	if (bulletin->type != type ||
	    json_value_count(bulletin->body) != members ||
	    !json_value_is_array(array) || json_value_count(array) > max)
		return mistake(err, bulletin_type_name(type),
		    "the body is not of its format");
	*ret_array = array;
	return 0;
}

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
		.kind = (uint8_t)org->kind,
		.status = (uint8_t)org->status,
	};

	directory_fold(org->name, folded, sizeof(folded));
	to.folded = image_text(builder, folded);
	bytes_put(&builder->sections[IMAGE_ORGS], &to, sizeof(to));
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
			return mistake(err, "directory",
			    "an organisation without code");
	}
	qsort(items, count, sizeof(*items), compare_items);
	for (size_t i = 1; i < count; i++)
		if (org_code_equal(&items[i - 1].code, &items[i].code))
			return mistake(err, items[i].code.text, "twice");
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

	if (body_array(bulletin, BULLETIN_DIRECTORY, "organisations", 1,
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

/* ---- centers and management --------------------------------------------- */

static int
compare_centers(const void *a, const void *b)
{
	const struct entry_center *left = a;
	const struct entry_center *right = b;

	return strcmp(left->name, right->name);
}

typedef int (*decode_fn)(const struct json_value *value,
    struct entry_center *ret_center, struct error *err);

static void
add_center(struct image_builder *builder, enum image_section section,
    const struct entry_center *center, uint32_t index)
{
	bool is_center = section == IMAGE_CENTERS;
	struct image_center to = {
		.name = image_text(builder, center->name),
		.address = image_text(builder, center->address),
		.origin = image_text(builder, center->origin),
		.log = is_center ? image_cert(builder, &center->log) : 0,
		.first_tls =
		    (uint32_t)image_count(builder, IMAGE_TLS, sizeof(uint32_t)),
		.tls_count = (uint32_t)center->tls_count,
		.port = center->port,
		.kind = (uint8_t)center->kind,
		.conformance = (uint8_t)center->conformance,
	};

	bytes_put(&builder->sections[section], &to, sizeof(to));
	for (size_t i = 0; i < center->tls_count; i++) {
		uint32_t cert = image_cert(builder, &center->tls[i]);

		bytes_put(&builder->sections[IMAGE_TLS], &cert, sizeof(cert));
		image_own(builder, cert,
		    is_center ? DIRECTORY_OWNER_CENTER
			      : DIRECTORY_OWNER_MANAGEMENT,
		    index, 0, 0);
	}
}

static int
add_center_list(struct image_builder *builder, const struct json_value *array,
    enum image_section section, decode_fn decode, struct error *err)
{
	size_t count = json_value_count(array);
	struct entry_center *centers = calloc(count + 1, sizeof(*centers));
	int rc = -1;

	if (centers == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++)
		if (decode(json_value_item(array, i), &centers[i], err) < 0)
			goto done;
	qsort(centers, count, sizeof(*centers), compare_centers);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && text_equal(centers[i - 1].name, centers[i].name)) {
			mistake(err, centers[i].name, "twice");
			goto done;
		}
		add_center(builder, section, &centers[i], (uint32_t)i);
	}
	rc = 0;
done:
	for (size_t i = 0; i < count; i++)
		entry_center_free(&centers[i]);
	free(centers);
	return rc;
}

static int
add_network(struct image_builder *builder, const struct bulletin *bulletin,
    struct error *err)
{
	const struct json_value *centers;
	const struct json_value *management;

	if (body_array(bulletin, BULLETIN_NETWORK, "centers", 2,
		ENTRY_CENTERS_MAX, &centers, err) < 0 ||
	    body_array(bulletin, BULLETIN_NETWORK, "management", 2,
		ENTRY_CENTERS_MAX, &management, err) < 0)
		return -1;
	if (add_center_list(builder, centers, IMAGE_CENTERS,
		entry_center_decode, err) < 0)
		return -1;
	return add_center_list(builder, management, IMAGE_MANAGEMENT,
	    entry_management_decode, err);
}

/* ---- access lists ------------------------------------------------------- */

static int
compare_codes(const void *a, const void *b)
{
	const struct org_code *left = a;
	const struct org_code *right = b;

	return strcmp(left->text, right->text);
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Is no number there twice?  Sorts them. */
static bool
are_distinct(uint32_t *numbers, size_t count)
{
	qsort(numbers, count, sizeof(*numbers), compare_u32);
	for (size_t i = 1; i < count; i++)
		if (numbers[i - 1] == numbers[i])
			return false;
	return true;
}

/*
 * Hosts of one list differ in names and certificates; `first_host` and
 * `first_owner` are where those of the list begin.
 */
static int
check_list(const struct image_builder *builder, size_t first_host,
    size_t first_owner, struct error *err)
{
	const struct image_host *hosts =
	    (const void *)builder->sections[IMAGE_HOSTS].data;
	const struct image_owner *owners =
	    (const void *)builder->sections[IMAGE_OWNERS].data;
	size_t host_count =
	    image_count(builder, IMAGE_HOSTS, sizeof(*hosts)) - first_host;
	size_t owner_count =
	    image_count(builder, IMAGE_OWNERS, sizeof(*owners)) - first_owner;
	uint32_t *numbers =
	    calloc(host_count + owner_count + 1, sizeof(*numbers));
	int rc = 0;

	if (numbers == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < host_count; i++)
		numbers[i] = hosts[first_host + i].name;
	if (!are_distinct(numbers, host_count))
		rc = mistake(err, "hosts", "one name twice");
	for (size_t i = 0; i < owner_count; i++)
		numbers[i] = owners[first_owner + i].cert;
	if (!are_distinct(numbers, owner_count))
		rc = mistake(err, "hosts", "one TLS certificate twice");
	free(numbers);
	return rc;
}

static int
add_host(struct image_builder *builder, struct entry_host *host,
    const char *center, struct error *err)
{
	uint32_t index = (uint32_t)image_count(builder, IMAGE_HOSTS,
	    sizeof(struct image_host));
	struct image_host to = {
		.name = image_text(builder, host->name),
		.center = image_text(builder, center),
		.address = image_text(builder, host->address),
		.first_code = (uint32_t)image_count(builder, IMAGE_CODES,
		    sizeof(struct org_code)),
		.code_count = (uint32_t)host->code_count,
	};

	if (host->code_count > 0)
		qsort(host->codes, host->code_count, sizeof(*host->codes),
		    compare_codes);
	for (size_t i = 0; i < host->code_count; i++) {
		if (i > 0 &&
		    org_code_equal(&host->codes[i - 1], &host->codes[i]))
			return mistake(err, host->name, "a code twice");
		bytes_put(&builder->sections[IMAGE_CODES], &host->codes[i],
		    sizeof(host->codes[i]));
	}
	bytes_put(&builder->sections[IMAGE_HOSTS], &to, sizeof(to));
	for (size_t i = 0; i < host->tls_count; i++)
		image_own(builder, image_cert(builder, &host->tls[i]),
		    DIRECTORY_OWNER_HOST, index, 0, 0);
	return 0;
}

static int
add_access(struct image_builder *builder, const struct bulletin *bulletin,
    struct error *err)
{
	size_t first_host =
	    image_count(builder, IMAGE_HOSTS, sizeof(struct image_host));
	size_t first_owner =
	    image_count(builder, IMAGE_OWNERS, sizeof(struct image_owner));
	const struct json_value *array;

	if (body_array(bulletin, BULLETIN_ACCESS, "hosts", 1, ENTRY_HOSTS_MAX,
		&array, err) < 0)
		return -1;
	for (size_t i = 0; i < json_value_count(array); i++) {
		struct entry_host host;
		int rc;

		if (entry_host_decode(json_value_item(array, i), &host, err) <
		    0)
			return -1;
		rc = add_host(builder, &host, bulletin->name, err);
		entry_host_free(&host);
		if (rc < 0)
			return -1;
	}
	return check_list(builder, first_host, first_owner, err);
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
			return mistake(err, orgs[i].code.text,
			    "its center is not in the network");
	}
	return 0;
}

static int
add_all(struct image_builder *builder, const struct directory_sources *sources,
    struct error *err)
{
	if (sources->directory != NULL &&
	    add_orgs(builder, sources->directory, err) < 0)
		return -1;
	if (sources->network != NULL &&
	    (add_network(builder, sources->network, err) < 0 ||
		check_centers(builder, err) < 0))
		return -1;
	for (size_t i = 0; i < sources->access_count; i++)
		if (add_access(builder, sources->access[i], err) < 0)
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
		.timestamp = sources->timestamp_serial,
	};
	int rc = -1;

	if (sources->directory != NULL)
		header.directory = sources->directory->serial;
	if (sources->network != NULL)
		header.network = sources->network->serial;
	if (add_all(&builder, sources, err) < 0)
		goto done;
	rc = image_finish(&builder, header, to, err);
done:
	image_builder_free(&builder);
	return rc;
}
