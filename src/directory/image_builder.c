#include "directory/image_builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/sha256.h"

enum {
	ALIGN = 8,
	/* The first section in the image, so that it grows where it stays. */
	DER_BEGINS = (sizeof(struct image_header) + ALIGN - 1) / ALIGN * ALIGN,
};

void
image_builder_free(struct image_builder *builder)
{
	for (int i = 0; i < IMAGE_SECTIONS; i++)
		bytes_free(&builder->sections[i]);
	free(builder->strings.slots);
	free(builder->certs.slots);
	memset(builder, 0, sizeof(*builder));
}

/* FNV-1a: the keys are signed bulletins' own, not an attacker's. */
static uint32_t
hash_of(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT32_C(16777619);
	return hash;
}

/* The next slot with this hash from `*at` on, or the empty one. */
static struct image_slot *
probe(const struct image_table *table, uint32_t hash, size_t *at)
{
	for (;; ++*at) {
		struct image_slot *slot =
		    &table->slots[*at & (table->size - 1)];

		if (slot->value == 0 || slot->hash == hash)
			return slot;
	}
}

/* A table of `size` slots in its place; false when memory ran out. */
static bool
enlarge(struct image_table *table, size_t size)
{
	struct image_table larger = { .count = table->count, .size = size };

	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return false;
	for (size_t i = 0; i < table->size; i++) {
		size_t at = table->slots[i].hash;

		if (table->slots[i].value == 0)
			continue;
		while (larger.slots[at & (larger.size - 1)].value != 0)
			at++;
		larger.slots[at & (larger.size - 1)] = table->slots[i];
	}
	free(table->slots);
	*table = larger;
	return true;
}

/* Room for one more; false when memory ran out. */
static bool
reserve(struct image_table *table)
{
	return (table->count + 1) * 2 <= table->size ||
	    enlarge(table, table->size > 0 ? table->size * 2 : 1024);
}

void
image_begin(struct image_builder *builder, size_t certs, size_t der)
{
	struct bytes *all = &builder->sections[IMAGE_DER];
	uint8_t *header = bytes_extend(all, DER_BEGINS);
	size_t size = 1024;

	if (header != NULL)
		memset(header, 0, DER_BEGINS);
	/* Memory that nobody has touched yet costs nothing. */
	if (der > 0 && bytes_extend(all, der) != NULL)
		all->len = DER_BEGINS;
	while (size < 2 * (certs + 1))
		size *= 2;
	if (certs > 0 && !enlarge(&builder->certs, size))
		builder->failed = true;
}

static void
fill(struct image_table *table, struct image_slot *slot, uint32_t hash,
    uint32_t value)
{
	slot->hash = hash;
	slot->value = value + 1;
	table->count++;
}

uint32_t
image_text(struct image_builder *builder, const char *text)
{
	struct bytes *strings = &builder->sections[IMAGE_STRINGS];
	size_t len = strlen(text) + 1;
	uint32_t hash = hash_of(text, len);
	size_t at = hash;
	struct image_slot *slot;

	if (strings->len == 0)
		bytes_put_u8(strings, 0);
	if (len == 1)
		return 0;
	if (!reserve(&builder->strings) || strings->len + len > UINT32_MAX) {
		builder->failed = true;
		return 0;
	}
	while ((slot = probe(&builder->strings, hash, &at))->value != 0) {
		if (!strings->failed &&
		    strcmp((const char *)strings->data + slot->value - 1,
			text) == 0)
			return slot->value - 1;
		at++;
	}
	fill(&builder->strings, slot, hash, (uint32_t)strings->len);
	bytes_put(strings, text, len);
	return slot->value - 1;
}

uint32_t
image_cert_known(struct image_builder *builder,
    const struct digest *fingerprint, const void *der, size_t len)
{
	struct bytes *certs = &builder->sections[IMAGE_CERTS];
	struct bytes *all = &builder->sections[IMAGE_DER];
	struct image_cert new = { .fingerprint = *fingerprint,
		.der = (uint32_t)(all->len - DER_BEGINS),
		.len = (uint32_t)len };
	const struct image_cert *known;
	struct image_slot *slot;
	uint32_t hash;
	size_t at;

	memcpy(&hash, new.fingerprint.bytes, sizeof(hash));
	at = hash;
	if (!reserve(&builder->certs) || certs->failed || all->failed ||
	    all->len - DER_BEGINS + len > UINT32_MAX) {
		builder->failed = true;
		return 0;
	}
	known = (const struct image_cert *)(const void *)certs->data;
	while ((slot = probe(&builder->certs, hash, &at))->value != 0) {
		if (digest_equal(&known[slot->value - 1].fingerprint,
			&new.fingerprint))
			return slot->value - 1;
		at++;
	}
	fill(&builder->certs, slot, hash,
	    (uint32_t)image_count(builder, IMAGE_CERTS, sizeof(new)));
	bytes_put(certs, &new, sizeof(new));
	bytes_put(all, der, len);
	return slot->value - 1;
}

uint32_t
image_cert(struct image_builder *builder, const struct bytes *der)
{
	struct digest fingerprint;

	sha256(der->data, der->len, &fingerprint);
	return image_cert_known(builder, &fingerprint, der->data, der->len);
}

void
image_own(struct image_builder *builder, uint32_t cert, uint8_t kind,
    uint32_t index, uint8_t use, uint8_t state)
{
	struct image_owner owner = { .cert = cert,
		.index = index,
		.kind = kind,
		.use = use,
		.state = state };

	bytes_put(&builder->sections[IMAGE_OWNERS], &owner, sizeof(owner));
}

size_t
image_count(const struct image_builder *builder, enum image_section section,
    size_t size)
{
	return builder->sections[section].len / size;
}

/* ---- layout ------------------------------------------------------------- */

/* A certificate and the index that it was given while building. */
struct ranked {
	struct image_cert cert;
	uint32_t index;
};

static int
compare_ranked(const void *a, const void *b)
{
	const struct ranked *left = a;
	const struct ranked *right = b;

	return memcmp(left->cert.fingerprint.bytes,
	    right->cert.fingerprint.bytes, DIGEST_LEN);
}

static int
compare_numbers(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_owners(const void *a, const void *b)
{
	const struct image_owner *left = a;
	const struct image_owner *right = b;
	int order = compare_numbers(left->cert, right->cert);

	if (order == 0)
		order = compare_numbers(left->kind, right->kind);
	return order != 0 ? order : compare_numbers(left->index, right->index);
}

/* Put the certificates into order; `new_index` tells where each one went. */
static void
sort_certs(struct image_builder *builder, struct ranked *ranked,
    uint32_t *new_index)
{
	struct bytes *section = &builder->sections[IMAGE_CERTS];
	struct image_cert *certs = (struct image_cert *)(void *)section->data;
	size_t count = image_count(builder, IMAGE_CERTS, sizeof(*certs));

	for (size_t i = 0; i < count; i++)
		ranked[i] = (struct ranked){ certs[i], (uint32_t)i };
	qsort(ranked, count, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < count; i++) {
		certs[i] = ranked[i].cert;
		new_index[ranked[i].index] = (uint32_t)i;
	}
}

/* Those of the logs of centers, or of management. */
static void
renumber_logs(struct bytes *section, const uint32_t *new_index)
{
	struct image_center *centers = (void *)section->data;

	for (size_t i = 0; i < section->len / sizeof(*centers); i++)
		if (centers[i].log != UINT32_MAX)
			centers[i].log = new_index[centers[i].log];
}

/* Follow the certificates to their new places. */
static void
renumber(struct image_builder *builder, const uint32_t *new_index)
{
	struct bytes *sections = builder->sections;
	struct image_key *keys = (void *)sections[IMAGE_KEYS].data;
	struct image_owner *owners = (void *)sections[IMAGE_OWNERS].data;
	uint32_t *tls = (void *)sections[IMAGE_TLS].data;
	size_t owner_count = sections[IMAGE_OWNERS].len / sizeof(*owners);

	for (size_t i = 0; i < sections[IMAGE_KEYS].len / sizeof(*keys); i++)
		keys[i].cert = new_index[keys[i].cert];
	for (size_t i = 0; i < owner_count; i++)
		owners[i].cert = new_index[owners[i].cert];
	renumber_logs(&sections[IMAGE_CENTERS], new_index);
	renumber_logs(&sections[IMAGE_MANAGEMENT], new_index);
	for (size_t i = 0; i < sections[IMAGE_TLS].len / sizeof(*tls); i++)
		tls[i] = new_index[tls[i]];
	if (owner_count > 0)
		qsort(owners, owner_count, sizeof(*owners), compare_owners);
}

static int
sort(struct image_builder *builder, struct error *err)
{
	size_t count =
	    image_count(builder, IMAGE_CERTS, sizeof(struct image_cert));
	struct ranked *ranked = calloc(count + 1, sizeof(*ranked));
	uint32_t *new_index = calloc(count + 1, sizeof(*new_index));
	int rc = -1;

	if (ranked == NULL || new_index == NULL) {
		error_set_memory(err);
		goto done;
	}
	sort_certs(builder, ranked, new_index);
	renumber(builder, new_index);
	rc = 0;
done:
	free(ranked);
	free(new_index);
	return rc;
}

static void
pad(struct bytes *to)
{
	while (to->len % ALIGN != 0 && !to->failed)
		bytes_put_u8(to, 0);
}

int
image_finish(struct image_builder *builder, struct image_header header,
    struct bytes *to, struct error *err)
{
	static const size_t sizes[IMAGE_SECTIONS] = {
		[IMAGE_ORGS] = sizeof(struct image_org),
		[IMAGE_SIGNS] = sizeof(uint64_t),
		[IMAGE_KEYS] = sizeof(struct image_key),
		[IMAGE_CERTS] = sizeof(struct image_cert),
		[IMAGE_OWNERS] = sizeof(struct image_owner),
		[IMAGE_HOSTS] = sizeof(struct image_host),
		[IMAGE_CODES] = sizeof(struct org_code),
		[IMAGE_CENTERS] = sizeof(struct image_center),
		[IMAGE_MANAGEMENT] = sizeof(struct image_center),
		[IMAGE_TLS] = sizeof(uint32_t),
		[IMAGE_STRINGS] = 1,
		[IMAGE_DER] = 1,
	};

	image_text(builder, "");
	for (int i = 0; i < IMAGE_SECTIONS; i++)
		if (bytes_failed(&builder->sections[i], err) < 0)
			return -1;
	if (builder->failed)
		return error_set_memory(err);
	if (sort(builder, err) < 0)
		return -1;

	*to = builder->sections[IMAGE_DER];
	builder->sections[IMAGE_DER] = (struct bytes){ 0 };
	header.sections[IMAGE_DER].offset = DER_BEGINS;
	header.sections[IMAGE_DER].count = to->len - DER_BEGINS;
	for (int i = 0; i < IMAGE_SECTIONS; i++) {
		const struct bytes *section = &builder->sections[i];

		if (i == IMAGE_DER)
			continue;
		pad(to);
		header.sections[i].offset = to->len;
		header.sections[i].count = section->len / sizes[i];
		bytes_put(to, section->data, section->len);
	}
	pad(to);
	if (bytes_failed(to, err) < 0)
		return -1;
	header.magic = IMAGE_MAGIC;
	header.len = to->len;
	memcpy(to->data, &header, sizeof(header));
	return 0;
}
