#include "document/file_type.h"

#include <string.h>

#include "base/attr.h"
#include "document/file_name.h"

struct magic {
	const char *bytes;
	size_t len;
	size_t at;
	enum file_type type;
};

#define MAGIC(text, at, type)                    \
	{                                        \
		text, sizeof(text) - 1, at, type \
	}

static const struct magic magics[] = {
	MAGIC("\x7f"
	      "ELF",
	    0, FILE_TYPE_PROGRAM),
	MAGIC("\xfe\xed\xfa\xce", 0, FILE_TYPE_PROGRAM),
	MAGIC("\xfe\xed\xfa\xcf", 0, FILE_TYPE_PROGRAM),
	MAGIC("\xce\xfa\xed\xfe", 0, FILE_TYPE_PROGRAM),
	MAGIC("\xcf\xfa\xed\xfe", 0, FILE_TYPE_PROGRAM),
	MAGIC("\xca\xfe\xba\xbe", 0, FILE_TYPE_PROGRAM),
	MAGIC("dex\n", 0, FILE_TYPE_PROGRAM),
	MAGIC("ITSF", 0, FILE_TYPE_PROGRAM),
	MAGIC("!<arch>\n", 0, FILE_TYPE_PROGRAM),
	MAGIC("\xed\xab\xee\xdb", 0, FILE_TYPE_PROGRAM),
	MAGIC("\0asm", 0, FILE_TYPE_PROGRAM),
	MAGIC("#!", 0, FILE_TYPE_SCRIPT),
	MAGIC("L\0\0\0\x01\x14\x02\0", 0, FILE_TYPE_LINK),
	MAGIC("%PDF-", 0, FILE_TYPE_PDF),
	MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, FILE_TYPE_OLE),
	MAGIC("{\\rtf", 0, FILE_TYPE_RTF),
	MAGIC("\x89PNG\r\n\x1a\n", 0, FILE_TYPE_PNG),
	MAGIC("\xff\xd8\xff", 0, FILE_TYPE_JPEG),
	MAGIC("GIF87a", 0, FILE_TYPE_GIF),
	MAGIC("GIF89a", 0, FILE_TYPE_GIF),
	MAGIC("II*\0", 0, FILE_TYPE_TIFF),
	MAGIC("MM\0*", 0, FILE_TYPE_TIFF),
	MAGIC("7z\xbc\xaf\x27\x1c", 0, FILE_TYPE_7Z),
	MAGIC("Rar!\x1a\x07", 0, FILE_TYPE_RAR),
	MAGIC("\x1f\x8b", 0, FILE_TYPE_GZIP),
	MAGIC("\xfd"
	      "7zXZ",
	    0, FILE_TYPE_COMPRESSED),
	MAGIC("\x28\xb5\x2f\xfd", 0, FILE_TYPE_COMPRESSED),
	MAGIC("\x5d\0\0", 0, FILE_TYPE_COMPRESSED),
	MAGIC("\x1f\x9d", 0, FILE_TYPE_COMPRESSED),
	MAGIC("\x04\x22\x4d\x18", 0, FILE_TYPE_COMPRESSED),
	MAGIC("MSCF\0\0\0\0", 0, FILE_TYPE_ARCHIVE),
	MAGIC("\x60\xea", 0, FILE_TYPE_ARCHIVE),
	MAGIC("ftyp", 4, FILE_TYPE_MEDIA),
	MAGIC("RIFF", 0, FILE_TYPE_MEDIA),
	MAGIC("OggS", 0, FILE_TYPE_MEDIA),
	MAGIC("ID3", 0, FILE_TYPE_MEDIA),
	MAGIC("\xff\xfb", 0, FILE_TYPE_MEDIA),
	MAGIC("\x1a\x45\xdf\xa3", 0, FILE_TYPE_MEDIA),
};

/* Those that a text could begin with: looked for in what is no text. */
static const struct magic binary_magics[] = {
	MAGIC("MZ", 0, FILE_TYPE_PROGRAM),
	MAGIC("ZM", 0, FILE_TYPE_PROGRAM),
	MAGIC("BM", 0, FILE_TYPE_BMP),
	MAGIC("BZh", 0, FILE_TYPE_COMPRESSED),
	MAGIC("LZIP", 0, FILE_TYPE_COMPRESSED),
	MAGIC("-lh", 2, FILE_TYPE_ARCHIVE),
	MAGIC("-lz", 2, FILE_TYPE_ARCHIVE),
	MAGIC("**ACE**", 7, FILE_TYPE_ARCHIVE),
	MAGIC("070701", 0, FILE_TYPE_ARCHIVE),
	MAGIC("070702", 0, FILE_TYPE_ARCHIVE),
	MAGIC("070707", 0, FILE_TYPE_ARCHIVE),
	MAGIC("ustar", 257, FILE_TYPE_ARCHIVE),
};

static bool
holds(const uint8_t *data, size_t len, size_t at, const char *bytes,
    size_t bytes_len)
{
	return len >= bytes_len && at <= len - bytes_len &&
	    memcmp(data + at, bytes, bytes_len) == 0;
}

/* As strstr, without regard to case, in bytes that may hold NUL. */
static bool
mentions(const uint8_t *data, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	for (size_t i = 0; i + word_len <= len; i++) {
		size_t same = 0;

		while (same < word_len) {
			uint8_t c = data[i + same];

			if (c >= 'A' && c <= 'Z')
				c = (uint8_t)(c - 'A' + 'a');
			if (c != (uint8_t)word[same])
				break;
			same++;
		}
		if (same == word_len)
			return true;
	}
	return false;
}

/* Skip a byte order mark and white space. */
static void
skip_blanks(const uint8_t **data, size_t *len)
{
	if (holds(*data, *len, 0, "\xef\xbb\xbf", 3)) {
		*data += 3;
		*len -= 3;
	}
	while (*len > 0 && strchr(" \t\r\n", **data) != NULL && **data != 0) {
		(*data)++;
		(*len)--;
	}
}

/* UTF-8, Big5 or UTF-16 with its mark. */
static bool
is_text(const uint8_t *data, size_t len)
{
	if (holds(data, len, 0, "\xff\xfe", 2) ||
	    holds(data, len, 0, "\xfe\xff", 2))
		return true;
	for (size_t i = 0; i < len; i++)
		if ((data[i] < 0x20 &&
			strchr("\t\n\r\f\x1a\x1b", data[i]) == NULL) ||
		    data[i] == 0 || data[i] == 0x7f)
			return false;
	return true;
}

static bool
begins(const uint8_t *data, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	return len >= word_len && mentions(data, word_len, word);
}

static bool
begins_with_any(const uint8_t *data, size_t len, const char *const *words)
{
	while (*words != NULL)
		if (begins(data, len, *words++))
			return true;
	return false;
}

static enum file_type
type_of_text(const uint8_t *data, size_t len)
{
	static const char *const scripts[] = { "#!", "@echo off", "<?php", "<%",
		"<job", "<package>", NULL };
	static const char *const links[] = { "[internetshortcut]",
		"[desktop entry]", "[{000214a0", NULL };
	static const char *const pages[] = { "<!doctype html", "<html", NULL };

	skip_blanks(&data, &len);
	if (begins_with_any(data, len, scripts))
		return FILE_TYPE_SCRIPT;
	if (begins(data, len, "<") &&
	    (mentions(data, len, "<script") ||
		mentions(data, len, "<hta:application")))
		return FILE_TYPE_SCRIPT;
	if (begins_with_any(data, len, links))
		return FILE_TYPE_LINK;
	if (begins_with_any(data, len, pages))
		return FILE_TYPE_HTML;
	if (!begins(data, len, "<?xml"))
		return FILE_TYPE_TEXT;
	return mentions(data, len, "<html") ? FILE_TYPE_HTML : FILE_TYPE_XML;
}

static enum file_type
type_of_zip(const uint8_t *data, size_t len)
{
	static const char odf[] = "mimetypeapplication/vnd.oasis.opendocument.";

	if (holds(data, len, 30, odf, sizeof(odf) - 1))
		return FILE_TYPE_ODF;
	if (holds(data, len, 30, "META-INF/MANIFEST.MF", 20) ||
	    holds(data, len, 30, "AndroidManifest.xml", 19))
		return FILE_TYPE_PROGRAM;
	if (holds(data, len, 30, "[Content_Types].xml", 19) ||
	    holds(data, len, 30, "_rels/.rels", 11))
		return FILE_TYPE_OOXML;
	return FILE_TYPE_ZIP;
}

/* FILE_TYPE_UNKNOWN if there is none. */
static enum file_type
find_magic(const struct magic *list, size_t count, const uint8_t *head,
    size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (holds(head, len, list[i].at, list[i].bytes, list[i].len))
			return list[i].type;
	return FILE_TYPE_UNKNOWN;
}

enum file_type
file_type_of(const uint8_t *head, size_t len)
{
	enum file_type type;

	if (len > FILE_TYPE_HEAD_MAX)
		len = FILE_TYPE_HEAD_MAX;
	if (len == 0)
		return FILE_TYPE_EMPTY;
	if (holds(head, len, 0, "PK\x03\x04", 4) ||
	    holds(head, len, 0, "PK\x05\x06", 4))
		return type_of_zip(head, len);
	type = find_magic(magics, ARRAY_LEN(magics), head, len);
	if (type != FILE_TYPE_UNKNOWN)
		return type;
	if (is_text(head, len))
		return type_of_text(head, len);
	type = find_magic(binary_magics, ARRAY_LEN(binary_magics), head, len);
	/* Readers find "%PDF-" anywhere in the first kilobyte. */
	if (type == FILE_TYPE_UNKNOWN &&
	    mentions(head, len < 1024 ? len : 1024, "%pdf-"))
		return FILE_TYPE_PDF;
	return type;
}

bool
file_type_is_refused(enum file_type type)
{
	return type == FILE_TYPE_PROGRAM || type == FILE_TYPE_SCRIPT ||
	    type == FILE_TYPE_LINK;
}

bool
file_type_fits_name(enum file_type type, const char *name)
{
	static const struct {
		const char *extension;
		enum file_type type;
		enum file_type or_type;
	} promises[] = {
		{ ".pdf", FILE_TYPE_PDF, FILE_TYPE_PDF },
		{ ".odt", FILE_TYPE_ODF, FILE_TYPE_ODF },
		{ ".ods", FILE_TYPE_ODF, FILE_TYPE_ODF },
		{ ".odp", FILE_TYPE_ODF, FILE_TYPE_ODF },
		{ ".odg", FILE_TYPE_ODF, FILE_TYPE_ODF },
		{ ".docx", FILE_TYPE_OOXML, FILE_TYPE_OLE },
		{ ".xlsx", FILE_TYPE_OOXML, FILE_TYPE_OLE },
		{ ".pptx", FILE_TYPE_OOXML, FILE_TYPE_OLE },
		{ ".doc", FILE_TYPE_OLE, FILE_TYPE_RTF },
		{ ".xls", FILE_TYPE_OLE, FILE_TYPE_OLE },
		{ ".ppt", FILE_TYPE_OLE, FILE_TYPE_OLE },
		{ ".rtf", FILE_TYPE_RTF, FILE_TYPE_RTF },
		{ ".txt", FILE_TYPE_TEXT, FILE_TYPE_EMPTY },
		{ ".csv", FILE_TYPE_TEXT, FILE_TYPE_EMPTY },
		{ ".xml", FILE_TYPE_XML, FILE_TYPE_TEXT },
		{ ".png", FILE_TYPE_PNG, FILE_TYPE_PNG },
		{ ".jpg", FILE_TYPE_JPEG, FILE_TYPE_JPEG },
		{ ".jpeg", FILE_TYPE_JPEG, FILE_TYPE_JPEG },
		{ ".gif", FILE_TYPE_GIF, FILE_TYPE_GIF },
		{ ".bmp", FILE_TYPE_BMP, FILE_TYPE_BMP },
		{ ".tif", FILE_TYPE_TIFF, FILE_TYPE_TIFF },
		{ ".tiff", FILE_TYPE_TIFF, FILE_TYPE_TIFF },
		{ ".zip", FILE_TYPE_ZIP, FILE_TYPE_OOXML },
		{ ".7z", FILE_TYPE_7Z, FILE_TYPE_7Z },
		{ ".rar", FILE_TYPE_RAR, FILE_TYPE_RAR },
	};

	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		if (file_name_has_extension(name, promises[i].extension))
			return type == promises[i].type ||
			    type == promises[i].or_type;
	return true;
}

const char *
file_type_name(enum file_type type)
{
	static const char *const names[FILE_TYPE_COUNT] = { "unknown", "empty",
		"text", "xml", "html", "pdf", "odf", "ooxml", "ole", "rtf",
		"png", "jpeg", "gif", "bmp", "tiff", "zip", "7z", "rar", "gzip",
		"compressed", "archive", "media", "program", "script", "link" };

	return names[type];
}
