/* How a letter stands, as files: results/NAME/. */
#include "cli/folder/folder.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "sys/file.h"

/* The words of docs/GLOSSARY.md for people who open the file. */
static const struct {
	const char *state;
	const char *zh;
	const char *en;
} words[] = {
	{ "queued", "待交換", "waits for the exchange" },
	{ "accepted", "已送出，交換中", "on its way" },
	{ "relayed", "已到對方交換中心", "at the recipient's center" },
	{ "fetched", "對方已取件", "fetched by the recipient's system" },
	{ "opened", "已送達，待對方簽收", "delivered, not yet signed for" },
	{ "confirmed", "對方已簽收", "signed for" },
	{ "returned", "對方退回", "returned" },
	{ "refused", "檢核不符", "refused" },
	{ "expired", "逾期未送達", "expired" },
	{ "withdrawn", "已撤回", "withdrawn" },
	{ "quarantined", "發現惡意程式，已隔離", "malware found" },
	{ "paper", "已改紙本", "changed to paper" },
};

void
folder_put_delivery(const struct yizhan_delivery *delivery, struct bytes *to)
{
	const char *zh = "";
	const char *en = "";

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].state, delivery->state)) {
			zh = words[i].zh;
			en = words[i].en;
		}
	cli_put(to, delivery->recipient);
	bytes_put_text(to, " ");
	cli_put(to, delivery->name);
	bytes_put_format(to, "  %s %s", zh, en);
	bytes_put_text(to, "  [");
	cli_put(to, delivery->state);
	if (delivery->reason[0] != '\0') {
		bytes_put_text(to, " ");
		cli_put(to, delivery->reason);
	}
	bytes_put_text(to, "]  ");
	cli_put(to, delivery->since);
	bytes_put_text(to, "\n");
}

static void
put_letter(const struct yizhan_letter *letter, struct bytes *to)
{
	cli_put(to, letter->reference);
	bytes_put_text(to, " ");
	cli_put(to, letter->subject);
	bytes_put_text(to, "\n");
	cli_put(to, letter->id);
	bytes_put_text(to, "\n");
	for (size_t i = 0; i < letter->delivery_count; i++)
		folder_put_delivery(&letter->deliveries[i], to);
}

static int
put_receipts(struct folder *folder, int dir, const char *id, struct error *err)
{
	struct bytes target = { 0 };
	char *text = NULL;
	size_t len = 0;
	int rc;

	bytes_put_format(&target, "/v1/outbox/%s/receipts", id);
	bytes_put_u8(&target, 0);
	rc = bytes_failed(&target, err);
	if (rc == 0 &&
	    yizhan_call(folder->api, "GET", (const char *)target.data, NULL,
		&text, &len) != YIZHAN_OK)
		rc = folder_problem(folder, err);
	if (rc == 0)
		rc = folder_put(folder, dir, "receipts.json", text, len, err);
	yizhan_text_free(text);
	bytes_free(&target);
	return rc;
}

/* That of a copy lies in that of its series. */
static int
make_place(const struct folder *folder, const char *name, int *ret_dir,
    struct error *err)
{
	const char *slash = strchr(name, '/');
	char all[FOLDER_PLACE_SIZE];
	int dir = -1;
	int rc = -1;

	if (slash == NULL)
		return folder_make(folder, folder->results, name, ret_dir, err);
	if (!text_copy_len(all, sizeof(all), name, (size_t)(slash - name)))
		return error_set(err, ERROR_MALFORMED, "%s is too long", name);
	if (folder_make(folder, folder->results, all, &dir, err) == 0)
		rc = folder_make(folder, dir, slash + 1, ret_dir, err);
	file_close(dir);
	return rc;
}

int
folder_result(struct folder *folder, const char *name,
    const struct yizhan_letter *letter, struct error *err)
{
	struct bytes text = { 0 };
	int dir = -1;
	int rc = -1;

	put_letter(letter, &text);
	if (bytes_failed(&text, err) == 0 &&
	    make_place(folder, name, &dir, err) == 0 &&
	    put_receipts(folder, dir, letter->id, err) == 0 &&
	    folder_put(folder, dir, "result.txt", text.data, text.len, err) ==
		0)
		rc = folder_put(folder, dir, "result.json", letter->json,
		    strlen(letter->json), err);
	file_close(dir);
	bytes_free(&text);
	return rc;
}

/* Names, each with the end of its line. */
static int
get_names(const struct folder *folder, const char *document_id,
    char names[FOLDER_NAMES_SIZE], struct error *err)
{
	names[0] = '\0';
	if (strchr(document_id, '/') != NULL || document_id[0] == '.' ||
	    document_id[0] == '\0')
		return 0;
	return folder_get(folder->documents, document_id, names,
	    FOLDER_NAMES_SIZE, err);
}

int
folder_result_note(struct folder *folder, const char *document_id,
    const char *name, struct error *err)
{
	char names[FOLDER_NAMES_SIZE];
	char line[FOLDER_PLACE_SIZE + 1];
	struct bytes all = { 0 };
	int rc;

	if (get_names(folder, document_id, names, err) < 0)
		return -1;
	snprintf(line, sizeof(line), "%s\n", name);
	if (text_starts(names, line))
		return 0;
	for (const char *at = names; (at = strchr(at, '\n')) != NULL; at++)
		if (text_starts(at + 1, line))
			return 0;
	if (strlen(names) + strlen(line) >= FOLDER_NAMES_SIZE)
		return error_set(err, ERROR_DENIED,
		    "%s came under too many names", document_id);
	bytes_put_text(&all, names);
	bytes_put_text(&all, line);
	rc = bytes_failed(&all, err);
	if (rc == 0)
		rc = file_replace(folder->documents, document_id, all.data,
		    all.len, err);
	bytes_free(&all);
	return rc;
}

int
folder_result_of(struct folder *folder, const char *document_id,
    struct error *err)
{
	char names[FOLDER_NAMES_SIZE];
	struct yizhan_letter *letter = NULL;
	char *name = names;
	char *end;
	int rc = 0;

	if (get_names(folder, document_id, names, err) < 0)
		return -1;
	if (names[0] == '\0')
		return 0;
	if (yizhan_letter_get(folder->api, document_id, &letter) != YIZHAN_OK)
		return folder_problem(folder, err);
	for (; rc == 0 && (end = strchr(name, '\n')) != NULL; name = end + 1) {
		char *slash;

		*end = '\0';
		rc = folder_result(folder, name, letter, err);
		slash = strchr(name, '/');
		if (slash == NULL || rc < 0)
			continue;
		*slash = '\0';
		rc = folder_names_add(&folder->changed, name, err);
	}
	yizhan_letter_free(letter);
	return rc;
}
