#include <string.h>

#include "base/text.h"
#include "crypto/sha256.h"
#include "role/listener/web_files.h"

enum { PATH_MAX_LEN = 512 };

static const struct web_file *
find_exact(const char *path)
{
	size_t low = 0;
	size_t high = web_file_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(path, web_files[middle].path);

		if (order == 0)
			return &web_files[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct web_file *
web_file_find(const char *path)
{
	static const char index[] = "index.html";
	static const char page[] = ".html";
	char whole[PATH_MAX_LEN + sizeof(index)];
	size_t len = strlen(path);

	if (len > PATH_MAX_LEN || len == 0)
		return NULL;
	memcpy(whole, path, len);
	if (path[len - 1] == '/')
		memcpy(whole + len, index, sizeof(index));
	else if (strchr(strrchr(path, '/') != NULL ? strrchr(path, '/') : path,
		     '.') == NULL)
		memcpy(whole + len, page, sizeof(page));
	else
		return find_exact(path);
	return find_exact(whole);
}

/* "gzip;q=0" takes it away. */
static bool
is_wanted(const char *item, size_t len)
{
	const char *quality = memchr(item, '=', len);

	if (quality == NULL)
		return true;
	for (const char *at = quality + 1; at < item + len; at++)
		if (*at >= '1' && *at <= '9')
			return true;
	return false;
}

bool
web_accepts(const char *accept_encoding, const char *coding)
{
	const char *at = accept_encoding != NULL ? accept_encoding : "";
	size_t coding_len = strlen(coding);

	while (*at != '\0') {
		size_t len;

		at += strspn(at, ", \t");
		len = strcspn(at, ",");
		if (strncmp(at, coding, coding_len) == 0 &&
		    strcspn(at, ",; \t") == coding_len)
			return is_wanted(at, len);
		at += len;
	}
	return false;
}

const struct web_bytes *
web_file_variant(const struct web_file *file, const char *accept_encoding,
    const char **ret_coding)
{
	*ret_coding = "";
	if (file->br.data != NULL && web_accepts(accept_encoding, "br")) {
		*ret_coding = "br";
		return &file->br;
	}
	if (file->gzip.data != NULL && web_accepts(accept_encoding, "gzip")) {
		*ret_coding = "gzip";
		return &file->gzip;
	}
	return &file->plain;
}

void
web_tag(const void *data, size_t len, char to[WEB_TAG_SIZE])
{
	struct digest digest;

	sha256(data, len, &digest);
	to[0] = '"';
	hex_format(digest.bytes, DIGEST_LEN / 2, to + 1);
	memcpy(to + DIGEST_LEN + 1, "\"", 2);
}

bool
web_matches(const char *field, const char *tag)
{
	const char *at = field != NULL ? field : "";
	size_t tag_len = strlen(tag);

	while (*at != '\0') {
		size_t len;

		at += strspn(at, ", \t");
		/* For reading, a weak one is as good. */
		if (text_starts(at, "W/"))
			at += 2;
		len = strcspn(at, ", \t");
		if ((len == 1 && at[0] == '*') ||
		    (len == tag_len && strncmp(at, tag, len) == 0))
			return true;
		at += len;
	}
	return false;
}
