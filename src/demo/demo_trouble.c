#define _XOPEN_SOURCE 700 /* kill() of a group */
#include "demo/demo_trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/local.h"
#include "cli/trust/trust_files.h"
#include "demo/demo_keys.h"
#include "demo/demo_network.h"
#include "demo/demo_story.h"
#include "demo/demo_trouble_internal.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum {
	ANSWER_MAX = 1024 * 1024,
	TARGET_SIZE = 128,
	PERCENT_MAX = 100,
	SECONDS_DEFAULT = 60,
	SECONDS_MAX = 3600,
	SLOT_MS = 2000, /* for so long a center is silent or not */
	STEP_MS = 100,
	HOLD_SECONDS = 24 * 3600,
};

/* ---- which demo, and whom of it ---------------------------------------- */

static int
find_folder(const struct cli *cli, char folder[TROUBLE_FOLDER_SIZE],
    struct error *err)
{
	const char *config = cli_value(cli, "config");
	char path[TROUBLE_PATH_SIZE];
	char *slash;

	if (config == NULL)
		config = getenv("YIZHAN_CONFIG");
	if (config == NULL || !text_copy(folder, TROUBLE_FOLDER_SIZE, config) ||
	    (slash = strrchr(folder, '/')) == NULL)
		return cli_refuse(err,
		    "--config or $YIZHAN_CONFIG has to name a configuration "
		    "of the demo, with its folder, as the demo printed it");
	*slash = '\0';
	if (snprintf(path, sizeof(path), "%s/officers", folder) >=
		(int)sizeof(path) ||
	    access(path, R_OK) < 0)
		return cli_refuse(err, "%s is no folder of a demo", folder);
	return 0;
}

/* A gateway by its name, or by code or full name of whom it serves. */
static const struct demo_host *
find_gateway(const char *name)
{
	for (int i = 0; name != NULL && i < DEMO_HOSTS; i++)
		if (demo_hosts[i].kind == DEMO_GATEWAY &&
		    (text_equal(demo_hosts[i].name, name) ||
			text_equal(demo_hosts[i].code, name) ||
			text_equal(demo_hosts[i].org, name)))
			return &demo_hosts[i];
	return NULL;
}

int
trouble_begin(struct trouble *trouble, struct cli *cli, struct error *err)
{
	trouble->cli = cli;
	if (find_folder(cli, trouble->folder, err) < 0)
		return -1;
	trouble->story.cli = cli;
	trouble->story.folder = trouble->folder;
	return 0;
}

int
trouble_begin_about(struct trouble *trouble, struct cli *cli, struct error *err)
{
	if (trouble_begin(trouble, cli, err) < 0)
		return -1;
	trouble->gateway = find_gateway(cli_argument(cli, 0));
	if (trouble->gateway == NULL)
		return cli_refuse(err,
		    "the demo has 雲林縣政府, 彰化縣政府 and 屏東縣政府");
	return 0;
}

int
trouble_ask(const struct trouble *trouble, const struct demo_host *host,
    const char *target, const char *json, struct json_document **ret_document,
    struct error *err)
{
	char path[4096];
	struct local local = demo_local(&trouble->story, host, path);
	struct http_answer answer = { 0 };
	int rc = json != NULL ? local_post(&local, target, json, &answer, err)
			      : local_get(&local, target, &answer, err);

	if (rc == 0)
		rc = json_read(answer.body.data, answer.body.len, ANSWER_MAX,
		    ret_document, err);
	http_answer_free(&answer);
	return rc;
}

int
trouble_read_pair(const struct trouble *trouble, const char *name,
    struct demo_pair *ret_pair, struct error *err)
{
	char path[TROUBLE_PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s.pem", trouble->folder, name) >=
	    (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "%s: path too long",
		    trouble->folder);
	return trust_read_holder(trouble->cli, path, &ret_pair->key,
	    &ret_pair->cert, err);
}

void
trouble_tell(const struct trouble *trouble, const struct demo_host *seen,
    const char *zh, const char *en, const char *page)
{
	cli_say(trouble->cli, "%s\n%s https://%s:8443/%s\n",
	    cli_text(trouble->cli, zh, en),
	    cli_text(trouble->cli, "請看", "See"), seen->address, page);
}

/* From DIR/HOST.pid. */
int
trouble_find_group(const struct trouble *trouble, const char *name,
    pid_t *ret_group, struct error *err)
{
	char path[TROUBLE_PATH_SIZE];
	char text[24] = "";
	uint64_t number = 0;
	ssize_t len = -1;
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s.pid", trouble->folder, name) <
	    (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (len > 0)
		text[strcspn(text, "\n")] = '\0';
	if (len <= 0 || !text_parse_u64(text, INT32_MAX, &number) ||
	    number < 2 || kill(-(pid_t)number, 0) < 0)
		return error_set_id(err, "E1209", ERROR_BUSY,
		    "%s of the demo in %s does not run", name, trouble->folder);
	*ret_group = (pid_t)number;
	return 0;
}

/* At the agency whose letters have the trouble. */
static void
tell_sender(const struct trouble *trouble, const char *zh, const char *en,
    const char *page)
{
	trouble_tell(trouble, demo_host_find("gateway-1"), zh, en, page);
}

/* ---- hold -------------------------------------------------------------- */

static int
add_hold(const struct trouble *trouble, const struct demo_host *center,
    struct error *err)
{
	struct json_document *document = NULL;
	struct bytes body = { 0 };
	int rc = -1;

	bytes_put_format(&body,
	    "{\"scope\":\"organisation\",\"name\":\"%s\","
	    "\"direction\":\"receiving\",\"wait\":true,\"reason\":\"demo\","
	    "\"seconds\":%d}",
	    trouble->gateway->code, HOLD_SECONDS);
	bytes_put_u8(&body, '\0');
	if (bytes_failed(&body, err) == 0)
		rc = trouble_ask(trouble, center, "/v1/holds",
		    (const char *)body.data, &document, err);
	json_document_free(document);
	bytes_free(&body);
	if (rc == 0)
		tell_sender(trouble,
		    "交換中心已暫停投遞給它；發給它的公文會等在交換中心。",
		    "Its center holds back deliveries; letters to it wait "
		    "there.",
		    "problems");
	return rc;
}

static int
lift_one(const struct trouble *trouble, const struct demo_host *center,
    const struct json_value *hold, struct error *err)
{
	struct json_document *document = NULL;
	char target[TARGET_SIZE];
	int64_t id = 0;
	int rc;

	if (!json_value_integer(json_value_member(hold, "id"), &id))
		return error_set(err, ERROR_SYSTEM, "a hold has no id");
	snprintf(target, sizeof(target), "/v1/holds/%lld:lift", (long long)id);
	rc = trouble_ask(trouble, center, target, "{\"reason\":\"demo\"}",
	    &document, err);
	json_document_free(document);
	return rc;
}

static bool
is_of(const struct json_value *hold, const struct demo_host *gateway)
{
	return text_equal(json_value_text(json_value_member(hold, "state")),
		   "active") &&
	    text_equal(json_value_text(json_value_member(hold, "name")),
		gateway->code);
}

static int
lift_holds(const struct trouble *trouble, const struct demo_host *center,
    struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *holds;
	int rc =
	    trouble_ask(trouble, center, "/v1/holds", NULL, &document, err);

	holds =
	    rc == 0 ? json_value_member(json_root(document), "holds") : NULL;
	for (size_t i = 0; rc == 0 && i < json_value_count(holds); i++) {
		const struct json_value *hold = json_value_item(holds, i);

		if (is_of(hold, trouble->gateway))
			rc = lift_one(trouble, center, hold, err);
	}
	json_document_free(document);
	if (rc == 0)
		tell_sender(trouble, "已恢復投遞。", "Deliveries go on.",
		    "problems");
	return rc;
}

static int
run_hold(struct cli *cli, struct error *err)
{
	struct trouble trouble = { 0 };
	const struct demo_host *center;

	if (trouble_begin_about(&trouble, cli, err) < 0)
		return -1;
	center = demo_host_find(trouble.gateway->center);
	return cli_has(cli, "lift") ? lift_holds(&trouble, center, err)
				    : add_hold(&trouble, center, err);
}

/* ---- chaos ------------------------------------------------------------- */

static volatile sig_atomic_t is_over;

static void
on_signal(int number)
{
	(void)number;
	is_over = 1;
}

/* "30%" or "30". */
static int
read_numbers(const struct cli *cli, uint64_t *ret_percent,
    uint64_t *ret_seconds, struct error *err)
{
	const char *drop = cli_value(cli, "drop");
	const char *seconds = cli_value(cli, "seconds");
	char digits[8] = "30";

	if (drop != NULL &&
	    !text_copy_len(digits, sizeof(digits), drop, strcspn(drop, "%")))
		digits[0] = '\0';
	if (!text_parse_u64(digits, PERCENT_MAX, ret_percent))
		return cli_refuse(err, "--drop wants a part of 100, as 30%%");
	*ret_seconds = SECONDS_DEFAULT;
	if (seconds != NULL &&
	    (!text_parse_u64(seconds, SECONDS_MAX, ret_seconds) ||
		*ret_seconds == 0))
		return cli_refuse(err, "--seconds wants 1 to %d", SECONDS_MAX);
	return 0;
}

struct center {
	const char *name;
	pid_t group;
	bool is_silent;
	unsigned owed; /* percents of a slot that it was not silent for */
};

/* Silent in as many slots as the percentage says, spread evenly. */
static void
take_turn(struct center *center, unsigned percent)
{
	bool was_silent = center->is_silent;

	center->owed += percent;
	center->is_silent = center->owed >= PERCENT_MAX;
	if (center->is_silent)
		center->owed -= PERCENT_MAX;
	if (center->is_silent != was_silent)
		kill(-center->group, center->is_silent ? SIGSTOP : SIGCONT);
}

static void
make_chaos(struct center *centers, size_t count, unsigned percent,
    uint64_t seconds)
{
	uint64_t left_ms = seconds * 1000;

	for (uint64_t ms = 0; ms < left_ms && !is_over; ms += STEP_MS) {
		if (ms % SLOT_MS == 0)
			for (size_t i = 0; i < count; i++)
				take_turn(&centers[i], percent);
		poll(NULL, 0, STEP_MS);
	}
	for (size_t i = 0; i < count; i++)
		kill(-centers[i].group, SIGCONT);
}

static int
run_chaos(struct cli *cli, struct error *err)
{
	/* Not at the same time, as far as there is room. */
	struct center centers[] = { { .name = "center-a" },
		{ .name = "center-b", .owed = PERCENT_MAX / 2 } };
	struct sigaction action = { .sa_handler = on_signal };
	struct trouble trouble = { 0 };
	uint64_t percent, seconds;

	if (read_numbers(cli, &percent, &seconds, err) < 0 ||
	    trouble_begin(&trouble, cli, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(centers); i++)
		if (trouble_find_group(&trouble, centers[i].name,
			&centers[i].group, err) < 0)
			return -1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	tell_sender(&trouble,
	    "交換中心時斷時續；公文會等待並自動重送，不需重發。Ctrl-C 結束。",
	    "The centers fall silent now and then; letters wait and are sent "
	    "again by themselves. Ctrl-C ends it.",
	    "outbox");
	make_chaos(centers, ARRAY_LEN(centers), (unsigned)percent, seconds);
	cli_say(cli, "%s\n",
	    cli_text(cli, "連線已恢復。", "The links are back."));
	return 0;
}

/* ---- commands ---------------------------------------------------------- */

static const struct command_option chaos_options[] = {
	{ "config", 'c', "FILE", "any configuration of the demo" },
	{ "drop", 0, "N%", "how much of the time (30%)" },
	{ "seconds", 0, "N", "for so long (60)" },
	{ NULL, 0, NULL, NULL },
};

const struct command demo_chaos_command = {
	.name = "demo chaos",
	.summary = "centers of a running demo fall silent now and then",
	.summary_zh = "示範網路的交換中心時斷時續",
	.arguments = "",
	.examples = "yizhan demo chaos --drop 30%\n",
	.options = chaos_options,
	.run = run_chaos,
};

static const struct command_option hold_options[] = {
	{ "config", 'c', "FILE", "any configuration of the demo" },
	{ "lift", 0, NULL, "hand out again" },
	{ NULL, 0, NULL, NULL },
};

const struct command demo_hold_command = {
	.name = "demo hold",
	.summary = "a center of a running demo hands out nothing to an agency",
	.summary_zh = "示範網路暫停投遞給一個機關",
	.arguments = "AGENCY",
	.arguments_max = 1,
	.examples = "yizhan demo hold 屏東縣政府\n"
		    "yizhan demo hold 屏東縣政府 --lift\n",
	.options = hold_options,
	.run = run_hold,
};
