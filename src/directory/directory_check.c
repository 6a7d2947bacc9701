#include "directory/directory.h"

#include <string.h>

#include "base/error.h"
#include "directory/directory_internal.h"

/* Does a run of `count` records from `first` lie within `total`? */
static bool
is_within(uint32_t first, uint32_t count, size_t total)
{
	return first <= total && count <= total - first;
}

static bool
is_text(const struct directory *directory, uint32_t offset)
{
	return offset < directory->count[IMAGE_STRINGS];
}

static bool
is_code(const struct org_code *code)
{
	struct org_code parsed;

	return memchr(code->text, '\0', sizeof(code->text)) != NULL &&
	    org_code_parse(code->text, &parsed);
}

static bool
is_code_or_none(const struct org_code *code)
{
	return code->text[0] == '\0' || is_code(code);
}

static bool
check_org(const struct directory *directory, const struct image_org *org)
{
	return is_text(directory, org->name) &&
	    is_text(directory, org->folded) &&
	    is_text(directory, org->center) && is_text(directory, org->host) &&
	    is_within(org->first_key, org->key_count,
		directory->count[IMAGE_KEYS]) &&
	    is_code(&org->code) && is_code_or_none(&org->supervisor) &&
	    is_code_or_none(&org->successor) && org->kind < ORG_KIND_COUNT &&
	    org->status < ORG_STATUS_COUNT;
}

static bool
check_orgs(const struct directory *directory)
{
	if (directory->count[IMAGE_SIGNS] != directory->count[IMAGE_ORGS])
		return false;
	for (size_t i = 0; i < directory->count[IMAGE_ORGS]; i++) {
		const struct image_org *org = &directory->orgs[i];

		if (!check_org(directory, org) ||
		    (i > 0 && strcmp(org[-1].code.text, org->code.text) >= 0))
			return false;
	}
	return true;
}

static bool
check_keys(const struct directory *directory)
{
	for (size_t i = 0; i < directory->count[IMAGE_KEYS]; i++) {
		const struct image_key *key = &directory->keys[i];

		if (key->cert >= directory->count[IMAGE_CERTS] ||
		    key->use >= KEY_USE_COUNT || key->state >= KEY_STATE_COUNT)
			return false;
	}
	return true;
}

static bool
check_certs(const struct directory *directory)
{
	for (size_t i = 0; i < directory->count[IMAGE_CERTS]; i++) {
		const struct image_cert *cert = &directory->certs[i];

		if (!is_within(cert->der, cert->len,
			directory->count[IMAGE_DER]))
			return false;
		if (i > 0 &&
		    memcmp(cert[-1].fingerprint.bytes, cert->fingerprint.bytes,
			DIGEST_LEN) >= 0)
			return false;
	}
	return true;
}

static bool
check_owners(const struct directory *directory)
{
	const size_t counts[] = {
		[DIRECTORY_OWNER_ORG] = directory->count[IMAGE_ORGS],
		[DIRECTORY_OWNER_HOST] = directory->count[IMAGE_HOSTS],
		[DIRECTORY_OWNER_CENTER] = directory->count[IMAGE_CENTERS],
		[DIRECTORY_OWNER_MANAGEMENT] =
		    directory->count[IMAGE_MANAGEMENT],
	};

	for (size_t i = 0; i < directory->count[IMAGE_OWNERS]; i++) {
		const struct image_owner *owner = &directory->owners[i];

		if (owner->cert >= directory->count[IMAGE_CERTS] ||
		    owner->kind > DIRECTORY_OWNER_MANAGEMENT ||
		    owner->index >= counts[owner->kind] ||
		    owner->use >= KEY_USE_COUNT ||
		    owner->state >= KEY_STATE_COUNT)
			return false;
		if (i > 0 &&
		    (owner[-1].cert > owner->cert ||
			(owner[-1].cert == owner->cert &&
			    owner[-1].kind > owner->kind)))
			return false;
	}
	return true;
}

static bool
check_codes(const struct directory *directory, const struct image_host *host)
{
	for (uint32_t i = 0; i < host->code_count; i++) {
		const struct org_code *code =
		    &directory->codes[host->first_code + i];

		if (!is_code(code) ||
		    (i > 0 && strcmp(code[-1].text, code->text) >= 0))
			return false;
	}
	return true;
}

static bool
check_hosts(const struct directory *directory)
{
	for (size_t i = 0; i < directory->count[IMAGE_HOSTS]; i++) {
		const struct image_host *host = &directory->hosts[i];

		if (!is_text(directory, host->name) ||
		    !is_text(directory, host->center) ||
		    !is_text(directory, host->address) ||
		    !is_within(host->first_code, host->code_count,
			directory->count[IMAGE_CODES]) ||
		    !check_codes(directory, host))
			return false;
	}
	return true;
}

static bool
check_centers(const struct directory *directory,
    const struct image_center *centers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct image_center *center = &centers[i];

		if (!is_text(directory, center->name) ||
		    !is_text(directory, center->address) ||
		    !is_text(directory, center->origin) ||
		    !is_within(center->first_tls, center->tls_count,
			directory->count[IMAGE_TLS]) ||
		    center->kind >= CENTER_KIND_COUNT ||
		    center->conformance >= CENTER_CONFORMANCE_COUNT)
			return false;
		if ((centers == directory->centers ||
			center->log != UINT32_MAX) &&
		    center->log >= directory->count[IMAGE_CERTS])
			return false;
		if (i > 0 &&
		    strcmp(directory->strings + center[-1].name,
			directory->strings + center->name) >= 0)
			return false;
	}
	return true;
}

static bool
check_tls(const struct directory *directory)
{
	for (size_t i = 0; i < directory->count[IMAGE_TLS]; i++)
		if (directory->tls[i] >= directory->count[IMAGE_CERTS])
			return false;
	return true;
}

int
directory_check(const struct directory *directory, struct error *err)
{
	size_t strings = directory->count[IMAGE_STRINGS];

	if (strings == 0 || directory->strings[0] != '\0' ||
	    directory->strings[strings - 1] != '\0' || !check_orgs(directory) ||
	    !check_keys(directory) || !check_certs(directory) ||
	    !check_owners(directory) || !check_hosts(directory) ||
	    !check_tls(directory) ||
	    !check_centers(directory, directory->centers,
		directory->count[IMAGE_CENTERS]) ||
	    !check_centers(directory, directory->management,
		directory->count[IMAGE_MANAGEMENT]))
		return error_set_id(err, "E7021", ERROR_MALFORMED,
		    "directory image: a record is out of place");
	return 0;
}
