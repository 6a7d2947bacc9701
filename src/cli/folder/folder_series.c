/*
 * Copies written apart (分繕): how each of them stands lies in a folder of the
 * name of its letter, results/NAME/n.di/, and how all of them do in results/NAME/.
 */
#include "cli/folder/folder.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "document/document.h"
#include "model/id.h"
#include "sys/file.h"

/* ---- all of them ---------------------------------------------------------- */

static void
put_series(const struct yizhan_series *series, struct bytes *to)
{
	cli_put(to, series->title);
	bytes_put_text(to, "\n");
	cli_put(to, series->id);
	bytes_put_text(to, "\n");
	for (size_t i = 0; i < series->count; i++) {
		const struct yizhan_copy *copy = &series->copies[i];
		const struct yizhan_delivery delivery = {
			.recipient = copy->recipient,
			.name = copy->name,
			.state = copy->state,
			.reason = copy->reason,
			.since = copy->since,
		};

		cli_put(to, copy->reference);
		bytes_put_text(to, "  ");
		folder_put_delivery(&delivery, to);
	}
}

static int
put_all(struct folder *folder, const char *name,
    const struct yizhan_series *series, struct error *err)
{
	struct bytes text = { 0 };
	int dir = -1;
	int rc = -1;

	put_series(series, &text);
	if (bytes_failed(&text, err) == 0 &&
	    folder_make(folder, folder->results, name, &dir, err) == 0 &&
	    folder_put(folder, dir, "result.txt", text.data, text.len, err) ==
		0)
		rc = folder_put(folder, dir, "result.json", series->json,
		    strlen(series->json), err);
	file_close(dir);
	bytes_free(&text);
	return rc;
}

static int
put_again(struct folder *folder, const char *name, struct error *err)
{
	struct yizhan_series *series = NULL;
	char id[ID_TEXT_SIZE];
	enum yizhan_result result;
	int rc;

	if (folder_get(folder->series, name, id, sizeof(id), err) < 0)
		return -1;
	/* Forgotten: it is too old for news. */
	if (id[0] == '\0')
		return 0;
	result = yizhan_series_get(folder->api, id, &series);
	if (result == YIZHAN_NOT_FOUND)
		return 0;
	if (result != YIZHAN_OK)
		return folder_problem(folder, err);
	rc = put_all(folder, name, series, err);
	yizhan_series_free(series);
	return rc;
}

int
folder_series_changed(struct folder *folder, struct error *err)
{
	struct folder_names *changed = &folder->changed;

	/* After a failure the same events come again. */
	for (size_t i = 0; i < changed->count; i++)
		if (put_again(folder, changed->list[i], err) < 0)
			return -1;
	folder_names_free(changed);
	return 0;
}

/* ---- each copy -------------------------------------------------------------- */

/* The letters of a series are in the order of their DI. */
static const char *
next_letter(const struct folder_names *names, size_t *at)
{
	while (*at < names->count) {
		const char *name = names->list[(*at)++];

		if (document_kind_of_name(name) == DOCUMENT_DI)
			return name;
	}
	return NULL;
}

static int
put_copy(struct folder *folder, const char *place, const char *document_id,
    struct error *err)
{
	struct yizhan_letter *letter = NULL;
	int rc;

	if (folder_result_note(folder, document_id, place, err) < 0)
		return -1;
	if (yizhan_letter_get(folder->api, document_id, &letter) != YIZHAN_OK)
		return folder_problem(folder, err);
	rc = folder_result(folder, place, letter, err);
	yizhan_letter_free(letter);
	return rc;
}

int
folder_series(struct folder *folder, const char *name,
    const struct yizhan_series *series, const struct folder_names *names,
    struct error *err)
{
	char place[FOLDER_PLACE_SIZE];
	size_t at = 0;

	if (file_replace(folder->series, name, series->id, strlen(series->id),
		err) < 0)
		return -1;
	for (size_t i = 0; i < series->count; i++) {
		const char *letter = next_letter(names, &at);

		if (letter == NULL)
			return error_set(err, ERROR_SYSTEM, "%s has %zu copies",
			    series->id, series->count);
		snprintf(place, sizeof(place), "%s/%s", name, letter);
		if (put_copy(folder, place, series->copies[i].document_id,
			err) < 0)
			return -1;
	}
	return put_all(folder, name, series, err);
}
