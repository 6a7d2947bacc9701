#include "exchange/job.h"

#include <stddef.h>

#include "base/text.h"

/*
 * What follows a step, by its result.  -1: the step cannot come out so and
 * stays where it is.  JOB_LATER always stays.
 */
static const struct {
	const char *name;
	signed char ok, refused, over, cancelled;
	enum job_restart restart;
} sends[] = {
	[JOB_SEND_CHECK] = { "check", JOB_SEND_PACKAGE, JOB_SEND_REFUSED,
	    JOB_SEND_EXPIRED, JOB_SEND_CANCELLED, JOB_AFRESH },
	[JOB_SEND_PACKAGE] = { "package", JOB_SEND_SIGN, JOB_SEND_REFUSED,
	    JOB_SEND_EXPIRED, JOB_SEND_CANCELLED, JOB_AFRESH },
	[JOB_SEND_SIGN] = { "sign", JOB_SEND_ENVELOPE, JOB_SEND_REFUSED,
	    JOB_SEND_EXPIRED, JOB_SEND_CANCELLED, JOB_AFRESH },
	[JOB_SEND_ENVELOPE] = { "envelope", JOB_SEND_WAYBILL, JOB_SEND_REFUSED,
	    JOB_SEND_EXPIRED, JOB_SEND_CANCELLED, JOB_AFRESH },
	[JOB_SEND_WAYBILL] = { "waybill", JOB_SEND_SUBMIT, JOB_SEND_REFUSED,
	    JOB_SEND_EXPIRED, JOB_SEND_CANCELLED, JOB_AFRESH },
	/* From here the center may have it: only its answer ends the step. */
	[JOB_SEND_SUBMIT] = { "submit", JOB_SEND_FOLLOW, JOB_SEND_REFUSED,
	    JOB_SEND_EXPIRED, -1, JOB_RESEND },
	[JOB_SEND_FOLLOW] = { "follow", JOB_SEND_DONE, -1, JOB_SEND_DONE, -1,
	    JOB_WAIT },
	[JOB_SEND_DONE] = { "done", -1, -1, -1, -1, JOB_NOTHING },
	[JOB_SEND_REFUSED] = { "refused", -1, -1, -1, -1, JOB_NOTHING },
	[JOB_SEND_EXPIRED] = { "expired", -1, -1, -1, -1, JOB_NOTHING },
	[JOB_SEND_CANCELLED] = { "cancelled", -1, -1, -1, -1, JOB_NOTHING },
	[JOB_SEND_HELD] = { "held", JOB_SEND_SUBMIT, -1, -1, JOB_SEND_CANCELLED,
	    JOB_WAIT },
};

static const struct {
	const char *name;
	signed char ok, refused, unusable, over, duplicate, no_key;
	enum job_restart restart;
} receives[] = {
	[JOB_RECEIVE_CONTENT] = { "content", JOB_RECEIVE_VERIFY,
	    JOB_RECEIVE_REFUSED, -1, JOB_RECEIVE_ENDED, -1, -1, JOB_REDO },
	[JOB_RECEIVE_VERIFY] = { "verify", JOB_RECEIVE_FETCHED,
	    JOB_RECEIVE_REFUSED, -1, JOB_RECEIVE_ENDED, -1, -1, JOB_REDO },
	[JOB_RECEIVE_FETCHED] = { "fetched", JOB_RECEIVE_KEY,
	    JOB_RECEIVE_REFUSED, -1, JOB_RECEIVE_ENDED, -1, -1, JOB_REDO },
	[JOB_RECEIVE_KEY] = { "key", JOB_RECEIVE_OPEN, JOB_RECEIVE_REFUSED, -1,
	    JOB_RECEIVE_ENDED, -1, -1, JOB_RESEND },
	/*
	 * The key is here: whatever comes of it is stated, and what the center
	 * ended meanwhile is not asked.
	 */
	[JOB_RECEIVE_OPEN] = { "open", JOB_RECEIVE_SCAN, JOB_RECEIVE_REPORT,
	    JOB_RECEIVE_REPORT, -1, JOB_RECEIVE_OPENED, JOB_RECEIVE_REWRAP,
	    JOB_REDO },
	[JOB_RECEIVE_SCAN] = { "scan", JOB_RECEIVE_OPENED, JOB_RECEIVE_REPORT,
	    JOB_RECEIVE_REPORT, -1, -1, JOB_RECEIVE_REWRAP, JOB_REDO },
	[JOB_RECEIVE_OPENED] = { "opened", JOB_RECEIVE_INBOX, JOB_RECEIVE_INBOX,
	    -1, JOB_RECEIVE_INBOX, -1, -1, JOB_RESEND },
	[JOB_RECEIVE_INBOX] = { "inbox", JOB_RECEIVE_ANSWER, -1, -1, -1, -1, -1,
	    JOB_WAIT },
	/* Refused, as for a card that is not registered: the person again. */
	[JOB_RECEIVE_ANSWER] = { "answer", JOB_RECEIVE_DONE, JOB_RECEIVE_INBOX,
	    -1, JOB_RECEIVE_DONE, -1, -1, JOB_RESEND },
	[JOB_RECEIVE_REPORT] = { "report", JOB_RECEIVE_DONE, JOB_RECEIVE_DONE,
	    -1, JOB_RECEIVE_DONE, -1, -1, JOB_RESEND },
	/* Until the sender's module has made one, or the center ends it. */
	[JOB_RECEIVE_REWRAP] = { "rewrap", JOB_RECEIVE_OPEN, -1, -1,
	    JOB_RECEIVE_ENDED, -1, -1, JOB_RESEND },
	[JOB_RECEIVE_DONE] = { "done", -1, -1, -1, -1, -1, -1, JOB_NOTHING },
	[JOB_RECEIVE_REFUSED] = { "refused", -1, -1, -1, -1, -1, -1,
	    JOB_NOTHING },
	[JOB_RECEIVE_ENDED] = { "ended", -1, -1, -1, -1, -1, -1, JOB_NOTHING },
	[JOB_RECEIVE_NOTICE] = { "notice", JOB_RECEIVE_DONE, JOB_RECEIVE_DONE,
	    -1, JOB_RECEIVE_DONE, -1, -1, JOB_RESEND },
};

enum {
	SEND_COUNT = sizeof(sends) / sizeof(sends[0]),
	RECEIVE_COUNT = sizeof(receives) / sizeof(receives[0]),
};

enum job_send
job_send_next(enum job_send step, enum job_result result)
{
	const signed char next[] = {
		[JOB_OK] = sends[step].ok,
		[JOB_LATER] = -1,
		[JOB_REFUSED] = sends[step].refused,
		[JOB_UNUSABLE] = -1,
		[JOB_OVER] = sends[step].over,
		[JOB_CANCELLED] = sends[step].cancelled,
		[JOB_DUPLICATE] = -1,
		[JOB_NO_KEY] = -1,
	};

	return next[result] < 0 ? step : (enum job_send)next[result];
}

enum job_receive
job_receive_next(enum job_receive step, enum job_result result)
{
	const signed char next[] = {
		[JOB_OK] = receives[step].ok,
		[JOB_LATER] = -1,
		[JOB_REFUSED] = receives[step].refused,
		[JOB_UNUSABLE] = receives[step].unusable,
		[JOB_OVER] = receives[step].over,
		[JOB_CANCELLED] = -1,
		[JOB_DUPLICATE] = receives[step].duplicate,
		[JOB_NO_KEY] = receives[step].no_key,
	};

	return next[result] < 0 ? step : (enum job_receive)next[result];
}

enum job_restart
job_send_restart(enum job_send step)
{
	return sends[step].restart;
}

enum job_restart
job_receive_restart(enum job_receive step)
{
	return receives[step].restart;
}

bool
job_send_may_cancel(enum job_send step)
{
	return sends[step].cancelled >= 0;
}

bool
job_send_has_ended(enum job_send step)
{
	return sends[step].restart == JOB_NOTHING;
}

bool
job_receive_has_ended(enum job_receive step)
{
	return receives[step].restart == JOB_NOTHING;
}

const char *
job_send_name(enum job_send step)
{
	return sends[step].name;
}

bool
job_send_parse(const char *name, enum job_send *ret_step)
{
	for (int i = 0; i < SEND_COUNT; i++) {
		if (text_equal(sends[i].name, name)) {
			*ret_step = (enum job_send)i;
			return true;
		}
	}
	return false;
}

const char *
job_receive_name(enum job_receive step)
{
	return receives[step].name;
}

bool
job_receive_parse(const char *name, enum job_receive *ret_step)
{
	for (int i = 0; i < RECEIVE_COUNT; i++) {
		if (text_equal(receives[i].name, name)) {
			*ret_step = (enum job_receive)i;
			return true;
		}
	}
	return false;
}
