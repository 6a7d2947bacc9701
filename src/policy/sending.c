#include "policy/sending.h"

#include <string.h>

#include "base/text.h"
#include "model/resend.h"
#include "policy/admission.h"

struct sending_rules
sending_rules_default(void)
{
	struct sending_rules rules = {
		.refuse_secret = true,
		.recipients_max = ADMISSION_RECIPIENTS_MAX,
		.letter_bytes_max = UINT64_C(2) << 30,
		.scan_bytes_max = UINT64_C(2) << 30,
	};

	return rules;
}

bool
sending_kind_may_leave(const char *kind)
{
	static const char *const kinds[] = { "函", "令", "公告", "書函",
		"開會通知單", "會勘通知單" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (text_equal(kinds[i], kind))
			return true;
	return false;
}

/* The first byte after ASCII blanks and the full-width space. */
static const char *
skip_blanks(const char *text)
{
	for (;;) {
		if (*text == ' ' || *text == '\t' || *text == '\r' ||
		    *text == '\n')
			text++;
		else if (text_starts(text, "\xe3\x80\x80"))
			text += 3;
		else
			return text;
	}
}

bool
sending_is_secret(const char *secrecy)
{
	static const char *const ordinary[] = { "普通", "無", "一般" };

	if (secrecy == NULL)
		return false;
	secrecy = skip_blanks(secrecy);
	if (*secrecy == '\0')
		return false;
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
		if (text_starts(secrecy, ordinary[i]) &&
		    *skip_blanks(secrecy + strlen(ordinary[i])) == '\0')
			return false;
	/* Whatever else stands there was meant as a mark. */
	return true;
}

static struct verdict
deny(const char *id, const char *why)
{
	return verdict_of(VERDICT_REFUSE, id, ERROR_DENIED, why);
}

static struct verdict
paper(const char *id, const char *why)
{
	return verdict_of(VERDICT_PAPER, id, ERROR_DENIED, why);
}

static bool
is_too_large(uint64_t size, uint64_t limit)
{
	return limit != 0 && size > limit;
}

static struct verdict
judge_sender(const struct sending_document *document)
{
	if (!document->sender_known || document->sender_status == ORG_DISSOLVED)
		return deny("E4011", "the directory has no such sender");
	if (document->sender_status == ORG_SUSPENDED)
		return deny("E4010", "the sender is suspended");
	if (!document->sender_has_keys)
		return deny("E4009", "the sender has no usable keys");
	return verdict_allow();
}

struct verdict
sending_judge_document(const struct sending_rules *rules,
    const struct sending_document *document)
{
	if (rules->refuse_secret && sending_is_secret(document->secrecy))
		return deny("E4017",
		    "policy secrecy: a secret document (密等) is not "
		    "exchanged");
	if (!sending_kind_may_leave(document->kind))
		return deny("E4018", "this kind of document is not sent out");
	if (is_too_large(document->letter_bytes, rules->letter_bytes_max) ||
	    is_too_large(document->letter_bytes, rules->scan_bytes_max))
		return deny("E4015", "larger than may be sent");
	if (document->recipients == 0 ||
	    document->recipients > rules->recipients_max)
		return verdict_of(VERDICT_REFUSE, "E4028", ERROR_MALFORMED,
		    "the number of recipients is not possible");
	return judge_sender(document);
}

struct verdict
sending_judge_recipient(const struct sending_recipient *recipient)
{
	if (recipient->is_paper_only)
		return paper("E4016", "paper was chosen for this recipient");
	if (!recipient->is_known)
		return verdict_of(VERDICT_REFUSE, "E4012", ERROR_NOT_FOUND,
		    "the directory has no such recipient");
	if (recipient->status == ORG_PAPER)
		return paper("E4016", "the recipient takes paper alone");
	if (recipient->status == ORG_DISSOLVED)
		return paper("E4014", "the recipient is dissolved");
	if (recipient->status == ORG_SUSPENDED)
		return paper("E4013", "the recipient is suspended");
	if (!recipient->has_seal_key)
		return paper("E4016", "the recipient is not connected");
	if (is_too_large(recipient->letter_bytes, recipient->accepts_bytes))
		return paper("E4015", "larger than the recipient accepts");
	return verdict_allow();
}

static struct verdict
warn(const char *id, const char *why)
{
	return verdict_of(VERDICT_WARN, id, ERROR_NONE, why);
}

struct verdict
sending_judge_way(const struct sending_way *way, int64_t now_ms)
{
	if (way->is_suspended)
		return paper("E4013", "the recipient is suspended");
	if (way->center_is_suspended) {
		if (way->paper_from_ms != 0 && way->paper_from_ms <= now_ms)
			return paper("E3918",
			    "the recipient's center is suspended: paper");
		if (way->has_fallback)
			return warn("E3919",
			    "another center serves for the suspended one");
		return warn("E3920",
		    "the recipient's center is suspended: the delivery waits");
	}
	if (way->is_held)
		return warn("E3921",
		    "the recipient is held: the delivery waits");
	return verdict_allow();
}

struct verdict
sending_judge_moved(const struct verdict *verdict, bool has_new_code)
{
	if (has_new_code && text_equal(verdict->id, "E4014"))
		return paper("E3917",
		    "the recipient goes on under another code");
	return *verdict;
}

struct verdict
sending_judge_resend(int message, bool has_earlier)
{
	if (!resend_names_earlier(message) || has_earlier)
		return verdict_allow();
	return verdict_of(VERDICT_WARN, "E4220", ERROR_NONE,
	    "no earlier letter under this reference was sent from here");
}
