/* Sums of a period, from register_day alone. */
#include "gateway/register/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "model/event.h"
#include "store/query.h"
#include "store/rows.h"

enum { PERCENT_SIZE = 48, PEERS_MAX = 1000, ROC_YEAR_0 = 1911, WORD_SIZE = 48 };

/* The columns of register_day, for one direction. */
struct sums {
	int64_t letters, open, confirmed, returned, withdrawn, paper, failed,
	    attachments, odf, office;
};

#define SUM(direction, column) \
	" sum(CASE WHEN direction = " direction " THEN " column " ELSE 0 END)"
#define SUMS(direction)                                                    \
	SUM(direction, "letters")                                          \
	"," SUM(direction, "open") "," SUM(direction,                      \
	    "confirmed") "," SUM(direction, "returned") "," SUM(direction, \
	    "withdrawn") "," SUM(direction, "paper") "," SUM(direction,    \
	    "failed") "," SUM(direction, "attachments") "," SUM(direction, \
	    "odf") "," SUM(direction, "office")

#define OF_PERIOD                                                         \
	", " SUMS("0") "," SUMS("1") "," SUMS(                            \
	    "2") " FROM register_day"                                     \
		 " WHERE organisation = ?1 AND direction BETWEEN 0 AND 2" \
		 " AND day BETWEEN ?2 AND ?3"

/* What a line of the statistics is of; the first two columns name it. */
static const struct {
	const char *code;
	const char *word;
	const char *sql;
} groups[] = {
	{ "all", "合計", "SELECT '', ''" OF_PERIOD },
	{ "month", "月份",
	    "SELECT strftime('%Y-%m', day * 86400, 'unixepoch'), ''" OF_PERIOD
	    " GROUP BY 1 ORDER BY 1" },
	{ "speed", "速別",
	    "SELECT speed, ''" OF_PERIOD " GROUP BY 1 ORDER BY 1 DESC" },
	{ "organisation", "往來機關",
	    "SELECT peer, ''" OF_PERIOD " AND peer <> '' GROUP BY 1"
	    " ORDER BY sum(letters) DESC, 1 LIMIT 1000" },
};

static const struct register_column columns[] = {
	{ "by", "分類" },
	{ "key", "項目" },
	{ "name", "名稱" },
	{ "in", "收文" },
	{ "in_confirmed", "收文已簽收" },
	{ "in_open", "收文未簽收" },
	{ "in_returned", "收文退文" },
	{ "in_unreadable", "收文無法開啟" },
	{ "in_attachments", "收文附件" },
	{ "in_odf", "收文附件ODF" },
	{ "in_office", "收文附件其他文書格式" },
	{ "in_odf_percent", "收文ODF比率%" },
	{ "documents", "發文" },
	{ "out", "發文受文者" },
	{ "out_confirmed", "發文已簽收" },
	{ "out_open", "發文未簽收" },
	{ "out_returned", "發文遭退文" },
	{ "out_failed", "發文未送達" },
	{ "out_withdrawn", "發文撤回" },
	{ "out_paper", "發文改紙本" },
	{ "out_electronic_percent", "電子交換比率%" },
	{ "out_attachments", "發文附件" },
	{ "out_odf", "發文附件ODF" },
	{ "out_office", "發文附件其他文書格式" },
	{ "out_odf_percent", "發文ODF比率%" },
};

static struct sums
take_sums(struct query *query, int first)
{
	return (struct sums){
		.letters = query_int(query, first),
		.open = query_int(query, first + 1),
		.confirmed = query_int(query, first + 2),
		.returned = query_int(query, first + 3),
		.withdrawn = query_int(query, first + 4),
		.paper = query_int(query, first + 5),
		.failed = query_int(query, first + 6),
		.attachments = query_int(query, first + 7),
		.odf = query_int(query, first + 8),
		.office = query_int(query, first + 9),
	};
}

/* "66.7"; "" of nothing. */
static void
put_percent(struct register_table *table, int64_t part, int64_t whole)
{
	char text[PERCENT_SIZE] = "";
	int64_t tenths;

	if (whole > 0) {
		tenths = (part * 1000 + whole / 2) / whole;
		snprintf(text, sizeof(text), "%" PRId64 ".%" PRId64,
		    tenths / 10, tenths % 10);
	}
	register_table_text(table, text);
}

static void
put_files(struct register_table *table, const struct sums *sums)
{
	register_table_number(table, sums->attachments);
	register_table_number(table, sums->odf);
	register_table_number(table, sums->office);
	put_percent(table, sums->odf, sums->odf + sums->office);
}

/* 115年11月; a speed; an organisation. */
static void
put_key(struct register_table *table, size_t group, const char *key,
    const struct directory *directory)
{
	static const char *const speeds[SPEED_COUNT] = { "普通件", "速件",
		"最速件" };
	char word[WORD_SIZE] = "";
	uint64_t year = 0;
	uint64_t speed;
	char digits[5];

	if (text_equal(groups[group].code, "speed")) {
		if (!text_parse_u64(key, SPEED_COUNT - 1, &speed))
			speed = SPEED_NORMAL;
		register_table_word(table, speed_name((enum speed)speed),
		    speeds[speed]);
		register_table_text(table, speeds[speed]);
		return;
	}
	register_table_text(table, key);
	if (text_equal(groups[group].code, "month") &&
	    text_copy_len(digits, sizeof(digits), key, 4) &&
	    text_parse_u64(digits, 9999, &year) && strlen(key) == 7)
		snprintf(word, sizeof(word), "%d年%s月", (int)year - ROC_YEAR_0,
		    key + 5);
	register_table_text(table,
	    word[0] != '\0' ? word : directory_name_of(directory, key));
}

static void
put_line(struct register_table *table, size_t group, struct query *query,
    const struct directory *directory)
{
	struct sums in = take_sums(query, 2);
	struct sums out = take_sums(query, 12);
	struct sums documents = take_sums(query, 22);

	register_table_begin_row(table);
	register_table_word(table, groups[group].code, groups[group].word);
	put_key(table, group, query_text(query, 0), directory);
	register_table_number(table, in.letters);
	register_table_number(table, in.confirmed);
	register_table_number(table, in.open);
	register_table_number(table, in.returned);
	register_table_number(table, in.failed);
	put_files(table, &in);
	register_table_number(table, documents.letters);
	register_table_number(table, out.letters);
	register_table_number(table, out.confirmed);
	register_table_number(table, out.open);
	register_table_number(table, out.returned);
	register_table_number(table, out.failed);
	register_table_number(table, out.withdrawn);
	register_table_number(table, out.paper);
	/* What was taken back went neither way. */
	put_percent(table, out.letters - out.withdrawn - out.paper,
	    out.letters - out.withdrawn);
	put_files(table, &documents);
	register_table_end_row(table);
}

static int
put_group(struct rows *rows, const struct register_ask *ask, size_t group,
    struct register_table *table, const struct directory *directory,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, groups[group].sql, &query, err) < 0)
		return -1;
	query_bind_text(query, 1, ask->organisation.text);
	query_bind_int(query, 2, ask->from_day);
	query_bind_int(query, 3, ask->until_day);
	while ((more = query_next(query, err)) > 0)
		put_line(table, group, query, directory);
	query_end(query);
	return more;
}

int
register_read_statistics(struct rows *rows, const struct directory *directory,
    const struct register_ask *ask, struct register_piece *piece,
    struct error *err)
{
	struct register_table table = { .format = ask->format,
		.name = "收發文統計",
		.columns = columns,
		.count = ARRAY_LEN(columns),
		.to = piece->to,
		.writer = piece->writer };
	char day[REGISTER_DAY_SIZE];

	if (ask->format == REGISTER_JSON) {
		json_write_begin_object(piece->writer, NULL);
		json_write_org(piece->writer, "organisation",
		    &ask->organisation);
		register_day_format(ask->from_day, day);
		json_write_text(piece->writer, "from", day);
		register_day_format(ask->until_day, day);
		json_write_text(piece->writer, "until", day);
		json_write_begin_array(piece->writer, "rows");
	} else {
		register_table_head(&table);
	}
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (put_group(rows, ask, i, &table, directory, err) < 0)
			return -1;
	register_table_tail(&table);
	if (ask->format == REGISTER_JSON) {
		json_write_end(piece->writer);
		json_write_end(piece->writer);
	}
	return 0;
}
