#include "role/keeper/keeper_module.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/sha256.h"
#include "role/keeper/keeper_keys.h"
#include "role/keeper/keeper_selftest.h"
#include "service/config.h"

enum { PATH_SIZE = 4096, PIECE = 65536 };

const char *
keeper_state_name(enum keeper_state state)
{
	static const char *const names[KEEPER_STATE_COUNT] = {
		[KEEPER_READY] = "ready",
		[KEEPER_WAITS] = "waits",
		[KEEPER_FAILED] = "failed",
		[KEEPER_ZEROISED] = "zeroised",
	};

	return names[state];
}

const char *
keeper_integrity_name(enum keeper_integrity integrity)
{
	static const char *const names[KEEPER_INTEGRITY_COUNT] = {
		[KEEPER_UNCHECKED] = "unchecked",
		[KEEPER_BY_MANIFEST] = "manifest",
		[KEEPER_BY_RELEASE] = "release",
		[KEEPER_DIFFERS] = "differs",
	};

	return names[integrity];
}

/* ---- the program -------------------------------------------------------- */

static bool
digest_file(const char *path, struct digest *ret_digest)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct sha256 *sha = NULL;
	struct error ignored = { 0 };
	uint8_t piece[PIECE / 8];
	ssize_t len = -1;

	if (fd < 0)
		return false;
	if (sha256_new(&sha, &ignored) == 0)
		while ((len = read(fd, piece, sizeof(piece))) > 0)
			sha256_update(sha, piece, (size_t)len);
	if (len == 0)
		sha256_final(sha, ret_digest);
	sha256_free(sha);
	close(fd);
	return len == 0;
}

/* As sha256sum writes it: the digest, then blanks and a name. */
static bool
read_manifest(struct digest *ret_digest)
{
	char path[PATH_SIZE];
	char line[DIGEST_TEXT_SIZE];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 8);
	int fd;

	if (len <= 0)
		return false;
	memcpy(path + len, ".sha256", 8);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, line, sizeof(line));
	close(fd);
	if (len != sizeof(line) || line[DIGEST_TEXT_SIZE - 1] != ' ')
		return false;
	line[DIGEST_TEXT_SIZE - 1] = '\0';
	return digest_parse(line, ret_digest);
}

void
keeper_module_fail(struct keeper_module *module, const struct error *why)
{
	if (module->state == KEEPER_FAILED)
		return;
	module->state = KEEPER_FAILED;
	module->failure = *why;
}

static void
fail_integrity(struct keeper_module *module, const char *by)
{
	struct error why = { 0 };

	module->integrity = KEEPER_DIFFERS;
	error_set_id(&why, "E3625", ERROR_SYSTEM,
	    "the program that runs is not the one that %s names", by);
	if (module->is_required)
		keeper_module_fail(module, &why);
}

static void
check_program(struct keeper_module *module)
{
	struct digest manifest;

	if (!digest_file("/proc/self/exe", &module->program) ||
	    !read_manifest(&manifest))
		return;
	if (digest_equal(&manifest, &module->program))
		module->integrity = KEEPER_BY_MANIFEST;
	else
		fail_integrity(module, "its manifest");
}

void
keeper_module_open(struct keeper_module *module, const struct config *config)
{
	const char *wrong = config->test.wrong_answer;
	enum known_answer which;

	memset(module, 0, sizeof(*module));
	module->is_required = config->module.integrity != 0;
	module->uses_max = (uint64_t)config->module.uses_max;
	module->wrong = wrong != NULL && known_answer_parse(wrong, &which)
	    ? (int)which
	    : -1;
	check_program(module);
	if (module->state == KEEPER_READY && module->is_required &&
	    module->integrity == KEEPER_UNCHECKED)
		module->state = KEEPER_WAITS;
}

void
keeper_module_release(struct keeper_module *module, const struct blob *digests,
    bool is_ours)
{
	for (size_t at = 0; at + DIGEST_LEN <= digests->len; at += DIGEST_LEN)
		if (memcmp(digests->data + at, module->program.bytes,
			DIGEST_LEN) == 0) {
			module->integrity = KEEPER_BY_RELEASE;
			if (module->state == KEEPER_WAITS)
				module->state = KEEPER_READY;
			return;
		}
	if (is_ours && digests->len > 0)
		fail_integrity(module, "the release bulletin");
}

/* ---- self-tests --------------------------------------------------------- */

void
keeper_module_test(struct keeper_module *module, const struct keeper_keys *keys)
{
	struct error why = { 0 };

	for (int i = 0; i < KNOWN_ANSWER_COUNT; i++) {
		struct error one = { 0 };

		module->has_passed[i] = known_answer_test((enum known_answer)i,
					    i == module->wrong, &one) == 0;
		if (!module->has_passed[i] && why.code == ERROR_NONE)
			why = one;
	}
	if (why.code != ERROR_NONE || keeper_selftest(keys, &why) < 0)
		keeper_module_fail(module, &why);
}

int
keeper_module_check(const struct keeper_module *module, struct error *err)
{
	switch (module->state) {
	case KEEPER_READY:
		return 0;
	case KEEPER_FAILED:
		/* Of a token, people are told what to do with it. */
		return error_set_id(err,
		    text_starts(module->failure.id, "E373") ? module->failure.id
							    : "E3621",
		    ERROR_SYSTEM, "%s", module->failure.text);
	case KEEPER_WAITS:
		return error_set_id(err, "E3622", ERROR_BUSY,
		    "no release that names this program is known yet");
	case KEEPER_ZEROISED:
	case KEEPER_STATE_COUNT:
		break;
	}
	return error_set_id(err, "E3623", ERROR_DENIED,
	    "the keys of the crypto module were destroyed");
}
