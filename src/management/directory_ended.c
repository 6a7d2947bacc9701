#include "management/directory_ended.h"

#include "base/bytes.h"
#include "base/error.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "policy/revocation_rules.h"

static size_t
count_ended(const struct directory *directory, const struct directory_org *org,
    int64_t now_ms)
{
	size_t count = 0;

	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (revocation_is_long_over(key.not_after_ms, now_ms))
			count++;
	}
	return count;
}

static void
write_entry(const struct directory *directory, const struct directory_org *org,
    int64_t now_ms, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &org->code);
	json_write_begin_array(writer, "keys");
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (revocation_is_long_over(key.not_after_ms, now_ms))
			continue;
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "use", key_use_name(key.use));
		json_write_text(writer, "state", key_state_name(key.state));
		json_write_time(writer, "not_after", key.not_after_ms);
		json_write_base64(writer, "certificate", key.certificate,
		    key.certificate_len);
		if (key.revoked_at_ms != 0) {
			json_write_begin_object(writer, "revoked");
			json_write_text(writer, "reason",
			    revocation_reason_name(key.reason));
			json_write_time(writer, "at", key.revoked_at_ms);
			json_write_end(writer);
		}
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_end(writer);
}

size_t
directory_ended_count(const struct directory *directory, int64_t now_ms)
{
	size_t orgs = directory_org_count(directory);
	size_t ended = 0;

	for (uint32_t i = 0; i < orgs; i++) {
		struct directory_org org = directory_org_at(directory, i);

		ended += count_ended(directory, &org, now_ms) > 0;
	}
	return ended;
}

int
directory_ended_entries(const struct directory *directory, int64_t now_ms,
    struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	size_t orgs = directory_org_count(directory);
	size_t ended = 0;

	json_write_begin_array(&writer, NULL);
	for (uint32_t i = 0; i < orgs; i++) {
		struct directory_org org = directory_org_at(directory, i);

		if (count_ended(directory, &org, now_ms) == 0)
			continue;
		ended++;
		write_entry(directory, &org, now_ms, &writer);
	}
	json_write_end(&writer);
	if (ended == 0)
		return error_set_id(err, "E3714", ERROR_NOT_FOUND,
		    "no certificate ended three months ago");
	return json_write_done(&writer, err);
}
