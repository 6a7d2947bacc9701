/*
 * The kinds of official files: which root element and which DTD make a kind,
 * and which of them this program checks against the official DTD.
 */
#ifndef DOCUMENT_DOC_KIND_H
#define DOCUMENT_DOC_KIND_H

#include <stdbool.h>

struct findings;
struct finding_place;
struct prolog;

enum doc_kind {
	DOC_KIND_LETTER,  /* 函, with all its 函類別 */
	DOC_KIND_MEMO,    /* 簽 */
	DOC_KIND_ORDER,   /* 令 */
	DOC_KIND_NOTICE,  /* 公告 */
	DOC_KIND_MEETING, /* 開會通知單 */
	DOC_KIND_SURVEY,  /* 會勘通知單 */
	DOC_KIND_ROSTER,  /* 交換表單 */
	DOC_KIND_MESSAGE, /* 文書訊息表單 */
	DOC_KIND_OTHER,   /* known, not handled */
};

struct doc_kind_info {
	const char *root;
	const char *dtd; /* the file name that a DOCTYPE gives */
	enum doc_kind kind;
	bool is_official; /* its DTD is the published one, and enforced */
};

/* The kind of a root element; NULL if there is none such. */
const struct doc_kind_info *doc_kind_find(const char *root);

/*
 * The kind that the prolog names, if root and DTD belong together and it is
 * handled; otherwise NULL, with a finding at `place`: E2020 kind not handled,
 * E2021 version not handled, E2022 root and DTD differ, E2007 unknown DTD,
 * E2023 unknown root.  A letter with the wrong DTD name is still a letter: it
 * is returned with its finding.
 */
const struct doc_kind_info *doc_kind_of(const struct prolog *prolog,
    const struct finding_place *place, struct findings *findings);

#endif
