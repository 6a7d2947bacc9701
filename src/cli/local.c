#include "cli/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "crypto/sha256.h"
#include "envelope/bundle.h"
#include "http/http_client.h"
#include "json/json_read.h"
#include "service/catalogue.h"
#include "service/config.h"
#include "sys/clock.h"
#include "sys/loop.h"

enum { PROBLEM_MAX = 4 * 1024 * 1024, CHUNK = 65536, FILES_MAX = 2000 };

extern char **environ;

int
local_open(const struct cli *cli, struct config **ret_config,
    struct local *ret_local, struct error *err)
{
	const char *path = cli_value(cli, "config");

	if (path == NULL)
		path = getenv("YIZHAN_CONFIG");
	if (path == NULL)
		return cli_refuse(err,
		    "which host? Give -c FILE or set YIZHAN_CONFIG");
	if (config_load(path, environ, ret_config, err) < 0)
		return -1;
	*ret_local = (struct local){ .socket = (*ret_config)->listen.control,
		.language = cli->is_chinese ? "zh-TW" : "en",
		.cli = cli };
	return 0;
}

/* ---- answers --------------------------------------------------------- */

/* What a problem answer says, as an error. */
static int
fail_with_problem(const struct http_answer *answer, struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *root;
	const struct message *message = NULL;
	const char *code, *detail;

	if (json_read(answer->body.data, answer->body.len, PROBLEM_MAX,
		&document, err) < 0)
		return error_set(err, ERROR_SYSTEM,
		    "the host answered with status %d", answer->status);
	root = json_root(document);
	code = json_value_text(json_value_member(root, "code"));
	detail = json_value_text(json_value_member(root, "detail"));
	if (code != NULL)
		message = catalogue_find(code);
	error_set_id(err, message != NULL ? code : "",
	    message != NULL ? message->code : ERROR_SYSTEM, "%s",
	    detail != NULL ? detail : "");
	json_document_free(document);
	return -1;
}

static int
call_host(const struct local *local, struct loop *loop,
    const struct http_call *call, struct http_answer *ret_answer,
    struct error *err)
{
	struct http_client_options options = { .loop = loop,
		.unix_path = local->socket,
		.fd = -1,
		.authority = "localhost" };

	if (http_call(&options, call, ret_answer, err) < 0) {
		if (access(local->socket, F_OK) < 0)
			return error_set_id(err, "E1209", ERROR_BUSY,
			    "nobody serves %s", local->socket);
		return -1;
	}
	return ret_answer->status / 100 == 2
	    ? 0
	    : fail_with_problem(ret_answer, err);
}

int
local_call(const struct local *local, const struct http_call *call,
    struct http_answer *ret_answer, struct error *err)
{
	struct http_header headers[8] = {
		{ "accept-language", local->language },
	};
	struct http_call own = *call;
	struct loop *loop = NULL;
	int rc;

	memset(ret_answer, 0, sizeof(*ret_answer));
	if (call->header_count >= ARRAY_LEN(headers))
		return error_set(err, ERROR_SYSTEM, "too many headers");
	for (size_t i = 0; i < call->header_count; i++)
		headers[i + 1] = call->headers[i];
	own.headers = headers;
	own.header_count = call->header_count + 1;
	if (loop_new(&loop, err) < 0)
		return -1;
	rc = call_host(local, loop, &own, ret_answer, err);
	loop_free(loop);
	return rc;
}

int
local_get(const struct local *local, const char *target,
    struct http_answer *ret_answer, struct error *err)
{
	struct http_call call = { .method = "GET",
		.target = target,
		.body_fd = -1,
		.answer_fd = -1 };

	return local_call(local, &call, ret_answer, err);
}

int
local_post(const struct local *local, const char *target, const char *json,
    struct http_answer *ret_answer, struct error *err)
{
	return local_post_bytes(local, target, "application/json", json,
	    strlen(json), ret_answer, err);
}

int
local_post_bytes(const struct local *local, const char *target,
    const char *type, const void *data, size_t len,
    struct http_answer *ret_answer, struct error *err)
{
	const struct http_header header = { "content-type", type };
	struct http_call call = { .method = "POST",
		.target = target,
		.headers = &header,
		.header_count = 1,
		.body = data,
		.body_len = len,
		.body_fd = -1,
		.answer_fd = -1 };

	return local_call(local, &call, ret_answer, err);
}

/* ---- files ----------------------------------------------------------- */

/* A bundle that is read out of its files while it leaves. */
struct sending {
	const struct local_file *files;
	uint64_t *lens;
	size_t count;
	size_t next;       /* file to begin with when this one is through */
	int fd;            /* of the present file; -1: from memory or none */
	uint64_t left;     /* of the present file */
	const uint8_t *at; /* of one in memory */
	struct bytes head; /* magic, name record, head of the file record */
	size_t head_done;
	struct error failure;
	struct progress progress;
};

static int
open_file(const struct local_file *file, int *ret_fd, uint64_t *ret_len,
    struct error *err)
{
	struct stat st;
	int fd;

	if (file->path == NULL) {
		*ret_fd = -1;
		*ret_len = file->len;
		return 0;
	}
	fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set_errno(err, "opening %s", file->path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return error_set(err, ERROR_MALFORMED, "%s is not a file",
		    file->path);
	}
	*ret_fd = fd;
	*ret_len = (uint64_t)st.st_size;
	return 0;
}

static int
begin_file(struct sending *sending)
{
	const struct local_file *file = &sending->files[sending->next];
	uint64_t len;

	if (open_file(file, &sending->fd, &len, &sending->failure) < 0)
		return -1;
	if (len != sending->lens[sending->next]) {
		return error_set(&sending->failure, ERROR_BUSY,
		    "%s changed while it was being sent", file->path);
	}
	sending->left = len;
	sending->at = file->data;
	sending->next++;
	bundle_put(&sending->head, BUNDLE_NAME, file->name, strlen(file->name));
	bundle_put_head(&sending->head, BUNDLE_FILE, len);
	return bytes_failed(&sending->head, &sending->failure);
}

static int
read_some(struct sending *sending, uint8_t *to, size_t size, size_t *ret_len)
{
	size_t len = sending->left < size ? (size_t)sending->left : size;
	ssize_t count;

	if (sending->fd < 0) {
		memcpy(to, sending->at, len);
		sending->at += len;
		*ret_len = len;
		sending->left -= len;
		return 0;
	}
	do
		count = read(sending->fd, to, len);
	while (count < 0 && errno == EINTR);
	if (count <= 0)
		return count < 0
		    ? error_set_errno(&sending->failure, "reading")
		    : error_set(&sending->failure, ERROR_BUSY,
			  "a file became shorter while it was being sent");
	*ret_len = (size_t)count;
	sending->left -= (uint64_t)count;
	return 0;
}

static enum http_pull
pull(void *ctx, uint8_t *to, size_t size, size_t *ret_len)
{
	struct sending *sending = ctx;
	size_t len;

	if (sending->head_done == sending->head.len && sending->left == 0) {
		if (sending->fd >= 0)
			close(sending->fd);
		sending->fd = -1;
		*ret_len = 0;
		if (sending->next == sending->count)
			return HTTP_PULL_END;
		bytes_clear(&sending->head);
		sending->head_done = 0;
		if (begin_file(sending) < 0)
			return HTTP_PULL_FAIL;
	}
	len = sending->head.len - sending->head_done;
	if (len > 0) {
		len = len < size ? len : size;
		memcpy(to, sending->head.data + sending->head_done, len);
		sending->head_done += len;
		*ret_len = len;
		return HTTP_PULL_MORE;
	}
	return read_some(sending, to, size, ret_len) < 0 ? HTTP_PULL_FAIL
							 : HTTP_PULL_MORE;
}

static void
show_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct sending *sending = ctx;

	(void)total;
	progress_update(&sending->progress, done,
	    (int64_t)(clock_steady_us() / 1000));
}

/* The digest of one file's bytes goes into `key`. */
static int
digest_file(const struct local_file *file, struct sha256 *key,
    uint64_t *ret_len, struct error *err)
{
	uint8_t *buffer = malloc(CHUNK);
	ssize_t count = 0;
	int fd = -1;
	int rc = -1;

	if (buffer == NULL)
		return error_set_memory(err);
	if (open_file(file, &fd, ret_len, err) < 0)
		goto done;
	sha256_update(key, file->name, strlen(file->name) + 1);
	if (fd < 0)
		sha256_update(key, file->data, file->len);
	while (fd >= 0 && (count = read(fd, buffer, CHUNK)) > 0)
		sha256_update(key, buffer, (size_t)count);
	if (count < 0)
		error_set_errno(err, "reading %s", file->path);
	else
		rc = 0;
done:
	if (fd >= 0)
		close(fd);
	free(buffer);
	return rc;
}

/* Lengths of all files, and the key made of their names and contents. */
static int
survey(struct sending *sending, char key[DIGEST_TEXT_SIZE], uint64_t *ret_total,
    struct error *err)
{
	struct digest digest;
	struct sha256 *sha = NULL;
	int rc = -1;

	if (sha256_new(&sha, err) < 0)
		return -1;
	*ret_total = 0;
	for (size_t i = 0; i < sending->count; i++) {
		if (digest_file(&sending->files[i], sha, &sending->lens[i],
			err) < 0)
			goto done;
		*ret_total += sending->lens[i];
	}
	sha256_final(sha, &digest);
	digest_format(&digest, key);
	rc = 0;
done:
	sha256_free(sha);
	return rc;
}

static int
send_files(const struct local *local, const char *target, const char *key,
    struct sending *sending, struct http_answer *ret_answer, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	struct http_header headers[] = {
		{ "content-type", "application/vnd.yizhan.bundle" },
		{ "idempotency-key", key },
	};
	struct http_call call = { .method = "POST",
		.target = target,
		.headers = headers,
		.header_count = ARRAY_LEN(headers),
		.body_fd = -1,
		.answer_fd = -1,
		.pull = pull,
		.ctx = sending };
	int rc;

	if (survey(sending, digest, &call.pull_len, err) < 0)
		return -1;
	if (key[0] == '\0')
		headers[1].value = digest;
	bundle_put_magic(&sending->head);
	if (bytes_failed(&sending->head, err) < 0)
		return -1;
	if (local->cli != NULL) {
		sending->progress =
		    progress_start(local->cli, sending->files[0].name,
			call.pull_len, (int64_t)(clock_steady_us() / 1000));
		call.progress = show_progress;
	}
	rc = local_call(local, &call, ret_answer, err);
	if (local->cli != NULL)
		progress_end(&sending->progress);
	if (rc < 0 && sending->failure.code != ERROR_NONE)
		*err = sending->failure;
	return rc;
}

int
local_send(const struct local *local, const char *target, const char *key,
    const struct local_file *files, size_t count,
    struct http_answer *ret_answer, struct error *err)
{
	struct sending sending = { .files = files, .count = count, .fd = -1 };
	int rc = -1;

	memset(ret_answer, 0, sizeof(*ret_answer));
	if (count == 0 || count > FILES_MAX)
		return error_set(err, ERROR_MALFORMED, "%zu files", count);
	sending.lens = calloc(count, sizeof(*sending.lens));
	if (sending.lens == NULL)
		return error_set_memory(err);
	rc = send_files(local, target, key, &sending, ret_answer, err);
	if (sending.fd >= 0)
		close(sending.fd);
	bytes_free(&sending.head);
	free(sending.lens);
	return rc;
}
