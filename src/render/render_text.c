#include "render/render_text.h"

#include "base/bytes.h"
#include "base/text.h"

const char *
render_title(const struct document *document)
{
	return document->class_name[0] != '\0'
	    ? document->class_name
	    : document_kind_name(document->kind);
}

const char *
render_speed(enum document_speed speed)
{
	switch (speed) {
	case LETTER_SPEED_NORMAL:
		return "普通件";
	case LETTER_SPEED_FAST:
		return "速件";
	case LETTER_SPEED_FASTEST:
		return "最速件";
	case LETTER_SPEED_NONE:
		break;
	}
	return "";
}

const char *
render_handling(const char *code)
{
	static const char *const names[] = { "先簽後稿", "簽稿併陳", "以稿代簽",
		"雙稿", "多稿" };

	if (code[0] >= '1' && code[0] <= '5' && code[1] == '\0')
		return names[code[0] - '1'];
	return code;
}

const char *
render_message(enum doc_message_code code)
{
	switch (code) {
	case DOC_MESSAGE_BODY_MENDED:
		return "本文修正重發";
	case DOC_MESSAGE_ATTACHMENTS_MENDED:
		return "附件修正重發";
	case DOC_MESSAGE_BOTH_MENDED:
		return "本文附件修正重發";
	case DOC_MESSAGE_ERROR:
		return "錯發";
	case DOC_MESSAGE_TEST:
		return "測試";
	case DOC_MESSAGE_UNCHANGED:
		return "本文附件未修正重發";
	}
	return "";
}

void
render_ref_no_put(const struct ref_no *ref_no, struct bytes *to)
{
	const char *prefix = ref_no->prefix;

	if (ref_no->text[0] != '\0') {
		bytes_put_text(to, ref_no->text);
		return;
	}
	if (prefix[0] == '\0' && ref_no->seq[0] == '\0')
		return;
	bytes_put_text(to, prefix);
	if (prefix[0] != '\0' && !text_ends(prefix, "字"))
		bytes_put_text(to, "字");
	bytes_put_format(to, "第%s%s%s號", ref_no->year, ref_no->seq,
	    ref_no->branch);
}

void
render_memo_no_put(const struct ref_no *ref_no, struct bytes *to)
{
	bytes_put_format(to, "%s%s%s%s", ref_no->text, ref_no->year,
	    ref_no->seq, ref_no->branch);
}
