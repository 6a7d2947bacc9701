#include "gateway/words.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

const char words_schema[] =
    "CREATE TABLE words ("
    " side INTEGER NOT NULL, row INTEGER NOT NULL, event INTEGER NOT NULL,"
    " salt BLOB NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (side, row, event)) STRICT, WITHOUT ROWID;";

int
words_add(struct rows *rows, enum words_side side, int64_t row,
    enum event event, const struct words *words, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO words (side, row, event, salt, text)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, side);
	query_bind_int(query, 2, row);
	query_bind_int(query, 3, event);
	query_bind_data(query, 4, words->salt, sizeof(words->salt));
	query_bind_text(query, 5, words->text);
	return query_finish(query, err);
}

int
words_remove(struct rows *rows, enum words_side side, int64_t row,
    enum event event, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM words WHERE side = ?1 AND row = ?2 AND event = ?3",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, side);
	query_bind_int(query, 2, row);
	query_bind_int(query, 3, event);
	return query_finish(query, err);
}

int
words_find(struct rows *rows, enum words_side side, int64_t row,
    enum event event, struct words *ret_words, struct error *err)
{
	struct query *query;
	const void *salt;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT salt, text FROM words WHERE side = ?1 AND row = ?2"
		" AND (?3 = 0 OR event = ?3) ORDER BY event DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, side);
	query_bind_int(query, 2, row);
	query_bind_int(query, 3, event);
	found = query_next(query, err);
	if (found > 0) {
		memset(ret_words, 0, sizeof(*ret_words));
		salt = query_data(query, 0, &len);
		if (len == sizeof(ret_words->salt))
			memcpy(ret_words->salt, salt, len);
		text_copy(ret_words->text, sizeof(ret_words->text),
		    query_text(query, 1));
	}
	query_end(query);
	return found;
}

int
words_write(struct rows *rows, enum words_side side, int64_t row,
    struct json_writer *writer, struct error *err)
{
	struct words words;
	int found = words_find(rows, side, row, EVENT_NONE, &words, err);

	json_write_text(writer, "words", found > 0 ? words.text : "");
	return found < 0 ? -1 : 0;
}

int
words_seal(const struct directory *directory, const struct org_code *sender,
    const struct words *words, struct act *act, struct error *err)
{
	struct directory_org receiver;
	struct directory_key seal;
	struct cert *cert = NULL;
	int rc;

	if (directory == NULL ||
	    !directory_find_receiver(directory, sender, &receiver, &seal))
		return error_set_id(err, "E4507", ERROR_DENIED,
		    "nobody opens letters to %s", sender->text);
	rc = cert_parse(seal.certificate, seal.certificate_len, &cert, err);
	if (rc == 0)
		rc = act_words_seal(cert, words->salt, words->text, act, err);
	cert_free(cert);
	return rc;
}
