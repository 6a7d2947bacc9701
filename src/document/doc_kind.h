/*
 * The kinds of official files: which root element and which DTD make a kind,
 * and how well what we check it against is known.
 *
 * Published and at hand are the DTDs of 函, 簽 and 交換表單 of the 104 family
 * in UTF-8: those are enforced.  All other kinds, and the older families and
 * the Big5 ones of every kind, are compared with models that were put together
 * from the official tag sets (data/dtd/reconstructed): what differs is told,
 * and refused only where something that we need is missing.
 */
#ifndef DOCUMENT_DOC_KIND_H
#define DOCUMENT_DOC_KIND_H

#include <stdbool.h>

struct findings;
struct finding_place;
struct prolog;

enum doc_kind {
	DOC_KIND_LETTER,  /* 函, with all its 函類別 */
	DOC_KIND_MEMO,    /* 簽, and 便簽 */
	DOC_KIND_ORDER,   /* 令 */
	DOC_KIND_NOTICE,  /* 公告 */
	DOC_KIND_MEETING, /* 開會通知單 */
	DOC_KIND_SURVEY,  /* 會勘通知單 */
	DOC_KIND_ROSTER,  /* 交換表單 */
	DOC_KIND_MESSAGE, /* 文書訊息表單 */
	DOC_KIND_OTHER,   /* known, not handled */
};

/* What a file was checked against. */
enum doc_model {
	DOC_MODEL_NONE,          /* nothing but what the reader needs */
	DOC_MODEL_RECONSTRUCTED, /* not official: it only warns */
	DOC_MODEL_OFFICIAL,      /* the published DTD, enforced */
};

struct doc_kind_info {
	const char *root;
	const char *dtd;   /* the file name that a DOCTYPE of 104 gives */
	const char *model; /* the compiled DTD that it is compared with */
	enum doc_kind kind;
	bool is_official; /* that is the published one */
};

/* What the prolog of one file says that it is. */
struct doc_form {
	const struct doc_kind_info *info;
	enum doc_model model;
	/* Of the 104 family, whose code lists are known in full. */
	bool is_current;
};

/* The kind of a root element; NULL if there is none such. */
const struct doc_kind_info *doc_kind_find(const char *root);

/* "official", "reconstructed", "none". */
const char *doc_model_name(enum doc_model model);

/*
 * What the prolog names.  False, with a finding at `place`, if it is nothing
 * that is handled: E2020 kind, E2021 family, E2007 unknown DTD, E2023 unknown
 * root.  A DTD name that does not belong to the root is a finding alone: E2022
 * where the official DTD is enforced, the warning E2024 elsewhere, and so is a
 * name that tells another encoding than that of the file.
 */
bool doc_form_of(const struct prolog *prolog, const struct finding_place *place,
    struct findings *findings, struct doc_form *ret_form);

#endif
