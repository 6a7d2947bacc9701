/*
 * The exchange list of a letter (交換表單, SW): who gets it, by code, and who
 * gets the attachments with it.
 */
#ifndef DOCUMENT_ROSTER_H
#define DOCUMENT_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "document/doc_kind.h"
#include "model/org.h"

struct _xmlNode;
struct document_input;
struct dtd_set;
struct error;
struct findings;
struct pool;
struct xml_file;

enum {
	ROSTER_LEN_MAX = 4 * 1024 * 1024,
	/* All rosters of a letter together: what one envelope can address. */
	ROSTER_RECIPIENTS_MAX = 5000,
};

struct roster_entry {
	const char *name;      /* 全銜, 單位名 or 姓名 */
	struct org_code code;  /* "" only where a finding says that it is bad */
	bool is_person;        /* named by 姓名 */
	bool with_attachments; /* gets them */
	const char *copy;      /* 本別: "正本", "副本" ... */
	const char *body_file; /* 內含本文與附件之可攜式文件檔名, or "" */
	const char *file; /* the roster's name */
	/* Where its name stands, for findings. */
	unsigned line;
	unsigned column;
	unsigned position; /* among the names of its kind in the list */
	bool is_unit;      /* named by 單位名 */
};

struct roster {
	const char *name;     /* of the file */
	enum doc_model model; /* what it was checked against */
	const struct roster_entry *entries;
	size_t count;
};

/*
 * Read and check one roster.  Returns 1, or 0 if the file is refused as a
 * whole (findings tell why), or -1 if memory ran out.  `dtds` may be NULL.
 */
int roster_read(const struct document_input *input, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct roster *ret_roster,
    struct error *err) MUST_CHECK;

/*
 * Read one entry, whose first element is `first` (受文者 of a letter has the
 * same shape as an entry).  Returns the element behind it, or NULL.
 */
const struct _xmlNode *roster_entry_read(const struct xml_file *file,
    const struct _xmlNode *first, struct roster_entry *ret_entry);

#endif
