/*
 * Package and content part of a letter's waybills, one after another: measure
 * the files, have the manifest signed, then write, encrypt and store the
 * container in slices, in constant memory.
 */
#include "gateway/outbox/outbox_pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/sha256.h"
#include "crypto/stream.h"
#include "gateway/outbox/outbox_series.h"
#include "gateway/signing.h"
#include "package/crc32.h"
#include "package/package_write.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/loop.h"

enum { SLICE_LEN = 256 * 1024 };

struct spool *
outbox_pack_spool(const struct outbox_letter *letter)
{
	return &letter->outbox->gateway->spool;
}

static void
set_ready(struct outbox_letter *letter, enum pack_step step)
{
	letter->pack->step = step;
	if (step != PACK_WAITS)
		loop_soon_start(letter->outbox->slices);
}

/* ---- life ------------------------------------------------------------ */

static void
close_file(struct outbox_pack *pack)
{
	segment_reader_free(pack->reader);
	pack->reader = NULL;
	payload_free(&pack->payload);
	memset(&pack->payload, 0, sizeof(pack->payload));
	pack->left = 0;
}

/* What belongs to the split at hand. */
static void
clear_split(struct outbox_pack *pack)
{
	close_file(pack);
	segment_writer_abort(pack->segment);
	pack->segment = NULL;
	package_writer_free(pack->writer);
	pack->writer = NULL;
	stream_free(pack->stream);
	pack->stream = NULL;
	package_plan_free(pack->plan);
	pack->plan = NULL;
	secret_wipe(&pack->secret, sizeof(pack->secret));
	bytes_clear(&pack->head_text);
	bytes_clear(&pack->leaf_json);
	bytes_clear(&pack->key_parts);
	bytes_clear(&pack->waybill);
	bytes_clear(&pack->cms);
	bytes_clear(&pack->sealed);
	free(pack->leaves);
	pack->leaves = NULL;
	pack->leaf_count = 0;
	pack->file_count = 0;
	pack->content_len = 0;
}

void
outbox_pack_free(struct outbox_pack *pack)
{
	if (pack == NULL)
		return;
	clear_split(pack);
	sha256_free(pack->package_sha);
	sha256_free(pack->content_sha);
	bytes_free(&pack->head_text);
	bytes_free(&pack->leaf_json);
	bytes_free(&pack->key_parts);
	bytes_free(&pack->waybill);
	bytes_free(&pack->cms);
	bytes_free(&pack->sealed);
	free(pack->files);
	free(pack);
}

bool
outbox_pack_is_ready(const struct outbox_pack *pack)
{
	return pack->step != PACK_WAITS;
}

/* ---- reading files --------------------------------------------------- */

static int
open_file(struct outbox_letter *letter, size_t index, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	struct store *store = outbox_pack_spool(letter)->store;

	close_file(pack);
	pack->file = index;
	if (store_payload_find(store, letter->files.list[index].payload,
		&pack->payload, err) < 0)
		return -1;
	return segment_reader_new(store_segments(store), &pack->payload,
	    &pack->reader, err);
}

/* Have some bytes at `data`: 1, or 0 at the end of the file. */
static int
read_more(struct outbox_pack *pack, struct error *err)
{
	if (pack->left > 0)
		return 1;
	return segment_reader_next(pack->reader, &pack->data, &pack->left, err);
}

/* A package_read_fn; `index` counts the files of the package. */
static int
read_file(void *context, size_t index, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	struct outbox_letter *letter = context;
	struct outbox_pack *pack = letter->pack;
	int more;

	if ((pack->reader == NULL || pack->file != pack->files[index]) &&
	    open_file(letter, pack->files[index], err) < 0)
		return -1;
	more = read_more(pack, err);
	if (more < 0)
		return -1;
	*ret_len = 0;
	if (more == 0)
		return 0;
	*ret_len = pack->left < size ? pack->left : size;
	memcpy(to, pack->data, *ret_len);
	pack->data += *ret_len;
	pack->left -= *ret_len;
	return 0;
}

/* ---- measuring ------------------------------------------------------- */

static void begin_split(struct outbox_letter *letter);

/* The store knows length and digest; the container wants a CRC-32 as well. */
static int
measure(struct outbox_letter *letter, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	size_t done = 0;

	while (done < SLICE_LEN) {
		struct outbox_file *file = &letter->files.list[pack->file];
		int more;

		if (pack->reader == NULL &&
		    open_file(letter, pack->file, err) < 0)
			return -1;
		more = read_more(pack, err);
		if (more < 0)
			return -1;
		if (more > 0) {
			file->crc32 =
			    crc32_update(file->crc32, pack->data, pack->left);
			done += pack->left;
			pack->left = 0;
			continue;
		}
		close_file(pack);
		if (++pack->file < letter->files.count)
			continue;
		begin_split(letter);
		return 0;
	}
	return 0;
}

/* ---- writing --------------------------------------------------------- */

static int
store_content(void *context, const uint8_t *data, size_t len, struct error *err)
{
	struct outbox_pack *pack = context;

	sha256_update(pack->content_sha, data, len);
	pack->content_len += len;
	return segment_writer_put(pack->segment, data, len, err);
}

static int
encrypt(void *context, const void *data, size_t len, struct error *err)
{
	struct outbox_pack *pack = context;

	sha256_update(pack->package_sha, data, len);
	return stream_push(pack->stream, data, len, err);
}

static int
begin_writing(struct outbox_letter *letter, const struct blob *signature,
    struct error *err)
{
	struct outbox_pack *pack = letter->pack;

	if (package_plan_sign(pack->plan, signature->data, signature->len,
		err) < 0 ||
	    store_payload_new(outbox_pack_spool(letter)->store,
		&pack->head.waybill_id, &pack->segment, err) < 0 ||
	    stream_new(NULL, &pack->stream, err) < 0 ||
	    stream_begin_encrypt(pack->stream, &pack->secret.key,
		pack->secret.head.bytes, DIGEST_LEN, store_content, pack,
		err) < 0)
		return -1;
	return package_writer_new(pack->plan, read_file, letter, encrypt, pack,
	    &pack->writer, err);
}

static void
on_manifest_signed(void *ctx, const struct blob *signature,
    const struct error *failure)
{
	struct outbox_letter *letter = ctx;
	struct error err = { 0 };

	if (signature == NULL)
		outbox_letter_fail(letter, failure);
	else if (begin_writing(letter, signature, &err) < 0)
		outbox_letter_fail(letter, &err);
	else
		set_ready(letter, PACK_WRITE);
}

static int
ask_signature(struct outbox_letter *letter, struct error *err)
{
	char key[MESSAGE_KEY_NAME_SIZE];
	struct bytes manifest = { 0 };
	int rc = -1;

	snprintf(key, sizeof(key), "sign.%s", letter->document.sender.text);
	if (package_plan_manifest(letter->pack->plan, &manifest, err) == 0 &&
	    bytes_failed(&manifest, err) == 0)
		rc = signing_ask(letter->outbox->gateway->signing,
		    KEEPER_PACKAGE, key, &manifest, on_manifest_signed, letter,
		    err);
	bytes_free(&manifest);
	return rc;
}

static void
begin_split(struct outbox_letter *letter)
{
	struct error err = { 0 };

	set_ready(letter, PACK_WAITS);
	if (outbox_contents_make(letter, &err) < 0 ||
	    ask_signature(letter, &err) < 0)
		outbox_letter_fail(letter, &err);
}

static int
write_slice(struct outbox_letter *letter, struct error *err)
{
	struct outbox_pack *pack = letter->pack;
	int more = package_writer_step(pack->writer, SLICE_LEN, err);

	if (more != 0)
		return more < 0 ? -1 : 0;
	if (stream_finish(pack->stream, err) < 0)
		return -1;
	/* A mebibyte, not to be held while others are asked. */
	stream_free(pack->stream);
	pack->stream = NULL;
	sha256_final(pack->package_sha, &pack->secret.package);
	sha256_final(pack->content_sha, &pack->content);
	pack->step = PACK_SEAL;
	return 0;
}

/* ---- from outside ---------------------------------------------------- */

void
outbox_pack_slice(struct outbox_letter *letter)
{
	struct error err = { 0 };
	int rc = 0;

	switch (letter->pack->step) {
	case PACK_MEASURE:
		rc = measure(letter, &err);
		break;
	case PACK_WRITE:
		rc = write_slice(letter, &err);
		break;
	case PACK_SEAL:
		rc = outbox_seal_slice(letter, &err);
		break;
	case PACK_WAITS:
		break;
	}
	if (rc < 0)
		outbox_letter_fail(letter, &err);
}

void
outbox_pack_next(struct outbox_letter *letter)
{
	if (++letter->split < letter->plan.count) {
		clear_split(letter->pack);
		begin_split(letter);
		return;
	}
	if (letter->series != NULL) {
		outbox_series_packed(letter);
		return;
	}
	outbox_submit_wake(letter->outbox->submit);
	outbox_hold_wake(letter->outbox->holds);
	outbox_letter_sent(letter, 201, &letter->document.document_id);
}

void
outbox_pack_start(struct outbox_letter *letter)
{
	struct outbox_pack *pack = calloc(1, sizeof(*pack));
	struct error err = { 0 };

	if (pack == NULL) {
		error_set_memory(&err);
		outbox_letter_fail(letter, &err);
		return;
	}
	letter->pack = pack;
	pack->files = calloc(letter->files.count, sizeof(*pack->files));
	if (pack->files == NULL)
		error_set_memory(&err);
	else if (sha256_new(&pack->package_sha, &err) == 0 &&
	    sha256_new(&pack->content_sha, &err) == 0) {
		set_ready(letter, PACK_MEASURE);
		return;
	}
	outbox_letter_fail(letter, &err);
}
