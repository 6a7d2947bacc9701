#include "cli/trust/trust_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/secret.h"
#include "sys/file.h"

enum { CHUNK = 65536, PEM_MAX = 65536, CACHE_SIZE = 32 };

int
trust_read(const char *path, size_t max, struct bytes *to, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	do {
		uint8_t *room = bytes_extend(to, CHUNK);

		len = room != NULL ? read(fd, room, CHUNK) : -1;
		if (room != NULL)
			to->len -= CHUNK - (len > 0 ? (size_t)len : 0);
	} while (len > 0 && to->len <= max);
	close(fd);
	if (len < 0)
		return error_set_errno(err, "reading %s", path);
	if (to->len > max)
		return error_set(err, ERROR_MALFORMED,
		    "%s has more than %zu bytes", path, max);
	return bytes_failed(to, err);
}

int
trust_write(const char *path, const void *data, size_t len, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return error_set_errno(err, "creating %s", path);
	rc = file_write_at(fd, data, len, 0, err);
	if (rc == 0)
		rc = file_sync(fd, err);
	close(fd);
	if (rc < 0)
		unlink(path);
	return rc < 0 ? error_prefix(err, "writing %s", path) : 0;
}

/* ---- keys and certificates ---------------------------------------------- */

/* The first PEM block whose label ends so; NULL without one. */
static const char *
find_block(const struct bytes *pem, const char *label, size_t *ret_len)
{
	static const char end_mark[] = "-----END ";
	const char *text = (const char *)pem->data;
	const char *begin = strstr(text, label);
	const char *end;

	if (begin == NULL)
		return NULL;
	while (begin > text && begin[-1] != '\n')
		begin--;
	end = strstr(begin, end_mark);
	if (end == NULL)
		return NULL;
	end = strstr(end + strlen(end_mark), "-----");
	if (end == NULL)
		return NULL;
	*ret_len = (size_t)(end + 5 - begin);
	return begin;
}

static int
parse_cert(const struct bytes *pem, const char *path, struct cert **ret_cert,
    struct error *err)
{
	size_t len;
	const char *block = find_block(pem, "BEGIN CERTIFICATE-----", &len);

	if (block == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "%s holds no certificate in PEM", path);
	return cert_parse_pem(block, len, ret_cert, err);
}

/* With a NUL at its end, so that it can be searched as text. */
static int
read_pem(const char *path, struct bytes *to, struct error *err)
{
	if (trust_read(path, PEM_MAX, to, err) < 0)
		return -1;
	bytes_put_u8(to, '\0');
	return bytes_failed(to, err);
}

int
trust_read_cert(const char *path, struct cert **ret_cert, struct error *err)
{
	struct bytes pem = { 0 };
	int rc = read_pem(path, &pem, err);

	if (rc == 0)
		rc = parse_cert(&pem, path, ret_cert, err);
	bytes_wipe(&pem);
	return rc;
}

static int
parse_key(const struct cli *cli, const struct bytes *pem, const char *path,
    struct key **ret_key, struct error *err)
{
	char passphrase[TRUST_PASSPHRASE_SIZE];
	size_t len;
	const char *block = find_block(pem, "PRIVATE KEY-----", &len);
	int rc;

	if (block == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "%s holds no private key in PEM", path);
	if (!key_is_locked(block, len)) {
		cli_say(cli, "%s\n",
		    cli_text(cli, "警告：此金鑰檔未以密語保護。",
			"Warning: no passphrase protects this key file."));
		return key_parse(block, len, ret_key, err);
	}
	if (trust_read_passphrase(cli, false, passphrase, err) < 0)
		return -1;
	rc = key_unlock(block, len, passphrase, ret_key, err);
	secret_wipe(passphrase, sizeof(passphrase));
	return rc;
}

int
trust_read_holder(const struct cli *cli, const char *path, struct key **ret_key,
    struct cert **ret_cert, struct error *err)
{
	struct bytes pem = { 0 };
	struct cert *cert = NULL;
	struct key *key = NULL;
	int rc = -1;

	if (read_pem(path, &pem, err) < 0 ||
	    parse_cert(&pem, path, &cert, err) < 0 ||
	    parse_key(cli, &pem, path, &key, err) < 0)
		goto done;
	if (!key_matches(key, cert)) {
		error_set(err, ERROR_UNTRUSTED,
		    "%s: the certificate is of another key", path);
		goto done;
	}
	*ret_key = key;
	*ret_cert = cert;
	key = NULL;
	cert = NULL;
	rc = 0;
done:
	bytes_wipe(&pem);
	key_free(key);
	cert_free(cert);
	return rc;
}

/* ---- drafts and bulletins ------------------------------------------------ */

int
trust_read_draft(const char *path, struct draft *ret_draft, struct error *err)
{
	struct bytes file = { 0 };
	int rc = trust_read(path, draft_bytes_max(), &file, err);

	if (rc == 0)
		rc = draft_parse(file.data, file.len, ret_draft, err);
	bytes_free(&file);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

int
trust_parse_bulletin(const void *data, size_t len,
    struct bulletin *ret_bulletin, struct error *err)
{
	struct bulletin_signers signers;
	struct cert_cache *cache = NULL;
	int rc;

	if (cert_cache_new(CACHE_SIZE, &cache, err) < 0)
		return -1;
	rc = bulletin_open(cache, data, len, ret_bulletin, &signers, err);
	cert_cache_free(cache);
	return rc;
}

/* ---- the terminal --------------------------------------------------------- */

/* One line without its end; false when there is none, or a longer one. */
static bool
read_line(int fd, char *to, size_t size)
{
	size_t len = 0;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == '\n')
			break;
		if (len + 1 == size)
			return false;
		to[len++] = c;
	}
	if (len > 0 && to[len - 1] == '\r')
		len--;
	to[len] = '\0';
	return len > 0;
}

static void
write_text(int fd, const char *text)
{
	ssize_t ignored = write(fd, text, strlen(text));

	(void)ignored;
}

static bool
ask_hidden(int tty, const char *question, char to[TRUST_PASSPHRASE_SIZE])
{
	struct termios shown;
	struct termios hidden;
	bool is_good;

	if (tcgetattr(tty, &shown) < 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &hidden) < 0)
		return false;
	write_text(tty, question);
	is_good = read_line(tty, to, TRUST_PASSPHRASE_SIZE);
	write_text(tty, "\n");
	tcsetattr(tty, TCSAFLUSH, &shown);
	return is_good;
}

static int
ask_passphrase(const struct cli *cli, bool is_new,
    char to[TRUST_PASSPHRASE_SIZE], struct error *err)
{
	char again[TRUST_PASSPHRASE_SIZE] = "";
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool is_good;

	if (tty < 0)
		return cli_refuse(err,
		    "no terminal to ask for the passphrase: give "
		    "--passphrase-file");
	is_good = ask_hidden(tty,
	    cli_text(cli, "金鑰密語：", "Passphrase of the key: "), to);
	if (is_good && is_new)
		is_good =
		    ask_hidden(tty,
			cli_text(cli, "再輸入一次：", "Once more: "), again) &&
		    text_equal(to, again);
	secret_wipe(again, sizeof(again));
	close(tty);
	return is_good
	    ? 0
	    : cli_refuse(err, "no passphrase, or two different ones");
}

int
trust_read_passphrase(const struct cli *cli, bool is_new,
    char to[TRUST_PASSPHRASE_SIZE], struct error *err)
{
	const char *path = cli_value(cli, "passphrase-file");
	int fd, rc;
	bool is_good;

	if (path == NULL) {
		rc = ask_passphrase(cli, is_new, to, err);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return error_set_errno(err, "opening %s", path);
		is_good = read_line(fd, to, TRUST_PASSPHRASE_SIZE);
		close(fd);
		rc = is_good ? 0
			     : cli_refuse(err, "%s holds no passphrase", path);
	}
	if (rc == 0 && is_new && strlen(to) < TRUST_PASSPHRASE_MIN) {
		rc = cli_refuse(err, "a passphrase has at least %d bytes",
		    TRUST_PASSPHRASE_MIN);
	}
	if (rc < 0)
		secret_wipe(to, TRUST_PASSPHRASE_SIZE);
	return rc;
}

int
trust_ask(const struct cli *cli, const char *question, char *to, size_t size,
    struct error *err)
{
	bool is_good;

	(void)cli;
	write_text(STDERR_FILENO, question);
	is_good = read_line(STDIN_FILENO, to, size);
	if (is_good)
		return 0;
	return error_set_id(err, "E7031", ERROR_DENIED, "nothing was typed");
}
