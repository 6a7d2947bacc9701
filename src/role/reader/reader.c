/*
 * Reads documents, each in a copy of this process that lives for one request.
 * This process itself looks at nothing but the form of requests and answers.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archive_inspect.h"
#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "document/document.h"
#include "document/dtd.h"
#include "role/env.h"
#include "role/reader/copy_answer.h"
#include "role/reader/reader_internal.h"
#include "role/reader/reader_work.h"
#include "role/role.h"
#include "sys/ipc.h"
#include "sys/nursery.h"

enum {
	COPIES_MAX = 16,
	MIB = 1024 * 1024,
	MEMORY_MAX = 512 * MIB,
	RESULT_MAX = 32 * MIB,
	CHECK_CPU_S = 10,
	CHECK_WALL_MS = 30000,
	INSPECT_CPU_S = 60,
	INSPECT_WALL_MS = 180000,
	UNPACK_MIB_PER_S = 16, /* a slow disk and a busy host */
};

/* A request that a copy works on. */
struct job {
	struct reader *reader;
	struct peer *peer;
	uint32_t id;
	enum message_type type; /* of the answer */
};

/* What a copy is to do. */
struct check_work {
	struct message_check request;
	const struct dtd_set *dtds;
};

struct unpack_work {
	struct message_unpack request;
	const struct dtd_set *dtds;
};

struct inspect_work {
	struct message_inspect request;
};

struct make_work {
	struct message_make request;
	const struct dtd_set *dtds;
};

static void
refuse(struct reader *reader, struct peer *peer, uint32_t id,
    const struct error *err)
{
	struct log_line line;

	log_begin(&line, reader->log, LOG_LEVEL_WARNING, "reader.refused");
	log_u64(&line, "request", id);
	log_error(&line, err);
	log_end(&line);
	peer_refuse(peer, id, err);
}

static void
check_in_copy(void *ctx, int fd, struct bytes *result)
{
	const struct check_work *work = ctx;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int rc = reader_check(&work->request, work->dtds, &answer, &err);

	(void)fd;
	copy_answer_put(result, MESSAGE_REPORT, rc, &answer, &err);
}

static void
unpack_in_copy(void *ctx, int fd, struct bytes *result)
{
	const struct unpack_work *work = ctx;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int rc = reader_unpack(&work->request, fd, work->dtds, &answer, &err);

	copy_answer_put(result, MESSAGE_UNPACKED, rc, &answer, &err);
}

static void
inspect_in_copy(void *ctx, int fd, struct bytes *result)
{
	const struct inspect_work *work = ctx;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int rc = reader_inspect(&work->request, fd, &answer, &err);

	copy_answer_put(result, MESSAGE_INSPECTED, rc, &answer, &err);
}

static void
make_in_copy(void *ctx, int fd, struct bytes *result)
{
	const struct make_work *work = ctx;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int rc = reader_make(&work->request, work->dtds, &answer, &err);

	(void)fd;
	copy_answer_put(result, MESSAGE_MADE, rc, &answer, &err);
}

static void
on_done(void *ctx, const uint8_t *result, size_t len,
    const struct error *failure)
{
	struct job *job = ctx;
	union {
		struct message_report report;
		struct message_unpacked unpacked;
		struct message_inspected inspected;
		struct message_made made;
	} body;
	struct error err = { 0 };

	if (failure != NULL)
		err = *failure;
	if (failure == NULL &&
	    copy_answer_read(result, len, job->type, &body, &err) == 0)
		peer_tell(job->peer, job->type, job->id, &body, -1);
	else
		refuse(job->reader, job->peer, job->id, &err);
	free(job);
}

static void
start_job(struct reader *reader, struct peer *peer, uint32_t id,
    enum message_type type, const struct nursery_limits *limits,
    nursery_work_fn work, void *work_ctx, int fd)
{
	struct job *job = malloc(sizeof(*job));
	struct error err = { 0 };

	if (job == NULL) {
		error_set_memory(&err);
		refuse(reader, peer, id, &err);
		return;
	}
	*job = (struct job){ reader, peer, id, type };
	if (nursery_run(reader->nursery, limits, work, work_ctx, fd, on_done,
		job, &err) < 0) {
		refuse(reader, peer, id, &err);
		free(job);
	}
}

/* For what stands in the request itself. */
static const struct nursery_limits request_limits = { .memory = MEMORY_MAX,
	.cpu_s = CHECK_CPU_S,
	.wall_ms = CHECK_WALL_MS,
	.result = RESULT_MAX };

static void
on_check(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct reader *reader = ctx;
	struct check_work work = { .dtds = reader->dtds };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CHECK, &work.request, &err) < 0)
		refuse(reader, peer, message->id, &err);
	else
		start_job(reader, peer, message->id, MESSAGE_REPORT,
		    &request_limits, check_in_copy, &work, -1);
}

static void
on_make(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct reader *reader = ctx;
	struct make_work work = { .dtds = reader->dtds };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_MAKE, &work.request, &err) < 0)
		refuse(reader, peer, message->id, &err);
	else
		start_job(reader, peer, message->id, MESSAGE_MADE,
		    &request_limits, make_in_copy, &work, -1);
}

/*
 * A large file may take longer than a small one, and all that is packed into
 * it (archive_limits.h) longer still.
 */
static struct nursery_limits
limits_of(int fd)
{
	uint64_t extra_s = 0;
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		extra_s = (uint64_t)st.st_size / (UNPACK_MIB_PER_S * MIB);
	return (struct nursery_limits){ .memory = MEMORY_MAX,
		.cpu_s = INSPECT_CPU_S + extra_s,
		.wall_ms = INSPECT_WALL_MS + extra_s * 1000,
		.result = RESULT_MAX };
}

static void
on_unpack(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct reader *reader = ctx;
	struct unpack_work work = { .dtds = reader->dtds };
	struct nursery_limits limits;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_UNPACK, &work.request, &err) == 0 &&
	    message->fd < 0)
		error_set(&err, ERROR_MALFORMED, "unpack without a package");
	if (err.code != ERROR_NONE) {
		refuse(reader, peer, message->id, &err);
		return;
	}
	limits = limits_of(message->fd);
	start_job(reader, peer, message->id, MESSAGE_UNPACKED, &limits,
	    unpack_in_copy, &work, message->fd);
}

static void
on_inspect(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct reader *reader = ctx;
	struct inspect_work work;
	struct nursery_limits limits;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_INSPECT, &work.request, &err) == 0 &&
	    message->fd < 0)
		error_set(&err, ERROR_MALFORMED, "inspect without a file");
	if (err.code != ERROR_NONE) {
		refuse(reader, peer, message->id, &err);
		return;
	}
	limits = limits_of(message->fd);
	start_job(reader, peer, message->id, MESSAGE_INSPECTED, &limits,
	    inspect_in_copy, &work, message->fd);
}

const struct peer_handler reader_handlers[] = {
	{ MESSAGE_CHECK, on_check },
	{ MESSAGE_UNPACK, on_unpack },
	{ MESSAGE_INSPECT, on_inspect },
	{ MESSAGE_MAKE, on_make },
	{ MESSAGE_NONE, NULL },
};

/*
 * Read one letter and make one digest here: the libraries set themselves up,
 * which copies cannot, and what they allocate for good is in every copy.
 */
static int
warm_up(const struct dtd_set *dtds, struct error *err)
{
	static const char letter[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" []>\n"
	    "<函></函>\n";
	struct document_input input = { "1.di", DOCUMENT_DI,
		(const uint8_t *)letter, sizeof(letter) - 1 };
	struct document_report *report = NULL;
	struct digest digest;
	int rc = document_check(&input, 1, dtds, &report, err);

	sha256("", 0, &digest);
	document_report_free(report);
	return rc;
}

int
reader_open(struct reader *reader, struct loop *loop, const struct log *log,
    struct error *err)
{
	memset(reader, 0, sizeof(*reader));
	reader->log = log;
	archive_prepare();
	if (dtd_set_new(&reader->dtds, err) < 0 ||
	    warm_up(reader->dtds, err) < 0)
		return -1;
	return nursery_new(loop, COPIES_MAX, &reader->nursery, err);
}

void
reader_close(struct reader *reader)
{
	nursery_free(reader->nursery);
	dtd_set_free(reader->dtds);
	reader->nursery = NULL;
	reader->dtds = NULL;
}

int
reader_start(struct role_env *env, struct error *err)
{
	struct reader reader = { 0 };
	struct peer *spooler = NULL;
	int rc = -1;

	if (reader_open(&reader, env->loop, &env->log, err) == 0 &&
	    role_env_peer(env, ROLE_SPOOLER, reader_handlers, &reader, &spooler,
		err) == 0)
		rc = role_env_run(env, err);
	reader_close(&reader);
	peer_close(spooler);
	return rc;
}
