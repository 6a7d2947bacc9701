#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_inspect.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "document/document.h"
#include "document/file_type.h"
#include "document/pool.h"
#include "package/manifest.h"
#include "package/package_facts.h"
#include "package/package_read.h"
#include "role/reader/reader_inspect.h"
#include "role/reader/reader_report.h"
#include "role/reader/reader_work.h"

/* One official file as it passes. */
struct file {
	struct message_packed_file packed;
	struct bytes data; /* what a check wants to see of it */
};

struct unpacking {
	int fd;
	off_t offset;
	struct sha256 *sha; /* of all bytes read */
	struct package_reader *reader;
	struct file *files;
	size_t file_count;
	size_t file_size; /* capacity */
	/* What stands inside attachments. */
	struct pool pool;
	struct findings findings;
	/* The letter's findings and those. */
	struct document_report report;
	struct finding *all;
};

static int
read_source(void *context, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	struct unpacking *unpacking = context;
	ssize_t len;

	do
		len = pread(unpacking->fd, to, size, unpacking->offset);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return error_set_errno(err, "reading the package");
	sha256_update(unpacking->sha, to, (size_t)len);
	unpacking->offset += len;
	*ret_len = (size_t)len;
	return 0;
}

static struct file *
add_file(struct unpacking *unpacking, struct error *err)
{
	if (unpacking->file_count == unpacking->file_size) {
		size_t size = unpacking->file_size * 2 + 8;
		struct file *files =
		    realloc(unpacking->files, size * sizeof(*files));

		if (files == NULL) {
			error_set_memory(err);
			return NULL;
		}
		unpacking->files = files;
		unpacking->file_size = size;
	}
	memset(&unpacking->files[unpacking->file_count], 0,
	    sizeof(unpacking->files[0]));
	return &unpacking->files[unpacking->file_count++];
}

/* Up to `wanted` bytes of an entry; no more room than it has, and its end. */
static int
read_head(struct package_reader *reader, const struct package_entry *entry,
    size_t wanted, struct bytes *to, struct error *err)
{
	while (to->len < wanted) {
		uint64_t left = entry->size + 1 - to->len;
		size_t most =
		    wanted - to->len < 65536 ? wanted - to->len : 65536;
		size_t room = left < most ? (size_t)left : most;
		uint8_t *at = bytes_extend(to, room);
		size_t len;

		if (at == NULL)
			return bytes_failed(to, err);
		if (package_read_data(reader, at, room, &len, err) < 0)
			return -1;
		to->len -= room - len;
		if (len == 0)
			break;
	}
	return 0;
}

static int
read_files(struct unpacking *unpacking, struct error *err)
{
	struct package_entry entry;
	int rc;

	while ((rc = package_read_next(unpacking->reader, &entry, err)) > 0) {
		struct file *file = add_file(unpacking, err);

		if (file == NULL)
			return -1;
		file->packed.len = entry.size;
		file->packed.offset = entry.offset;
		if (!text_copy(file->packed.name, sizeof(file->packed.name),
			entry.name))
			return error_set_id(err, "E3202", ERROR_MALFORMED,
			    "the name of a file is too long");
		if (read_head(unpacking->reader, &entry,
			document_input_max(
			    document_kind_of_name(file->packed.name)),
			&file->data, err) < 0)
			return -1;
	}
	return rc;
}

static int
check_digest(struct unpacking *unpacking, const struct digest *expected,
    struct error *err)
{
	struct digest digest;

	sha256_final(unpacking->sha, &digest);
	if (!digest_equal(&digest, expected))
		return error_set_id(err, "E2294", ERROR_UNTRUSTED,
		    "the package has another digest than announced");
	return 0;
}

/* The digests are the manifest's; the reader compared them with the files. */
static void
put_files(const struct unpacking *unpacking, struct bytes *list)
{
	const struct manifest *manifest = package_read_files(unpacking->reader);

	for (size_t i = 0; i < unpacking->file_count; i++) {
		struct message_packed_file *file = &unpacking->files[i].packed;
		long at = manifest_find(manifest, file->name);

		if (at >= 0)
			file->digest = manifest->files[at].sha256;
		message_list_add(list, MESSAGE_PACKED_FILE, file);
	}
}

static void
put_recipients(const struct package_facts *facts, struct bytes *to)
{
	for (size_t i = 0; i < facts->recipient_count; i++)
		bytes_put_format(to, "%s%s", i == 0 ? "" : "\n",
		    facts->recipients[i].text);
}

static int
check_letter(const struct unpacking *unpacking, const struct dtd_set *dtds,
    struct document_report **ret_report, struct error *err)
{
	struct document_input *inputs =
	    calloc(unpacking->file_count + 1, sizeof(*inputs));
	int rc;

	if (inputs == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < unpacking->file_count; i++) {
		const struct file *file = &unpacking->files[i];

		inputs[i] = (struct document_input){
			.name = file->packed.name,
			.kind = document_kind_of_name(file->packed.name),
			.data = file->data.data,
			.len = file->data.len,
		};
	}
	rc = document_check(inputs, unpacking->file_count, dtds, ret_report,
	    err);
	free(inputs);
	return rc;
}

/*
 * What must reach neither a person nor the programs that come after us; an
 * honest sender's gateway has refused it already.  All other findings are for
 * people, who can return the letter.
 */
static const char *const dangers[] = {
	"E2007", /* a DTD from elsewhere */
	"E2008", /* declarations that make a parser read or grow */
	"E2010", /* too deep */
	"E2011", /* an attribute too large */
	"E2120", /* a file name that leads elsewhere */
	"E2121", /* a program by its name */
	"E2125", /* a program by its content */
	"E2180", /* the same inside archives */
	"E2181",
	"E2182",
	"E2183", /* a bomb */
	"E2184", /* a link inside an archive */
	"E2185",
	"E2186", /* an archive that is another for another program */
	"E2187", /* what nobody could look into, unless policy lets it */
	"E2190",
	"E2191",
};

static int
refuse_danger(const struct document_report *report, struct error *err)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];

		for (size_t j = 0; j < ARRAY_LEN(dangers); j++)
			if (text_equal(finding->rule, dangers[j]))
				return error_set_id(err, finding->rule,
				    finding->code, "%s:%u: %s", finding->file,
				    finding->line, finding->argument);
	}
	/* Nobody may hide one behind hundreds of others. */
	return report->finding_left_out > 0
	    ? document_report_refusal(report, err)
	    : 0;
}

static int
inspect_file(struct unpacking *unpacking, const struct file *file,
    unsigned policy, struct archive_spent *spent, struct error *err)
{
	const struct message_packed_file *packed = &file->packed;
	struct reader_part part = { unpacking->fd, packed->offset, packed->len,
		packed->name };

	if (document_kind_of_name(packed->name) != DOCUMENT_ATTACHMENT ||
	    !archive_is_inspected(file_type_of(file->data.data, file->data.len),
		packed->name))
		return 0;
	return reader_inspect_part(&part, policy, spent, &unpacking->findings,
	    err);
}

/* Put the findings behind those of the letter. */
static int
join_findings(struct unpacking *unpacking, const struct document_report *report,
    struct error *err)
{
	const struct findings *more = &unpacking->findings;
	struct document_report *joined = &unpacking->report;
	size_t count = report->finding_count + more->count;

	unpacking->all = calloc(count + 1, sizeof(*unpacking->all));
	if (unpacking->all == NULL || unpacking->pool.failed)
		return error_set_memory(err);
	for (size_t i = 0; i < count; i++)
		unpacking->all[i] = i < report->finding_count
		    ? report->findings[i]
		    : more->items[i - report->finding_count];
	*joined = *report;
	joined->accepted = report->accepted && more->error_total == 0;
	joined->findings = unpacking->all;
	joined->finding_count = count;
	joined->finding_left_out += more->left_out;
	return 0;
}

/* The bytes are those of the digest asked for, so reading them again is safe.
 */
static int
inspect_files(struct unpacking *unpacking, unsigned policy,
    const struct document_report *report, struct error *err)
{
	struct archive_spent spent = { 0 };

	unpacking->findings.pool = &unpacking->pool;
	for (size_t i = 0; i < unpacking->file_count; i++)
		if (inspect_file(unpacking, &unpacking->files[i], policy,
			&spent, err) < 0)
			return -1;
	return join_findings(unpacking, report, err);
}

static int
put_answer(const struct unpacking *unpacking,
    const struct document_report *report, struct bytes *answer,
    struct error *err)
{
	const struct package_facts *facts =
	    package_read_facts(unpacking->reader);
	struct message_unpacked body = { .document_id = facts->document_id,
		.message = (uint8_t)facts->message };
	struct bytes recipients = { 0 };
	struct bytes files = { 0 };
	struct bytes json = { 0 };
	int rc = -1;

	put_recipients(facts, &recipients);
	put_files(unpacking, &files);
	if (reader_report_json(report, &json, err) < 0 ||
	    bytes_failed(&recipients, err) < 0 || bytes_failed(&files, err) < 0)
		goto done;
	memcpy(body.environment, facts->environment, sizeof(body.environment));
	memcpy(body.sender, facts->sender.text, sizeof(body.sender));
	body.recipients = blob_of_bytes(&recipients);
	body.signed_text =
	    blob_of_bytes(package_read_signed(unpacking->reader));
	body.signature =
	    blob_of_bytes(package_read_signature(unpacking->reader));
	body.files = blob_of_bytes(&files);
	body.json = blob_of_bytes(&json);
	reader_report_subject(report->document, body.subject,
	    sizeof(body.subject));
	reader_report_reference(report->document, body.reference,
	    sizeof(body.reference));
	codec_encode(message_fields(MESSAGE_UNPACKED), &body, answer);
	rc = bytes_failed(answer, err);
done:
	bytes_free(&recipients);
	bytes_free(&files);
	bytes_free(&json);
	return rc;
}

static void
unpacking_free(struct unpacking *unpacking)
{
	for (size_t i = 0; i < unpacking->file_count; i++)
		bytes_free(&unpacking->files[i].data);
	free(unpacking->files);
	free(unpacking->all);
	pool_free(&unpacking->pool);
	package_read_close(unpacking->reader);
	sha256_free(unpacking->sha);
}

int
reader_unpack(const struct message_unpack *request, int fd,
    const struct dtd_set *dtds, struct bytes *answer, struct error *err)
{
	struct package_limits limits = package_limits_default();
	struct unpacking unpacking = { .fd = fd };
	struct document_report *report = NULL;
	int rc = -1;

	if (sha256_new(&unpacking.sha, err) < 0 ||
	    package_read_open(read_source, &unpacking, &limits,
		&unpacking.reader, err) < 0)
		goto done;
	if (read_files(&unpacking, err) < 0 ||
	    check_digest(&unpacking, &request->package, err) < 0 ||
	    check_letter(&unpacking, dtds, &report, err) < 0 ||
	    refuse_danger(report, err) < 0 ||
	    inspect_files(&unpacking, request->policy, report, err) < 0 ||
	    refuse_danger(&unpacking.report, err) < 0)
		goto done;
	rc = put_answer(&unpacking, &unpacking.report, answer, err);
done:
	document_report_free(report);
	unpacking_free(&unpacking);
	return rc;
}
