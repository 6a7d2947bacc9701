/*
 * The letter itself (函, 簽; DI): what stands in it that exchanging, listing
 * and answering it needs.  Paragraphs are for rendering and are not kept.
 *
 * All texts are without blanks at their ends, "" where nothing stands, and
 * live as long as the report.
 */
#ifndef DOCUMENT_LETTER_H
#define DOCUMENT_LETTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "document/doc_kind.h"
#include "document/roc_date.h"
#include "model/org.h"

struct document_input;
struct dtd_set;
struct error;
struct findings;
struct pool;
struct roster_entry;

enum { LETTER_LEN_MAX = 1024 * 1024 };

enum document_speed {
	LETTER_SPEED_NONE,    /* no 速別: as 普通件 */
	LETTER_SPEED_NORMAL,  /* 普通件 */
	LETTER_SPEED_FAST,    /* 速件 */
	LETTER_SPEED_FASTEST, /* 最速件 */
};

/* 發文機關; the code is "" only where a finding says that it is bad. */
struct document_sender {
	const char *name;
	struct org_code code;
};

/* 發文字號: 字 and 文號, or free text. */
struct ref_no {
	const char *prefix; /* 字 */
	const char *year;   /* 年度 */
	const char *seq;    /* 流水號 */
	const char *branch; /* 支號, mostly "" */
	const char *text;   /* the free form, else "" */
};

/* A file that the letter declares as an unparsed entity. */
struct document_file {
	const char *entity;
	const char *name;
	unsigned line;
	unsigned column;
};

enum reader_kind {
	READER_ORG,    /* 全銜 */
	READER_UNIT,   /* 單位名 */
	READER_PERSON, /* 姓名 */
	READER_GROUP,  /* 總稱 */
};

/* One of 正本 or 副本, as people read it; the roster drives delivery. */
struct document_reader {
	enum reader_kind kind;
	const char *name;
	bool with_attachments; /* says 含附件; originals always get them */
	unsigned line;
};

struct document {
	const char *name; /* of the file */
	enum doc_kind kind;
	const char *class_name; /* 函類別: "函", "書函" ...; "" for 簽 */
	const struct document_sender *senders;
	size_t sender_count; /* more than one: a joint letter */
	const struct ref_no *ref_nos;
	size_t ref_no_count;
	const char *issued_text;
	struct roc_date issued; /* year 0: none */
	enum document_speed speed;
	const char *secrecy; /* 密等: "密" ...; "" is not secret */
	const char *declassify;
	const char *subject;
	const char *attachment_note;
	const struct document_file *attachments;
	size_t attachment_count;
	const struct document_file *rosters; /* the 表單 entities */
	size_t roster_count;
	const struct document_file *message; /* its DM, or NULL */
	const struct document_reader *originals;
	size_t original_count;
	const struct document_reader *copies;
	size_t copy_count;
	/* 受文者 if it names one recipient instead of the roster, or NULL. */
	const struct roster_entry *recipient;
};

/*
 * Read and check one letter.  Returns 1, or 0 if the file is refused as a
 * whole (findings tell why), or -1 if memory ran out.  `dtds` may be NULL.
 */
int letter_read(const struct document_input *input, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct document *ret_document,
    struct error *err) MUST_CHECK;

#endif
