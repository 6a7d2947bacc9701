/*
 * Messages between roles (role/message.h): what the reader and the printer do with one document.
 */
#ifndef ROLE_MESSAGE_READER_H
#define ROLE_MESSAGE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "envelope/bundle.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/codec.h"
#include "role/message/message_type.h"

/*
 * Reader: one process per document.
 */

/* Check what is about to be sent. */
struct message_check {
	struct blob files; /* list of struct message_check_file */
};

struct message_check_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t len;
	struct blob data; /* DI, SW and DM whole, of others the first 4 KiB */
};

struct message_report {
	bool is_accepted;
	struct blob json;    /* findings and model */
	struct blob rosters; /* list of struct message_roster_entry */
	char subject[MESSAGE_SUBJECT_SIZE];
	char reference[MESSAGE_REFERENCE_SIZE];
	char sender[ORG_TEXT_SIZE];
	uint8_t speed;
	uint8_t message;
};

struct message_roster_entry {
	uint16_t roster; /* position of its file in the list */
	char recipient[ORG_TEXT_SIZE];
	char name[MESSAGE_NAME_SIZE];
	bool with_attachments;
	bool is_copy;
	bool is_person; /* `name` is a person's */
	uint32_t line;  /* where the name stands; 0 if not known */
	uint32_t column;
};

/*
 * Look into one attachment (archive/archive_inspect.h), with a read-only
 * descriptor of it.
 */
struct message_inspect {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint8_t policy; /* enum archive_policy */
	uint64_t bytes; /* what those before it took: struct archive_spent */
	uint64_t files;
};

struct message_inspected {
	struct blob findings; /* list of struct message_finding */
	uint64_t bytes;       /* with what this one took */
	uint64_t files;
};

struct message_finding {
	char rule[ERROR_ID_SIZE];
	bool is_error;
	char text[MESSAGE_NAME_SIZE];
};

/* With a read-only descriptor of the package. */
struct message_unpack {
	struct digest package;
	uint8_t policy; /* enum archive_policy */
};

/* What is in a package; signature and digests are for the asker to judge. */
struct message_unpacked {
	char environment[MESSAGE_HOST_SIZE];
	struct id document_id;
	char sender[ORG_TEXT_SIZE];
	struct blob recipients; /* newline-separated codes */
	uint8_t message;
	struct blob signed_text; /* what the signature is over */
	struct blob signature;
	struct blob files; /* list of struct message_packed_file */
	struct blob json;  /* findings and model */
	char subject[MESSAGE_SUBJECT_SIZE];
	char reference[MESSAGE_REFERENCE_SIZE];
};

struct message_packed_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t offset; /* of its bytes in the package */
	uint64_t len;
	struct digest digest;
};

/*
 * Printer: one process per document.
 */

enum message_format {
	MESSAGE_FORMAT_PDF = 1,
	MESSAGE_FORMAT_HTML,
	MESSAGE_FORMAT_CSV, /* of a list alone */
};

/* Make a document visible.  Texts are as they stand on it, "" for none. */
struct message_render {
	uint8_t format; /* enum message_format */
	uint8_t mark;   /* enum render_mark */
	bool is_received;
	char number[MESSAGE_NUMBER_SIZE]; /* 收文號 */
	char time[MESSAGE_WHEN_SIZE];     /* 收文時間 */
	char verify[MESSAGE_VERIFY_SIZE]; /* what the seam mark names */
	/* Whose copy it is: its roster entry gives 受文者 and 正本 or 副本. */
	char recipient[ORG_TEXT_SIZE];
	char name[MESSAGE_NAME_SIZE];   /* 受文者 if no entry names it */
	char stamp[MESSAGE_STAMP_SIZE]; /* 戳記, or "" */
	/* The list of its recipients instead, in two parts. */
	bool is_list;
	struct blob paper;  /* codes of those who get paper, a line each */
	int64_t created_at; /* of the PDF, as it says */
	struct blob files;  /* list of struct message_check_file */
};

struct message_rendered {
	uint32_t pages; /* of a PDF, else 0 */
	char missing[MESSAGE_MISSING_SIZE];
	struct blob data;
};

/* Make the files of a letter (role/reader/letter_json.h). */
struct message_make {
	struct blob json;
};

struct message_made {
	bool is_made;
	struct blob bundle; /* of kind files: n.di, n.sw ..., n.dm */
	struct blob json;   /* findings, as in message_report */
};

#endif
