#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "crypto/cert.h"
#include "directory/directory_scope.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "role/peer.h"
#include "service/config.h"
#include "store/query.h"
#include "sys/loop.h"

enum { STORE_AGAIN_MS = 500 };

static void take_next(struct bulletins *bulletins);

void
bulletins_taking_free(struct bulletins_taking *taking)
{
	bytes_free(&taking->cms);
	bytes_free(&taking->receipt);
	bytes_free(&taking->disowned);
	bytes_free(&taking->signers);
	bulletin_free(&taking->held.bulletin);
	free(taking);
}

/* The verifier has judged it; what fails here is want of memory. */
static void
adopt_measures(struct bulletins *bulletins, const struct bulletin *bulletin)
{
	struct error err = { 0 };

	if (bulletin->type < BULLETIN_HOLD ||
	    bulletin->type > BULLETIN_RESTORATION)
		return;
	if (measures_read(&bulletins->measures, bulletin, &err) < 0)
		log_failure(&bulletins->options.env->log, LOG_LEVEL_ERROR,
		    "bulletin.measures", &err);
	bulletins->measures_version++;
}

static void
adopt(struct bulletins *bulletins, struct bulletins_held *news)
{
	struct bulletins_held *held =
	    bulletins_find(bulletins, news->type, news->name);

	if (held == NULL)
		held = &bulletins->held[bulletins->held_count++];
	else if (news->served == 0)
		news->served = held->served;
	if (news->type == BULLETIN_ROOT) {
		root_free(&bulletins->root);
		bulletins->has_root = false;
	}
	bulletin_free(&held->bulletin);
	*held = *news;
	news->bulletin = (struct bulletin){ 0 };
	adopt_measures(bulletins, &held->bulletin);
	bulletins->has_news = true;
	bulletins->is_dirty |= held->type == BULLETIN_DIRECTORY ||
	    held->type == BULLETIN_NETWORK || held->type == BULLETIN_ACCESS;
	if (held->type == BULLETIN_DIRECTORY) {
		/* What it says stands in rows. */
		bulletin_free(&held->bulletin);
		bulletins_parts_end(bulletins->parts, held->serial);
	}
	if (held->type == BULLETIN_TIMESTAMP)
		bulletins_privilege_look(bulletins);
	else
		bulletins->changes++;
}

/* "rules,access/center-a": mark those, and no others. */
static void
adopt_disowned(struct bulletins *bulletins, const struct bytes *disowned)
{
	const char *list = (const char *)disowned->data;
	struct bytes key = { 0 };

	for (size_t i = 0; i < bulletins->held_count; i++) {
		struct bulletins_held *held = &bulletins->held[i];

		bytes_clear(&key);
		bytes_put_format(&key, ",%s%s%s,",
		    bulletin_type_name(held->type),
		    held->name[0] != '\0' ? "/" : "", held->name);
		bytes_put_u8(&key, '\0');
		if (!key.failed)
			held->is_disowned =
			    strstr(list, (const char *)key.data) != NULL;
	}
	bytes_free(&key);
}

/* The first of the queue is dealt with: tell, and go on. */
static void
end_taking(struct bulletins *bulletins, const struct error *failure)
{
	struct bulletins_taking *taking = bulletins->first;

	bulletins->first = taking->next;
	if (bulletins->first == NULL)
		bulletins->last = &bulletins->first;
	bulletins->is_taking = false;
	/* Serials move with timestamps too, so every adoption is told. */
	if (bulletins->first == NULL &&
	    (bulletins->has_news || bulletins->is_dirty ||
		!bulletins->has_started))
		bulletins_settle(bulletins);
	if (taking->fn != NULL)
		taking->fn(taking->ctx, failure);
	bulletins_taking_free(taking);
	take_next(bulletins);
}

/*
 * One comes every minute, and only the newest is of use: what a receipt needs
 * are the others.  The last one that others may have stays until its successor
 * may leave.
 */
static int
drop_old_timestamps(struct bulletins_taking *taking, struct error *err)
{
	struct query *query;

	if (query_begin(taking->bulletins->options.rows,
		"DELETE FROM bulletin AS b WHERE type = ?1 AND NOT (?2 AND"
		" place = (SELECT max(place) FROM bulletin AS b WHERE type ="
		" ?1 AND " BULLETINS_MAY_LEAVE "))",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 2, taking->needs && taking->receipt.len == 0);
	query_bind_int(query, 1, BULLETIN_TIMESTAMP);
	return query_finish(query, err);
}

/* At management: an entry of the log, or NULL in its place. */
static int
log_taking(struct bulletins_taking *taking, int64_t *ret_entry,
    struct error *err)
{
	const struct bulletins_options *options = &taking->bulletins->options;
	const struct bulletins_held *held = &taking->held;
	struct bulletins_stored stored = { .type = held->type,
		.name = held->name,
		.serial = held->serial,
		.digest = held->digest };

	*ret_entry = -1;
	return options->on_store != NULL
	    ? options->on_store(options->ctx, &stored, ret_entry, err)
	    : 0;
}

/* Who is told of a change, and of whose. */
static struct notices_author
author_of(const struct bulletins_taking *taking)
{
	const struct config *config = taking->bulletins->options.env->config;

	return (struct notices_author){
		.host = config_has_kind(config, CONFIG_GATEWAY)
		    ? config->host.name
		    : "",
		.signers = taking->signers.len > 0
		    ? (const char *)taking->signers.data
		    : "",
		.at = taking->held.issued_at,
	};
}

static int
apply_taking(struct group_op *op, struct error *err)
{
	struct bulletins_taking *taking = (struct bulletins_taking *)(void *)op;
	struct query *query;
	int64_t entry;

	if (taking->held.type == BULLETIN_TIMESTAMP &&
	    drop_old_timestamps(taking, err) < 0)
		return -1;
	if (log_taking(taking, &entry, err) < 0)
		return -1;
	if (query_begin(taking->bulletins->options.rows,
		"INSERT OR IGNORE INTO bulletin (type, name, serial, issued,"
		" expires, digest, cms, entry, needs, receipt, fresh)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		" nullif(?8, -1), ?9, coalesce(?10, x''), ?11)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, taking->held.type);
	query_bind_text(query, 2, taking->held.name);
	query_bind_int(query, 3, (int64_t)taking->held.serial);
	query_bind_int(query, 4, taking->held.issued_at);
	query_bind_int(query, 5, taking->expires_at);
	query_bind_digest(query, 6, &taking->held.digest);
	query_bind_data(query, 7, taking->cms.data, taking->cms.len);
	query_bind_int(query, 8, entry);
	query_bind_int(query, 9, taking->needs);
	query_bind_data(query, 10, taking->receipt.data, taking->receipt.len);
	query_bind_int(query, 11, taking->held.fresh_at);
	if (query_finish(query, err) < 0)
		return -1;
	return taking->has_contents
	    ? contents_write(taking->bulletins->contents, author_of(taking),
		  err)
	    : 0;
}

/*
 * The verifier has it in force and would never call it new again, so it is
 * stored as soon as the store can, and who offered it waits.
 */
static void
finish_taking(struct group_op *op, const struct error *failure)
{
	struct bulletins_taking *taking = (struct bulletins_taking *)(void *)op;
	struct bulletins *bulletins = taking->bulletins;
	struct log_line line;

	if (failure != NULL) {
		log_failure(&bulletins->options.env->log, LOG_LEVEL_WARNING,
		    "bulletin.not_stored", failure);
		loop_timer_start(bulletins->again, STORE_AGAIN_MS);
		return;
	}
	log_begin(&line, &bulletins->options.env->log, LOG_LEVEL_NOTICE,
	    "bulletin.adopted");
	log_text(&line, "type", bulletin_type_name(taking->held.type));
	log_text(&line, "name", taking->held.name);
	log_u64(&line, "serial", taking->held.serial);
	log_end(&line);
	if (taking->has_contents) {
		contents_done(bulletins->contents);
		notices_log(bulletins->options.rows,
		    &bulletins->options.env->log, taking->held.serial);
	}
	taking->has_contents = false;
	adopt(bulletins, &taking->held);
	if (taking->held.type == BULLETIN_ROOT)
		adopt_disowned(bulletins, &taking->disowned);
	end_taking(bulletins, NULL);
}

void
bulletins_store_again(void *ctx)
{
	struct bulletins *bulletins = ctx;

	bulletins->first->op.apply = apply_taking;
	bulletins->first->op.finish = finish_taking;
	group_add(bulletins->options.group, &bulletins->first->op);
}

static int
read_taken(struct bulletins_taking *taking,
    const struct message_bulletin_taken *taken, struct error *err)
{
	struct bulletins_held *held = &taking->held;

	if (taken->kind >= BULLETIN_TYPE_COUNT)
		return error_set(err, ERROR_MALFORMED, "bulletin of type %u",
		    taken->kind);
	held->type = (enum bulletin_type)taken->kind;
	memcpy(held->name, taken->name, sizeof(held->name));
	held->serial = taken->serial;
	held->digest = taken->digest;
	held->issued_at = taken->issued_at;
	taking->expires_at = taken->expires_at;
	/* With a comma at each end, so that a name is found whole. */
	bytes_clear(&taking->disowned);
	bytes_put_text(&taking->disowned, ",");
	bytes_put(&taking->disowned, taken->disowned.data, taken->disowned.len);
	bytes_put_text(&taking->disowned, ",");
	bytes_put_u8(&taking->disowned, '\0');
	if (bytes_failed(&taking->disowned, err) < 0)
		return -1;
	if (!taking->is_stored) {
		held->fresh_at = taken->fresh_at;
		taking->needs = taken->needs;
		/* The first of a kind is taken without; whom it goes on to looks. */
		if (taken->needs && !taken->is_shown)
			bytes_clear(&taking->receipt);
		held->served =
		    !taken->needs || taken->is_shown ? held->serial : 0;
	} else if (held->served != 0) {
		held->served = held->serial;
	}
	if (held->type == BULLETIN_TIMESTAMP)
		return 0;
	if (bulletins_find(taking->bulletins, held->type, held->name) == NULL &&
	    taking->bulletins->held_count == BULLETINS_HELD_MAX)
		return error_set(err, ERROR_DENIED,
		    "more than %d bulletins in force", BULLETINS_HELD_MAX);
	bulletin_free(&held->bulletin); /* of when it was only judged */
	return bulletin_parse(taken->json.data, taken->json.len,
	    &held->bulletin, err);
}

/* Someone signed two for one serial: no accident, so an alarm. */
static enum log_level
refusal_level(const struct error *err)
{
	return text_equal(err->id, "E7007") || text_equal(err->id, "E7009")
	    ? LOG_LEVEL_ERROR
	    : LOG_LEVEL_WARNING;
}

/* What waits for fresh trust comes again and again: it is said once. */
static bool
was_said(struct bulletins_taking *taking, const struct error *err)
{
	struct digest *later = &taking->bulletins->later;

	if (!text_equal(err->id, "E3720"))
		return false;
	if (digest_equal(later, &taking->held.digest))
		return true;
	*later = taking->held.digest;
	return false;
}

static void
refuse_taking(struct bulletins_taking *taking, const struct error *err)
{
	struct bulletins *bulletins = taking->bulletins;

	if (taking->has_contents)
		contents_abandon(bulletins->contents);
	if (!was_said(taking, err))
		log_failure(&bulletins->options.env->log, refusal_level(err),
		    "bulletin.refused", err);
	end_taking(bulletins, err);
}

/* Append ", name"; the root carries the certificate of whoever has a role. */
static void
put_signer(const struct root *root, const struct digest *signer,
    struct bytes *to)
{
	const struct bytes *der = root_certificate(root, signer);
	struct error ignored = { 0 };
	struct cert *cert = NULL;

	if (der == NULL || cert_parse(der->data, der->len, &cert, &ignored) < 0)
		return;
	bytes_put_format(to, "%s%s", to->len > 0 ? "; " : "",
	    cert_info(cert)->subject);
	cert_free(cert);
}

/* Did those sign it within whose scope it lies?  (R5.7)  Notes who they are. */
static int
judge_signers(struct bulletins_taking *taking,
    const struct message_bulletin_taken *taken, struct error *err)
{
	struct bulletins *bulletins = taking->bulletins;
	struct cursor signers =
	    cursor_of(taken->signers.data, taken->signers.len);
	const struct root *root;
	int rc = 0;

	if (signers.left > 0 && bulletins_root(bulletins, &root, err) < 0)
		return -1;
	while (rc == 0 && signers.left > 0) {
		const struct scope *scope;
		struct digest signer;

		cursor_copy(&signers, signer.bytes, DIGEST_LEN);
		put_signer(root, &signer, &taking->signers);
		scope = root_scope_of(root, &signer);
		if (scope != NULL)
			rc = directory_scope_check(scope, bulletins->directory,
			    contents_pending(bulletins->contents), NULL, err);
	}
	bytes_put_u8(&taking->signers, '\0');
	return rc < 0 ? -1 : bytes_failed(&taking->signers, err);
}

/*
 * A directory: does what it says follow from what is here?  1 if it does; 0 when
 * it waits for parts of it; -1.
 */
static int
judge_contents(struct bulletins_taking *taking,
    const struct message_bulletin_taken *taken, struct error *err)
{
	struct bulletins *bulletins = taking->bulletins;
	enum contents_fit fit;

	if (contents_judge(bulletins->contents, &taking->held.bulletin, &fit,
		err) < 0)
		return -1;
	taking->has_contents = fit == CONTENTS_FIT;
	if (bulletins_privilege_check(taking, err) < 0)
		return -1;
	if (taking->has_contents)
		return judge_signers(taking, taken, err) < 0 ? -1 : 1;
	return bulletins_parts_begin(bulletins->parts, taking, err);
}

static int ask_verifier(struct bulletins_taking *taking, bool is_checked,
    struct error *err);

/* One that may enlarge power: 1 if it fits, 0 when it waits for parts; -1. */
static int
judge_pending(struct bulletins_taking *taking,
    const struct message_bulletin_taken *taken, struct error *err)
{
	if (taking->held.type == BULLETIN_DIRECTORY)
		return judge_contents(taking, taken, err);
	return bulletins_privilege_check(taking, err) < 0 ? -1 : 1;
}

/* The verifier has judged it: 1 to store it, 0 when there is more to wait for. */
static int
go_on(struct bulletins_taking *taking,
    const struct message_bulletin_taken *taken, struct error *err)
{
	bool is_directory = taking->held.type == BULLETIN_DIRECTORY;
	int fits = 1;

	if ((taken->is_pending || is_directory) && !taking->is_stored &&
	    !taking->has_contents)
		fits = judge_pending(taking, taken, err);
	if (fits < 0)
		return -1;
	if (fits == 0) {
		end_taking(taking->bulletins, NULL);
		return 0;
	}
	if (!taken->is_pending)
		return 1;
	return ask_verifier(taking, true, err);
}

static void
on_taken(void *ctx, struct ipc_message *message)
{
	struct bulletins_taking *taking = ctx;
	struct bulletins *bulletins = taking->bulletins;
	struct message_bulletin_taken taken;
	struct error err = { 0 };
	int goes_on;

	if (message_read(message, MESSAGE_BULLETIN_TAKEN, &taken, &err) < 0 ||
	    (taken.is_new && read_taken(taking, &taken, &err) < 0)) {
		refuse_taking(taking, &err);
		return;
	}
	if (!taken.is_new) {
		if (taking->has_contents)
			contents_abandon(bulletins->contents);
		end_taking(bulletins, NULL);
		return;
	}
	goes_on = go_on(taking, &taken, &err);
	if (goes_on < 0)
		refuse_taking(taking, &err);
	else if (goes_on > 0 && taking->is_stored)
		/* At start: nothing to store, so nothing waits for the log. */
		finish_taking(&taking->op, NULL);
	else if (goes_on > 0)
		bulletins_store_again(bulletins);
}

static int
ask_verifier(struct bulletins_taking *taking, bool is_checked,
    struct error *err)
{
	struct bulletins *bulletins = taking->bulletins;
	const struct message_bulletin_take take = {
		/*
		 * What was adopted stays so, whatever the clock says after a
		 * restart (I12): nothing that is stored was issued in the
		 * future.
		 */
		.now = taking->is_stored ? INT64_MAX / 2
					 : role_env_now(bulletins->options.env),
		.is_stored = taking->is_stored,
		.is_checked = is_checked,
		.cms = blob_of_bytes(&taking->cms),
		.receipt = blob_of_bytes(&taking->receipt),
	};

	return peer_ask(bulletins->options.verifier, MESSAGE_BULLETIN_TAKE,
	    &take, -1, on_taken, taking, NULL, err);
}

static void
take_next(struct bulletins *bulletins)
{
	struct bulletins_taking *taking = bulletins->first;
	struct error err = { 0 };

	if (taking == NULL || bulletins->is_taking)
		return;
	bulletins->is_taking = true;
	if (ask_verifier(taking, taking->is_stored, &err) < 0)
		end_taking(bulletins, &err);
}

static struct bulletins_taking *
taking_new(const struct bulletins_offered *offered)
{
	struct bulletins_taking *taking = calloc(1, sizeof(*taking));

	if (taking == NULL)
		return NULL;
	bytes_put(&taking->cms, offered->cms, offered->len);
	bytes_put(&taking->receipt, offered->receipt, offered->receipt_len);
	if (!taking->cms.failed && !taking->receipt.failed)
		return taking;
	bulletins_taking_free(taking);
	return NULL;
}

static void
queue(struct bulletins *bulletins, struct bulletins_taking *taking)
{
	taking->bulletins = bulletins;
	*bulletins->last = taking;
	bulletins->last = &taking->next;
	take_next(bulletins);
}

void
bulletins_offer_shown(struct bulletins *bulletins,
    const struct bulletins_offered *offered, bulletins_fn fn, void *ctx)
{
	struct bulletins_taking *taking = taking_new(offered);
	struct error err = { 0 };

	if (taking == NULL) {
		error_set_memory(&err);
		if (fn != NULL)
			fn(ctx, &err);
		return;
	}
	taking->fn = fn;
	taking->ctx = ctx;
	queue(bulletins, taking);
}

void
bulletins_offer(struct bulletins *bulletins, const void *cms, size_t len,
    bulletins_fn fn, void *ctx)
{
	const struct bulletins_offered offered = { .cms = cms, .len = len };

	bulletins_offer_shown(bulletins, &offered, fn, ctx);
}

/* Without memory it is not in force here until the next start. */
void
bulletins_offer_stored(struct bulletins *bulletins,
    const struct bulletins_kept *kept)
{
	struct bulletins_offered offered = { .cms = kept->cms,
		.len = kept->len };
	struct bulletins_taking *taking = taking_new(&offered);

	if (taking == NULL)
		return;
	taking->is_stored = true;
	taking->needs = kept->needs;
	taking->held.fresh_at = kept->fresh_at;
	/* Whether it may leave; the serial comes from the verifier. */
	taking->held.served = !kept->needs || kept->is_shown;
	queue(bulletins, taking);
}
