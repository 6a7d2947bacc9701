/*
 * Documents of chance for scripts, so that stock tools can judge them.
 *
 *	document_tool FOLDER COUNT   writes COUNT of every kind, and as many
 *	                             rosters and messages: 0-17.di, 17.sw ...
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/doc_message.h"
#include "document/dtd.h"
#include "document/finding.h"
#include "document/letter.h"
#include "document/make.h"
#include "document/pool.h"
#include "document/roster.h"
#include "harness/random_document.h"

enum { PATH_SIZE = 1024 };

static void
save(const char *folder, const char *name, const struct bytes *bytes)
{
	char path[PATH_SIZE];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (file == NULL ||
	    fwrite(bytes->data, 1, bytes->len, file) != bytes->len ||
	    fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void
check(int rc, uint64_t seed)
{
	if (rc == 1)
		return;
	fprintf(stderr, "seed %llu was not written\n",
	    (unsigned long long)seed);
	exit(1);
}

static void
make_all(const char *folder, uint64_t seed, const struct dtd_set *dtds)
{
	static const enum doc_kind kinds[] = { DOC_KIND_LETTER, DOC_KIND_ORDER,
		DOC_KIND_NOTICE, DOC_KIND_MEETING, DOC_KIND_SURVEY,
		DOC_KIND_MEMO };
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };
	struct random random = random_from(seed);
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	struct document document;
	struct doc_message message;
	struct roster roster;
	char name[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		random_document(&random, &pool, kinds[i], &document);
		bytes_clear(&bytes);
		check(document_write(&document, dtds, &pool, &findings, &bytes,
			  &err),
		    seed);
		snprintf(name, sizeof(name), "%zu-%llu.di", i,
		    (unsigned long long)seed);
		save(folder, name, &bytes);
	}
	random_roster(&random, &pool, &roster);
	bytes_clear(&bytes);
	check(roster_write(&roster, dtds, &pool, &findings, &bytes, &err),
	    seed);
	snprintf(name, sizeof(name), "%llu.sw", (unsigned long long)seed);
	save(folder, name, &bytes);
	random_doc_message(&random, &pool, &message);
	bytes_clear(&bytes);
	check(doc_message_write(&message, &pool, &findings, &bytes, &err),
	    seed);
	snprintf(name, sizeof(name), "%llu.dm", (unsigned long long)seed);
	save(folder, name, &bytes);
	bytes_free(&bytes);
	pool_free(&pool);
}

int
main(int argc, char **argv)
{
	struct dtd_set *dtds = NULL;
	struct error err = { 0 };
	uint64_t count = 0;

	if (argc != 3 || !text_parse_u64(argv[2], 1000000, &count)) {
		fprintf(stderr, "usage: document_tool FOLDER COUNT\n");
		return 64;
	}
	if (dtd_set_new(&dtds, &err) < 0)
		return 1;
	for (uint64_t seed = 0; seed < count; seed++)
		make_all(argv[1], seed, dtds);
	dtd_set_free(dtds);
	return 0;
}
