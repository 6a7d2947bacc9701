#include "directory/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory_internal.h"

enum { UNITS_DEEP_MAX = 8 };

static int
damaged(struct error *err, const char *what)
{
	return error_set_id(err, "E7021", ERROR_MALFORMED,
	    "directory image: %s", what);
}

/* Where a section is, once it is known to lie within the image. */
static const void *
section_of(struct directory *directory, enum image_section section, size_t size)
{
	const struct image_span *span = &directory->header->sections[section];
	uint64_t len = directory->header->len;

	if (span->offset % 8 != 0 || span->offset > len ||
	    span->count > (len - span->offset) / size)
		return NULL;
	directory->count[section] = (size_t)span->count;
	return (const char *)directory->header + span->offset;
}

static int
find_sections(struct directory *directory, struct error *err)
{
	directory->orgs =
	    section_of(directory, IMAGE_ORGS, sizeof(struct image_org));
	directory->signs = section_of(directory, IMAGE_SIGNS, sizeof(uint64_t));
	directory->keys =
	    section_of(directory, IMAGE_KEYS, sizeof(struct image_key));
	directory->certs =
	    section_of(directory, IMAGE_CERTS, sizeof(struct image_cert));
	directory->owners =
	    section_of(directory, IMAGE_OWNERS, sizeof(struct image_owner));
	directory->hosts =
	    section_of(directory, IMAGE_HOSTS, sizeof(struct image_host));
	directory->codes =
	    section_of(directory, IMAGE_CODES, sizeof(struct org_code));
	directory->centers =
	    section_of(directory, IMAGE_CENTERS, sizeof(struct image_center));
	directory->management = section_of(directory, IMAGE_MANAGEMENT,
	    sizeof(struct image_center));
	directory->tls = section_of(directory, IMAGE_TLS, sizeof(uint32_t));
	directory->strings = section_of(directory, IMAGE_STRINGS, 1);
	directory->der = section_of(directory, IMAGE_DER, 1);
	if (directory->orgs == NULL || directory->signs == NULL ||
	    directory->keys == NULL || directory->certs == NULL ||
	    directory->owners == NULL || directory->hosts == NULL ||
	    directory->codes == NULL || directory->centers == NULL ||
	    directory->management == NULL || directory->tls == NULL ||
	    directory->strings == NULL || directory->der == NULL)
		return damaged(err, "a section lies outside");
	return 0;
}

int
directory_open(const void *data, size_t len, struct directory **ret_directory,
    struct error *err)
{
	struct directory *directory = NULL;
	int rc = -1;

	if (len < sizeof(struct image_header) || (uintptr_t)data % 8 != 0)
		return damaged(err, "too short, or not aligned");
	directory = calloc(1, sizeof(*directory));
	if (directory == NULL)
		return error_set_memory(err);
	directory->header = data;
	if (directory->header->magic != IMAGE_MAGIC ||
	    directory->header->len != len) {
		damaged(err, "not an image, or cut off");
		goto done;
	}
	if (find_sections(directory, err) < 0 ||
	    directory_check(directory, err) < 0)
		goto done;
	*ret_directory = directory;
	directory = NULL;
	rc = 0;
done:
	directory_close(directory);
	return rc;
}

void
directory_close(struct directory *directory)
{
	free(directory);
}

struct directory_serials
directory_serials(const struct directory *directory)
{
	const struct image_header *header = directory->header;

	return (struct directory_serials){
		.root = header->root,
		.directory = header->directory,
		.network = header->network,
		.timestamp = header->timestamp,
	};
}

/* ---- organisations ------------------------------------------------------ */

size_t
directory_org_count(const struct directory *directory)
{
	return directory->count[IMAGE_ORGS];
}

struct directory_org
directory_org_at(const struct directory *directory, uint32_t index)
{
	const struct image_org *org = &directory->orgs[index];

	return (struct directory_org){
		.code = org->code,
		.name = directory->strings + org->name,
		.kind = (enum org_kind)org->kind,
		.status = (enum org_status)org->status,
		.center = directory->strings + org->center,
		.host = directory->strings + org->host,
		.supervisor = org->supervisor,
		.successor = org->successor,
		.accepts_letter_bytes = org->accepts_letter_bytes,
		.index = index,
		.key_count = org->key_count,
	};
}

static int
compare_org(const void *key, const void *org)
{
	const struct org_code *code = key;
	const struct image_org *of = org;

	return strcmp(code->text, of->code.text);
}

bool
directory_find_org(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_org)
{
	const struct image_org *found = bsearch(code, directory->orgs,
	    directory->count[IMAGE_ORGS], sizeof(*found), compare_org);

	if (found == NULL)
		return false;
	*ret_org =
	    directory_org_at(directory, (uint32_t)(found - directory->orgs));
	return true;
}

const char *
directory_name_of(const struct directory *directory, const char *code)
{
	struct directory_org org;
	struct org_code parsed;

	return directory != NULL && org_code_parse(code, &parsed) &&
		directory_find_org(directory, &parsed, &org)
	    ? org.name
	    : "";
}

struct directory_key
directory_key_at(const struct directory *directory,
    const struct directory_org *org, uint32_t index)
{
	const struct image_key *key =
	    &directory->keys[directory->orgs[org->index].first_key + index];
	const struct image_cert *cert = &directory->certs[key->cert];

	return (struct directory_key){
		.use = (enum key_use)key->use,
		.state = (enum key_state)key->state,
		.not_after_ms = key->not_after_ms,
		.revoked_at_ms = key->revoked_at_ms,
		.reason = key->reason,
		.fingerprint = cert->fingerprint,
		.certificate = directory->der + cert->der,
		.certificate_len = cert->len,
	};
}

bool
directory_key_counts(const struct directory_key *key, int64_t at_ms)
{
	return key->state != KEY_REVOKED || at_ms < key->revoked_at_ms;
}

bool
directory_find_key(const struct directory *directory,
    const struct directory_org *org, enum key_use use,
    struct directory_key *ret_key)
{
	bool found = false;

	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (key.use != use || !key_state_is_usable(key.state))
			continue;
		if (!found || key.state == KEY_ACTIVE)
			*ret_key = key;
		found = true;
	}
	return found;
}

bool
directory_find_org_key(const struct directory *directory,
    const struct directory_org *org, enum key_use use,
    const struct digest *fingerprint, struct directory_key *ret_key)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (key.use == use &&
		    digest_equal(&key.fingerprint, fingerprint)) {
			*ret_key = key;
			return true;
		}
	}
	return false;
}

/* The next one above a unit, within its organisation. */
static struct org_code
above(const struct directory *directory, const struct org_code *code)
{
	struct org_code parent = org_code_parent(code);
	struct directory_org org;

	if (directory_find_org(directory, code, &org) &&
	    text_starts(org.supervisor.text, parent.text))
		return org.supervisor;
	return parent;
}

bool
directory_find_heir(const struct directory *directory,
    const struct org_code *code, struct org_code *ret_heir)
{
	struct org_code at = *code;

	/* One more for a unit, whose organisation may be the one that ended. */
	for (int i = 0; i <= DIRECTORY_SUCCESSORS_MAX + 1; i++) {
		struct directory_org org;
		bool found = directory_find_org(directory, &at, &org);

		if (found && org.status != ORG_DISSOLVED) {
			*ret_heir = at;
			return true;
		}
		if (found && org.successor.text[0] != '\0')
			at = org.successor;
		else if (org_code_is_unit(&at))
			at = org_code_parent(&at);
		else
			return false;
	}
	return false;
}

/* Within one organisation. */
static bool
find_receiver_above(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_receiver,
    struct directory_key *ret_seal)
{
	struct org_code at = *code;

	/* Supervision may go in circles: a signed mistake must not hang us. */
	for (int depth = 0; depth < UNITS_DEEP_MAX; depth++) {
		struct directory_org org;
		struct directory_key seal;

		if (directory_find_org(directory, &at, &org) &&
		    org.status != ORG_DISSOLVED &&
		    directory_find_key(directory, &org, KEY_SEAL, &seal)) {
			*ret_receiver = org;
			*ret_seal = seal;
			return true;
		}
		if (!org_code_is_unit(&at))
			return false;
		at = above(directory, &at);
	}
	return false;
}

/* Of whoever took over for `code`, if another did. */
static bool
find_receiver_after(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_receiver,
    struct directory_key *ret_seal)
{
	struct org_code heir;

	return directory_find_heir(directory, code, &heir) &&
	    !org_code_equal(&heir, code) &&
	    find_receiver_above(directory, &heir, ret_receiver, ret_seal);
}

bool
directory_find_receiver(const struct directory *directory,
    const struct org_code *code, struct directory_org *ret_receiver,
    struct directory_key *ret_seal)
{
	struct org_code parent = org_code_parent(code);

	return find_receiver_above(directory, code, ret_receiver, ret_seal) ||
	    find_receiver_after(directory, code, ret_receiver, ret_seal) ||
	    find_receiver_after(directory, &parent, ret_receiver, ret_seal);
}

bool
directory_is_heir(const struct directory_org *receiver,
    const struct org_code *code)
{
	struct org_code theirs = org_code_parent(&receiver->code);
	struct org_code named = org_code_parent(code);

	return !org_code_equal(&theirs, &named);
}

/* ---- certificates ------------------------------------------------------- */

static int
compare_cert(const void *key, const void *cert)
{
	const struct digest *fingerprint = key;
	const struct image_cert *of = cert;

	return memcmp(fingerprint->bytes, of->fingerprint.bytes, DIGEST_LEN);
}

bool
directory_find_cert(const struct directory *directory,
    const struct digest *fingerprint, uint32_t *ret_cert)
{
	const struct image_cert *found = bsearch(fingerprint, directory->certs,
	    directory->count[IMAGE_CERTS], sizeof(*found), compare_cert);

	if (found == NULL)
		return false;
	*ret_cert = (uint32_t)(found - directory->certs);
	return true;
}

/* The first place whose owner is not before (cert, kind). */
static size_t
first_owner(const struct directory *directory, uint32_t cert, uint8_t kind)
{
	size_t low = 0;
	size_t high = directory->count[IMAGE_OWNERS];

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct image_owner *owner = &directory->owners[mid];

		if (owner->cert < cert ||
		    (owner->cert == cert && owner->kind < kind))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
directory_find_owner_of(const struct directory *directory, uint32_t cert,
    uint8_t kind, struct image_owner *ret_owner)
{
	size_t at = first_owner(directory, cert, kind);

	if (at == directory->count[IMAGE_OWNERS] ||
	    directory->owners[at].cert != cert ||
	    directory->owners[at].kind != kind)
		return false;
	*ret_owner = directory->owners[at];
	return true;
}

bool
directory_find_host_of(const struct directory *directory, uint32_t cert,
    const char *center, struct image_owner *ret_owner)
{
	size_t at = first_owner(directory, cert, DIRECTORY_OWNER_HOST);

	if (!directory_find_owner_of(directory, cert, DIRECTORY_OWNER_HOST,
		ret_owner))
		return false;
	for (; at < directory->count[IMAGE_OWNERS] &&
	     directory->owners[at].cert == cert &&
	     directory->owners[at].kind == DIRECTORY_OWNER_HOST;
	     at++) {
		const struct image_owner *owner = &directory->owners[at];
		const struct image_host *host = &directory->hosts[owner->index];

		if (text_equal(directory->strings + host->center, center)) {
			*ret_owner = *owner;
			break;
		}
	}
	return true;
}

bool
directory_find_owner(const struct directory *directory,
    const struct digest *fingerprint, struct directory_owner *ret_owner)
{
	const struct image_owner *owner;
	const struct image_cert *of;
	uint32_t cert;
	size_t at;

	if (!directory_find_cert(directory, fingerprint, &cert))
		return false;
	at = first_owner(directory, cert, 0);
	if (at == directory->count[IMAGE_OWNERS] ||
	    directory->owners[at].cert != cert)
		return false;
	owner = &directory->owners[at];
	of = &directory->certs[cert];
	*ret_owner = (struct directory_owner){
		.kind = (enum directory_owner_kind)owner->kind,
		.index = owner->index,
		.use = (enum key_use)owner->use,
		.state = (enum key_state)owner->state,
		.certificate = directory->der + of->der,
		.certificate_len = of->len,
	};
	return true;
}
