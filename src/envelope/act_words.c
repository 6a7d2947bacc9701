#include "envelope/act_words.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"

/* Of text that is UTF-8. */
static size_t
count_chars(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

bool
act_words_are_good(const char *words)
{
	size_t len = strlen(words);
	struct bytes escaped = { 0 };
	bool is_good;

	if (len == 0 || len >= ACT_WORDS_SIZE || !text_is_utf8(words, len) ||
	    count_chars(words) > ACT_WORDS_CHARS_MAX)
		return false;
	/* Control and bidirectional characters become something longer. */
	text_put_escaped(&escaped, words, len);
	is_good = !escaped.failed && escaped.len == len;
	bytes_free(&escaped);
	return is_good;
}

static int
put_plain(const uint8_t salt[ACT_WORDS_SALT_LEN], const char *words,
    struct bytes *to, struct error *err)
{
	bytes_put(to, salt, ACT_WORDS_SALT_LEN);
	bytes_put_text(to, words);
	return bytes_failed(to, err);
}

int
act_words_digest(const uint8_t salt[ACT_WORDS_SALT_LEN], const char *words,
    struct digest *ret_digest, struct error *err)
{
	struct bytes plain = { 0 };
	int rc = put_plain(salt, words, &plain, err);

	if (rc == 0)
		sha256(plain.data, plain.len, ret_digest);
	bytes_free(&plain);
	return rc;
}

int
act_words_seal(const struct cert *sender,
    const uint8_t salt[ACT_WORDS_SALT_LEN], const char *words, struct act *act,
    struct error *err)
{
	struct bytes plain = { 0 }, sealed = { 0 }, text = { 0 };
	int rc = -1;

	if (!act_words_are_good(words))
		return error_set_id(err, "E4504", ERROR_MALFORMED,
		    "%zu bytes of words", strlen(words));
	if (put_plain(salt, words, &plain, err) < 0 ||
	    sealed_make(sender, plain.data, plain.len, &sealed, err) < 0 ||
	    bytes_failed(&sealed, err) < 0)
		goto done;
	base64_put(&text, sealed.data, sealed.len);
	if (bytes_failed(&text, err) < 0)
		goto done;
	if (!text_copy_len(act->sealed, sizeof(act->sealed),
		(const char *)text.data, text.len)) {
		error_set_id(err, "E4504", ERROR_MALFORMED,
		    "%zu bytes of sealed words", text.len);
		goto done;
	}
	sha256(plain.data, plain.len, &act->words);
	rc = 0;
done:
	bytes_wipe(&plain);
	bytes_free(&sealed);
	bytes_free(&text);
	return rc;
}

int
act_words_read(const void *plain, size_t len, const struct digest *digest,
    uint8_t ret_salt[ACT_WORDS_SALT_LEN], char ret_words[ACT_WORDS_SIZE],
    struct error *err)
{
	const char *words = (const char *)plain + ACT_WORDS_SALT_LEN;
	char copy[ACT_WORDS_SIZE];
	struct digest found;

	if (len <= ACT_WORDS_SALT_LEN ||
	    memchr(words, '\0', len - ACT_WORDS_SALT_LEN) != NULL ||
	    !text_copy_len(copy, sizeof(copy), words,
		len - ACT_WORDS_SALT_LEN) ||
	    !act_words_are_good(copy))
		return error_set_id(err, "E4504", ERROR_UNTRUSTED,
		    "words that are not as they should be");
	sha256(plain, len, &found);
	if (!digest_equal(&found, digest))
		return error_set_id(err, "E4504", ERROR_UNTRUSTED,
		    "other words than the act was signed with");
	memcpy(ret_salt, plain, ACT_WORDS_SALT_LEN);
	memcpy(ret_words, copy, sizeof(copy));
	return 0;
}
