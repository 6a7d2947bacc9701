#include "management/measures_desk.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "json/json_write.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/query/queries.h"
#include "role/spool/spool.h"

static bool
has_ended(const struct measures *measures, const struct measure *measure,
    int64_t now)
{
	for (size_t i = 0; i < measures->restoration_count; i++)
		if (text_equal(measures->restorations[i].id, measure->id) &&
		    measures->restorations[i].from_ms <= now)
			return true;
	return false;
}

/* A hold whose case became a suspension is shown as that. */
static bool
is_ratified(const struct measures *measures, const struct measure *hold)
{
	for (size_t i = 0; i < measures->suspension_count; i++)
		if (text_equal(measures->suspensions[i].id, hold->id))
			return true;
	return false;
}

static void
write_one(struct json_writer *writer, const char *kind,
    const struct measure *measure)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "kind", kind);
	json_write_text(writer, "case", measure->id);
	json_write_text(writer, "authority", measure->authority);
	json_write_text(writer, "subject",
	    measure_subject_name(measure->subject));
	json_write_text(writer, "name", measure->name);
	json_write_text(writer, "direction",
	    measure_direction_name(measure->direction));
	json_write_int(writer, "ground", measure->ground);
	json_write_text(writer, "reason", measure->reason);
	json_write_time(writer, "from", measure->from_ms);
	if (measure->until_ms != 0)
		json_write_time(writer, "until", measure->until_ms);
	else
		json_write_text(writer, "until", "");
	json_write_end(writer);
}

static void
write_all(const struct measures *measures, int64_t now,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "measures");
	for (size_t i = 0; i < measures->hold_count; i++) {
		const struct measure *hold = &measures->holds[i];

		if (hold->from_ms <= now && hold->until_ms > now &&
		    !has_ended(measures, hold, now) &&
		    !is_ratified(measures, hold))
			write_one(writer, "hold", hold);
	}
	for (size_t i = 0; i < measures->suspension_count; i++)
		if (measures->suspensions[i].from_ms <= now &&
		    !has_ended(measures, &measures->suspensions[i], now))
			write_one(writer, "suspension",
			    &measures->suspensions[i]);
	json_write_end(writer);
	json_write_end(writer);
}

bool
measures_desk_answer(const struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (!text_equal(request->method, "GET") ||
	    !text_equal(request->path, "/v1/measures"))
		return false;
	write_all(bulletins_measures(spool->bulletins), spool_now(spool),
	    &writer);
	if (json_write_done(&writer, &err) == 0) {
		queries_reply(peer, id, 200, &json);
	} else {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	}
	return true;
}
