/*
 * What an attachment is by its first bytes, whatever its name says.
 */
#ifndef DOCUMENT_FILE_TYPE_H
#define DOCUMENT_FILE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than this is never looked at. */
enum { FILE_TYPE_HEAD_MAX = 4096 };

enum file_type {
	FILE_TYPE_UNKNOWN,
	FILE_TYPE_EMPTY,
	FILE_TYPE_TEXT, /* no control characters: plain text, CSV */
	FILE_TYPE_XML,
	FILE_TYPE_HTML,
	FILE_TYPE_PDF,
	FILE_TYPE_ODF, /* OpenDocument */
	FILE_TYPE_OOXML,
	FILE_TYPE_OLE, /* older office files */
	FILE_TYPE_RTF,
	FILE_TYPE_PNG,
	FILE_TYPE_JPEG,
	FILE_TYPE_GIF,
	FILE_TYPE_BMP,
	FILE_TYPE_TIFF,
	FILE_TYPE_ZIP,
	FILE_TYPE_7Z,
	FILE_TYPE_RAR,
	FILE_TYPE_GZIP,
	FILE_TYPE_COMPRESSED, /* one file: xz, bzip2, zstd ... */
	FILE_TYPE_ARCHIVE,    /* any other: tar, cab, lha ... */
	FILE_TYPE_MEDIA,      /* sound and film */
	FILE_TYPE_PROGRAM,    /* refused: executable code */
	FILE_TYPE_SCRIPT,     /* refused: text that runs */
	FILE_TYPE_LINK,       /* refused: a shortcut to something else */
	FILE_TYPE_COUNT,
};

/* `head` is the beginning of the file, all of it if it is short. */
enum file_type file_type_of(const uint8_t *head, size_t len);

/* True for programs, scripts and shortcuts. */
bool file_type_is_refused(enum file_type type);

/*
 * True unless the extension of `name` promises a type that the content is
 * not; an extension that is not known promises nothing.
 */
bool file_type_fits_name(enum file_type type, const char *name);

/* "pdf", "text" and so on, for findings. */
const char *file_type_name(enum file_type type);

#endif
