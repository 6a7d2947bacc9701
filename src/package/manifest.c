#include "package/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

void
manifest_free(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->file_count; i++)
		free(manifest->files[i].name);
	free(manifest->files);
	free(manifest->signature);
	memset(manifest, 0, sizeof(*manifest));
}

/* Controls, and characters that turn or hide the rest of a name. */
static bool
is_unsafe_character(const char *at, size_t left)
{
	static const char *const hidden[] = {
		"\xc2\xad",                                     /* 00ad */
		"\xd8\x9c",                                     /* 061c */
		"\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", /* 200b-d */
		"\xe2\x80\x8e", "\xe2\x80\x8f",                 /* 200e-f */
		"\xe2\x80\xa8", "\xe2\x80\xa9",                 /* 2028-9 */
		"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", /* 202a-c */
		"\xe2\x80\xad", "\xe2\x80\xae",                 /* 202d-e */
		"\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", /* 2066-8 */
		"\xe2\x81\xa9",                                 /* 2069 */
		"\xef\xbb\xbf"                                  /* feff */
	};
	unsigned char c = (unsigned char)*at;

	if (c < 0x20 || c == 0x7f || c == '\\' || c == ':')
		return true;
	if (c == 0xc2 && left > 1 && (unsigned char)at[1] < 0xa0)
		return true; /* C1 controls */
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		size_t len = strlen(hidden[i]);

		if (left >= len && memcmp(at, hidden[i], len) == 0)
			return true;
	}
	return false;
}

static bool
is_safe_part(const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.') ||
	    (len == 2 && part[0] == '.' && part[1] == '.'))
		return false;
	/* Some systems drop them, and then two names are one. */
	return part[len - 1] != '.' && part[len - 1] != ' ';
}

bool
manifest_name_is_safe(const char *name, size_t len)
{
	size_t part = 0;

	if (len == 0 || len > MANIFEST_NAME_MAX || !text_is_utf8(name, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (is_unsafe_character(name + i, len - i))
			return false;
		if (name[i] == '/') {
			if (!is_safe_part(name + part, i - part))
				return false;
			part = i + 1;
		}
	}
	return is_safe_part(name + part, len - part);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
manifest_name_is_same(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

int
manifest_add(struct manifest *manifest, const char *name,
    const struct digest *sha256, struct error *err)
{
	struct manifest_file *file;

	if (!manifest_name_is_safe(name, strlen(name)))
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "file name not acceptable: %s", name);
	for (size_t i = 0; i < manifest->file_count; i++)
		if (manifest_name_is_same(manifest->files[i].name, name))
			return error_set_id(err, "E3202", ERROR_MALFORMED,
			    "file name twice: %s", name);
	/* One more than files: yizhan.json stands in it too. */
	if (manifest->file_count > MANIFEST_FILES_MAX)
		return error_set_id(err, "E3203", ERROR_MALFORMED,
		    "more than %d files", MANIFEST_FILES_MAX);

	if (manifest->file_count == manifest->file_size) {
		size_t size = manifest->file_size * 2 + 8;
		struct manifest_file *files =
		    realloc(manifest->files, size * sizeof(*files));

		if (files == NULL)
			return error_set_memory(err);
		manifest->files = files;
		manifest->file_size = size;
	}
	file = &manifest->files[manifest->file_count];
	file->name = text_dup(name);
	if (file->name == NULL)
		return error_set_memory(err);
	file->sha256 = *sha256;
	manifest->file_count++;
	return 0;
}

long
manifest_find(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->file_count; i++)
		if (text_equal(manifest->files[i].name, name))
			return (long)i;
	return -1;
}

/* A name as a relative URI reference (RFC 3986). */
static void
put_uri(struct bytes *to, const char *name)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";

	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (strchr(plain, *name) != NULL) {
			bytes_put_u8(to, c);
		} else {
			bytes_put_u8(to, '%');
			bytes_put_u8(to, (uint8_t)digits[c >> 4]);
			bytes_put_u8(to, (uint8_t)digits[c & 15]);
		}
	}
}

int
manifest_format(const struct manifest *manifest, struct bytes *to,
    struct error *err)
{
	bytes_put_text(to,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<asic:ASiCManifest"
	    " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
	    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"
	    "<asic:SigReference MimeType=\"application/x-pkcs7-signature\""
	    " URI=\"");
	put_uri(to, manifest->signature);
	bytes_put_text(to, "\"/>\n");
	for (size_t i = 0; i < manifest->file_count; i++) {
		bytes_put_text(to, "<asic:DataObjectReference URI=\"");
		put_uri(to, manifest->files[i].name);
		bytes_put_text(to,
		    "\"><ds:DigestMethod Algorithm="
		    "\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
		    "<ds:DigestValue>");
		base64_put(to, manifest->files[i].sha256.bytes, DIGEST_LEN);
		bytes_put_text(to,
		    "</ds:DigestValue></asic:DataObjectReference>\n");
	}
	bytes_put_text(to, "</asic:ASiCManifest>\n");
	return bytes_failed(to, err);
}
