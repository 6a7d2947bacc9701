#include "directory/directory_entry.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/entry_internal.h"
#include "json/json_decode.h"

static void
free_list(struct bytes *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes_free(&list[i]);
	free(list);
}

void
entry_center_free(struct entry_center *center)
{
	free_list(center->tls, center->tls_count);
	bytes_free(&center->log);
	memset(center, 0, sizeof(*center));
}

void
entry_host_free(struct entry_host *host)
{
	free_list(host->tls, host->tls_count);
	free(host->codes);
	memset(host, 0, sizeof(*host));
}

static bool
is_address(const char *text)
{
	uint8_t to[16];

	return inet_pton(AF_INET, text, to) == 1 ||
	    inet_pton(AF_INET6, text, to) == 1;
}

static bool
parse_center_kind(const char *text, void *field)
{
	return center_kind_parse(text, field);
}

static bool
parse_conformance(const char *text, void *field)
{
	return center_conformance_parse(text, field);
}

/* Append to a list of TLS certificates. */
static int
take_tls(const struct json_value *value, size_t index, struct bytes **list,
    size_t *count, struct error *err)
{
	const char *text = json_value_text(value);

	if (text == NULL || index >= ENTRY_TLS_MAX)
		return entry_malformed(err, "tls", "too many, or no text");
	if (*list == NULL) {
		*list = calloc(ENTRY_TLS_MAX, sizeof(**list));
		if (*list == NULL)
			return error_set_memory(err);
	}
	*count = index + 1;
	if (base64_parse(text, strlen(text), &(*list)[index], err) < 0)
		return entry_malformed(err, "tls", "not base64");
	if ((*list)[index].len > ENTRY_DER_MAX ||
	    !entry_is_der(&(*list)[index]))
		return entry_malformed(err, "tls", "certificate is not DER");
	return 0;
}

static int
take_center_tls(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_center *center = field;

	return take_tls(value, index, &center->tls, &center->tls_count, err);
}

static int
take_host_tls(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_host *host = field;

	return take_tls(value, index, &host->tls, &host->tls_count, err);
}

static int
take_code(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct entry_host *host = field;
	const char *text = json_value_text(value);

	if (index >= ENTRY_CODES_MAX)
		return entry_malformed(err, "codes", "too many");
	/* Doubles whenever the count is a power of two. */
	if ((index & (index + 1)) == 0 || host->codes == NULL) {
		struct org_code *codes =
		    realloc(host->codes, (index + 1) * 2 * sizeof(*codes));

		if (codes == NULL)
			return error_set_memory(err);
		host->codes = codes;
	}
	if (text == NULL || !org_code_parse(text, &host->codes[index]))
		return entry_malformed(err, "codes", "not a code");
	host->code_count = index + 1;
	return 0;
}

enum { HOST_FIELDS = 4, LOGGING_FIELDS = 7, CENTER_FIELDS = 9 };

/* Those of a management host, with or without a log, are the first of them. */
static const struct json_field center_fields[] = {
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_center, name),
	    .size = ENTRY_HOST_SIZE },
	{ .name = "address",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_center, address),
	    .size = ENTRY_ADDRESS_SIZE },
	{ .name = "port",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct entry_center, port),
	    .size = sizeof(uint16_t),
	    .min = 1,
	    .max = UINT16_MAX },
	{ .name = "tls", .kind = JSON_FIELD_EACH, .item = take_center_tls },
	{ .name = "log",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct entry_center, log),
	    .max = ENTRY_DER_MAX },
	{ .name = "origin",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_center, origin),
	    .size = ENTRY_ORIGIN_SIZE },
	{ .name = "begins",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct entry_center, begins),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX,
	    .optional = true },
	{ .name = "kind",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_center, kind),
	    .parse = parse_center_kind },
	{ .name = "conformance",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct entry_center, conformance),
	    .parse = parse_conformance },
};

static const struct json_field host_fields[] = {
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_host, name),
	    .size = ENTRY_HOST_SIZE },
	{ .name = "address",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct entry_host, address),
	    .size = ENTRY_ADDRESS_SIZE },
	{ .name = "tls", .kind = JSON_FIELD_EACH, .item = take_host_tls },
	{ .name = "codes", .kind = JSON_FIELD_EACH, .item = take_code },
};

static int
check_host(const char *name, const char *address, size_t tls_count,
    struct error *err)
{
	if (!entry_is_host_name(name))
		return entry_malformed(err, name, "not a host name");
	if (!is_address(address))
		return entry_malformed(err, name, "not an IP address");
	if (tls_count == 0)
		return entry_malformed(err, name, "no TLS certificate");
	return 0;
}

static int
decode_center(const struct json_value *value, size_t fields,
    struct entry_center *ret_center, struct error *err)
{
	struct entry_center center = { .tls = NULL };
	int rc = -1;

	if (json_decode_value(value, center_fields, fields, &center, err) < 0) {
		entry_explain(err,
		    center.name[0] != '\0' ? center.name : "center");
		goto done;
	}
	if (check_host(center.name, center.address, center.tls_count, err) < 0)
		goto done;
	if (fields > HOST_FIELDS &&
	    (!entry_is_der(&center.log) || center.origin[0] == '\0')) {
		entry_malformed(err, center.name, "log key or origin");
		goto done;
	}
	*ret_center = center;
	memset(&center, 0, sizeof(center));
	rc = 0;
done:
	entry_center_free(&center);
	return rc;
}

int
entry_center_decode(const struct json_value *value,
    struct entry_center *ret_center, struct error *err)
{
	return decode_center(value, CENTER_FIELDS, ret_center, err);
}

int
entry_management_decode(const struct json_value *value,
    struct entry_center *ret_management, struct error *err)
{
	return decode_center(value,
	    json_value_member(value, "log") != NULL ? LOGGING_FIELDS
						    : HOST_FIELDS,
	    ret_management, err);
}

int
entry_host_decode(const struct json_value *value, struct entry_host *ret_host,
    struct error *err)
{
	struct entry_host host = { .tls = NULL };

	if (json_decode_value(value, host_fields,
		sizeof(host_fields) / sizeof(host_fields[0]), &host, err) < 0) {
		entry_explain(err, host.name[0] != '\0' ? host.name : "host");
		entry_host_free(&host);
		return -1;
	}
	if (check_host(host.name, host.address, host.tls_count, err) < 0) {
		entry_host_free(&host);
		return -1;
	}
	*ret_host = host;
	return 0;
}
