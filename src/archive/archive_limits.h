/*
 * How far archives inside attachments are followed (T-ZIP-01..08).  What goes
 * beyond is refused as a bomb, or, where it says so, told as not scanned.
 */
#ifndef ARCHIVE_ARCHIVE_LIMITS_H
#define ARCHIVE_ARCHIVE_LIMITS_H

enum {
	ARCHIVE_MIB = 1024 * 1024,
	/* Of one attachment, all levels together. */
	ARCHIVE_FILES_MAX = 2000,
	ARCHIVE_DEPTH_MAX = 5, /* archives in archives; the attachment is 1 */
	ARCHIVE_TOTAL_MIB_MAX = 512, /* unpacked */
	/* Of all attachments of one letter. */
	ARCHIVE_LETTER_FILES_MAX = 10000,
	ARCHIVE_LETTER_MIB_MAX = 1024,
	/* Unpacked bytes for each byte of the attachment ... */
	ARCHIVE_RATIO_MAX = 200,
	/* ... counted from here on: short texts may well be that regular. */
	ARCHIVE_RATIO_FROM = ARCHIVE_MIB,
	/* An inner archive lies in memory; a longer one is not scanned. */
	ARCHIVE_INNER_MAX = 48 * ARCHIVE_MIB,
	ARCHIVE_DIRECTORY_MAX = 4 * ARCHIVE_MIB, /* of a ZIP */
	ARCHIVE_NAME_MAX = 1024,                 /* bytes, with its folders */
};

#endif
