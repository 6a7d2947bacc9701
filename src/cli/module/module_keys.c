#include "cli/module/module_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/random.h"
#include "role/keeper/keeper_file.h"
#include "service/config.h"

enum { KEY_FILE_MAX = 65536, PATH_SIZE = 4096, PIECE = 4096 };

static const char prefix[] = "file:";

void
module_keys_free(struct module_keys *keys)
{
	free(keys->items);
	*keys = (struct module_keys){ 0 };
}

/* Of the certificate in the file; a key without one has none. */
static void
read_certificate(const char *path, struct digest *ret_digest)
{
	static const char mark[] = "-----BEGIN CERTIFICATE-----";
	struct bytes pem = { 0 };
	struct cert *cert = NULL;
	struct error ignored = { 0 };
	const char *begin;

	*ret_digest = (struct digest){ { 0 } };
	if (keeper_file_read(path, KEY_FILE_MAX, &pem, &ignored) == 0) {
		bytes_put_u8(&pem, '\0');
		begin =
		    pem.failed ? NULL : strstr((const char *)pem.data, mark);
		if (begin != NULL &&
		    cert_parse_pem(begin, strlen(begin), &cert, &ignored) == 0)
			*ret_digest = *cert_fingerprint(cert);
	}
	cert_free(cert);
	bytes_wipe(&pem);
}

int
module_keys_find(const struct config *config, struct module_keys *ret_keys,
    struct error *err)
{
	struct module_keys keys = { 0 };

	keys.items = calloc(config->key_count + 1, sizeof(*keys.items));
	if (keys.items == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < config->key_count; i++) {
		const struct config_key *key = &config->keys[i];
		struct module_key_file *file = &keys.items[keys.count];

		if (text_equal(key->name, "tls") ||
		    !text_starts(key->source, prefix) ||
		    access(key->source + strlen(prefix), F_OK) < 0)
			continue;
		file->name = key->name;
		file->path = key->source + strlen(prefix);
		read_certificate(file->path, &file->certificate);
		keys.count++;
	}
	*ret_keys = keys;
	return 0;
}

/* Random bytes over all of it, then nothing. */
static int
overwrite(int fd, struct error *err)
{
	uint8_t noise[PIECE];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set_errno(err, "reading");
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof(noise)) {
		size_t len = st.st_size - at < (off_t)sizeof(noise)
		    ? (size_t)(st.st_size - at)
		    : sizeof(noise);

		if (random_fill(noise, sizeof(noise), err) < 0)
			return -1;
		if (pwrite(fd, noise, len, at) != (ssize_t)len)
			return error_set_errno(err, "overwriting");
	}
	return fsync(fd) < 0 ? error_set_errno(err, "overwriting") : 0;
}

static int
destroy(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set_errno(err, "%s", path);
	rc = overwrite(fd, err);
	close(fd);
	if (rc == 0 && unlink(path) < 0)
		rc = error_set_errno(err, "removing %s", path);
	if (rc == 0)
		rc = keeper_file_sync_folder(path, err);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

int
module_keys_destroy(const struct config *config, const struct module_keys *keys,
    struct error *err)
{
	char storage[PATH_SIZE];
	struct error first = { 0 };

	for (size_t i = 0; i <= keys->count; i++) {
		struct error why = { 0 };
		const char *path = storage;

		if (i < keys->count)
			path = keys->items[i].path;
		else
			snprintf(storage, sizeof(storage), "%s/keeper.key",
			    config->host.data);
		if (destroy(path, &why) < 0 && first.code == ERROR_NONE)
			first = why;
	}
	if (first.code == ERROR_NONE)
		return 0;
	*err = first;
	return -1;
}

int
module_keys_write(const char *path, const struct bytes *data, struct error *err)
{
	return bytes_failed(data, err) < 0
	    ? -1
	    : keeper_file_create(path, data->data, data->len, err);
}
