#include "harness/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "sys/process.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 32 };

const char token_library_path[] = "/usr/lib/softhsm/libsofthsm2.so";

static void
run(const char *path, const char *const argv[])
{
	struct error err = { 0 };
	int status = 0;
	pid_t pid;

	if (process_spawn_path(path, (char *const *)(uintptr_t)argv, &pid,
		&err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s %s: status %d", path, argv[1], status);
}

static void
write_file(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, len, 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

void
token_folder_make(struct token_folder *folder)
{
	static const char *const argv[] = { "softhsm2-util", "--init-token",
		"--free", "--label", "yizhan", "--pin", "123456", "--so-pin",
		"654321", NULL };
	char made[SCRATCH_PATH_SIZE];
	char here[SCRATCH_PATH_SIZE / 2];
	char config[PATH_SIZE];
	char text[2 * PATH_SIZE];

	/* Libraries are told whole paths. */
	scratch_make(made);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_true(strlen(made) < sizeof(here) - 1);
	snprintf(folder->path, sizeof(folder->path), "%s/%.100s", here, made);
	snprintf(folder->tokens, sizeof(folder->tokens), "%s/tokens",
	    folder->path);
	snprintf(folder->pin_path, sizeof(folder->pin_path), "%s/pin",
	    folder->path);
	snprintf(config, sizeof(config), "%s/softhsm2.conf", folder->path);
	snprintf(text, sizeof(text),
	    "directories.tokendir = %s\nobjectstore.backend = file\n"
	    "log.level = ERROR\n",
	    folder->tokens);
	assert_int_equal(mkdir(folder->tokens, 0700), 0);
	write_file(config, text, strlen(text));
	write_file(folder->pin_path, "123456\n", 7);
	assert_int_equal(setenv("SOFTHSM2_CONF", config, 1), 0);
	run("/usr/bin/softhsm2-util", argv);
}

void
token_folder_remove(const struct token_folder *folder)
{
	scratch_remove(folder->path);
}

void
token_folder_add_key(const struct token_folder *folder, const char *name,
    const char *id, const struct key *key)
{
	char path[PATH_SIZE];
	const char *const util[] = { "softhsm2-util", "--import", path,
		"--token", "yizhan", "--label", name, "--id", id, "--pin",
		"123456", NULL };
	const char *const tool[] = { "pkcs11-tool", "--module",
		token_library_path, "--token-label", "yizhan", "--login",
		"--pin", "123456", "--write-object", path, "--type", "privkey",
		"--label", name, "--id", id, "--usage-sign", "--usage-derive",
		NULL };
	struct bytes pem = { 0 };
	struct error err = { 0 };

	snprintf(path, sizeof(path), "%s/key", folder->path);
	assert_int_equal(key_put_pem(key, &pem, &err), 0);
	write_file(path, pem.data, pem.len);
	/* The one does not let a key agree, the other knows no Edwards. */
	if (key_kind(key) == CERT_KEY_P256)
		run("/usr/bin/pkcs11-tool", tool);
	else
		run("/usr/bin/softhsm2-util", util);
	assert_int_equal(unlink(path), 0);
	bytes_wipe(&pem);
}

void
token_folder_add_cert(const struct token_folder *folder, const char *name,
    const char *id, const struct cert *cert)
{
	char path[PATH_SIZE];
	const char *const tool[] = { "pkcs11-tool", "--module",
		token_library_path, "--token-label", "yizhan", "--login",
		"--pin", "123456", "--write-object", path, "--type", "cert",
		"--label", name, "--id", id, NULL };
	const uint8_t *der;
	size_t len;

	snprintf(path, sizeof(path), "%s/cert", folder->path);
	der = cert_der(cert, &len);
	write_file(path, der, len);
	run("/usr/bin/pkcs11-tool", tool);
	assert_int_equal(unlink(path), 0);
}

const char *
token_folder_uri(const struct token_folder *folder, const char *name)
{
	static char uri[4 * PATH_SIZE];

	snprintf(uri, sizeof(uri),
	    "pkcs11:token=yizhan;object=%s?module-path=%s&pin-source=file:%s",
	    name, token_library_path, folder->pin_path);
	return uri;
}

static void
move(const struct token_folder *folder, const char *from, const char *to)
{
	char old[PATH_SIZE];
	char new[PATH_SIZE];

	snprintf(old, sizeof(old), "%s/%s", folder->path, from);
	snprintf(new, sizeof(new), "%s/%s", folder->path, to);
	assert_int_equal(rename(old, new), 0);
}

void
token_folder_pull(const struct token_folder *folder)
{
	move(folder, "tokens", "pulled");
}

void
token_folder_put_back(const struct token_folder *folder)
{
	move(folder, "pulled", "tokens");
}
