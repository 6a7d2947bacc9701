#include "http/http_fetch.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_message.h"
#include "sys/loop.h"

enum {
	HEADER_SIZE = 256,
	RESOLVE_SIZE = 512,
	ANCHORS_MAX = 4 * 1024 * 1024,
	CHUNK = 65536
};

/* As Debian's ca-certificates writes them. */
static const char anchors_path[] = "/etc/ssl/certs/ca-certificates.crt";

/* A descriptor of the library that the loop watches. */
struct watched {
	struct http_fetcher *fetcher;
	struct watched *next;
	struct loop_watch *watch;
	curl_socket_t fd;
};

struct transfer {
	struct http_fetcher *fetcher;
	struct transfer *next;
	CURL *easy;
	struct curl_slist *headers;
	struct curl_slist *resolve;
	struct bytes request; /* its body */
	struct bytes answer;
	size_t answer_max;
	bool is_too_long;
	char why[CURL_ERROR_SIZE];
	http_fetched_fn fn;
	void *ctx;
};

struct http_fetcher {
	struct loop *loop;
	struct loop_timer *timer;
	CURLM *multi;
	char *from;           /* "host!127.0.0.1", or NULL */
	struct bytes anchors; /* PEM, for HTTPS; empty if there are none */
	struct watched *watched;
	struct transfer *transfers;
	size_t count;
};

static int
unreachable(struct error *err, const char *why)
{
	return error_set_id(err, "E6305", ERROR_BUSY, "%s", why);
}

/* ---- transfers ------------------------------------------------------- */

static void
transfer_free(struct transfer *transfer)
{
	struct http_fetcher *fetcher = transfer->fetcher;

	for (struct transfer **at = &fetcher->transfers; *at != NULL;
	     at = &(*at)->next)
		if (*at == transfer) {
			*at = transfer->next;
			fetcher->count--;
			break;
		}
	if (transfer->easy != NULL) {
		curl_multi_remove_handle(fetcher->multi, transfer->easy);
		curl_easy_cleanup(transfer->easy);
	}
	curl_slist_free_all(transfer->headers);
	curl_slist_free_all(transfer->resolve);
	bytes_free(&transfer->request);
	bytes_free(&transfer->answer);
	free(transfer);
}

static void
end_transfer(struct transfer *transfer, CURLcode result)
{
	http_fetched_fn fn = transfer->fn;
	void *ctx = transfer->ctx;
	struct http_fetched fetched = { .type = "" };
	struct bytes body = transfer->answer;
	struct error err = { 0 };
	char type[128] = "";
	char *found = NULL;
	long status = 0;

	if (transfer->is_too_long)
		unreachable(&err, "the answer is too long");
	else if (result != CURLE_OK)
		unreachable(&err,
		    transfer->why[0] != '\0' ? transfer->why
					     : curl_easy_strerror(result));
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &found);
	if (found != NULL && !text_copy(type, sizeof(type), found))
		type[0] = '\0';
	transfer->answer = (struct bytes){ 0 };
	transfer_free(transfer);
	if (err.code == ERROR_NONE && bytes_failed(&body, &err) == 0) {
		fetched.status = (int)status;
		fetched.type = type;
		fetched.body = &body;
		fn(ctx, &fetched, NULL);
	} else {
		fn(ctx, NULL, &err);
	}
	bytes_free(&body);
}

/* A callback may begin another one, so the list is read anew each time. */
static void
end_those_done(struct http_fetcher *fetcher)
{
	CURLMsg *message;
	int left;

	while (
	    (message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
		CURLcode result = message->data.result;
		char *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
		    &transfer);
		end_transfer((struct transfer *)(void *)transfer, result);
	}
}

static size_t
on_data(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	size_t len = size * count;

	if (len > transfer->answer_max - transfer->answer.len) {
		transfer->is_too_long = true;
		return 0;
	}
	bytes_put(&transfer->answer, data, len);
	return transfer->answer.failed ? 0 : len;
}

/* ---- the loop -------------------------------------------------------- */

static void
act(struct http_fetcher *fetcher, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(fetcher->multi, fd, events, &running);
	end_those_done(fetcher);
}

static void
on_timer(void *ctx)
{
	act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_ready(void *ctx, unsigned events)
{
	struct watched *watched = ctx;

	act(watched->fetcher, watched->fd,
	    ((events & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0) |
		((events & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static int
on_set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct http_fetcher *fetcher = ctx;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(fetcher->timer);
	else
		loop_timer_start(fetcher->timer, (uint64_t)timeout_ms);
	return 0;
}

static void
forget(struct http_fetcher *fetcher, curl_socket_t fd)
{
	for (struct watched **at = &fetcher->watched; *at != NULL;
	     at = &(*at)->next)
		if ((*at)->fd == fd) {
			struct watched *watched = *at;

			*at = watched->next;
			loop_watch_free(watched->watch);
			free(watched);
			return;
		}
}

static int
watch(struct http_fetcher *fetcher, curl_socket_t fd, unsigned events,
    struct error *err)
{
	struct watched *watched = fetcher->watched;

	while (watched != NULL && watched->fd != fd)
		watched = watched->next;
	if (watched != NULL)
		return loop_watch_set(watched->watch, events, err);
	watched = calloc(1, sizeof(*watched));
	if (watched == NULL)
		return error_set_memory(err);
	watched->fetcher = fetcher;
	watched->fd = fd;
	if (loop_watch_new(fetcher->loop, fd, events, on_ready, watched,
		&watched->watch, err) < 0) {
		free(watched);
		return -1;
	}
	watched->next = fetcher->watched;
	fetcher->watched = watched;
	return 0;
}

/* What cannot be watched runs into its timeout. */
static int
on_set_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
	struct http_fetcher *fetcher = ctx;
	struct error ignored = { 0 };

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE)
		forget(fetcher, fd);
	else
		(void)watch(fetcher, fd,
		    (what != CURL_POLL_OUT ? LOOP_READ : 0U) |
			(what != CURL_POLL_IN ? LOOP_WRITE : 0U),
		    &ignored);
	return 0;
}

/* ---- beginning one --------------------------------------------------- */

/* Scheme, host and port; what they must not be is refused. */
static int
check_url(const struct http_fetch *fetch, struct transfer *transfer,
    struct error *err)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	char resolve[RESOLVE_SIZE];
	bool is_good = url != NULL &&
	    curl_url_set(url, CURLUPART_URL, fetch->url, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ==
		CURLUE_OK &&
	    curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK &&
	    (text_equal(scheme, "http") || text_equal(scheme, "https"));

	if (is_good && fetch->address[0] != '\0') {
		is_good = snprintf(resolve, sizeof(resolve), "%s:%s:%s", host,
			      port, fetch->address) < (int)sizeof(resolve);
		transfer->resolve = curl_slist_append(NULL, resolve);
		is_good = is_good && transfer->resolve != NULL;
	} else if (is_good) {
		/* A name would have to be looked up. */
		is_good =
		    host[0] == '[' || host[strspn(host, "0123456789.")] == '\0';
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(url);
	return is_good ? 0
		       : error_set_id(err, "E1103", ERROR_MALFORMED,
			     "%.200s: not a URL of http or https with an "
			     "address",
			     fetch->url);
}

static bool
add_headers(struct transfer *transfer, const struct http_fetch *fetch)
{
	for (size_t i = 0; i < fetch->header_count; i++) {
		const struct http_header *header = &fetch->headers[i];
		struct curl_slist *more;
		char line[HEADER_SIZE];
		int len = snprintf(line, sizeof(line), "%s: %s", header->name,
		    header->value);

		if (len < 0 || (size_t)len >= sizeof(line) ||
		    strpbrk(line, "\r\n") != NULL)
			return false;
		more = curl_slist_append(transfer->headers, line);
		if (more == NULL)
			return false;
		transfer->headers = more;
	}
	return true;
}

/* The type depends on the option, which macros of the library check. */
static bool
set_options(struct transfer *transfer, const struct http_fetch *fetch)
{
	CURL *easy = transfer->easy;
	bool is_post = fetch->type[0] != '\0';
	char header[160];
	bool is_good =
	    curl_easy_setopt(easy, CURLOPT_URL, fetch->url) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") ==
		CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
		(long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
		(long)fetch->timeout_ms) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data) ==
		CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->why) ==
		CURLE_OK;

	if (transfer->fetcher->from != NULL)
		is_good = is_good &&
		    curl_easy_setopt(easy, CURLOPT_INTERFACE,
			transfer->fetcher->from) == CURLE_OK;
	if (transfer->fetcher->anchors.len > 0) {
		struct curl_blob anchors = { transfer->fetcher->anchors.data,
			transfer->fetcher->anchors.len, CURL_BLOB_NOCOPY };

		is_good = is_good &&
		    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &anchors) ==
			CURLE_OK;
	}
	if (transfer->resolve != NULL)
		is_good = is_good &&
		    curl_easy_setopt(easy, CURLOPT_RESOLVE,
			transfer->resolve) == CURLE_OK;
	if (!is_post)
		return is_good;
	snprintf(header, sizeof(header), "Content-Type: %.120s", fetch->type);
	transfer->headers = curl_slist_append(NULL, header);
	is_good = is_good && add_headers(transfer, fetch);
	return is_good && transfer->headers != NULL &&
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) ==
	    CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
		(long)transfer->request.len) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
		transfer->request.data) == CURLE_OK;
}

int
http_fetch(struct http_fetcher *fetcher, const struct http_fetch *fetch,
    http_fetched_fn fn, void *ctx, struct error *err)
{
	struct transfer *transfer;

	if (fetcher->count == HTTP_FETCHES_MAX)
		return unreachable(err, "too many requests are under way");
	transfer = calloc(1, sizeof(*transfer));
	if (transfer == NULL)
		return error_set_memory(err);
	transfer->fetcher = fetcher;
	transfer->answer_max = fetch->answer_max;
	transfer->fn = fn;
	transfer->ctx = ctx;
	transfer->next = fetcher->transfers;
	fetcher->transfers = transfer;
	fetcher->count++;
	bytes_put(&transfer->request, fetch->body, fetch->body_len);
	if (bytes_failed(&transfer->request, err) < 0 ||
	    check_url(fetch, transfer, err) < 0)
		goto failed;
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL || !set_options(transfer, fetch) ||
	    curl_multi_add_handle(fetcher->multi, transfer->easy) != CURLM_OK) {
		error_set_memory(err);
		goto failed;
	}
	return 0;
failed:
	transfer_free(transfer);
	return -1;
}

/* ---- life ------------------------------------------------------------ */

/* Without them HTTPS fails, and nothing else does. */
static void
read_anchors(struct bytes *to)
{
	int fd = open(anchors_path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	while (fd >= 0 && to->len < ANCHORS_MAX) {
		uint8_t *room = bytes_extend(to, CHUNK);

		len = room != NULL ? read(fd, room, CHUNK) : -1;
		to->len -= CHUNK - (len > 0 ? (size_t)len : 0);
		if (len <= 0)
			break;
	}
	if (fd >= 0)
		close(fd);
	if (len != 0)
		bytes_clear(to);
}

int
http_fetcher_new(struct loop *loop, const char *from,
    struct http_fetcher **ret_fetcher, struct error *err)
{
	struct http_fetcher *fetcher = calloc(1, sizeof(*fetcher));
	char interface[80];

	if (fetcher == NULL)
		return error_set_memory(err);
	fetcher->loop = loop;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto failed;
	read_anchors(&fetcher->anchors);
	/* "host!" keeps the library from looking for a device. */
	snprintf(interface, sizeof(interface), "host!%.64s", from);
	if (from[0] != '\0' && (fetcher->from = text_dup(interface)) == NULL)
		goto failed;
	fetcher->multi = curl_multi_init();
	if (fetcher->multi == NULL ||
	    loop_timer_new(loop, on_timer, fetcher, &fetcher->timer, err) < 0 ||
	    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION,
		on_set_socket) != CURLM_OK ||
	    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher) !=
		CURLM_OK ||
	    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION,
		on_set_timer) != CURLM_OK ||
	    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher) !=
		CURLM_OK)
		goto failed;
	*ret_fetcher = fetcher;
	return 0;
failed:
	http_fetcher_free(fetcher);
	return err->code == ERROR_NONE ? error_set_memory(err) : -1;
}

void
http_fetcher_free(struct http_fetcher *fetcher)
{
	if (fetcher == NULL)
		return;
	while (fetcher->transfers != NULL)
		transfer_free(fetcher->transfers);
	if (fetcher->multi != NULL)
		curl_multi_cleanup(fetcher->multi);
	while (fetcher->watched != NULL)
		forget(fetcher, fetcher->watched->fd);
	loop_timer_free(fetcher->timer);
	bytes_free(&fetcher->anchors);
	free(fetcher->from);
	free(fetcher);
	curl_global_cleanup();
}
