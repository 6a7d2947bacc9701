#include "directory/invitation.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-invitation-1";

void
invitation_free(struct invitation *invitation)
{
	bytes_free(&invitation->root);
}

int
invitation_encode(const struct invitation *invitation, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", invitation->environment);
	json_write_text(&writer, "center", invitation->center);
	json_write_text(&writer, "address", invitation->address);
	json_write_int(&writer, "port", invitation->port);
	json_write_digest(&writer, "certificate", &invitation->certificate);
	json_write_base64(&writer, "root", invitation->root.data,
	    invitation->root.len);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* Names as in bulletins: a-z, 0-9 and "-". */
static bool
parse_name(const char *text, void *field)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((*at < 'a' || *at > 'z') && (*at < '0' || *at > '9') &&
		    *at != '-')
			return false;
	return text[0] != '\0' && text_copy(field, ENTRY_HOST_SIZE, text);
}

static bool
parse_address(const char *text, void *field)
{
	uint8_t address[16];

	return (inet_pton(AF_INET, text, address) == 1 ||
		   inet_pton(AF_INET6, text, address) == 1) &&
	    text_copy(field, ENTRY_ADDRESS_SIZE, text);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct invitation, environment),
	    .parse = parse_name },
	{ .name = "center",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct invitation, center),
	    .parse = parse_name },
	{ .name = "address",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct invitation, address),
	    .parse = parse_address },
	{ .name = "port",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct invitation, port),
	    .size = sizeof(uint16_t),
	    .min = 1,
	    .max = 65535 },
	{ .name = "certificate",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct invitation, certificate) },
	{ .name = "root",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct invitation, root) },
};

int
invitation_decode(const void *json, size_t len,
    struct invitation *ret_invitation, struct error *err)
{
	struct invitation invitation = { .port = 0 };
	struct error why = { 0 };

	if (json_decode(json, len, INVITATION_MAX, fields, ARRAY_LEN(fields),
		&invitation, &why) < 0 ||
	    invitation.root.len == 0) {
		invitation_free(&invitation);
		return error_set_id(err, "E6901", ERROR_MALFORMED, "%s",
		    why.text[0] != '\0' ? why.text : "it has no root");
	}
	*ret_invitation = invitation;
	return 0;
}
