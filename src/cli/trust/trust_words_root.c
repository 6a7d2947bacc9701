/*
 * What a new root takes away and does not say in so many words.
 */
#include "base/bytes.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/trust/trust_words_internal.h"

static bool
names(const struct root *root, const char *stamper)
{
	for (size_t i = 0; i < root->stamper_count; i++)
		if (text_equal(root->stampers[i].name, stamper))
			return true;
	return false;
}

void
words_put_lost_stampers(const struct words *words)
{
	const struct root *old = &words->draft->root;

	for (size_t i = 0; i < old->stamper_count; i++) {
		const char *name = old->stampers[i].name;

		if (names(&words->draft->new_root, name))
			continue;
		bytes_put_text(words->to,
		    words_pick(words, "注意：時戳機關「",
			"Mind: all tokens that \""));
		cli_put(words->to, name);
		bytes_put_text(words->to,
		    words_pick(words,
			"」過去蓋的時戳將全部不再採信；若只是停用而金鑰未"
			"外洩，請保留該機關並加註 until。\n",
			"\" ever gave count no more. If it only retires and "
			"its key is safe, keep it, with until.\n"));
	}
}
