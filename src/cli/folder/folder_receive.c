/*
 * Letters that come in.  One is put together in .work/in, then noted down as
 * handed over, then moved to where the document system looks.  Noted and
 * still in .work: the move is made up for.  Noted and not there: it was made.  So
 * each is handed over once, also when its folder has been taken away since.
 */
#include "cli/folder/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/save_file.h"
#include "sys/file.h"

enum { EVENTS_AT_ONCE = 100, LIST_AT_ONCE = 100, PLACE_SIZE = 128 };

static const char attachments_name[] = "ATTCH";

/* ---- one letter ---------------------------------------------------------------- */

struct taking {
	int fd;
	uint64_t offset;
	struct error failure;
};

static int
take(void *context, const void *data, size_t len)
{
	struct taking *taking = context;

	if (file_write_at(taking->fd, data, len, taking->offset,
		&taking->failure) < 0)
		return -1;
	taking->offset += len;
	return 0;
}

static bool
is_of_letter(const char *name)
{
	static const char *const suffixes[] = { ".di", ".sw", ".dm", ".en",
		".esw" };

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (text_ends(name, suffixes[i]))
			return true;
	return false;
}

static int
save_part(struct folder *folder, const struct yizhan_arrival *arrival,
    size_t number, int dir, struct error *err)
{
	struct taking taking = { .fd = -1 };
	const char *name = arrival->parts[number].name;
	char other[PLACE_SIZE];
	enum yizhan_result result;
	int rc = -1;

	/* No name of others stops the letters behind it. */
	if (!save_name_is_good(name) || name[0] == '_') {
		snprintf(other, sizeof(other), "part-%zu", number);
		name = other;
	}
	if (save_create(dir, name, &taking.fd, err) < 0)
		return -1;
	result = yizhan_read_part(folder->api, arrival, number, take, &taking);
	if (taking.failure.code != ERROR_NONE)
		*err = taking.failure;
	else if (result != YIZHAN_OK)
		folder_problem(folder, err);
	else if (fchmod(taking.fd, 0660 & ~folder->umask) < 0)
		error_set_errno(err, "changing the mode of %s", name);
	else
		rc = file_sync(taking.fd, err);
	file_close(taking.fd);
	return rc;
}

static int
save_parts(struct folder *folder, const struct yizhan_arrival *arrival, int dir,
    struct error *err)
{
	bool is_old = folder->layout == FOLDER_OLD;
	int attachments = -1;
	int rc = 0;

	if (is_old &&
	    folder_make(folder, dir, attachments_name, &attachments, err) < 0)
		return -1;
	for (size_t i = 0; i < arrival->part_count && rc == 0; i++)
		rc = save_part(folder, arrival, i,
		    !is_old || is_of_letter(arrival->parts[i].name)
			? dir
			: attachments,
		    err);
	if (rc == 0 && is_old)
		rc = file_sync(attachments, err);
	file_close(attachments);
	return rc;
}

static int
save_text(struct folder *folder, const char *target, int dir, const char *name,
    struct error *err)
{
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (yizhan_call(folder->api, "GET", target, NULL, &text, &len) !=
	    YIZHAN_OK)
		return folder_problem(folder, err);
	rc = folder_put(folder, dir, name, text, len, err);
	yizhan_text_free(text);
	return rc;
}

/* Everything of it; what an earlier try has left is thrown away. */
static int
build(struct folder *folder, const struct yizhan_arrival *arrival,
    const char *place, struct error *err)
{
	char target[PLACE_SIZE * 2];
	int dir = -1;
	int rc = -1;

	snprintf(target, sizeof(target), "/v1/inbox/%.48s/%.24s/receipts",
	    arrival->waybill_id, arrival->recipient);
	if (folder_has(folder->work_in, place) &&
	    folder_remove(folder->work_in, place, err) < 0)
		return -1;
	if (folder_make(folder, folder->work_in, place, &dir, err) == 0 &&
	    save_parts(folder, arrival, dir, err) == 0 &&
	    save_text(folder, target, dir, "_receipts.json", err) == 0 &&
	    folder_put(folder, dir, "_letter.json", arrival->json,
		strlen(arrival->json), err) == 0)
		rc = file_sync(dir, err);
	file_close(dir);
	return rc;
}

static void
log_received(const struct folder *folder, const char *place, const char *name)
{
	struct log_line line;

	log_begin(&line, &folder->log, LOG_LEVEL_NOTICE, "folder.received");
	log_text(&line, "letter", place);
	log_text(&line, "folder", name);
	log_end(&line);
}

/* It is whole and noted down: to where the document system looks. */
static int
hand_over(struct folder *folder, const char *place, struct error *err)
{
	char wanted[FOLDER_NAME_SIZE];
	char name[FOLDER_NAME_SIZE];

	if (folder_get(folder->arrivals, place, wanted, sizeof(wanted), err) <
		0 ||
	    file_replace(folder->names, wanted, place, strlen(place), err) <
		0 ||
	    folder_move(folder->work_in, place, folder->in, wanted, name, err) <
		0)
		return -1;
	log_received(folder, place, name);
	return 0;
}

/*
 * 收文號 and code; waybill and code, which are the place, without a number, or
 * when another letter has that name.
 */
static int
choose_name(const struct folder *folder, const struct yizhan_arrival *arrival,
    const char *place, char to[FOLDER_NAME_SIZE], struct error *err)
{
	char known[FOLDER_NAME_SIZE];

	snprintf(to, FOLDER_NAME_SIZE, "%.40s_%.24s", arrival->receive_number,
	    arrival->recipient);
	if (folder_get(folder->names, to, known, sizeof(known), err) < 0)
		return -1;
	if (arrival->receive_number[0] == '\0' || !save_name_is_good(to) ||
	    (known[0] != '\0' && !text_equal(known, place)))
		text_copy(to, FOLDER_NAME_SIZE, place);
	return 0;
}

static bool
is_good_place(const char *waybill_id, const char *recipient)
{
	return save_name_is_good(waybill_id) && save_name_is_good(recipient) &&
	    strlen(waybill_id) <= 48 && strlen(recipient) <= 24;
}

static int
receive(struct folder *folder, const struct yizhan_arrival *arrival,
    struct error *err)
{
	char place[PLACE_SIZE];
	char wanted[FOLDER_NAME_SIZE];

	if (!is_good_place(arrival->waybill_id, arrival->recipient) ||
	    arrival->part_count == 0)
		return 0;
	snprintf(place, sizeof(place), "%s_%s", arrival->waybill_id,
	    arrival->recipient);
	if (folder_has(folder->arrivals, place))
		return 0;
	if (choose_name(folder, arrival, place, wanted, err) < 0 ||
	    build(folder, arrival, place, err) < 0 ||
	    file_replace(folder->arrivals, place, wanted, strlen(wanted), err) <
		0)
		return -1;
	return hand_over(folder, place, err);
}

int
folder_receive_resume(struct folder *folder, struct error *err)
{
	struct folder_names names;
	int rc = 0;

	if (folder_list(folder->work_in, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++)
		if (folder_has(folder->arrivals, names.list[i]))
			rc = hand_over(folder, names.list[i], err);
	folder_names_free(&names);
	return rc;
}

/* ---- from the list, where there is no cursor yet --------------------------------- */

static int
receive_one(struct folder *folder, const char *waybill_id,
    const char *recipient, struct error *err)
{
	struct yizhan_arrival *arrival = NULL;
	char place[PLACE_SIZE];
	enum yizhan_result result;
	int rc;

	snprintf(place, sizeof(place), "%.48s_%.24s", waybill_id, recipient);
	if (!is_good_place(waybill_id, recipient) ||
	    folder_has(folder->arrivals, place))
		return 0;
	result =
	    yizhan_arrival_get(folder->api, waybill_id, recipient, &arrival);
	if (result == YIZHAN_NOT_FOUND)
		return 0;
	if (result != YIZHAN_OK)
		return folder_problem(folder, err);
	rc = receive(folder, arrival, err);
	yizhan_arrival_free(arrival);
	return rc;
}

static int
receive_list(struct folder *folder, struct error *err)
{
	char cursor[FOLDER_NAME_SIZE] = "";
	int rc = 0;

	do {
		struct yizhan_arrivals *list = NULL;

		if (yizhan_inbox(folder->api, NULL,
			cursor[0] != '\0' ? cursor : NULL, LIST_AT_ONCE,
			&list) != YIZHAN_OK)
			return folder_problem(folder, err);
		for (size_t i = 0; i < list->count && rc == 0; i++)
			rc = receive_one(folder, list->arrivals[i]->waybill_id,
			    list->arrivals[i]->recipient, err);
		text_copy(cursor, sizeof(cursor), list->next);
		yizhan_arrivals_free(list);
	} while (rc == 0 && cursor[0] != '\0');
	return rc;
}

/* Every letter that was sent from here and is still known. */
static int
refresh_results(struct folder *folder, struct error *err)
{
	struct folder_names names;
	int rc = 0;

	if (folder_list(folder->documents, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++)
		rc = folder_result_of(folder, names.list[i], err);
	folder_names_free(&names);
	return rc < 0 ? -1 : folder_series_changed(folder, err);
}

/* ---- by events --------------------------------------------------------------------- */

static int
keep_cursor(struct folder *folder, const char *next, struct error *err)
{
	if (text_equal(folder->cursor, next))
		return 0;
	if (!text_copy(folder->cursor, sizeof(folder->cursor), next))
		return error_set(err, ERROR_MALFORMED,
		    "the cursor is too long");
	return file_replace(folder->work, "cursor", next, strlen(next), err);
}

/* The place of now comes before the lists, so that nothing falls between. */
static int
begin(struct folder *folder, struct error *err)
{
	struct yizhan_events *events = NULL;
	int rc = -1;

	if (yizhan_events(folder->api, NULL, 0, 0, &events) != YIZHAN_OK)
		return folder_problem(folder, err);
	if (receive_list(folder, err) == 0 && refresh_results(folder, err) == 0)
		rc = keep_cursor(folder, events->next, err);
	yizhan_events_free(events);
	return rc;
}

/* Of several events of one letter the last one is enough. */
static bool
comes_again(const struct yizhan_events *events, size_t at)
{
	for (size_t i = at + 1; i < events->count; i++)
		if (text_equal(events->events[i].document_id,
			events->events[at].document_id))
			return true;
	return false;
}

static int
take_event(struct folder *folder, const struct yizhan_events *events, size_t at,
    struct error *err)
{
	const struct yizhan_event *event = &events->events[at];

	if (text_equal(event->type, "letter"))
		return receive_one(folder, event->waybill_id, event->recipient,
		    err);
	return comes_again(events, at)
	    ? 0
	    : folder_result_of(folder, event->document_id, err);
}

int
folder_receive(struct folder *folder, unsigned seconds, bool *ret_more,
    struct error *err)
{
	struct yizhan_events *events = NULL;
	enum yizhan_result result;
	int rc = 0;

	*ret_more = false;
	if (folder->cursor[0] == '\0')
		return begin(folder, err);
	result = yizhan_events(folder->api, folder->cursor, EVENTS_AT_ONCE,
	    seconds, &events);
	if (result == YIZHAN_GONE)
		return begin(folder, err);
	if (result != YIZHAN_OK)
		return folder_problem(folder, err);
	for (size_t i = 0; i < events->count && rc == 0; i++)
		rc = take_event(folder, events, i, err);
	*ret_more = events->count > 0;
	if (rc == 0)
		rc = folder_series_changed(folder, err);
	if (rc == 0)
		rc = keep_cursor(folder, events->next, err);
	yizhan_events_free(events);
	return rc;
}
