/*
 * Unpacking with libarchive, entry after entry, in bounded memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "archive/archive_walk_internal.h"
#include "base/error.h"
#include "base/text.h"
#include "document/file_name.h"
#include "document/finding.h"

/* ---- the source ------------------------------------------------------ */

static la_ssize_t
on_read(struct archive *archive, void *ctx, const void **ret_data)
{
	struct walk *walk = ctx;
	const struct archive_source *source = walk->level->source;
	size_t len = 0;

	if (source->read_at(source->ctx, walk->offset, walk->in,
		sizeof(walk->in), &len, &walk->failure) < 0) {
		archive_set_error(archive, EIO, "source");
		return ARCHIVE_FATAL;
	}
	walk->offset += len;
	*ret_data = walk->in;
	return (la_ssize_t)len;
}

static la_int64_t
on_skip(struct archive *archive, void *ctx, la_int64_t request)
{
	struct walk *walk = ctx;
	uint64_t left = walk->offset < walk->level->source->len
	    ? walk->level->source->len - walk->offset
	    : 0;

	(void)archive;
	if (request < 0)
		return 0;
	if ((uint64_t)request > left)
		request = (la_int64_t)left;
	walk->offset += (uint64_t)request;
	return request;
}

static la_int64_t
on_seek(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
	struct walk *walk = ctx;
	int64_t base = 0;

	(void)archive;
	if (whence == SEEK_CUR)
		base = (int64_t)walk->offset;
	else if (whence == SEEK_END)
		base = (int64_t)walk->level->source->len;
	if (offset < -base || offset > INT64_MAX - base)
		return ARCHIVE_FATAL;
	walk->offset = (uint64_t)(base + offset);
	return base + offset;
}

/* ---- opening --------------------------------------------------------- */

static void
support_filters(struct archive *archive)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_compress(archive);
}

/* Only what the first bytes promise: no format is guessed. */
static void
support(struct walk *walk)
{
	struct archive *archive = walk->archive;

	switch ((int)walk->type) {
	case FILE_TYPE_7Z:
		archive_read_support_format_7zip(archive);
		break;
	case FILE_TYPE_RAR:
		archive_read_support_format_rar(archive);
		archive_read_support_format_rar5(archive);
		break;
	case FILE_TYPE_COMPRESSED:
		support_filters(archive);
		archive_read_support_format_raw(archive);
		break;
	case FILE_TYPE_ARCHIVE:
		if (walk->holds_archive)
			support_filters(archive);
		archive_read_support_format_tar(archive);
		archive_read_support_format_cpio(archive);
		archive_read_support_format_cab(archive);
		archive_read_support_format_lha(archive);
		break;
	default:
		archive_read_support_format_zip_seekable(archive);
		break;
	}
}

static bool
open_archive(struct walk *walk)
{
	struct archive *archive = walk->archive;

	support(walk);
	archive_read_set_read_callback(archive, on_read);
	archive_read_set_skip_callback(archive, on_skip);
	archive_read_set_seek_callback(archive, on_seek);
	archive_read_set_callback_data(archive, walk);
	return archive_read_open1(archive) >= ARCHIVE_WARN;
}

/* ---- entries --------------------------------------------------------- */

/* vbaProject.bin of OOXML; modules below Basic/ and Scripts/ of ODF. */
static bool
is_macro(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash != NULL ? slash + 1 : name;

	if (file_name_equal(last, "vbaProject.bin") ||
	    file_name_equal(last, "vbaData.xml"))
		return true;
	return (text_starts(name, "Basic/") || text_starts(name, "Scripts/")) &&
	    *last != '\0' && !file_name_equal(last, "script-lb.xml") &&
	    !file_name_equal(last, "script-lc.xml");
}

/* run.exe of run.exe.gz: what unpacking would call the only file. */
static const char *
raw_name(struct level *level)
{
	const char *file = level->inspection->file;
	const char *dot = strrchr(file, '.');
	const char *name = dot == NULL ? file
				       : pool_text_len(&level->inspection->pool,
					     file, (size_t)(dot - file));

	if (file_name_is_program(name))
		level_report(level, "E2181", name);
	return name;
}

/* An entry of what is no ZIP, as libarchive tells it. */
static struct entry
entry_of(struct walk *walk, struct archive_entry *from)
{
	const char *name = archive_entry_pathname(from);
	__LA_MODE_T type = archive_entry_filetype(from);
	struct entry entry = { .name = "",
		.is_folder = type == AE_IFDIR,
		.is_link = archive_entry_hardlink(from) != NULL ||
		    (type != 0 && type != AE_IFDIR && type != AE_IFREG),
		.is_encrypted = archive_entry_is_encrypted(from) != 0,
		.is_readable = true,
		.size = UINT64_MAX };

	if (walk->is_raw) {
		entry.name = raw_name(walk->level);
		return entry;
	}
	if (name != NULL)
		entry.name = level_decode_name(walk->level,
		    (const uint8_t *)name, strlen(name));
	level_check_name(walk->level, &entry);
	return entry;
}

static int
inspect_entry(struct walk *walk, const struct entry *entry, struct error *err)
{
	struct level *level = walk->level;

	if (is_macro(entry->name) && level->is_office)
		level_report_macros(level, entry->name);
	if (entry->is_encrypted)
		level_report_encrypted(level, entry->name);
	if (!entry->is_encrypted && !entry->is_readable)
		level_report_unscanned(level, entry->name);
	if (entry->is_folder || entry->is_link || entry->is_encrypted ||
	    !entry->is_readable)
		return 0;
	return walk_inspect_content(walk, entry, err);
}

/*
 * The archive ended early, or what stands there cannot be read.  `is_open`:
 * libarchive knows the format; where it does not, it must not be asked.
 */
static int
give_up(struct walk *walk, bool is_open, struct error *err)
{
	if (walk->failure.code != ERROR_NONE) {
		*err = walk->failure;
		return -1;
	}
	if (is_open && archive_read_has_encrypted_entries(walk->archive) > 0)
		level_report_encrypted(walk->level, "");
	else
		level_report_unscanned(walk->level, "");
	return 0;
}

static int
next_entry(struct walk *walk, const struct zip_list *list, size_t index,
    struct archive_entry *from, struct error *err)
{
	struct entry entry;

	if (list != NULL) {
		if (index >= list->count) {
			level_report(walk->level, "E2186", "");
			walk->level->inspection->is_over = true;
			return 0;
		}
		return inspect_entry(walk, &list->entries[index], err);
	}
	/* Without a compression around it, raw is just any file. */
	if (walk->is_raw && archive_filter_count(walk->archive) < 2)
		return give_up(walk, true, err);
	if (!level_count_file(walk->level))
		return 0;
	entry = entry_of(walk, from);
	return inspect_entry(walk, &entry, err);
}

static int
walk_entries(struct walk *walk, const struct zip_list *list, struct error *err)
{
	struct archive_entry *from;
	size_t index = 0;

	while (!walk->level->inspection->is_over) {
		int rc = archive_read_next_header(walk->archive, &from);

		if (rc == ARCHIVE_EOF)
			break;
		if (rc == ARCHIVE_RETRY)
			continue;
		if (rc < ARCHIVE_WARN)
			return give_up(walk, true, err);
		if (next_entry(walk, list, index++, from, err) < 0)
			return -1;
	}
	/* Nothing where there are bytes: it hides what others find. */
	if (list == NULL && index == 0 && walk->failure.code == ERROR_NONE)
		level_report_unscanned(walk->level, "");
	if (list != NULL && index != list->count &&
	    !walk->level->inspection->is_over)
		level_report(walk->level, "E2186", "");
	return walk->failure.code != ERROR_NONE ? give_up(walk, true, err) : 0;
}

static int
walk_as(struct level *level, enum file_type type, const struct zip_list *list,
    bool *holds_archive, struct error *err)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	int rc = -1;

	if (walk == NULL)
		return error_set_memory(err);
	walk->level = level;
	walk->type = type;
	walk->is_raw = type == FILE_TYPE_COMPRESSED;
	walk->holds_archive = *holds_archive;
	walk->archive = archive_read_new();
	if (walk->archive == NULL)
		error_set_memory(err);
	else if (open_archive(walk))
		rc = walk_entries(walk, list, err);
	else
		rc = give_up(walk, false, err);
	*holds_archive = walk->holds_archive;
	archive_read_free(walk->archive);
	free(walk);
	return rc;
}

int
level_walk(struct level *level, const struct zip_list *list, struct error *err)
{
	bool holds_archive = false;

	return walk_as(level, level->type, list, &holds_archive, err);
}

int
level_walk_compressed(struct level *level, struct error *err)
{
	struct inspection *inspection = level->inspection;
	uint64_t before = inspection->total;
	bool holds_archive = false;

	if (walk_as(level, FILE_TYPE_COMPRESSED, NULL, &holds_archive, err) < 0)
		return -1;
	if (!holds_archive || inspection->is_over || level->told_unscanned)
		return 0;
	/* The same bytes once more are not more bytes. */
	inspection->total = before;
	return walk_as(level, FILE_TYPE_ARCHIVE, NULL, &holds_archive, err);
}
