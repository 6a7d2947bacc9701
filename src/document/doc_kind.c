#include "document/doc_kind.h"

#include <stddef.h>

#include "base/text.h"
#include "document/finding.h"
#include "document/prolog.h"

static const struct doc_kind_info kinds[] = {
	{ "函", "104_2_utf8.dtd", DOC_KIND_LETTER, true },
	{ "簽", "104_5_utf8.dtd", DOC_KIND_MEMO, true },
	{ "交換表單", "104_roster_utf8.dtd", DOC_KIND_ROSTER, true },
	{ "文書訊息表單", "104_DM_utf8.dtd", DOC_KIND_MESSAGE, false },
	{ "令", "104_1_utf8.dtd", DOC_KIND_OTHER, false },
	{ "公告", "104_3_utf8.dtd", DOC_KIND_OTHER, false },
	{ "開會通知單", "104_4_utf8.dtd", DOC_KIND_OTHER, false },
	{ "簽稿會核單", "104_6_utf8.dtd", DOC_KIND_OTHER, false },
	{ "會銜公文會辦單", "104_7_utf8.dtd", DOC_KIND_OTHER, false },
	{ "公文時效統計", "104_8_utf8.dtd", DOC_KIND_OTHER, false },
	{ "會勘通知單", "104_B_utf8.dtd", DOC_KIND_OTHER, false },
	{ "便簽", "104_5_utf8.dtd", DOC_KIND_OTHER, false },
	{ "線上簽核", "104_sign_utf8.dtd", DOC_KIND_OTHER, false },
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

const struct doc_kind_info *
doc_kind_find(const char *root)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (text_equal(kinds[i].root, root))
			return &kinds[i];
	return NULL;
}

static bool
is_dtd_of_a_kind(const char *dtd)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (text_equal(kinds[i].dtd, dtd))
			return true;
	return false;
}

/* 99_2_big5.dtd and the like: official once, or in Big5. */
static bool
is_other_family(const char *dtd)
{
	static const char *const families[] = { "91_", "93_", "97_", "99_",
		"104_" };

	if (!text_ends(dtd, ".dtd"))
		return false;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (text_starts(dtd, families[i]))
			return true;
	return false;
}

static const char *
rule_of_dtd(const char *dtd)
{
	if (is_dtd_of_a_kind(dtd))
		return "E2022";
	return is_other_family(dtd) ? "E2021" : "E2007";
}

const struct doc_kind_info *
doc_kind_of(const struct prolog *prolog, const struct finding_place *place,
    struct findings *findings)
{
	const struct doc_kind_info *info = doc_kind_find(prolog->root);
	const char *rule;

	if (info == NULL) {
		findings_add(findings, place, "E2023", prolog->root);
		return NULL;
	}
	if (info->kind == DOC_KIND_OTHER) {
		findings_add(findings, place, "E2020", prolog->root);
		return NULL;
	}
	if (text_equal(info->dtd, prolog->system_id))
		return info;
	rule = rule_of_dtd(prolog->system_id);
	findings_add(findings, place, rule, prolog->system_id);
	return text_equal(rule, "E2022") ? info : NULL;
}
