#include "directory/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory_entry.h"
#include "directory/image_parts.h"
#include "json/json_read.h"

int
image_mistake(struct error *err, const char *about, const char *what)
{
	return error_set_id(err, "E7020", ERROR_MALFORMED, "%s: %s", about,
	    what);
}

int
image_body_array(const struct bulletin *bulletin, enum bulletin_type type,
    const char *name, size_t members, size_t max,
    const struct json_value **ret_array, struct error *err)
{
	const struct json_value *array =
	    json_value_member(bulletin->body, name);

	if (bulletin->type != type ||
	    json_value_count(bulletin->body) != members ||
	    !json_value_is_array(array) || json_value_count(array) > max)
		return image_mistake(err, bulletin_type_name(type),
		    "the body is not of its format");
	*ret_array = array;
	return 0;
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
		.log = center->origin[0] != '\0'
		    ? image_cert(builder, &center->log)
		    : UINT32_MAX,
		.first_tls =
		    (uint32_t)image_count(builder, IMAGE_TLS, sizeof(uint32_t)),
		.tls_count = (uint32_t)center->tls_count,
		.begins_high = (uint32_t)(center->begins >> 32),
		.begins_low = (uint32_t)center->begins,
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
			image_mistake(err, centers[i].name, "twice");
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

int
image_add_network(struct image_builder *builder,
    const struct bulletin *bulletin, struct error *err)
{
	const struct json_value *centers;
	const struct json_value *management;

	if (image_body_array(bulletin, BULLETIN_NETWORK, "centers", 2,
		ENTRY_CENTERS_MAX, &centers, err) < 0 ||
	    image_body_array(bulletin, BULLETIN_NETWORK, "management", 2,
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
		rc = image_mistake(err, "hosts", "one name twice");
	for (size_t i = 0; i < owner_count; i++)
		numbers[i] = owners[first_owner + i].cert;
	if (!are_distinct(numbers, owner_count))
		rc = image_mistake(err, "hosts", "one TLS certificate twice");
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
			return image_mistake(err, host->name, "a code twice");
		bytes_put(&builder->sections[IMAGE_CODES], &host->codes[i],
		    sizeof(host->codes[i]));
	}
	bytes_put(&builder->sections[IMAGE_HOSTS], &to, sizeof(to));
	for (size_t i = 0; i < host->tls_count; i++)
		image_own(builder, image_cert(builder, &host->tls[i]),
		    DIRECTORY_OWNER_HOST, index, 0, 0);
	return 0;
}

int
image_add_access(struct image_builder *builder, const struct bulletin *bulletin,
    struct error *err)
{
	size_t first_host =
	    image_count(builder, IMAGE_HOSTS, sizeof(struct image_host));
	size_t first_owner =
	    image_count(builder, IMAGE_OWNERS, sizeof(struct image_owner));
	const struct json_value *array;

	if (image_body_array(bulletin, BULLETIN_ACCESS, "hosts", 1,
		ENTRY_HOSTS_MAX, &array, err) < 0)
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
