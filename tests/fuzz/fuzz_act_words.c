/* What a person says with a return, as it was opened (envelope/act_words.h). */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "envelope/act_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What is shown is what was signed, and nothing that a screen would hide. */
static void
check_read(const uint8_t *data, size_t len, const struct digest *digest)
{
	uint8_t salt[ACT_WORDS_SALT_LEN];
	char words[ACT_WORDS_SIZE];
	struct digest again;
	struct error err = { 0 };

	if (act_words_read(data, len, digest, salt, words, &err) < 0) {
		if (err.code != ERROR_UNTRUSTED)
			abort();
		return;
	}
	if (!act_words_are_good(words) ||
	    act_words_digest(salt, words, &again, &err) < 0 ||
	    !digest_equal(&again, digest) ||
	    strlen(words) + ACT_WORDS_SALT_LEN != len)
		abort();
}

/* Any text: good words are short, whole characters, and shown as they are. */
static void
check_text(const uint8_t *data, size_t len)
{
	struct bytes text = { 0 };
	struct bytes escaped = { 0 };

	bytes_put(&text, data, len);
	bytes_put_u8(&text, '\0');
	if (!text.failed && act_words_are_good((const char *)text.data)) {
		size_t used = strlen((const char *)text.data);

		text_put_escaped(&escaped, (const char *)text.data, used);
		if (used == 0 || used >= ACT_WORDS_SIZE ||
		    !text_is_utf8((const char *)text.data, used) ||
		    escaped.len != used)
			abort();
	}
	bytes_free(&text);
	bytes_free(&escaped);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct digest digest;

	sha256(data, len, &digest);
	check_read(data, len, &digest);
	check_text(data, len);
	/* Of another digest nothing is ever read. */
	if (len > 0) {
		uint8_t salt[ACT_WORDS_SALT_LEN];
		char words[ACT_WORDS_SIZE];
		struct error err = { 0 };

		digest.bytes[data[0] % sizeof(digest.bytes)] ^= 1;
		if (act_words_read(data, len, &digest, salt, words, &err) == 0)
			abort();
	}
	return 0;
}
