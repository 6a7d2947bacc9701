#include "demo/demo_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_write.h"
#include "sys/file.h"

enum { KEY_FILE_MAX = 64 * 1024 };

int
demo_certify(const struct demo_subject *subject, const struct key *key,
    const struct demo_pair *issuer, int64_t now_ms, int64_t ends_at,
    struct cert **ret_cert, struct error *err)
{
	struct issue_request request = { .kind = subject->kind,
		.country = "TW",
		.organization = subject->organization,
		.common_name = subject->common_name,
		.addresses = &subject->address,
		.address_count = subject->address != NULL ? 1 : 0,
		/* Hosts whose clocks differ a little agree all the same. */
		.not_before_at = now_ms - 60000,
		.not_after_at = ends_at };
	struct bytes spki = { 0 };
	int rc = -1;

	if (key_put_spki(key, &spki, err) == 0 && bytes_failed(&spki, err) == 0)
		rc = issue_cert(&request, spki.data, spki.len,
		    issuer != NULL ? issuer->cert : NULL,
		    issuer != NULL ? issuer->key : key, ret_cert, err);
	bytes_free(&spki);
	return rc < 0
	    ? error_prefix(err, "certificate of %s", subject->common_name)
	    : 0;
}

static int
find_key(const struct demo_subject *subject, struct key **ret_key,
    struct error *err)
{
	struct bytes pem = { 0 };
	int rc = -1;

	if (subject->key_file == NULL)
		return key_generate(subject->key, ret_key, err);
	if (file_read_all(AT_FDCWD, subject->key_file, KEY_FILE_MAX, &pem,
		err) == 0)
		rc = key_parse(pem.data, pem.len, ret_key, err);
	bytes_wipe(&pem);
	return rc;
}

int
demo_pair_make(const struct demo_subject *subject,
    const struct demo_pair *issuer, int64_t now_ms, struct demo_pair *ret_pair,
    struct error *err)
{
	int64_t valid_ms =
	    subject->valid_ms > 0 ? subject->valid_ms : DEMO_VALID_MS;
	struct demo_pair pair = { 0 };

	if (find_key(subject, &pair.key, err) < 0 ||
	    demo_certify(subject, pair.key, issuer, now_ms, now_ms + valid_ms,
		&pair.cert, err) < 0) {
		demo_pair_free(&pair);
		return -1;
	}
	*ret_pair = pair;
	return 0;
}

void
demo_pair_free(struct demo_pair *pair)
{
	key_free(pair->key);
	cert_free(pair->cert);
	*pair = (struct demo_pair){ 0 };
}

int
demo_write(const char *path, const void *data, size_t len, struct error *err)
{
	const unsigned char *at = data;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set_errno(err, "creating %s", path);
	while (len > 0) {
		ssize_t count = write(fd, at, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			error_set_errno(err, "writing %s", path);
			close(fd);
			return -1;
		}
		at += count;
		len -= (size_t)count;
	}
	return close(fd) < 0 ? error_set_errno(err, "closing %s", path) : 0;
}

int
demo_pair_save(const struct demo_pair *pair, const char *path,
    struct error *err)
{
	struct bytes pem = { 0 };
	int rc = -1;

	if (key_put_pem(pair->key, &pem, err) < 0)
		goto done;
	cert_put_pem(pair->cert, &pem);
	if (bytes_failed(&pem, err) == 0)
		rc = demo_write(path, pem.data, pem.len, err);
done:
	bytes_wipe(&pem);
	return rc;
}

void
demo_pair_put_cert(struct json_writer *writer, const char *key,
    const struct demo_pair *pair)
{
	size_t len;
	const uint8_t *der = cert_der(pair->cert, &len);

	json_write_base64(writer, key, der, len);
}

void
demo_pair_put_cert_list(struct json_writer *writer, const char *key,
    const struct demo_pair *pair)
{
	json_write_begin_array(writer, key);
	demo_pair_put_cert(writer, NULL, pair);
	json_write_end(writer);
}

void
demo_pair_put_role(struct json_writer *writer, const char *name, int threshold,
    const struct demo_pair *pairs, int count)
{
	json_write_begin_object(writer, name);
	json_write_int(writer, "threshold", threshold);
	json_write_begin_array(writer, "certificates");
	for (int i = 0; i < count; i++)
		json_write_digest(writer, NULL,
		    cert_fingerprint(pairs[i].cert));
	json_write_end(writer);
	json_write_end(writer);
}
