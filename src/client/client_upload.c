/*
 * Files as one bundle, read while it leaves.  The key is made of all bytes in a
 * first pass; in the second one the last bytes of a file leave only when its
 * digest is that of the first, so a file that changes meanwhile is never taken
 * for a letter.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "client/client_internal.h"

enum { DIGEST_LEN = 32, HEAD_LEN = 9, MAGIC_LEN = 8 };

static const char magic[MAGIC_LEN + 1] = "YZBNDL1\n";

/* One file: what it was in the first pass. */
struct part {
	const struct yizhan_file *file;
	uint64_t len;
	unsigned char digest[DIGEST_LEN];
};

struct client_upload {
	struct part *parts;
	size_t count;
	char key[YIZHAN_KEY_SIZE];
	uint64_t len; /* of the bundle */

	/* Where it is. */
	size_t next; /* part to begin with */
	struct client_text head;
	size_t head_done;
	uint64_t offset; /* in the part before `next` */
	int fd;
	bool is_own_fd;
	EVP_MD_CTX *sha;
	char failure[192];
};

/* ---- reading one file ---------------------------------------------------- */

static bool
fail(struct client_upload *upload, const char *name, const char *why)
{
	snprintf(upload->failure, sizeof(upload->failure), "%.100s: %.80s",
	    name, why);
	return false;
}

static void
close_part(struct client_upload *upload)
{
	if (upload->is_own_fd)
		close(upload->fd);
	upload->is_own_fd = false;
	upload->fd = -1;
}

static bool
open_part(struct client_upload *upload, const struct yizhan_file *file,
    uint64_t *ret_len)
{
	struct stat st;

	upload->offset = 0;
	if (file->data != NULL) {
		*ret_len = file->len;
		return true;
	}
	upload->is_own_fd = file->path != NULL;
	upload->fd = file->path != NULL
	    ? open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
	    : file->fd;
	if (upload->fd < 0 && upload->is_own_fd) {
		upload->is_own_fd = false;
		return fail(upload, file->path, strerror(errno));
	}
	if (fstat(upload->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(upload, file->name, "is not a file");
	*ret_len = (uint64_t)st.st_size;
	return true;
}

/* Up to `size` bytes from where it is; 0 at the end. */
static bool
read_part(struct client_upload *upload, const struct yizhan_file *file,
    void *to, size_t size, size_t *ret_len)
{
	ssize_t count;

	if (file->data != NULL) {
		size_t left = file->len - (size_t)upload->offset;

		*ret_len = left < size ? left : size;
		memcpy(to, (const char *)file->data + upload->offset, *ret_len);
	} else {
		do
			count =
			    pread(upload->fd, to, size, (off_t)upload->offset);
		while (count < 0 && errno == EINTR);
		if (count < 0)
			return fail(upload, file->name, strerror(errno));
		*ret_len = (size_t)count;
	}
	upload->offset += *ret_len;
	return true;
}

static void
put_hex(const unsigned char digest[DIGEST_LEN], char hex[YIZHAN_KEY_SIZE])
{
	for (size_t i = 0; i < DIGEST_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* ---- the first pass -------------------------------------------------------- */

static bool
digest_part(struct client_upload *upload, struct part *part, EVP_MD_CTX *key,
    char *buffer)
{
	const struct yizhan_file *file = part->file;
	uint64_t len;
	size_t count;

	if (!open_part(upload, file, &len))
		return false;
	EVP_DigestInit_ex(upload->sha, EVP_sha256(), NULL);
	EVP_DigestUpdate(key, file->name, strlen(file->name) + 1);
	do {
		if (!read_part(upload, file, buffer, CLIENT_CHUNK, &count))
			break;
		EVP_DigestUpdate(upload->sha, buffer, count);
		EVP_DigestUpdate(key, buffer, count);
	} while (count > 0);
	part->len = upload->offset;
	EVP_DigestFinal_ex(upload->sha, part->digest, NULL);
	close_part(upload);
	upload->len += 2 * HEAD_LEN + strlen(file->name) + part->len;
	return upload->failure[0] == '\0';
}

static bool
digest_all(struct client_upload *upload, EVP_MD_CTX *key, char *buffer)
{
	unsigned char digest[DIGEST_LEN];

	EVP_DigestInit_ex(key, EVP_sha256(), NULL);
	upload->len = MAGIC_LEN;
	for (size_t i = 0; i < upload->count; i++)
		if (!digest_part(upload, &upload->parts[i], key, buffer))
			return false;
	EVP_DigestFinal_ex(key, digest, NULL);
	put_hex(digest, upload->key);
	return true;
}

static enum yizhan_result
begin(struct yizhan *yizhan, struct client_upload *upload,
    const struct yizhan_file *files, size_t count)
{
	EVP_MD_CTX *key = EVP_MD_CTX_new();
	char *buffer = malloc(CLIENT_CHUNK);
	enum yizhan_result result = YIZHAN_OK;

	upload->sha = EVP_MD_CTX_new();
	upload->parts = calloc(count, sizeof(*upload->parts));
	if (key == NULL || buffer == NULL || upload->sha == NULL ||
	    upload->parts == NULL) {
		result = client_no_memory(yizhan);
	} else {
		upload->count = count;
		for (size_t i = 0; i < count; i++)
			upload->parts[i].file = &files[i];
		if (!digest_all(upload, key, buffer))
			result = client_problem_set(yizhan, YIZHAN_LOCAL, "%s",
			    upload->failure);
	}
	EVP_MD_CTX_free(key);
	free(buffer);
	return result;
}

enum yizhan_result
client_upload_new(struct yizhan *yizhan, const struct yizhan_file *files,
    size_t count, struct client_upload **ret_upload)
{
	struct client_upload *upload;
	enum yizhan_result result;

	if (count == 0 || count > CLIENT_FILES_MAX)
		return client_problem_set(yizhan, YIZHAN_LOCAL,
		    "%zu files; a letter has 1 to %d", count, CLIENT_FILES_MAX);
	for (size_t i = 0; i < count; i++)
		if (files[i].name == NULL || files[i].name[0] == '\0')
			return client_problem_set(yizhan, YIZHAN_LOCAL,
			    "file %zu has no name", i);
	upload = calloc(1, sizeof(*upload));
	if (upload == NULL)
		return client_no_memory(yizhan);
	upload->fd = -1;
	result = begin(yizhan, upload, files, count);
	if (result == YIZHAN_OK)
		*ret_upload = upload;
	else
		client_upload_free(upload);
	return result;
}

void
client_upload_free(struct client_upload *upload)
{
	if (upload == NULL)
		return;
	close_part(upload);
	EVP_MD_CTX_free(upload->sha);
	client_text_free(&upload->head);
	free(upload->parts);
	free(upload);
}

/* ---- the second pass ------------------------------------------------------- */

void
client_upload_rewind(struct client_upload *upload)
{
	close_part(upload);
	client_text_free(&upload->head);
	upload->next = 0;
	upload->head_done = 0;
	upload->offset = 0;
	upload->failure[0] = '\0';
}

uint64_t
client_upload_len(const struct client_upload *upload)
{
	return upload->len;
}

const char *
client_upload_key(const struct client_upload *upload)
{
	return upload->key;
}

const char *
client_upload_failure(const struct client_upload *upload)
{
	return upload->failure[0] != '\0' ? upload->failure : NULL;
}

static bool
add_head(struct client_upload *upload, char kind, uint64_t len)
{
	char head[HEAD_LEN] = { kind };

	for (int i = HEAD_LEN - 1; i > 0; i--, len >>= 8)
		head[i] = (char)(len & 0xff);
	return client_text_add(&upload->head, head, sizeof(head));
}

/* The head of the next part; the magic before the first. */
static bool
begin_part(struct client_upload *upload)
{
	const struct part *part = &upload->parts[upload->next];
	const char *name = part->file->name;
	bool is_first = upload->next == 0;
	uint64_t len;

	upload->head.len = 0;
	upload->head_done = 0;
	if ((is_first && !client_text_add(&upload->head, magic, MAGIC_LEN)) ||
	    !add_head(upload, 'N', strlen(name)) ||
	    !client_text_add(&upload->head, name, strlen(name)) ||
	    !add_head(upload, 'F', part->len))
		return fail(upload, name, "no memory");
	if (!open_part(upload, part->file, &len))
		return false;
	if (len != part->len)
		return fail(upload, name, "changed while it was being sent");
	EVP_DigestInit_ex(upload->sha, EVP_sha256(), NULL);
	upload->next++;
	return true;
}

/* What was read goes into the digest; with its last bytes it is compared. */
static bool
check_part(struct client_upload *upload, const struct part *part,
    const char *data, size_t len)
{
	unsigned char digest[DIGEST_LEN];

	EVP_DigestUpdate(upload->sha, data, len);
	if (len > 0 && upload->offset < part->len)
		return true;
	EVP_DigestFinal_ex(upload->sha, digest, NULL);
	if (upload->offset != part->len ||
	    memcmp(digest, part->digest, DIGEST_LEN) != 0)
		return fail(upload, part->file->name,
		    "changed while it was being sent");
	return true;
}

size_t
client_upload_read(char *to, size_t one, size_t size, void *context)
{
	struct client_upload *upload = context;
	const struct part *part;
	uint64_t left;
	size_t len;

	size *= one;
	if (upload->head_done < upload->head.len) {
		len = upload->head.len - upload->head_done;
		len = len < size ? len : size;
		memcpy(to, upload->head.data + upload->head_done, len);
		upload->head_done += len;
		return len;
	}
	part = upload->next > 0 ? &upload->parts[upload->next - 1] : NULL;
	if (part == NULL || upload->offset == part->len) {
		close_part(upload);
		if (upload->next == upload->count)
			return 0;
		if (!begin_part(upload))
			return CURL_READFUNC_ABORT;
		return client_upload_read(to, 1, size, upload);
	}
	left = part->len - upload->offset;
	if (!read_part(upload, part->file, to,
		left < size ? (size_t)left : size, &len) ||
	    !check_part(upload, part, to, len))
		return CURL_READFUNC_ABORT;
	return len;
}

/* ---- one file, in slices ---------------------------------------------------- */

uint64_t
client_upload_file_len(const struct client_upload *upload)
{
	return upload->parts[0].len;
}

void
client_upload_file_sha256(const struct client_upload *upload,
    char hex[YIZHAN_KEY_SIZE])
{
	put_hex(upload->parts[0].digest, hex);
}

bool
client_upload_slice(struct client_upload *upload, uint64_t offset, char *to,
    size_t len)
{
	const struct yizhan_file *file = upload->parts[0].file;
	uint64_t file_len;
	size_t count = 0;

	upload->failure[0] = '\0';
	if (!open_part(upload, file, &file_len))
		return false;
	if (file_len != upload->parts[0].len)
		fail(upload, file->name, "changed while it was being sent");
	upload->offset = offset;
	while (upload->failure[0] == '\0' && len > 0) {
		if (!read_part(upload, file, to, len, &count))
			break;
		if (count == 0)
			fail(upload, file->name,
			    "changed while it was being sent");
		to += count;
		len -= count;
	}
	close_part(upload);
	return upload->failure[0] == '\0';
}
