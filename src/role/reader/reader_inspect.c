#include "role/reader/reader_inspect.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_inspect.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/finding.h"
#include "document/pool.h"
#include "role/reader/reader_report.h"
#include "role/reader/reader_work.h"

static int
read_part(void *ctx, uint64_t offset, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	const struct reader_part *part = ctx;
	uint64_t left = offset < part->len ? part->len - offset : 0;
	uint8_t *at = to;

	*ret_len = 0;
	if (size > left)
		size = (size_t)left;
	while (*ret_len < size) {
		ssize_t len = pread(part->fd, at + *ret_len, size - *ret_len,
		    (off_t)(part->offset + offset + *ret_len));

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return error_set_errno(err, "reading %s", part->name);
		if (len == 0)
			break;
		*ret_len += (size_t)len;
	}
	return 0;
}

int
reader_inspect_part(const struct reader_part *part, unsigned policy,
    struct archive_spent *spent, struct findings *findings, struct error *err)
{
	struct reader_part copy = *part;
	struct archive_source source = { read_part, &copy, part->len };

	return archive_inspect(&source, part->name, policy, spent, findings,
	    err);
}

static void
put_findings(const struct findings *findings, struct bytes *list)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *from = &findings->items[i];
		struct message_finding item = {
			.is_error = from->severity == FINDING_ERROR,
		};

		text_copy(item.rule, sizeof(item.rule), from->rule);
		reader_report_cut(from->argument, item.text, sizeof(item.text));
		message_list_add(list, MESSAGE_FINDING, &item);
	}
}

static int
put_answer(const struct findings *findings, const struct archive_spent *spent,
    struct bytes *answer, struct error *err)
{
	struct message_inspected body = { .bytes = spent->bytes,
		.files = spent->files };
	struct bytes list = { 0 };
	int rc = -1;

	put_findings(findings, &list);
	if (bytes_failed(&list, err) == 0) {
		body.findings = blob_of_bytes(&list);
		codec_encode(message_fields(MESSAGE_INSPECTED), &body, answer);
		rc = bytes_failed(answer, err);
	}
	bytes_free(&list);
	return rc;
}

int
reader_inspect(const struct message_inspect *request, int fd,
    struct bytes *answer, struct error *err)
{
	struct archive_spent spent = { request->bytes, request->files };
	struct reader_part part = { .fd = fd, .name = request->name };
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };
	off_t len = lseek(fd, 0, SEEK_END);
	int rc = -1;

	if (len < 0)
		return error_set_errno(err, "reading %s", part.name);
	part.len = (uint64_t)len;
	if (reader_inspect_part(&part, request->policy, &spent, &findings,
		err) == 0)
		rc = pool.failed ? error_set_memory(err)
				 : put_answer(&findings, &spent, answer, err);
	pool_free(&pool);
	return rc;
}
