#include "cli/trust/trust_words.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/trust/trust_words_internal.h"
#include "crypto/cert.h"
#include "crypto/sha256.h"
#include "json/json_read.h"
#include "model/times.h"

enum { CODE_LINE = 40, GROUPS_SHOWN = 19 /* four groups of four digits */ };

/* What keys of bulletins are called in Chinese; in English as they are. */
static const char *const labels[][2] = {
	{ "accepts", "可收" },
	{ "address", "位址" },
	{ "anchors", "信任錨" },
	{ "authority", "主管機關" },
	{ "bytes", "位元組" },
	{ "case", "案號" },
	{ "center", "交換中心" },
	{ "centers", "交換中心" },
	{ "certificate", "憑證" },
	{ "certificates", "憑證" },
	{ "code", "機關代碼" },
	{ "codes", "機關代碼" },
	{ "conformance", "相容程度" },
	{ "direction", "方向" },
	{ "effective", "生效" },
	{ "fallback", "代理中心" },
	{ "files", "檔案" },
	{ "from", "起" },
	{ "ground", "事由（款次）" },
	{ "holds", "暫停投遞" },
	{ "host", "主機" },
	{ "hosts", "主機" },
	{ "items", "項目" },
	{ "key", "金鑰" },
	{ "keys", "金鑰" },
	{ "kind", "類別" },
	{ "letter_bytes", "公文大小上限" },
	{ "log", "紀錄金鑰" },
	{ "management", "管理層主機" },
	{ "name", "名稱" },
	{ "newest", "最新" },
	{ "not_after", "到期" },
	{ "notices", "公告" },
	{ "organisations", "機關" },
	{ "paper_from", "改用紙本起" },
	{ "path", "檔案" },
	{ "quorum", "見證門檻" },
	{ "reason", "理由" },
	{ "restorations", "復原" },
	{ "roles", "簽署角色" },
	{ "sha256", "摘要" },
	{ "stampers", "時戳機關" },
	{ "state", "狀態" },
	{ "status", "狀態" },
	{ "stops_queued", "在途公文一併暫停" },
	{ "subject", "對象" },
	{ "summary", "摘要說明" },
	{ "supervisor", "上級機關" },
	{ "suspensions", "中止服務" },
	{ "text", "內容" },
	{ "threshold", "所需人數" },
	{ "title", "標題" },
	{ "tls", "連線憑證" },
	{ "until", "迄" },
	{ "use", "用途" },
	{ "value", "內容" },
	{ "version", "版次" },
	{ "witnesses", "見證" },
};

const char *
words_pick(const struct words *words, const char *chinese, const char *english)
{
	return words->is_chinese ? chinese : english;
}

static const char *
label_of(const struct words *words, const char *key)
{
	for (size_t i = 0; words->is_chinese && i < ARRAY_LEN(labels); i++)
		if (text_equal(labels[i][0], key))
			return labels[i][1];
	return key;
}

/* ---- values --------------------------------------------------------------- */

/* Who a certificate is, and the first groups of its fingerprint. */
bool
words_put_certificate(struct bytes *to, const void *der, size_t len)
{
	char code[DRAFT_CODE_SIZE];
	struct cert *cert = NULL;
	struct error err = { 0 };

	if (cert_parse(der, len, &cert, &err) < 0)
		return false;
	draft_format_code(cert_fingerprint(cert), code);
	cli_put(to, cert_info(cert)->subject);
	bytes_put_format(to, " [%.*s]", GROUPS_SHOWN, code);
	cert_free(cert);
	return true;
}

/* The holder whose fingerprint this is, of either root. */
static bool
put_holder(const struct words *words, const char *text)
{
	const struct bytes *der;
	struct digest fingerprint;

	if (!digest_parse(text, &fingerprint))
		return false;
	der = root_certificate(&words->draft->new_root, &fingerprint);
	if (der == NULL)
		der = root_certificate(&words->draft->root, &fingerprint);
	return der != NULL &&
	    words_put_certificate(words->to, der->data, der->len);
}

static bool
put_base64(const struct words *words, const char *text)
{
	struct bytes der = { 0 };
	struct error err = { 0 };
	bool is_good = strlen(text) > DIGEST_TEXT_SIZE &&
	    base64_parse(text, strlen(text), &der, &err) == 0 &&
	    words_put_certificate(words->to, der.data, der.len);

	bytes_free(&der);
	return is_good;
}

static void
put_scalar(const struct words *words, const struct json_value *value)
{
	const char *text = json_value_text(value);
	struct error err = { 0 };

	if (text == NULL) {
		if (json_value_put(value, words->to, &err) < 0)
			words->to->failed = true;
	} else if (!put_holder(words, text) && !put_base64(words, text)) {
		bytes_put_text(words->to, words_pick(words, "「", "\""));
		cli_put(words->to, text);
		bytes_put_text(words->to, words_pick(words, "」", "\""));
	}
}

static bool
is_scalar(const struct json_value *value)
{
	return !json_value_is_object(value) && !json_value_is_array(value);
}

/* By what an entry of a list is known: its first key, as a rule. */
static const struct json_value *
identity_of(const struct json_value *value)
{
	static const char *const keys[] = { "code", "case", "id", "path",
		"certificate", "name", "type" };

	if (is_scalar(value))
		return value;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct json_value *found =
		    json_value_member(value, keys[i]);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static bool
is_equal(const struct json_value *a, const struct json_value *b)
{
	struct bytes a_text = { 0 };
	struct bytes b_text = { 0 };
	struct error err = { 0 };
	bool is_same = json_value_put(a, &a_text, &err) == 0 &&
	    json_value_put(b, &b_text, &err) == 0 && a_text.len == b_text.len &&
	    memcmp(a_text.data, b_text.data, a_text.len) == 0;

	bytes_free(&a_text);
	bytes_free(&b_text);
	return is_same;
}

/* ---- one side -------------------------------------------------------------- */

static void
begin_line(const struct words *words, int depth, const char *sign)
{
	bytes_put_format(words->to, "%*s%s ", 2 * depth, "", sign);
}

/* A member of an object, or an item of a list (`key` NULL). */
static void
put_head(const struct words *words, const char *key,
    const struct json_value *value)
{
	const struct json_value *identity =
	    key == NULL ? identity_of(value) : NULL;

	if (key != NULL)
		cli_put(words->to, label_of(words, key));
	if (identity != NULL)
		put_scalar(words, identity);
}

/* An object or array, while it is gone through. */
struct walk {
	const struct words *words;
	int depth;
	const char *sign;
	const struct json_value *before; /* when two are compared */
};

static int
put_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct walk *walk = context;

	(void)err;
	words_put_tree(walk->words, walk->depth, walk->sign, key, value);
	return 0;
}

/* All of a value, each line with the sign. */
void
words_put_tree(const struct words *words, int depth, const char *sign,
    const char *key, const struct json_value *value)
{
	struct walk walk = { .words = words, .depth = depth + 1, .sign = sign };
	struct error err = { 0 };

	begin_line(words, depth, sign);
	put_head(words, key, value);
	if (is_scalar(value)) {
		if (key != NULL) {
			bytes_put_text(words->to,
			    words_pick(words, "：", ": "));
			put_scalar(words, value);
		}
		bytes_put_u8(words->to, '\n');
		return;
	}
	if (json_value_is_array(value))
		bytes_put_format(words->to, "%s%zu%s",
		    words_pick(words, "（", " ("), json_value_count(value),
		    words_pick(words, " 項）", ")"));
	bytes_put_u8(words->to, '\n');
	if (json_value_is_object(value) &&
	    json_value_each(value, put_member, &walk, &err) < 0)
		words->to->failed = true;
	for (size_t i = 0;
	     json_value_is_array(value) && i < json_value_count(value); i++)
		words_put_tree(words, depth + 1, sign, NULL,
		    json_value_item(value, i));
}

/* ---- both sides ------------------------------------------------------------ */

static void put_change(const struct words *words, int depth, const char *key,
    const struct json_value *before, const struct json_value *after);

static int
compare_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct walk *walk = context;
	const struct json_value *before = json_value_member(walk->before, key);

	(void)err;
	if (before == NULL)
		words_put_tree(walk->words, walk->depth, "＋", key, value);
	else
		put_change(walk->words, walk->depth, key, before, value);
	return 0;
}

static int
miss_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct walk *walk = context;

	(void)err;
	if (json_value_member(walk->before, key) == NULL)
		words_put_tree(walk->words, walk->depth, "－", key, value);
	return 0;
}

static void
change_object(const struct words *words, int depth,
    const struct json_value *before, const struct json_value *after)
{
	struct walk walk = { .words = words, .depth = depth, .before = before };
	struct error err = { 0 };

	if (json_value_each(after, compare_member, &walk, &err) < 0)
		words->to->failed = true;
	walk.before = after;
	if (json_value_each(before, miss_member, &walk, &err) < 0)
		words->to->failed = true;
}

/*
 * The item of the same identity; looked for from `*hint` on, since two lists
 * of one kind mostly have the same order.
 */
static const struct json_value *
find_item(const struct json_value *list, const struct json_value *item,
    size_t *hint)
{
	const struct json_value *wanted = identity_of(item);
	size_t count = json_value_count(list);

	for (size_t i = 0; wanted != NULL && i < count; i++) {
		size_t at = (*hint + i) % count;
		const struct json_value *found = json_value_item(list, at);
		const struct json_value *identity = identity_of(found);

		if (identity != NULL && is_equal(identity, wanted)) {
			*hint = at + 1;
			return found;
		}
	}
	return NULL;
}

void
words_change_list(const struct words *words, int depth,
    const struct json_value *before, const struct json_value *after)
{
	size_t hint = 0;

	for (size_t i = 0; i < json_value_count(after); i++) {
		const struct json_value *item = json_value_item(after, i);
		const struct json_value *was = find_item(before, item, &hint);

		if (was == NULL)
			words_put_tree(words, depth, "＋", NULL, item);
		else
			put_change(words, depth, NULL, was, item);
	}
	hint = 0;
	for (size_t i = 0; i < json_value_count(before); i++) {
		const struct json_value *item = json_value_item(before, i);

		if (find_item(after, item, &hint) == NULL)
			words_put_tree(words, depth, "－", NULL, item);
	}
}

static void
put_change(const struct words *words, int depth, const char *key,
    const struct json_value *before, const struct json_value *after)
{
	if (is_equal(before, after))
		return;
	begin_line(words, depth, "～");
	put_head(words, key, after);
	if (is_scalar(before) || is_scalar(after) ||
	    json_value_is_array(before) != json_value_is_array(after)) {
		bytes_put_text(words->to, words_pick(words, "：", ": "));
		put_scalar(words, before);
		bytes_put_text(words->to, " → ");
		put_scalar(words, after);
		bytes_put_u8(words->to, '\n');
		return;
	}
	bytes_put_u8(words->to, '\n');
	if (json_value_is_object(after))
		change_object(words, depth + 1, before, after);
	else
		words_change_list(words, depth + 1, before, after);
}

/* ---- the head and the end ---------------------------------------------------- */

static const char *
type_word(const struct words *words, enum bulletin_type type)
{
	static const char *const chinese[BULLETIN_TYPE_COUNT] = {
		[BULLETIN_ROOT] = "信任根",
		[BULLETIN_DIRECTORY] = "地址簿",
		[BULLETIN_NETWORK] = "網路位址",
		[BULLETIN_ACCESS] = "連線名單",
		[BULLETIN_TIMESTAMP] = "時間戳",
		[BULLETIN_RELEASE] = "程式發行",
		[BULLETIN_BASELINE] = "組態基準",
		[BULLETIN_NOTICE] = "通知",
		[BULLETIN_RULES] = "規則",
		[BULLETIN_FORMS] = "表單",
		[BULLETIN_HOLD] = "暫停投遞",
		[BULLETIN_SUSPENSION] = "中止服務",
		[BULLETIN_RESTORATION] = "復原",
	};

	return words_pick(words, chinese[type], bulletin_type_name(type));
}

static void
put_time(const struct words *words, const char *chinese, const char *english,
    int64_t at_ms)
{
	char roc[TIMES_ROC_SIZE];
	char utc[TIMES_RFC3339_SIZE];

	times_format_roc(at_ms, roc);
	times_format(at_ms, utc);
	bytes_put_format(words->to, "%s%s (%s)\n",
	    words_pick(words, chinese, english), roc, utc);
}

static void
put_heading(const struct words *words)
{
	const struct bulletin *bulletin = &words->draft->bulletin;

	bytes_put_format(words->to, "%s%s%s%s%s%llu%s",
	    words_pick(words, "公報：", "Bulletin: "),
	    type_word(words, bulletin->type),
	    bulletin->name[0] != '\0' ? " " : "", bulletin->name,
	    words_pick(words, "，第 ", ", serial "),
	    (unsigned long long)bulletin->serial,
	    words_pick(words, " 號，環境 ", ", of "));
	cli_put(words->to, bulletin->environment);
	bytes_put_u8(words->to, '\n');
	put_time(words, "發布：", "Issued:  ", bulletin->issued_ms);
	put_time(words, "有效至：", "Expires: ", bulletin->expires_ms);
}

static void
put_signers(const struct words *words, const struct root *root,
    const char *chinese, const char *english)
{
	const struct bulletin *bulletin = &words->draft->bulletin;
	const struct bulletin_role *role =
	    root_role_of(root, bulletin->type, bulletin->name);

	if (role == NULL) {
		bytes_put_text(words->to,
		    words_pick(words, "信任根沒有人可以簽署！\n",
			"The root lets nobody sign it!\n"));
		return;
	}
	bytes_put_text(words->to, words_pick(words, chinese, english));
	bytes_put_format(words->to, "%s%u%s%zu%s", words_pick(words, "須 ", ""),
	    role->threshold,
	    words_pick(words, " 人簽署，持有人 ", " of these "),
	    role->certificate_count,
	    words_pick(words, " 位：\n", " persons must sign:\n"));
	for (size_t i = 0; i < role->certificate_count; i++) {
		const struct bytes *der =
		    root_certificate(root, &role->certificates[i]);

		bytes_put_text(words->to, "  · ");
		if (der != NULL)
			words_put_certificate(words->to, der->data, der->len);
		bytes_put_u8(words->to, '\n');
	}
}

static void
put_body(const struct words *words)
{
	const struct draft *draft = words->draft;
	struct walk walk = { .words = words, .depth = 1, .sign = "＋" };
	struct error err = { 0 };

	if (words_put_directory(words))
		return;
	if (!draft->has_before) {
		bytes_put_text(words->to,
		    words_pick(words, "第一份，全部內容：\n",
			"The first one; all that it says:\n"));
		if (json_value_each(draft->bulletin.body, put_member, &walk,
			&err) < 0)
			words->to->failed = true;
		return;
	}
	bytes_put_format(words->to, "%s%llu%s",
	    words_pick(words, "與第 ", "Against serial "),
	    (unsigned long long)draft->before.serial,
	    words_pick(words, " 號相比（＋ 新增、－ 移除、～ 變更）：\n",
		" (＋ added, － removed, ～ changed):\n"));
	if (is_equal(draft->before.body, draft->bulletin.body))
		bytes_put_text(words->to,
		    words_pick(words, "  內容相同，只延長效期\n",
			"  it says the same; only its term is longer\n"));
	change_object(words, 1, draft->before.body, draft->bulletin.body);
}

static void
put_code(const struct words *words)
{
	char code[DRAFT_CODE_SIZE];

	draft_format_code(&words->draft->bulletin.digest, code);
	bytes_put_format(words->to, "%s\n  %.*s\n  %s\n",
	    words_pick(words, "檢核碼（請逐組唸出核對）：",
		"Check code (read it aloud, group by group):"),
	    CODE_LINE - 1, code, code + CODE_LINE);
}

void
trust_words_put(bool is_chinese, const struct draft *draft, struct bytes *to)
{
	const struct words words = { is_chinese, draft, to };
	bool is_new_root =
	    draft->bulletin.type == BULLETIN_ROOT && draft->has_before;

	put_heading(&words);
	put_signers(&words, &draft->root, is_new_root ? "依現行信任根：" : "",
	    is_new_root ? "By the root in force: " : "");
	if (is_new_root)
		put_signers(&words, &draft->new_root, "並依新信任根：",
		    "And by the new root: ");
	put_body(&words);
	if (is_new_root)
		words_put_lost_stampers(&words);
	put_code(&words);
}
