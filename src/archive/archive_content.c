/*
 * The bytes of one entry: what they are by their beginning, and archives in
 * them.
 */
#include <string.h>

#include <archive.h>

#include "archive/archive_walk_internal.h"
#include "base/bytes.h"
#include "base/text.h"
#include "document/finding.h"

/* What the bytes of one entry are. */
struct content {
	const char *name;
	uint8_t head[FILE_TYPE_HEAD_MAX];
	size_t head_len;
	uint64_t len;
	enum file_type type;
	bool is_known;            /* `type`, from the head or all of it */
	struct bytes inner;       /* of an archive */
	struct search encryption; /* in the manifest of an ODF */
};

static bool
is_archive(const struct content *content)
{
	return archive_is_inspected(content->type, content->name);
}

static void
find_type(struct content *content)
{
	content->type = file_type_of(content->head, content->head_len);
	content->is_known = true;
}

/* Of an archive everything is kept, as long as it fits. */
static void
keep(struct walk *walk, struct content *content, const uint8_t *data,
    size_t len)
{
	if (!is_archive(content) || content->inner.failed)
		return;
	if (walk->is_raw && content->type == FILE_TYPE_ARCHIVE) {
		walk->holds_archive = true;
		return;
	}
	if (content->len > ARCHIVE_INNER_MAX) {
		level_report_unscanned(walk->level, content->name);
		bytes_free(&content->inner);
		content->inner = (struct bytes){ .failed = true };
		return;
	}
	bytes_put(&content->inner, data, len);
}

static void
push(struct walk *walk, struct content *content, const uint8_t *data,
    size_t len)
{
	size_t room = sizeof(content->head) - content->head_len;
	size_t some = len < room ? len : room;

	content->len += len;
	if (content->encryption.word != NULL)
		search_push(&content->encryption, data, len);
	if (content->is_known) {
		keep(walk, content, data, len);
		return;
	}
	memcpy(content->head + content->head_len, data, some);
	content->head_len += some;
	if (content->head_len < sizeof(content->head))
		return;
	find_type(content);
	keep(walk, content, content->head, content->head_len);
	keep(walk, content, data + some, len - some);
}

/* All of it: 1, or 0 if it cannot be unpacked to its end (told). */
static int
read_content(struct walk *walk, struct content *content, uint64_t size)
{
	for (;;) {
		la_ssize_t len = archive_read_data(walk->archive, walk->out,
		    sizeof(walk->out));

		if (len == ARCHIVE_WARN) {
			/* Its length or its check sum is not as announced. */
			level_report(walk->level, "E2186", content->name);
			return 0;
		}
		if (len == ARCHIVE_RETRY)
			continue;
		if (len < 0) {
			level_report_unscanned(walk->level, content->name);
			return 0;
		}
		if (len == 0)
			break;
		push(walk, content, walk->out, (size_t)len);
		if (!level_count_bytes(walk->level, (uint64_t)len))
			return 0;
	}
	if (size != UINT64_MAX && content->len != size) {
		level_report(walk->level, "E2186", content->name);
		return 0;
	}
	return 1;
}

/* Parts of an office document are no files that people start. */
static bool
is_refused(const struct level *level, enum file_type type)
{
	return level->is_office ? type == FILE_TYPE_PROGRAM
				: file_type_is_refused(type);
}

static int
judge(struct walk *walk, struct content *content, struct error *err)
{
	struct level *level = walk->level;

	if (!content->is_known) {
		find_type(content);
		keep(walk, content, content->head, content->head_len);
	}
	if (is_refused(level, content->type))
		level_report(level, "E2182", content->name);
	if (content->encryption.found)
		level_report_encrypted(level, content->name);
	if (!is_archive(content) || content->inner.failed ||
	    walk->holds_archive)
		return 0;
	return level_inspect_inner(level, content->name, content->type,
	    content->inner.data, content->inner.len, err);
}

int
walk_inspect_content(struct walk *walk, const struct entry *entry,
    struct error *err)
{
	static const char mark[] = "encryption-data";
	struct content content = { .name = entry->name };
	int rc = 0;

	if (walk->level->is_office &&
	    text_equal(entry->name, "META-INF/manifest.xml"))
		content.encryption = (struct search){ .word = mark,
			.word_len = sizeof(mark) - 1 };
	if (read_content(walk, &content, entry->size) > 0)
		rc = judge(walk, &content, err);
	bytes_free(&content.inner);
	return rc;
}
