/*
 * The files that are served to browsers, inside the executable: made by
 * scripts/embed-web from data/web/ (and whatever else the build names).
 */
#ifndef ROLE_WEB_FILES_H
#define ROLE_WEB_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct web_bytes {
	const uint8_t *data; /* NULL: there is no such variant */
	size_t len;
};

struct web_file {
	const char *path; /* as it is asked for: "/api.html" */
	const char *type;
	const char *tag; /* of its bytes, for a strong ETag */
	bool is_lasting; /* its name has never had other bytes */
	struct web_bytes plain;
	struct web_bytes br;
	struct web_bytes gzip;
};

/* Sorted by path. */
extern const struct web_file web_files[];
extern const size_t web_file_count;

/*
 * The file at a path: "/" and "/a/" are the index.html there, "/a" is a.html.
 * NULL for none.
 */
const struct web_file *web_file_find(const char *path);

/*
 * The variant for an Accept-Encoding field (NULL: none), and its name in
 * `*ret_coding`: "br", "gzip", or "" for the plain bytes.
 */
const struct web_bytes *web_file_variant(const struct web_file *file,
    const char *accept_encoding, const char **ret_coding);

/* Whether an Accept-Encoding field takes `coding`. */
bool web_accepts(const char *accept_encoding, const char *coding);

/* A strong ETag, with its quotation marks, of these very bytes. */
enum { WEB_TAG_SIZE = 35 };
void web_tag(const void *data, size_t len, char to[WEB_TAG_SIZE]);

/*
 * Whether an If-None-Match or If-Match field names `tag` (with its quotation
 * marks), or is "*".
 */
bool web_matches(const char *field, const char *tag);

#endif
