#include "document/doc_kind.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/text.h"
#include "document/finding.h"
#include "document/prolog.h"

static const struct doc_kind_info kinds[] = {
	{ "函", "104_2_utf8.dtd", "104_2_utf8.dtd", DOC_KIND_LETTER, true },
	{ "簽", "104_5_utf8.dtd", "104_5_utf8.dtd", DOC_KIND_MEMO, true },
	{ "交換表單", "104_roster_utf8.dtd", "104_roster_utf8.dtd",
	    DOC_KIND_ROSTER, true },
	{ "文書訊息表單", "104_DM_utf8.dtd", "104_DM_utf8.dtd",
	    DOC_KIND_MESSAGE, false },
	{ "令", "104_1_utf8.dtd", "104_1_utf8.dtd", DOC_KIND_ORDER, false },
	{ "公告", "104_3_utf8.dtd", "104_3_utf8.dtd", DOC_KIND_NOTICE, false },
	{ "開會通知單", "104_4_utf8.dtd", "104_4_utf8.dtd", DOC_KIND_MEETING,
	    false },
	{ "會勘通知單", "104_B_utf8.dtd", "104_B_utf8.dtd", DOC_KIND_SURVEY,
	    false },
	/* Has no DTD of its own: it goes under that of 簽. */
	{ "便簽", "104_5_utf8.dtd", "104_5_note_utf8.dtd", DOC_KIND_MEMO,
	    false },
	{ "簽稿會核單", "104_6_utf8.dtd", NULL, DOC_KIND_OTHER, false },
	{ "會銜公文會辦單", "104_7_utf8.dtd", NULL, DOC_KIND_OTHER, false },
	{ "公文時效統計", "104_8_utf8.dtd", NULL, DOC_KIND_OTHER, false },
	{ "線上簽核", "104_sign_utf8.dtd", NULL, DOC_KIND_OTHER, false },
};

/* The parts of a DTD name: 104_2_utf8.dtd, 99_roster_big5.dtd, 97_3.dtd. */
struct dtd_name {
	const char *family; /* "104_" */
	const char *number; /* what follows it */
	size_t number_len;
	const char *encoding; /* "_utf8", "_big5", or "" */
};

const struct doc_kind_info *
doc_kind_find(const char *root)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (text_equal(kinds[i].root, root))
			return &kinds[i];
	return NULL;
}

const char *
doc_model_name(enum doc_model model)
{
	switch (model) {
	case DOC_MODEL_OFFICIAL:
		return "official";
	case DOC_MODEL_RECONSTRUCTED:
		return "reconstructed";
	case DOC_MODEL_NONE:
		break;
	}
	return "none";
}

/* File names of DTDs are written in any case. */
static bool
ends_with(const char *text, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len &&
	    strncasecmp(text + len - end_len, end, end_len) == 0;
}

static bool
read_dtd_name(const char *text, struct dtd_name *ret_name)
{
	static const char *const families[] = { "91_", "93_", "97_", "99_",
		"104_" };
	static const char *const encodings[] = { "_utf8", "_big5" };
	struct dtd_name name = { .encoding = "" };
	size_t len = strlen(text);

	if (!ends_with(text, len, ".dtd"))
		return false;
	len -= strlen(".dtd");
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (text_starts(text, families[i]))
			name.family = families[i];
	if (name.family == NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
		if (ends_with(text, len, encodings[i]))
			name.encoding = encodings[i];
	name.number = text + strlen(name.family);
	len -= strlen(name.family);
	if (len <= strlen(name.encoding))
		return false;
	name.number_len = len - strlen(name.encoding);
	*ret_name = name;
	return true;
}

/* 105_2_utf8.dtd and the like: perhaps official one day. */
static bool
is_other_family(const char *dtd)
{
	size_t digits = strspn(dtd, "0123456789");

	return digits > 0 && dtd[digits] == '_' &&
	    ends_with(dtd, strlen(dtd), ".dtd");
}

static bool
has_number_of(const struct dtd_name *name, const struct doc_kind_info *info)
{
	struct dtd_name own = { 0 };

	return read_dtd_name(info->dtd, &own) &&
	    own.number_len == name->number_len &&
	    strncasecmp(own.number, name->number, own.number_len) == 0;
}

static bool
has_encoding_of(const struct dtd_name *name, const struct prolog *prolog)
{
	return *name->encoding == '\0' ||
	    text_equal(name->encoding, prolog->is_big5 ? "_big5" : "_utf8");
}

bool
doc_form_of(const struct prolog *prolog, const struct finding_place *place,
    struct findings *findings, struct doc_form *ret_form)
{
	const char *dtd = prolog->system_id;
	struct doc_form form = { .info = doc_kind_find(prolog->root),
		.model = DOC_MODEL_RECONSTRUCTED };
	struct dtd_name name;
	bool fits;

	if (form.info == NULL || form.info->kind == DOC_KIND_OTHER) {
		findings_add(findings, place,
		    form.info == NULL ? "E2023" : "E2020", prolog->root);
		return false;
	}
	if (!read_dtd_name(dtd, &name)) {
		findings_add(findings, place,
		    is_other_family(dtd) ? "E2021" : "E2007", dtd);
		return false;
	}
	form.is_current = text_equal(name.family, "104_");
	fits = has_number_of(&name, form.info);
	if (form.info->is_official && form.is_current && !prolog->is_big5 &&
	    has_encoding_of(&name, prolog))
		form.model = DOC_MODEL_OFFICIAL;
	if (!fits || !has_encoding_of(&name, prolog))
		findings_add(findings, place,
		    form.model == DOC_MODEL_OFFICIAL ? "E2022" : "E2024", dtd);
	*ret_form = form;
	return true;
}
