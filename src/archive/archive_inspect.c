#include "archive/archive_inspect.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive_internal.h"
#include "base/error.h"
#include "base/text.h"
#include "document/file_name.h"
#include "document/finding.h"

void
archive_prepare(void)
{
	/* Where the system has none, names that need it are unsafe. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* ---- findings -------------------------------------------------------- */

void
level_report(struct level *level, const char *rule, const char *text)
{
	const struct inspection *inspection = level->inspection;
	struct finding_place place = { .file = inspection->file };
	char argument[ARCHIVE_WHERE_SIZE + ARCHIVE_NAME_MAX + 1];

	snprintf(argument, sizeof(argument), "%s%s", inspection->where, text);
	findings_add(inspection->findings, &place, rule, argument);
}

void
level_report_encrypted(struct level *level, const char *text)
{
	bool is_allowed =
	    (level->inspection->policy & ARCHIVE_ALLOW_ENCRYPTED) != 0;

	if (!level->told_encrypted)
		level_report(level, is_allowed ? "E2188" : "E2187", text);
	level->told_encrypted = true;
}

void
level_report_unscanned(struct level *level, const char *text)
{
	bool is_allowed =
	    (level->inspection->policy & ARCHIVE_ALLOW_UNSCANNED) != 0;

	if (!level->told_unscanned)
		level_report(level, is_allowed ? "E2192" : "E2191", text);
	level->told_unscanned = true;
}

void
level_report_macros(struct level *level, const char *text)
{
	bool is_refused =
	    (level->inspection->policy & ARCHIVE_REFUSE_MACROS) != 0;

	if (!level->told_macros)
		level_report(level, is_refused ? "E2190" : "E2189", text);
	level->told_macros = true;
}

void
level_report_bomb(struct level *level, const char *limit)
{
	if (!level->inspection->is_over)
		level_report(level, "E2183", limit);
	level->inspection->is_over = true;
}

/* ---- limits ---------------------------------------------------------- */

bool
level_count_file(struct level *level)
{
	struct inspection *inspection = level->inspection;
	char text[32];
	int limit = 0;

	if (++inspection->spent->files > ARCHIVE_LETTER_FILES_MAX)
		limit = ARCHIVE_LETTER_FILES_MAX;
	if (++inspection->files > ARCHIVE_FILES_MAX)
		limit = ARCHIVE_FILES_MAX;
	if (limit == 0)
		return true;
	snprintf(text, sizeof(text), "> %d", limit);
	level_report_bomb(level, text);
	return false;
}

bool
level_count_bytes(struct level *level, uint64_t len)
{
	struct inspection *inspection = level->inspection;
	uint64_t ratio_max = inspection->len * ARCHIVE_RATIO_MAX;
	char text[32];

	inspection->total += len;
	inspection->spent->bytes += len;
	if (inspection->spent->bytes >
	    (uint64_t)ARCHIVE_LETTER_MIB_MAX * ARCHIVE_MIB)
		snprintf(text, sizeof(text), "> %d MiB",
		    ARCHIVE_LETTER_MIB_MAX);
	else if (inspection->total >
	    (uint64_t)ARCHIVE_TOTAL_MIB_MAX * ARCHIVE_MIB)
		snprintf(text, sizeof(text), "> %d MiB", ARCHIVE_TOTAL_MIB_MAX);
	else if (inspection->total > ARCHIVE_RATIO_FROM &&
	    inspection->total > ratio_max)
		snprintf(text, sizeof(text), "> %d : 1", ARCHIVE_RATIO_MAX);
	else
		return true;
	level_report_bomb(level, text);
	return false;
}

/* ---- kinds ----------------------------------------------------------- */

static bool
ends_with_any(const char *name, const char *const *extensions)
{
	for (; *extensions != NULL; extensions++)
		if (file_name_has_extension(name, *extensions))
			return true;
	return false;
}

static bool
is_office_name(const char *name)
{
	static const char *const extensions[] = { ".odt", ".ods", ".odp",
		".odg", ".odf", ".odb", ".ott", ".ots", ".otp", ".docx",
		".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".dotx", ".xltx",
		".potx", ".dotm", ".xltm", ".potm", ".ppsx", ".vsdx", NULL };

	return ends_with_any(name, extensions);
}

static bool
is_archive_name(const char *name)
{
	static const char *const extensions[] = { ".zip", ".7z", ".rar", ".gz",
		".tgz", ".tar", ".xz", ".bz2", ".zst", ".cab", ".lzh", ".lha",
		".arj", ".ace", ".z", ".cpio", ".zipx", NULL };

	return ends_with_any(name, extensions);
}

static bool
is_archive_type(enum file_type type)
{
	return type == FILE_TYPE_ZIP || type == FILE_TYPE_ODF ||
	    type == FILE_TYPE_OOXML || type == FILE_TYPE_7Z ||
	    type == FILE_TYPE_RAR || type == FILE_TYPE_GZIP ||
	    type == FILE_TYPE_COMPRESSED || type == FILE_TYPE_ARCHIVE ||
	    type == FILE_TYPE_OLE;
}

bool
archive_is_inspected(enum file_type type, const char *name)
{
	return is_archive_type(type) || is_archive_name(name) ||
	    (type == FILE_TYPE_UNKNOWN && is_office_name(name));
}

/* ---- one archive ----------------------------------------------------- */

static int
inspect_zip(struct level *level, struct error *err)
{
	struct zip_list list = { 0 };
	int rc = zip_list_read(level, &list, err);

	if (rc <= 0 || level->inspection->is_over || list.count == 0)
		return rc < 0 ? -1 : 0;
	return level_walk(level, &list, err);
}

static int
inspect_level(struct level *level, struct error *err)
{
	switch ((int)level->type) {
	case FILE_TYPE_ZIP:
	case FILE_TYPE_ODF:
	case FILE_TYPE_OOXML:
		return inspect_zip(level, err);
	case FILE_TYPE_OLE:
		return level_search_ole(level, err);
	case FILE_TYPE_7Z:
	case FILE_TYPE_RAR:
	case FILE_TYPE_ARCHIVE:
		return level_walk(level, NULL, err);
	case FILE_TYPE_GZIP:
	case FILE_TYPE_COMPRESSED:
		return level_walk_compressed(level, err);
	default:
		/* It is called an archive, and nothing that we know as one. */
		level_report_unscanned(level, "");
		return 0;
	}
}

static int
inspect(struct inspection *inspection, const struct archive_source *source,
    const char *name, enum file_type type, struct error *err)
{
	struct level level = { .inspection = inspection,
		.source = source,
		.type = type,
		.is_office =
		    (type == FILE_TYPE_ODF || type == FILE_TYPE_OOXML) &&
		    is_office_name(name) };
	int rc;

	rc = inspect_level(&level, err);
	free(level.names);
	return rc;
}

/* ---- inner archives -------------------------------------------------- */

struct memory {
	const uint8_t *data;
	size_t len;
};

static int
read_memory(void *ctx, uint64_t offset, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	const struct memory *memory = ctx;
	size_t left = offset < memory->len ? memory->len - (size_t)offset : 0;

	(void)err;
	*ret_len = size < left ? size : left;
	if (*ret_len > 0)
		memcpy(to, memory->data + offset, *ret_len);
	return 0;
}

int
level_inspect_inner(struct level *level, const char *name, enum file_type type,
    const void *data, size_t len, struct error *err)
{
	struct inspection *inspection = level->inspection;
	size_t where = strlen(inspection->where);
	struct memory memory = { data, len };
	struct archive_source source = { read_memory, &memory, len };
	char limit[32];
	int rc;

	if (inspection->depth == ARCHIVE_DEPTH_MAX) {
		snprintf(limit, sizeof(limit), "> %d", ARCHIVE_DEPTH_MAX);
		level_report_bomb(level, limit);
		return 0;
	}
	/* A place too long to tell ends early; the finding is what counts. */
	snprintf(inspection->where + where, sizeof(inspection->where) - where,
	    "%s > ", name);
	while (!text_is_utf8(inspection->where, strlen(inspection->where)))
		inspection->where[strlen(inspection->where) - 1] = '\0';
	inspection->depth++;
	rc = inspect(inspection, &source, name, type, err);
	inspection->depth--;
	inspection->where[where] = '\0';
	return rc;
}

int
archive_inspect(const struct archive_source *source, const char *name,
    unsigned policy, struct archive_spent *spent, struct findings *findings,
    struct error *err)
{
	struct inspection inspection = { .file = name,
		.len = source->len,
		.policy = policy,
		.spent = spent,
		.findings = findings,
		.depth = 1 };
	uint8_t head[FILE_TYPE_HEAD_MAX];
	size_t len;
	int rc;

	if (source->read_at(source->ctx, 0, head, sizeof(head), &len, err) < 0)
		return -1;
	rc = inspect(&inspection, source, name, file_type_of(head, len), err);
	if (rc == 0 && inspection.pool.failed)
		rc = error_set_memory(err);
	pool_free(&inspection.pool);
	return rc;
}
