/*
 * The checkpoint reader: whatever it accepts says the same when the text is
 * written again, and nothing is verified by a key that signed nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "log/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t public_key[NOTE_PUBLIC_LEN] = { 1 };
	struct bytes again = { 0 };
	struct error err = { 0 };
	struct note note;

	if (note_parse(data, len, &note, &err) < 0)
		return 0;
	if (note_put_text(&note.checkpoint, &again, &err) < 0 ||
	    again.len != note.text_len ||
	    memcmp(again.data, data, again.len) != 0)
		abort();
	for (size_t i = 0; i < note.signature_count; i++)
		if (note.signatures[i].len > NOTE_SIGNATURE_MAX ||
		    strlen(note.signatures[i].name) == 0)
			abort();
	if (note_verify(data, len, note.signatures[0].name, public_key, &note,
		&err) == 0)
		abort();
	bytes_free(&again);
	return 0;
}
