/*
 * The letter itself (DI), of every kind: the one model that is read from a
 * file, filled by whoever makes a letter, written as a file, and shown.
 *
 * All texts are without blanks at their ends, and "" where nothing stands,
 * never NULL; those of a letter that was read live as long as the report.
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

/*
 * 條列: one item, with those below it.  The number is kept as it was written;
 * whoever makes a letter leaves it "" and gets the one of its place (一、 (一)
 * 1、 (1)).
 */
struct document_item {
	const char *number; /* 序號 */
	const char *text;   /* 文字; may hold line ends */
	const struct document_item *items;
	size_t item_count;
};

/* 段落: 說明, 辦法, 擬辦, 依據, 公告事項 ...; also 備註 of a meeting. */
struct document_section {
	const char *label; /* 段名 as written: "說明：", or "" */
	const char *text;
	const struct document_item *items;
	size_t item_count;
};

/* 主持人, 敬陳, 聯絡人及電話: a person or an office. */
struct document_person {
	const char *name;
	const char *title; /* 職稱 */
	const char *phone; /* of 聯絡人及電話 */
};

/* 開會時間, 會勘時間. */
struct document_time {
	const char *date;    /* 年月日 */
	const char *weekday; /* 星期 */
	const char *clock;   /* 時分 */
};

enum reader_kind {
	READER_ORG,    /* 全銜 */
	READER_UNIT,   /* 單位名 */
	READER_PERSON, /* 姓名 */
	READER_GROUP,  /* 總稱 */
};

/*
 * One of 正本, 副本, 出席者 or 列席者, as people read it; the roster drives
 * delivery.
 */
struct document_reader {
	enum reader_kind kind;
	const char *name;
	const char *title;     /* 職稱 of a person, or "" */
	bool with_attachments; /* says 含附件; originals always get them */
	/* Where it stands, for findings; `position` among those of its kind. */
	unsigned line;
	unsigned column;
	unsigned position;
};

/* The element that names a reader of that kind: "全銜" ... */
const char *reader_kind_name(enum reader_kind kind);

struct document {
	const char *name; /* of the file */
	enum doc_kind kind;
	enum doc_model model; /* what it was checked against */
	/* 函類別 or 令類別: "書函" ...; "便簽" of such a memo; else "" */
	const char *class_name;
	const struct document_sender *senders;
	size_t sender_count; /* more than one: a joint letter */
	const struct ref_no *ref_nos;
	size_t ref_no_count;
	const char *issued_text; /* of a memo the 年月日 at its end */
	struct roc_date issued;  /* year 0: none */
	enum document_speed speed;
	const char *secrecy; /* 密等: "密" ...; "" is not secret */
	const char *declassify;
	const char *subject; /* 主旨, 開會事由, 會勘事由 */
	const struct document_section *sections;
	size_t section_count;
	const char *address;
	const char *const *contacts; /* 聯絡方式, a line each */
	size_t contact_count;
	const char *addressee; /* 受文者 as it reads: "如正副本行文單位" */
	const char *const *signatures; /* 署名 */
	size_t signature_count;
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

	/* Of 開會通知單 and 會勘通知單. */
	const struct document_time *times;
	size_t time_count;
	const char *venue;                    /* 開會地點, 會勘地點 */
	const struct document_person *chairs; /* 主持人 */
	size_t chair_count;
	const struct document_person *callers; /* 聯絡人及電話 */
	size_t caller_count;
	const struct document_reader *attendees; /* 出席者 */
	size_t attendee_count;
	const struct document_reader *observers; /* 列席者 */
	size_t observer_count;
	const struct document_section *remarks; /* 備註, or NULL */

	/* Of 簽. */
	const char *unit;     /* 單位, where it stands for 發文機關 */
	const char *handling; /* 擬辦方式: "1" to "6", or "" */
	const struct document_person *superiors; /* 敬陳 */
	size_t superior_count;
	const char *signed_text; /* 年月日 at its end */
};

/* One of the lists of readers. */
struct document_readers {
	const char *name; /* "正本" */
	const struct document_reader *items;
	size_t count;
};

enum { DOCUMENT_READER_LISTS = 4 };

/* 正本, 副本, 出席者, 列席者, in this order; empty ones too. */
void document_reader_lists(const struct document *document,
    struct document_readers ret_lists[DOCUMENT_READER_LISTS]);

/* The root element of a kind of letter: "函" ... */
const char *document_kind_name(enum doc_kind kind);

/*
 * Read and check one letter.  Returns 1, or 0 if the file is refused as a
 * whole (findings tell why), or -1 if memory ran out.  `dtds` may be NULL.
 */
int letter_read(const struct document_input *input, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct document *ret_document,
    struct error *err) MUST_CHECK;

#endif
