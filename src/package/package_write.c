#include "package/package_write.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "package/crc32.h"
#include "package/manifest.h"
#include "package/package_batch.h"
#include "package/package_facts.h"
#include "package/package_internal.h"
#include "package/zip_format.h"

/*
 * The entries in their order: 0 is mimetype, 1 yizhan.json, then the files,
 * then manifest, list of the batch if there is one, and signature.
 */
struct package_plan {
	struct bytes facts;
	struct manifest manifest; /* entry i + 1 of the plan at place i */
	struct bytes xml;
	struct bytes list; /* empty: signed by itself */
	struct bytes signature;
	struct zip_entry *entries;
	size_t entry_count;
	size_t entry_size;
	uint64_t length; /* of all entries so far */
	bool is_signed;
};

int
package_measure(package_read_fn read, void *context, size_t index,
    struct package_measure *ret_measure, struct error *err)
{
	struct package_measure measure = { 0 };
	struct sha256 *sha = NULL;
	uint8_t *chunk = malloc(PACKAGE_CHUNK);
	size_t len = 0;
	int rc = -1;

	if (chunk == NULL) {
		error_set_memory(err);
		goto done;
	}
	if (sha256_new(&sha, err) < 0)
		goto done;
	do {
		if (read(context, index, chunk, PACKAGE_CHUNK, &len, err) < 0)
			goto done;
		sha256_update(sha, chunk, len);
		measure.crc32 = crc32_update(measure.crc32, chunk, len);
		measure.size += len;
	} while (len > 0);
	sha256_final(sha, &measure.sha256);

	*ret_measure = measure;
	rc = 0;
done:
	sha256_free(sha);
	free(chunk);
	return rc;
}

static int
add_entry(struct package_plan *plan, const char *name, uint64_t size,
    uint32_t crc32, struct error *err)
{
	struct zip_entry *entry;

	if (plan->entry_count == plan->entry_size) {
		size_t new_size = plan->entry_size * 2 + 8;
		struct zip_entry *entries =
		    realloc(plan->entries, new_size * sizeof(*entries));

		if (entries == NULL)
			return error_set_memory(err);
		plan->entries = entries;
		plan->entry_size = new_size;
	}
	entry = &plan->entries[plan->entry_count];
	memset(entry, 0, sizeof(*entry));
	if (!text_copy(entry->name, sizeof(entry->name), name))
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "file name too long: %s", name);
	entry->size = size;
	entry->crc32 = crc32;
	entry->offset = plan->length;
	zip_entry_prepare(entry);

	plan->entry_count++;
	plan->length += zip_local_len(entry) + size;
	return 0;
}

static int
add_bytes(struct package_plan *plan, const char *name, const void *data,
    size_t len, struct error *err)
{
	return add_entry(plan, name, len, crc32_update(0, data, len), err);
}

/* The entries before the files. */
static int
add_front(struct package_plan *plan, const struct package_facts *facts,
    struct error *err)
{
	struct digest sha256_of_facts;

	plan->manifest.signature = text_dup(PACKAGE_SIGNATURE_NAME);
	if (plan->manifest.signature == NULL)
		return error_set_memory(err);
	if (package_facts_encode(facts, &plan->facts, err) < 0)
		return -1;
	sha256(plan->facts.data, plan->facts.len, &sha256_of_facts);
	if (add_bytes(plan, PACKAGE_MIMETYPE_NAME, PACKAGE_MIMETYPE,
		strlen(PACKAGE_MIMETYPE), err) < 0)
		return -1;
	if (add_bytes(plan, PACKAGE_FACTS_NAME, plan->facts.data,
		plan->facts.len, err) < 0)
		return -1;
	return manifest_add(&plan->manifest, PACKAGE_FACTS_NAME,
	    &sha256_of_facts, err);
}

int
package_plan_new(const struct package_facts *facts,
    struct package_plan **ret_plan, struct error *err)
{
	struct package_plan *plan = calloc(1, sizeof(*plan));

	if (plan == NULL)
		return error_set_memory(err);
	if (add_front(plan, facts, err) < 0) {
		package_plan_free(plan);
		return -1;
	}
	*ret_plan = plan;
	return 0;
}

void
package_plan_free(struct package_plan *plan)
{
	if (plan == NULL)
		return;
	bytes_free(&plan->facts);
	bytes_free(&plan->xml);
	bytes_free(&plan->list);
	bytes_free(&plan->signature);
	manifest_free(&plan->manifest);
	free(plan->entries);
	free(plan);
}

int
package_plan_add(struct package_plan *plan, const char *name,
    const struct package_measure *measure, struct error *err)
{
	assert(!plan->is_signed);
	if (package_name_is_reserved(name))
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "file name is reserved: %s", name);
	if (manifest_add(&plan->manifest, name, &measure->sha256, err) < 0)
		return -1;
	return add_entry(plan, name, measure->size, measure->crc32, err);
}

int
package_plan_manifest(const struct package_plan *plan, struct bytes *to,
    struct error *err)
{
	return manifest_format(&plan->manifest, to, err);
}

/* Keep what is signed and the signature; *ret_line is the manifest's. */
static int
keep_signature(struct package_plan *plan, const void *signature, size_t len,
    size_t *ret_line, struct error *err)
{
	struct package_batch_item item = { .line = 1,
		.cms = signature,
		.cms_len = len };

	if (package_batch_is_item(signature, len) &&
	    package_batch_parse_item(signature, len, &item, err) < 0)
		return -1;
	if (item.cms_len == 0 || item.cms_len > PACKAGE_SIGNATURE_MAX ||
	    item.list_len > PACKAGE_BATCH_BYTES_MAX)
		return error_set_id(err, "E3203", ERROR_MALFORMED,
		    "a signature of %zu bytes", len);
	bytes_put(&plan->list, item.list, item.list_len);
	bytes_put(&plan->signature, item.cms, item.cms_len);
	if (bytes_failed(&plan->list, err) < 0 ||
	    bytes_failed(&plan->signature, err) < 0)
		return -1;
	*ret_line = item.line;
	return 0;
}

int
package_plan_sign(struct package_plan *plan, const void *signature, size_t len,
    struct error *err)
{
	char name[PACKAGE_MANIFEST_NAME_SIZE];
	size_t line;

	assert(!plan->is_signed);
	if (keep_signature(plan, signature, len, &line, err) < 0 ||
	    package_plan_manifest(plan, &plan->xml, err) < 0)
		return -1;
	package_manifest_name(line, name);
	if (add_bytes(plan, name, plan->xml.data, plan->xml.len, err) < 0)
		return -1;
	if (plan->list.len > 0 &&
	    add_bytes(plan, PACKAGE_BATCH_NAME, plan->list.data, plan->list.len,
		err) < 0)
		return -1;
	if (add_bytes(plan, PACKAGE_SIGNATURE_NAME, plan->signature.data,
		plan->signature.len, err) < 0)
		return -1;
	plan->is_signed = true;
	return 0;
}

/* The manifest holds the facts, and then each official file. */
static size_t
file_count(const struct package_plan *plan)
{
	return plan->manifest.file_count - 1;
}

static uint64_t
directory_len(const struct package_plan *plan)
{
	uint64_t len = 0;

	for (size_t i = 0; i < plan->entry_count; i++)
		len += zip_central_len(&plan->entries[i]);
	return len;
}

uint64_t
package_plan_size(const struct package_plan *plan)
{
	uint64_t directory = directory_len(plan);

	return plan->length + directory +
	    zip_end_len(plan->entry_count, plan->length, directory);
}

/* What a writer is at. */
enum place { AT_FILES, AT_END, AT_NOTHING };

struct package_writer {
	const struct package_plan *plan; /* not ours */
	package_read_fn read;
	void *read_context; /* not ours */
	package_sink_fn sink;
	void *sink_context; /* not ours */
	enum place place;
	size_t index;  /* of the file at hand */
	uint64_t left; /* of its bytes */
	struct sha256 *sha;
	struct bytes out; /* headers and small entries */
	uint8_t chunk[PACKAGE_CHUNK];
};

/* Hand on what `out` holds. */
static int
flush(struct package_writer *writer, struct error *err)
{
	if (bytes_failed(&writer->out, err) < 0 ||
	    writer->sink(writer->sink_context, writer->out.data,
		writer->out.len, err) < 0)
		return -1;
	bytes_clear(&writer->out);
	return 0;
}

static void
put_small(struct bytes *out, const struct zip_entry *entry, const void *data,
    size_t len)
{
	zip_put_local(out, entry);
	bytes_put(out, data, len);
}

/* Entry of the file at hand. */
static const struct zip_entry *
file_entry(const struct package_writer *writer)
{
	return &writer->plan->entries[writer->index + PACKAGE_FRONT];
}

/* Begin the file at hand, or the end when there is none. */
static void
begin_file(struct package_writer *writer)
{
	const struct package_plan *plan = writer->plan;

	if (writer->index == file_count(plan)) {
		writer->place = AT_END;
		return;
	}
	writer->left = file_entry(writer)->size;
	zip_put_local(&writer->out, file_entry(writer));
}

int
package_writer_new(const struct package_plan *plan, package_read_fn read,
    void *read_context, package_sink_fn sink, void *sink_context,
    struct package_writer **ret_writer, struct error *err)
{
	struct package_writer *writer = calloc(1, sizeof(*writer));

	assert(plan->is_signed);
	if (writer == NULL)
		return error_set_memory(err);
	if (sha256_new(&writer->sha, err) < 0) {
		free(writer);
		return -1;
	}
	writer->plan = plan;
	writer->read = read;
	writer->read_context = read_context;
	writer->sink = sink;
	writer->sink_context = sink_context;
	put_small(&writer->out, &plan->entries[0], PACKAGE_MIMETYPE,
	    strlen(PACKAGE_MIMETYPE));
	put_small(&writer->out, &plan->entries[1], plan->facts.data,
	    plan->facts.len);
	begin_file(writer);
	*ret_writer = writer;
	return 0;
}

void
package_writer_free(struct package_writer *writer)
{
	if (writer == NULL)
		return;
	bytes_free(&writer->out);
	sha256_free(writer->sha);
	free(writer);
}

/* It must still be what was measured. */
static int
end_file(struct package_writer *writer, bool is_longer, struct error *err)
{
	struct digest found;

	sha256_final(writer->sha, &found);
	if (writer->left != 0 || is_longer ||
	    !digest_equal(&found,
		&writer->plan->manifest.files[writer->index + 1].sha256))
		return error_set_id(err, "E3208", ERROR_MALFORMED,
		    "%s has changed since it was measured",
		    file_entry(writer)->name);
	writer->index++;
	begin_file(writer);
	return 0;
}

static int
copy_chunk(struct package_writer *writer, size_t *ret_len, struct error *err)
{
	size_t len;

	if (writer->out.len > 0 && flush(writer, err) < 0)
		return -1;
	if (writer->read(writer->read_context, writer->index, writer->chunk,
		sizeof(writer->chunk), &len, err) < 0)
		return -1;
	*ret_len = len;
	if (len == 0 || len > writer->left)
		return end_file(writer, len > 0, err);
	sha256_update(writer->sha, writer->chunk, len);
	writer->left -= len;
	return writer->sink(writer->sink_context, writer->chunk, len, err);
}

static int
write_end(struct package_writer *writer, struct error *err)
{
	const struct package_plan *plan = writer->plan;
	const struct zip_entry *entry =
	    &plan->entries[PACKAGE_FRONT + file_count(plan)];

	put_small(&writer->out, entry++, plan->xml.data, plan->xml.len);
	if (plan->list.len > 0)
		put_small(&writer->out, entry++, plan->list.data,
		    plan->list.len);
	put_small(&writer->out, entry, plan->signature.data,
	    plan->signature.len);
	for (size_t i = 0; i < plan->entry_count; i++)
		zip_put_central(&writer->out, &plan->entries[i]);
	zip_put_end(&writer->out, plan->entry_count, plan->length,
	    directory_len(plan));
	writer->place = AT_NOTHING;
	return flush(writer, err);
}

int
package_writer_step(struct package_writer *writer, uint64_t len,
    struct error *err)
{
	uint64_t written = 0;
	size_t count;

	while (writer->place == AT_FILES && written < len) {
		if (copy_chunk(writer, &count, err) < 0)
			return -1;
		written += count;
	}
	if (writer->place == AT_END && write_end(writer, err) < 0)
		return -1;
	return writer->place != AT_NOTHING;
}

int
package_write(const struct package_plan *plan, package_read_fn read,
    void *read_context, package_sink_fn sink, void *sink_context,
    struct error *err)
{
	struct package_writer *writer = NULL;
	int more;

	if (package_writer_new(plan, read, read_context, sink, sink_context,
		&writer, err) < 0)
		return -1;
	do {
		more = package_writer_step(writer, UINT64_MAX, err);
	} while (more > 0);
	package_writer_free(writer);
	return more;
}
