#include "directory/body_change.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "directory/directory_network.h"
#include "json/json_read.h"

static const char *
member_text(const struct json_value *value, const char *key)
{
	return json_value_text(json_value_member(value, key));
}

/* True if the change says nothing of this member, or just this. */
static bool
says(const struct json_value *entry, const char *key, const char *text)
{
	const struct json_value *value = json_value_member(entry, key);
	const char *wanted = json_value_text(value);

	return value == NULL || (wanted != NULL && text_equal(wanted, text));
}

static bool
fingerprint_of(const struct json_value *base64, struct digest *ret_digest)
{
	const char *text = json_value_text(base64);
	struct bytes der = { 0 };
	struct error ignored = { 0 };
	bool is_good = text != NULL &&
	    base64_parse(text, strlen(text), &der, &ignored) == 0;

	if (is_good)
		sha256(der.data, der.len, ret_digest);
	bytes_free(&der);
	return is_good;
}

/* ---- organisations --------------------------------------------------------- */

/* A list of keys is all of them: what it leaves out is to go. */
static bool
has_keys(const struct directory *directory, const struct directory_org *org,
    const struct json_value *keys)
{
	if (keys != NULL && json_value_count(keys) != org->key_count)
		return false;
	for (size_t i = 0; i < json_value_count(keys); i++) {
		const struct json_value *key = json_value_item(keys, i);
		const char *use_name = member_text(key, "use");
		struct digest fingerprint;
		struct directory_key found;
		enum key_use use;

		if (use_name == NULL || !key_use_parse(use_name, &use) ||
		    !fingerprint_of(json_value_member(key, "certificate"),
			&fingerprint) ||
		    !directory_find_org_key(directory, org, use, &fingerprint,
			&found) ||
		    !says(key, "state", key_state_name(found.state)))
			return false;
	}
	return true;
}

static bool
org_is_in_force(const struct directory *directory,
    const struct json_value *entry)
{
	const char *text = member_text(entry, "code");
	struct org_code code;
	struct directory_org org;

	return text != NULL && org_code_parse(text, &code) &&
	    directory_find_org(directory, &code, &org) &&
	    says(entry, "name", org.name) &&
	    says(entry, "kind", org_kind_name(org.kind)) &&
	    says(entry, "status", org_status_name(org.status)) &&
	    says(entry, "center", org.center) &&
	    says(entry, "host", org.host) &&
	    says(entry, "supervisor", org.supervisor.text) &&
	    says(entry, "successor", org.successor.text) &&
	    has_keys(directory, &org, json_value_member(entry, "keys"));
}

/* ---- hosts ------------------------------------------------------------------ */

static bool
find_host(const struct directory *directory, const char *center,
    const char *name, struct directory_host *ret_host)
{
	size_t count = directory_host_count(directory);

	for (uint32_t i = 0; i < count; i++) {
		*ret_host = directory_host_at(directory, i);
		if (text_equal(ret_host->name, name) &&
		    text_equal(ret_host->center, center))
			return true;
	}
	return false;
}

static bool
host_is_in_force(const struct directory *directory, const char *center,
    const struct json_value *entry)
{
	const struct json_value *codes = json_value_member(entry, "codes");
	const struct json_value *tls = json_value_member(entry, "tls");
	const char *name = member_text(entry, "name");
	struct directory_host host;

	if (name == NULL || !find_host(directory, center, name, &host) ||
	    !says(entry, "address", host.address) ||
	    (codes != NULL && json_value_count(codes) != host.code_count))
		return false;
	for (size_t i = 0; i < json_value_count(codes); i++) {
		const char *text = json_value_text(json_value_item(codes, i));
		struct org_code code;

		if (text == NULL || !org_code_parse(text, &code) ||
		    !directory_host_serves(directory, &host, &code))
			return false;
	}
	for (size_t i = 0; i < json_value_count(tls); i++) {
		struct digest fingerprint;
		struct directory_host owner;

		if (!fingerprint_of(json_value_item(tls, i), &fingerprint) ||
		    !directory_find_host(directory, &fingerprint, center,
			&owner) ||
		    !text_equal(owner.name, name))
			return false;
	}
	return true;
}

static bool
hosts_are_gone(const struct directory *directory, const char *center,
    const struct json_value *removed)
{
	for (size_t i = 0; i < json_value_count(removed); i++) {
		const char *name = json_value_text(json_value_item(removed, i));
		struct directory_host host;

		if (name == NULL || find_host(directory, center, name, &host))
			return false;
	}
	return true;
}

static bool
center_is_in_force(const struct directory *directory,
    const struct json_value *entry)
{
	const struct json_value *tls = json_value_member(entry, "tls");
	const char *name = member_text(entry, "name");
	struct directory_center center;

	if (name == NULL || !directory_find_center(directory, name, &center) ||
	    !says(entry, "address", center.address) ||
	    !says(entry, "origin", center.origin))
		return false;
	for (size_t i = 0; i < json_value_count(tls); i++) {
		struct digest fingerprint, known;
		bool is_known = false;

		if (!fingerprint_of(json_value_item(tls, i), &fingerprint))
			return false;
		for (uint32_t k = 0; k < center.tls_count; k++) {
			known = directory_center_tls_at(directory, &center, k);
			is_known |= digest_equal(&known, &fingerprint);
		}
		if (!is_known)
			return false;
	}
	return true;
}

bool
body_change_is_in_force(const struct directory *directory,
    const struct json_value *change)
{
	const struct json_value *entries = json_value_member(change, "entries");
	const char *type = member_text(change, "type");
	const char *name = member_text(change, "name");
	bool is_access;

	if (type == NULL || name == NULL)
		return false;
	is_access = text_equal(type, "access");
	for (size_t i = 0; i < json_value_count(entries); i++) {
		const struct json_value *entry = json_value_item(entries, i);

		if (is_access ? !host_is_in_force(directory, name, entry)
			: text_equal(type, "directory")
			? !org_is_in_force(directory, entry)
			: !text_equal(type, "network") ||
			    !center_is_in_force(directory, entry))
			return false;
	}
	return !is_access ||
	    hosts_are_gone(directory, name,
		json_value_member(change, "removed"));
}
