#include "simulate/letters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "envelope/bundle.h"
#include "simulate/clerk.h"
#include "simulate/sim.h"
#include "simulate/world.h"

struct letter letters[LETTERS_MAX];
size_t letter_count;

static void hand_in(void *arg);

static void
put_file(struct bytes *to, const char *name, const struct bytes *data)
{
	bundle_put(to, BUNDLE_NAME, name, strlen(name));
	bundle_put(to, BUNDLE_FILE, data->data, data->len);
}

static void
put_di(struct bytes *di, const struct letter *letter)
{
	const struct world_host *sender = &world.hosts[letter->sender];

	bytes_put_text(di,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" [\n");
	if (letter->has_attachment)
		bytes_put_text(di,
		    "<!ENTITY ATTCH1 SYSTEM \"a.csv\" NDATA _X>\n");
	bytes_put_text(di,
	    "<!ENTITY 表單 SYSTEM \"letter.sw\" NDATA DI>\n"
	    "<!NOTATION DI SYSTEM \"\">\n<!NOTATION _X SYSTEM \"\">\n]>\n");
	bytes_put_format(di,
	    "<函>\n<發文機關><全銜>%s</全銜><機關代碼>%s</機關代碼></發文機關>\n"
	    "<函類別 代碼=\"函\"/>\n<地址>某處</地址>\n"
	    "<聯絡方式>電話：000</聯絡方式>\n"
	    "<受文者><交換表 交換表單=\"表單\">如正副本行文單位</交換表>"
	    "</受文者>\n"
	    "<發文日期><年月日>中華民國115年11月20日</年月日></發文日期>\n"
	    "<發文字號><字>府字</字><文號><年度>115</年度><流水號>%07u</流水號>"
	    "<支號></支號></文號></發文字號>\n<速別 代碼=\"速件\"/>\n"
	    "<密等及解密條件或保密期限><密等/><解密條件或保密期限>"
	    "</解密條件或保密期限></密等及解密條件或保密期限>\n",
	    sender->org, sender->code, letter->number + 1);
	bytes_put_text(di,
	    letter->has_attachment ? "<附件><文字>如說明</文字>"
				     "<附件檔名 附件名=\"ATTCH1\"/></附件>\n"
				   : "<附件><文字></文字></附件>\n");
	bytes_put_format(di,
	    "<主旨><文字>第%u號，請查照。</文字></主旨>\n<正本>",
	    letter->number);
	for (unsigned i = 0; i < letter->recipient_count; i++)
		bytes_put_format(di, "<全銜>%s</全銜>",
		    world.hosts[letter->recipients[i]].org);
	bytes_put_text(di, "</正本>\n<署名>首長　○○○</署名>\n</函>\n");
}

static void
put_roster(struct bytes *sw, const struct letter *letter)
{
	bytes_put_text(sw,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 交換表單 SYSTEM \"104_roster_utf8.dtd\">\n<交換表單>\n");
	for (unsigned i = 0; i < letter->recipient_count; i++) {
		const struct world_host *to =
		    &world.hosts[letter->recipients[i]];

		bytes_put_format(sw,
		    "<全銜>%s</全銜><機關代碼>%s</機關代碼><含附件>%s</含附件>"
		    "<本別><收發處理本別 代碼=\"正本\"/></本別>\n",
		    to->org, to->code,
		    letter->has_attachment && i % 2 == 0 ? "含附件"
							 : "不含附件");
	}
	bytes_put_text(sw, "</交換表單>\n");
}

/*
 * The number decides: a repeat has the same.  Some are longer than two frames
 * of the store, so that a beginning of them can be durable.
 */
static unsigned
attachment_lines(const struct letter *letter)
{
	if (letter->number % 3 == 1)
		return 45000;
	return 20 + letter->number % 7 * 400;
}

static void
put_files(struct bytes *to, const struct letter *letter)
{
	struct bytes di = { 0 };
	struct bytes sw = { 0 };
	struct bytes attachment = { 0 };

	put_di(&di, letter);
	put_roster(&sw, letter);
	bundle_put_magic(to);
	put_file(to, "letter.di", &di);
	put_file(to, "letter.sw", &sw);
	if (letter->has_attachment) {
		for (unsigned i = 0; i < attachment_lines(letter); i++)
			bytes_put_format(&attachment, "%u,%u\n", i,
			    letter->number * i);
		put_file(to, "a.csv", &attachment);
	}
	bytes_free(&di);
	bytes_free(&sw);
	bytes_free(&attachment);
}

static void
copy_after(const char *text, const char *mark, char *to, size_t size)
{
	const char *at = strstr(text, mark);
	size_t len = 0;

	to[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(mark);
	while (at[len] != '\0' && at[len] != '"' && len + 1 < size)
		len++;
	memcpy(to, at, len);
	to[len] = '\0';
}

static void
later(struct letter *letter)
{
	sim_at(sim_time() + sim_between(SIM_S / 10, 10 * SIM_S), &sim.clerks,
	    hand_in, letter);
}

/* The first answer holds: a repeat must name the same document. */
static void
accepted(struct letter *letter, const char *body)
{
	char id[sizeof(letter->document_id)];

	copy_after(body, "\"id\":\"", id, sizeof(id));
	if (letter->state == LETTER_ACCEPTED &&
	    strcmp(id, letter->document_id) != 0)
		sim_broken("I2",
		    "letter %u was document %s and is %s when handed in again",
		    letter->number, letter->document_id, id);
	letter->state = LETTER_ACCEPTED;
	memcpy(letter->document_id, id, sizeof(id));
	sim_note("letter %u is document %s", letter->number, id);
}

static void
on_answer(void *ctx, int status, const char *body, size_t len)
{
	struct letter *letter = ctx;

	(void)len;
	letter->status = status;
	copy_after(body != NULL ? body : "", "\"code\":\"", letter->code,
	    sizeof(letter->code));
	sim_note("letter %u: %s answers %d %s", letter->number,
	    sim.hosts[letter->sender].name, status, letter->code);
	if (status == 200 || status == 201) {
		accepted(letter, body);
		/* A clerk who is not sure asks once more. */
		if (sim_chance(6))
			later(letter);
	} else if (letter->state == LETTER_ACCEPTED) {
		if (status != 0 && status < 500 && status != 429)
			sim_broken("I2",
			    "letter %u was accepted, and again it is %d %s",
			    letter->number, status, letter->code);
	} else if (status >= 400 && status < 500 && status != 429) {
		letter->state = LETTER_REFUSED;
	} else {
		later(letter);
	}
}

static void
hand_in(void *arg)
{
	struct letter *letter = arg;
	struct bytes body = { 0 };
	char key[32];
	struct clerk_request request = { .host = letter->sender,
		.method = "POST",
		.target = "/v1/documents",
		.type = "application/vnd.yizhan.bundle",
		.key = key,
		.body = &body };

	snprintf(key, sizeof(key), "letter-%u", letter->number);
	if (letter->state == LETTER_PLANNED)
		letter->state = LETTER_HANDED_IN;
	letter->tries++;
	put_files(&body, letter);
	clerk_ask(&request, on_answer, letter);
	bytes_free(&body);
}

static bool
is_recipient(const struct letter *letter, int host)
{
	for (unsigned i = 0; i < letter->recipient_count; i++)
		if (letter->recipients[i] == host)
			return true;
	return false;
}

static void
plan(struct letter *letter, int64_t span)
{
	unsigned wanted = (unsigned)sim_between(1,
	    sim_below(2) == 0 ? 1 : LETTER_RECIPIENTS_MAX);

	letter->sender = (int)sim_between(SIM_GATEWAY, SIM_HOSTS - 1);
	while (letter->recipient_count < wanted) {
		int host = (int)sim_between(SIM_GATEWAY, SIM_HOSTS - 1);

		if (host != letter->sender && !is_recipient(letter, host))
			letter->recipients[letter->recipient_count++] = host;
	}
	letter->has_attachment = sim_below(3) == 0;
	sim_at(sim_time() + sim_between(0, span), &sim.clerks, hand_in, letter);
}

void
letters_plan(size_t count, int64_t span)
{
	for (size_t i = 0; i < count && letter_count < LETTERS_MAX; i++) {
		struct letter *letter = &letters[letter_count];

		memset(letter, 0, sizeof(*letter));
		letter->number = (unsigned)letter_count++;
		plan(letter, span);
	}
}

bool
letters_are_handed_in(void)
{
	for (size_t i = 0; i < letter_count; i++)
		if (letters[i].state < LETTER_ACCEPTED)
			return false;
	return true;
}

const struct letter *
letters_find(const char *document_id)
{
	for (size_t i = 0; i < letter_count; i++)
		if (strcmp(letters[i].document_id, document_id) == 0)
			return &letters[i];
	return NULL;
}

/* ---- the other end ------------------------------------------------------------- */

struct answering {
	int host;
	bool is_return;
	char target[128];
};

static void
on_answered(void *ctx, int status, const char *body, size_t len)
{
	struct answering *answering = ctx;

	(void)body;
	(void)len;
	sim_note("%s %s: %d", sim.hosts[answering->host].name,
	    answering->target, status);
	free(answering);
}

static void
answer(void *arg)
{
	struct answering *answering = arg;
	struct bytes body = { 0 };
	struct clerk_request request = { .host = answering->host,
		.method = "POST",
		.target = answering->target };

	if (answering->is_return) {
		bytes_put_text(&body, "{\"reason\":\"misdirected\"}");
		request.type = "application/json";
		request.body = &body;
	}
	clerk_ask(&request, on_answered, answering);
	bytes_free(&body);
}

void
letters_answer(int host, const char *waybill_id, const char *code)
{
	struct answering *answering = calloc(1, sizeof(*answering));

	if (answering == NULL)
		abort();
	answering->host = host;
	answering->is_return = sim_below(4) == 0;
	snprintf(answering->target, sizeof(answering->target),
	    "/v1/inbox/%s/%s:%s", waybill_id, code,
	    answering->is_return ? "return" : "confirm");
	sim_at(sim_time() + sim_between(0, 3 * SIM_S), &sim.clerks, answer,
	    answering);
}
