#include "bulletin/bulletin_make.h"

#include "crypto/signed.h"
#include "json/json_write.h"

int
bulletin_format(const struct bulletin_draft *draft, bulletin_body_fn body,
    void *context, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct bulletin back = { 0 };
	size_t begin = to->len;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", "yizhan-bulletin-1");
	json_write_text(&writer, "environment", draft->environment);
	json_write_text(&writer, "type", bulletin_type_name(draft->type));
	json_write_text(&writer, "name", draft->name);
	json_write_int(&writer, "serial", (int64_t)draft->serial);
	json_write_time(&writer, "issued", draft->issued_ms);
	json_write_time(&writer, "expires", draft->expires_ms);
	if (draft->previous != NULL)
		json_write_digest(&writer, "previous", draft->previous);
	else
		json_write_text(&writer, "previous", "");
	json_write_begin_object(&writer, "body");
	body(context, &writer);
	json_write_end(&writer);
	json_write_end(&writer);
	if (json_write_done(&writer, err) < 0)
		return -1;

	if (bulletin_parse(to->data + begin, to->len - begin, &back, err) < 0)
		return -1;
	bulletin_free(&back);
	return 0;
}

struct bulletin_draft
bulletin_successor(const struct bulletin *before, int64_t issued_ms,
    int64_t expires_ms)
{
	return (struct bulletin_draft){
		.environment = before->environment,
		.type = before->type,
		.name = before->name,
		.serial = before->serial + 1,
		.issued_ms = issued_ms,
		.expires_ms = expires_ms,
		.previous = &before->digest,
	};
}

int
bulletin_sign(const void *json, size_t len, const struct signer *signers,
    size_t count, int64_t now_ms, struct bytes *to, struct error *err)
{
	return signed_make(signers, count, json, len, now_ms, to, err);
}
