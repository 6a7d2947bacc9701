/*
 * The role printer: makes documents visible, each in a copy of this process
 * that lives for one request.  It is apart from the reader, since a process
 * that has mapped fonts is dearer to copy, and a letter that is long to print
 * must not hold up one that is on its way; and a program of its own, so that
 * no other role has to load what draws (docs/decisions/0005).
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "printer/printer_internal.h"
#include "role/env.h"
#include "role/reader/copy_answer.h"
#include "sys/ipc.h"
#include "sys/nursery.h"

enum {
	COPIES_MAX = 8,
	MIB = 1024 * 1024,
	MEMORY_MAX = 512 * MIB,
	RESULT_MAX = 32 * MIB,
	CPU_S = 20,
	WALL_MS = 60000,
};

/* A request that a copy works on. */
struct job {
	struct printer *printer;
	struct peer *peer;
	uint32_t id;
};

/* What a copy is to do. */
struct work {
	struct message_render request;
	const struct printer_tools *tools;
};

static void
refuse(struct printer *printer, struct peer *peer, uint32_t id,
    const struct error *err)
{
	struct log_line line;

	log_begin(&line, printer->log, LOG_LEVEL_WARNING, "printer.refused");
	log_u64(&line, "request", id);
	log_error(&line, err);
	log_end(&line);
	peer_refuse(peer, id, err);
}

static void
render_in_copy(void *ctx, int fd, struct bytes *result)
{
	const struct work *work = ctx;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int rc = printer_render(work->tools, &work->request, &answer, &err);

	(void)fd;
	copy_answer_put(result, MESSAGE_RENDERED, rc, &answer, &err);
}

/* A page goes on as it came; ipc passes long bodies as a sealed file. */
static void
on_done(void *ctx, const uint8_t *result, size_t len,
    const struct error *failure)
{
	struct job *job = ctx;
	struct message_rendered body;
	struct error err = { 0 };

	if (failure != NULL)
		err = *failure;
	if (failure == NULL &&
	    copy_answer_read(result, len, MESSAGE_RENDERED, &body, &err) == 0)
		peer_tell(job->peer, MESSAGE_RENDERED, job->id, &body, -1);
	else
		refuse(job->printer, job->peer, job->id, &err);
	free(job);
}

static void
on_render(void *ctx, struct peer *peer, struct ipc_message *message)
{
	static const struct nursery_limits limits = { .memory = MEMORY_MAX,
		.cpu_s = CPU_S,
		.wall_ms = WALL_MS,
		.result = RESULT_MAX };
	struct printer *printer = ctx;
	struct work work = { .tools = &printer->tools };
	struct job *job = malloc(sizeof(*job));
	struct error err = { 0 };

	if (job == NULL)
		error_set_memory(&err);
	else if (message_read(message, MESSAGE_RENDER, &work.request, &err) ==
	    0) {
		*job = (struct job){ printer, peer, message->id };
		if (nursery_run(printer->nursery, &limits, render_in_copy,
			&work, -1, on_done, job, &err) == 0)
			return;
	}
	free(job);
	refuse(printer, peer, message->id, &err);
}

const struct peer_handler printer_handlers[] = {
	{ MESSAGE_RENDER, on_render },
	{ MESSAGE_NONE, NULL },
};

/*
 * Make one page of each kind here: the libraries set themselves up, which
 * copies cannot, and what they allocate for good is in every copy.
 */
static int
warm_up(const struct printer_tools *tools, struct error *err)
{
	static const char letter[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\" []>\n"
	    "<函><主旨><文字>一A1，。</文字></主旨></函>\n";
	struct message_check_file file = { .name = "1.di",
		.len = sizeof(letter) - 1,
		.data = blob_of(letter, sizeof(letter) - 1) };
	struct message_render request = { 0 };
	struct bytes files = { 0 };
	struct bytes page = { 0 };
	int rc = 0;

	message_list_add(&files, MESSAGE_CHECK_FILE, &file);
	request.files = blob_of_bytes(&files);
	for (uint8_t format = MESSAGE_FORMAT_PDF;
	     rc == 0 && format <= MESSAGE_FORMAT_HTML; format++) {
		request.format = format;
		if (format != MESSAGE_FORMAT_PDF || tools->paper != NULL)
			rc = printer_render(tools, &request, &page, err);
		bytes_clear(&page);
	}
	bytes_free(&files);
	bytes_free(&page);
	return rc;
}

int
printer_open(struct printer *printer, struct loop *loop, const struct log *log,
    struct error *err)
{
	memset(printer, 0, sizeof(*printer));
	printer->log = log;
	if (printer_tools_open(&printer->tools, err) < 0)
		return -1;
	if (printer->tools.paper == NULL && log != NULL)
		log_failure(log, LOG_LEVEL_WARNING, "printer.no_fonts",
		    &printer->tools.no_paper);
	if (warm_up(&printer->tools, err) < 0)
		return -1;
	return nursery_new(loop, COPIES_MAX, &printer->nursery, err);
}

void
printer_close(struct printer *printer)
{
	nursery_free(printer->nursery);
	printer_tools_close(&printer->tools);
	printer->nursery = NULL;
}

int
printer_start(struct role_env *env, struct error *err)
{
	struct printer printer = { 0 };
	struct peer *spooler = NULL;
	struct peer *query = NULL;
	int rc = -1;

	if (printer_open(&printer, env->loop, &env->log, err) == 0 &&
	    role_env_peer(env, ROLE_SPOOLER, printer_handlers, &printer,
		&spooler, err) == 0 &&
	    role_env_peer(env, ROLE_QUERY, printer_handlers, &printer, &query,
		err) == 0)
		rc = role_env_run(env, err);
	printer_close(&printer);
	peer_close(spooler);
	peer_close(query);
	return rc;
}
