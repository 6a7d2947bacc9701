/*
 * What the files of this layer share: the inspection of one attachment.
 */
#ifndef ARCHIVE_ARCHIVE_INTERNAL_H
#define ARCHIVE_ARCHIVE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive_inspect.h"
#include "archive/archive_limits.h"
#include "base/attr.h"
#include "document/pool.h"

enum { ARCHIVE_CHUNK = 65536, ARCHIVE_WHERE_SIZE = 1024 };

struct inspection {
	const char *file; /* the attachment */
	uint64_t len;     /* of it */
	unsigned policy;
	struct archive_spent *spent; /* not ours */
	struct findings *findings;   /* not ours */
	struct pool pool;            /* names and lists */
	size_t depth;                /* of the archive at hand, from 1 */
	size_t files;
	uint64_t total; /* unpacked bytes */
	bool is_over;   /* a limit was reached: nothing more is unpacked */
	char where[ARCHIVE_WHERE_SIZE]; /* "inner.zip > ", of the level */
};

/* One archive on the way. */
struct level {
	struct inspection *inspection;
	const struct archive_source *source;
	enum file_type type;
	bool is_office;     /* a document: its parts are no files of people */
	const char **names; /* of all entries so far; on the heap */
	size_t name_count;
	bool told_encrypted, told_macros, told_unscanned;
};

/* What is known of one entry before its bytes are. */
struct entry {
	const char *name; /* decoded, for people */
	bool is_folder;
	bool is_link; /* or a device, a socket ... */
	bool is_encrypted;
	bool is_readable; /* by a method that we know */
	uint64_t size;    /* UINT64_MAX: not told */
};

/* ---- archive_inspect.c ----------------------------------------------- */

/* A finding about `text`, which is part of the archive at hand, or "". */
void level_report(struct level *level, const char *rule, const char *text);
void level_report_encrypted(struct level *level, const char *text);
void level_report_unscanned(struct level *level, const char *text);
void level_report_macros(struct level *level, const char *text);

/* Count a file, or unpacked bytes; false (E2183) when a limit is reached. */
bool level_count_file(struct level *level);
bool level_count_bytes(struct level *level, uint64_t len);
void level_report_bomb(struct level *level, const char *limit);

/*
 * Look into an inner file of `type` that lies in memory.  Fails only if memory
 * ran out.
 */
int level_inspect_inner(struct level *level, const char *name,
    enum file_type type, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* ---- archive_name.c -------------------------------------------------- */

/*
 * The name as people read it, in the pool: UTF-8, or Big5 as it is often found
 * unmarked (E2193), or with "?" for what is neither (E2180).
 */
const char *level_decode_name(struct level *level, const uint8_t *raw,
    size_t len);

/* Names that lead elsewhere, hide, repeat, or run: E2180, E2181, E2185. */
void level_check_name(struct level *level, const struct entry *entry);

/* ---- archive_zip.c --------------------------------------------------- */

struct zip_list {
	struct entry *entries; /* in the order of their bytes */
	size_t count;
};

/*
 * Read both lists of a ZIP and see that they agree, and that entries follow
 * each other without overlap or hidden bytes.  1, or 0 with its finding, or -1.
 */
int zip_list_read(struct level *level, struct zip_list *ret_list,
    struct error *err) MUST_CHECK;

/* ---- archive_walk.c -------------------------------------------------- */

/* Unpack what can be; `list` is NULL for what is no ZIP. */
int level_walk(struct level *level, const struct zip_list *list,
    struct error *err) MUST_CHECK;

/*
 * The same of one compressed file: first as what it is, so that no byte of it
 * goes unseen, then, if that is an archive, entry after entry.
 */
int level_walk_compressed(struct level *level, struct error *err) MUST_CHECK;

/* ---- archive_search.c ------------------------------------------------ */

/* Look for words in bytes that come in pieces. */
struct search {
	const char *word;
	size_t word_len; /* at most SEARCH_WORD_MAX */
	uint8_t tail[32];
	size_t tail_len;
	bool found;
};

enum { SEARCH_WORD_MAX = 32 };

void search_push(struct search *search, const uint8_t *data, size_t len);

/* The whole of an older office file: macros, encryption. */
int level_search_ole(struct level *level, struct error *err) MUST_CHECK;

#endif
