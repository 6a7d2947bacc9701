#include "gateway/outbox/outbox_inspect.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive_inspect.h"
#include "base/text.h"
#include "document/file_type.h"
#include "gateway/outbox/attachment_policy.h"
#include "gateway/outbox/outbox_internal.h"
#include "policy/verdict.h"
#include "service/config.h"
#include "store/payload.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/file.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/scratch_file.h"

enum { SLICE_FRAMES = 4 }; /* about a mebibyte: then others get a turn */

struct outbox_inspect {
	struct outbox_letter *letter; /* not ours */
	struct loop_timer *timer;     /* the next slice */
	size_t file;                  /* at hand */
	struct payload payload;
	struct segment_reader *reader;
	struct scratch_file scratch;
	struct archive_spent spent; /* by those before */
};

static void
close_file(struct outbox_inspect *inspect)
{
	segment_reader_free(inspect->reader);
	inspect->reader = NULL;
	payload_free(&inspect->payload);
	memset(&inspect->payload, 0, sizeof(inspect->payload));
	scratch_file_close(&inspect->scratch);
}

void
outbox_inspect_free(struct outbox_inspect *inspect)
{
	if (inspect == NULL)
		return;
	loop_timer_free(inspect->timer);
	close_file(inspect);
	free(inspect);
}

static struct spool *
spool_of(const struct outbox_inspect *inspect)
{
	return &inspect->letter->outbox->gateway->spool;
}

/* ---- asking ---------------------------------------------------------- */

static void begin_next(struct outbox_inspect *inspect);

static int
take_findings(struct outbox_inspect *inspect, struct blob list,
    struct error *err)
{
	struct outbox_letter *letter = inspect->letter;
	struct outbox_place place = {
		.file = letter->files.list[inspect->file].name,
	};
	struct message_finding item;
	int more;

	while ((more = codec_next(message_fields(MESSAGE_FINDING), &list, &item,
		    err)) > 0) {
		struct verdict verdict =
		    verdict_of(item.is_error ? VERDICT_REFUSE : VERDICT_WARN,
			item.rule, ERROR_DENIED, "inside an attachment");

		if (outbox_findings_add(&letter->findings, &verdict, &place,
			item.text, "", err) < 0)
			return -1;
	}
	return more;
}

static void
on_inspected(void *ctx, struct ipc_message *message)
{
	struct outbox_inspect *inspect = ctx;
	struct message_inspected said;
	struct error err = { 0 };

	close_file(inspect);
	if (message->type == MESSAGE_FAILED &&
	    message_read(message, MESSAGE_INSPECTED, &said, &err) < 0 &&
	    outbox_check_may_ask_again(inspect->letter, &err)) {
		begin_next(inspect);
		return;
	}
	if (message_read(message, MESSAGE_INSPECTED, &said, &err) < 0 ||
	    take_findings(inspect, said.findings, &err) < 0) {
		outbox_letter_fail(inspect->letter, &err);
		return;
	}
	inspect->spent = (struct archive_spent){ said.bytes, said.files };
	inspect->file++;
	begin_next(inspect);
}

static int
ask(struct outbox_inspect *inspect, struct error *err)
{
	struct spool *spool = spool_of(inspect);
	struct message_inspect request = {
		.policy = attachment_policy(spool->env->config),
		.bytes = inspect->spent.bytes,
		.files = inspect->spent.files,
	};

	if (scratch_file_finish(&inspect->scratch, err) < 0)
		return -1;
	text_copy(request.name, sizeof(request.name),
	    inspect->letter->files.list[inspect->file].name);
	return peer_ask(spool->reader, MESSAGE_INSPECT, &request,
	    inspect->scratch.read_fd, on_inspected, inspect, NULL, err);
}

/* ---- copying --------------------------------------------------------- */

/* 1: more to do. */
static int
copy_some(struct outbox_inspect *inspect, struct error *err)
{
	const uint8_t *data;
	size_t len;
	int more = 1;

	for (int i = 0; i < SLICE_FRAMES && more > 0; i++) {
		more = segment_reader_next(inspect->reader, &data, &len, err);
		if (more > 0 &&
		    scratch_file_put(&inspect->scratch, data, len, err) < 0)
			return -1;
	}
	return more;
}

static void
slice(void *ctx)
{
	struct outbox_inspect *inspect = ctx;
	struct error err = { 0 };
	int more = copy_some(inspect, &err);

	if (more > 0)
		loop_timer_start(inspect->timer, 0);
	else if (more < 0 || ask(inspect, &err) < 0)
		outbox_letter_fail(inspect->letter, &err);
}

static int
open_scratch(struct outbox_inspect *inspect, struct error *err)
{
	int dir;
	int rc;

	if (file_open_dir(spool_of(inspect)->env->config->host.data, &dir,
		err) < 0)
		return -1;
	rc = scratch_file_open(dir, inspect->payload.length, &inspect->scratch,
	    err);
	file_close(dir);
	return rc;
}

static int
open_payload(struct outbox_inspect *inspect, struct error *err)
{
	struct store *store = spool_of(inspect)->store;
	uint64_t number = inspect->letter->files.list[inspect->file].payload;

	if (store_payload_find(store, number, &inspect->payload, err) < 0)
		return -1;
	return segment_reader_new(store_segments(store), &inspect->payload,
	    &inspect->reader, err);
}

/* Whether the file at hand, whose payload is open, is to be looked into. */
static int
is_inspected(struct outbox_inspect *inspect, bool *ret_is, struct error *err)
{
	const char *name = inspect->letter->files.list[inspect->file].name;
	const uint8_t *data = NULL;
	size_t len = 0;

	if (segment_reader_next(inspect->reader, &data, &len, err) < 0)
		return -1;
	*ret_is = archive_is_inspected(file_type_of(data, len), name);
	segment_reader_seek(inspect->reader, 0);
	return 0;
}

/* 1: it is being copied; 0: it is no archive. */
static int
begin_file(struct outbox_inspect *inspect, struct error *err)
{
	bool is_archive = false;

	if (inspect->letter->files.list[inspect->file].kind !=
	    DOCUMENT_ATTACHMENT)
		return 0;
	if (open_payload(inspect, err) < 0 ||
	    is_inspected(inspect, &is_archive, err) < 0)
		return -1;
	if (!is_archive) {
		close_file(inspect);
		return 0;
	}
	if (open_scratch(inspect, err) < 0)
		return -1;
	loop_timer_start(inspect->timer, 0);
	return 1;
}

/* From the file at hand to the next archive, or to the check. */
static void
begin_next(struct outbox_inspect *inspect)
{
	struct outbox_letter *letter = inspect->letter;
	struct error err = { 0 };

	for (; inspect->file < letter->files.count; inspect->file++) {
		int rc = begin_file(inspect, &err);

		if (rc < 0)
			outbox_letter_fail(letter, &err);
		if (rc != 0)
			return;
	}
	outbox_check_start(letter);
}

void
outbox_inspect_start(struct outbox_letter *letter)
{
	struct loop *loop = letter->outbox->gateway->spool.env->loop;
	struct outbox_inspect *inspect;
	struct error err = { 0 };

	if (!letter->has_attachments) {
		outbox_check_start(letter);
		return;
	}
	inspect = calloc(1, sizeof(*inspect));
	if (inspect == NULL) {
		error_set_memory(&err);
		outbox_letter_fail(letter, &err);
		return;
	}
	inspect->letter = letter;
	inspect->scratch = scratch_file_none();
	letter->inspect = inspect;
	if (loop_timer_new(loop, slice, inspect, &inspect->timer, &err) < 0)
		outbox_letter_fail(letter, &err);
	else
		begin_next(inspect);
}
