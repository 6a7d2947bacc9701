#include "base/bytes.h"
#include "base/csv.h"
#include "base/text.h"
#include "directory/directory.h"
#include "document/document.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/recipients_internal.h"
#include "json/json_write.h"
#include "model/standing.h"
#include "service/catalogue.h"

/* ---- words ----------------------------------------------------------- */

/* A rule with what the catalogue says of it; "" for none. */
static void
write_rule(const struct recipients *recipients, const char *rule,
    struct json_writer *writer)
{
	const struct message *message =
	    rule[0] != '\0' ? catalogue_find(rule) : NULL;
	const struct message_text *words = message == NULL ? NULL
	    : recipients->is_english                       ? &message->en
							   : &message->zh;

	json_write_text(writer, "rule", rule);
	json_write_text(writer, "title", words != NULL ? words->title : "");
	json_write_text(writer, "remedy", words != NULL ? words->next : "");
}

static void
write_org(const char *key, const struct directory_org *org,
    struct json_writer *writer)
{
	json_write_begin_object(writer, key);
	json_write_org(writer, "code", &org->code);
	json_write_text(writer, "name", org->name);
	json_write_end(writer);
}

/* ---- one ------------------------------------------------------------- */

static enum outbox_way_kind
kind_of(const struct recipient_told *told)
{
	return told->code.text[0] == '\0' ? OUTBOX_WAY_UNKNOWN
					  : outbox_way_kind(&told->way);
}

static void
write_candidates(const struct recipients *recipients,
    const struct recipient_told *told, struct json_writer *writer)
{
	json_write_begin_array(writer, "candidates");
	for (size_t i = 0; i < told->candidate_count; i++) {
		struct directory_org org =
		    directory_org_at(recipients->directory,
			told->candidates[i]);

		write_org(NULL, &org, writer);
	}
	json_write_end(writer);
}

static void
write_one(const struct recipients *recipients,
    const struct recipient_told *told, struct json_writer *writer)
{
	const struct outbox_way *way = &told->way;

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "asked", told->asked);
	json_write_text(writer, "group", told->group);
	json_write_text(writer, "code", told->code.text);
	json_write_text(writer, "name", way->is_known ? way->org.name : "");
	json_write_bool(writer, "with_attachments", told->with_attachments);
	json_write_bool(writer, "copy", told->is_copy);
	json_write_text(writer, "way", outbox_way_name(kind_of(told)));
	write_rule(recipients,
	    told->rule != NULL ? told->rule : way->verdict.id, writer);
	if (way->has_heir)
		write_org("successor", &way->heir, writer);
	else
		json_write_null(writer, "successor");
	json_write_text(writer, "center", way->is_known ? way->org.center : "");
	json_write_begin_object(writer, "limits");
	recipient_limit_write(&told->limit, writer);
	json_write_end(writer);
	write_candidates(recipients, told, writer);
	json_write_end(writer);
}

/* ---- all ------------------------------------------------------------- */

static void
write_counts(const struct recipients *recipients, struct json_writer *writer)
{
	int64_t counts[OUTBOX_WAY_KIND_COUNT] = { 0 };

	for (size_t i = 0; i < recipients->count; i++)
		counts[kind_of(&recipients->list[i])]++;
	json_write_begin_object(writer, "counts");
	for (int i = 0; i < OUTBOX_WAY_KIND_COUNT; i++)
		json_write_int(writer, outbox_way_name((enum outbox_way_kind)i),
		    counts[i]);
	json_write_end(writer);
}

/* The smallest of a number that is some recipient's, and whose. */
struct weakest {
	int64_t value;
	const char *of;
};

static void
take(struct weakest *weakest, int64_t value, const struct recipient_told *told)
{
	if (value > 0 && (weakest->value == 0 || value < weakest->value))
		*weakest = (struct weakest){ value, told->code.text };
}

static void
write_weakest_of(const char *key, const struct weakest *weakest,
    struct json_writer *writer)
{
	json_write_begin_object(writer, key);
	json_write_int(writer, "value", weakest->value);
	json_write_text(writer, "of", weakest->of);
	json_write_end(writer);
}

/* Of those whom the letter reaches, and of this gateway ("of" ""). */
static void
write_weakest(const struct recipients *recipients, struct json_writer *writer)
{
	struct weakest bytes = { (int64_t)recipients->letter_bytes, "" };
	struct weakest attachments = { DOCUMENT_INPUTS_MAX - 2, "" };
	struct weakest file_name = { 0, "" };
	struct weakest plain = { 0, "" };

	for (size_t i = 0; i < recipients->count; i++) {
		const struct recipient_told *told = &recipients->list[i];

		if (kind_of(told) != OUTBOX_WAY_ELECTRONIC)
			continue;
		take(&bytes, told->limit.letter_bytes, told);
		if (!told->with_attachments)
			continue;
		take(&attachments, told->limit.attachments, told);
		take(&file_name, told->limit.file_name, told);
		take(&plain, told->limit.plain_names, told);
	}
	json_write_begin_object(writer, "weakest");
	write_weakest_of("letter_bytes", &bytes, writer);
	write_weakest_of("attachments", &attachments, writer);
	write_weakest_of("file_name", &file_name, writer);
	write_weakest_of("plain_names", &plain, writer);
	json_write_end(writer);
}

/* ---- files ----------------------------------------------------------- */

/* What somebody would not take: by `rule`, of `file` (NULL: of all). */
static bool
is_over(const struct recipients *recipients, const struct recipient_told *told,
    const struct recipient_file *file, const char *rule)
{
	uint64_t attachments = 0;
	uint64_t bytes = 0;
	const char *broken;

	if (kind_of(told) != OUTBOX_WAY_ELECTRONIC)
		return false;
	if (file != NULL) {
		if (!told->with_attachments ||
		    document_kind_of_name(file->name) != DOCUMENT_ATTACHMENT)
			return false;
		broken = recipient_limit_judge_name(&told->limit, file->name);
		return broken != NULL && text_equal(broken, rule);
	}
	for (size_t i = 0; i < recipients->file_count; i++) {
		const struct recipient_file *one = &recipients->files[i];
		bool is_attachment =
		    document_kind_of_name(one->name) == DOCUMENT_ATTACHMENT;

		attachments += is_attachment && told->with_attachments;
		bytes +=
		    is_attachment && !told->with_attachments ? 0 : one->len;
	}
	if (text_equal(rule, "E6614"))
		return told->limit.attachments > 0 &&
		    attachments > (uint64_t)told->limit.attachments;
	return (told->limit.letter_bytes > 0 &&
		   bytes > (uint64_t)told->limit.letter_bytes) ||
	    bytes > recipients->letter_bytes;
}

static void
write_finding(const struct recipients *recipients,
    const struct recipient_file *file, size_t number, const char *rule,
    struct json_writer *writer)
{
	char suggestion[MESSAGE_FILE_NAME_SIZE] = "";
	const struct recipient_told *strictest = NULL;
	int64_t count = 0;

	for (size_t i = 0; i < recipients->count; i++)
		if (is_over(recipients, &recipients->list[i], file, rule)) {
			strictest = &recipients->list[i];
			count++;
		}
	if (strictest == NULL)
		return;
	if (file != NULL)
		recipient_limit_suggest(&strictest->limit, file->name, number,
		    suggestion);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "file", file != NULL ? file->name : "");
	write_rule(recipients, rule, writer);
	json_write_text(writer, "suggestion", suggestion);
	json_write_int(writer, "count", count);
	json_write_begin_array(writer, "recipients");
	for (size_t i = 0, named = 0;
	     i < recipients->count && named < RECIPIENTS_NAMED_MAX; i++)
		if (is_over(recipients, &recipients->list[i], file, rule)) {
			json_write_org(writer, NULL, &recipients->list[i].code);
			named++;
		}
	json_write_end(writer);
	json_write_end(writer);
}

static void
write_findings(const struct recipients *recipients, struct json_writer *writer)
{
	json_write_begin_array(writer, "findings");
	write_finding(recipients, NULL, 0, "E4015", writer);
	write_finding(recipients, NULL, 0, "E6614", writer);
	for (size_t i = 0; i < recipients->file_count; i++) {
		const struct recipient_file *file = &recipients->files[i];

		write_finding(recipients, file, i + 1, "E6612", writer);
		write_finding(recipients, file, i + 1, "E6613", writer);
	}
	json_write_end(writer);
}

void
recipients_write(const struct recipients *recipients,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "serial", (int64_t)recipients->serial);
	write_counts(recipients, writer);
	json_write_begin_array(writer, "recipients");
	for (size_t i = 0; i < recipients->count; i++)
		write_one(recipients, &recipients->list[i], writer);
	json_write_end(writer);
	write_weakest(recipients, writer);
	write_findings(recipients, writer);
	json_write_end(writer);
}

/* ---- as a table ------------------------------------------------------ */

static void
put_line(const struct recipients *recipients, const struct recipient_told *told,
    const char *part, struct bytes *to)
{
	const char *rule =
	    told->rule != NULL ? told->rule : told->way.verdict.id;
	const struct message *message =
	    rule[0] != '\0' ? catalogue_find(rule) : NULL;

	csv_put(to, true, part);
	csv_put(to, false,
	    told->way.is_known ? told->way.org.name : told->asked);
	csv_put(to, false, told->code.text);
	csv_put(to, false, told->is_copy ? "副本" : "正本");
	csv_put(to, false, told->with_attachments ? "含附件" : "不含附件");
	csv_put(to, false,
	    message == NULL              ? ""
		: recipients->is_english ? message->en.title
					 : message->zh.title);
	csv_put_end(to);
}

void
recipients_put_csv(const struct recipients *recipients, struct bytes *to)
{
	static const char *const heads[] = { "傳送方式", "受文者", "機關代碼",
		"本別", "附件", "說明" };
	static const char *const parts[] = { "電子交換", "非電子交換（紙本）" };

	bytes_put_text(to, "\xef\xbb\xbf");
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		csv_put(to, i == 0, heads[i]);
	csv_put_end(to);
	for (size_t part = 0; part < ARRAY_LEN(parts); part++)
		for (size_t i = 0; i < recipients->count; i++) {
			const struct recipient_told *told =
			    &recipients->list[i];

			if ((kind_of(told) == OUTBOX_WAY_ELECTRONIC) ==
			    (part == 0))
				put_line(recipients, told, parts[part], to);
		}
}
