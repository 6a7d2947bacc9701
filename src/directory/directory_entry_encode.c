#include "directory/directory_entry.h"

#include "json/json_write.h"
#include "model/revocation.h"

static void
encode_tls(struct json_writer *writer, const struct bytes *tls, size_t count)
{
	json_write_begin_array(writer, "tls");
	for (size_t i = 0; i < count; i++)
		json_write_base64(writer, NULL, tls[i].data, tls[i].len);
	json_write_end(writer);
}

void
entry_key_encode(const struct entry_key *key, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", key_use_name(key->use));
	json_write_text(writer, "state", key_state_name(key->state));
	json_write_time(writer, "not_after", key->not_after_ms);
	json_write_base64(writer, "certificate", key->certificate.data,
	    key->certificate.len);
	if (key->revoked.at_ms != 0) {
		json_write_begin_object(writer, "revoked");
		json_write_text(writer, "reason",
		    revocation_reason_name(key->revoked.reason));
		json_write_time(writer, "at", key->revoked.at_ms);
		json_write_end(writer);
	}
	json_write_end(writer);
}

void
entry_org_encode(const struct entry_org *org, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &org->code);
	json_write_text(writer, "name", org->name);
	json_write_text(writer, "kind", org_kind_name(org->kind));
	json_write_text(writer, "status", org_status_name(org->status));
	json_write_text(writer, "center", org->center);
	json_write_text(writer, "supervisor", org->supervisor.text);
	json_write_text(writer, "successor", org->successor.text);
	json_write_text(writer, "host", org->host);
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes",
	    (int64_t)org->accepts_letter_bytes);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
	for (size_t i = 0; i < org->key_count; i++)
		entry_key_encode(&org->keys[i], writer);
	json_write_end(writer);
	json_write_end(writer);
}

static void
encode_log(const struct entry_center *center, struct json_writer *writer)
{
	json_write_base64(writer, "log", center->log.data, center->log.len);
	json_write_text(writer, "origin", center->origin);
	if (center->begins > 0)
		json_write_int(writer, "begins", (int64_t)center->begins);
}

void
entry_center_encode(const struct entry_center *center,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", center->name);
	json_write_text(writer, "kind", center_kind_name(center->kind));
	json_write_text(writer, "conformance",
	    center_conformance_name(center->conformance));
	json_write_text(writer, "address", center->address);
	json_write_int(writer, "port", center->port);
	encode_tls(writer, center->tls, center->tls_count);
	encode_log(center, writer);
	json_write_end(writer);
}

void
entry_management_encode(const struct entry_center *management,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", management->name);
	json_write_text(writer, "address", management->address);
	json_write_int(writer, "port", management->port);
	encode_tls(writer, management->tls, management->tls_count);
	if (management->origin[0] != '\0')
		encode_log(management, writer);
	json_write_end(writer);
}

void
entry_host_encode(const struct entry_host *host, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", host->name);
	json_write_text(writer, "address", host->address);
	encode_tls(writer, host->tls, host->tls_count);
	json_write_begin_array(writer, "codes");
	for (size_t i = 0; i < host->code_count; i++)
		json_write_org(writer, NULL, &host->codes[i]);
	json_write_end(writer);
	json_write_end(writer);
}
