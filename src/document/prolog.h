/*
 * The beginning of an official file: XML declaration, DOCTYPE and the
 * declarations inside it.  Read by an own small grammar, because that is where
 * XML is dangerous: only NOTATION and unparsed ENTITY declarations with SYSTEM
 * ids may stand there (T-XML-01..05).
 */
#ifndef DOCUMENT_PROLOG_H
#define DOCUMENT_PROLOG_H

#include <stdbool.h>
#include <stddef.h>

struct pool;
struct scan;

/* More declarations than this are refused. */
enum { PROLOG_ENTITIES_MAX = 512 };

/* <!ENTITY name SYSTEM "file" NDATA notation> */
struct prolog_entity {
	const char *name;
	const char *file;
	const char *notation;
	unsigned line;
	unsigned column;
};

struct prolog {
	bool is_big5;          /* the file was, before it became UTF-8 */
	const char *root;      /* the name behind DOCTYPE */
	const char *system_id; /* a bare file name */
	const struct prolog_entity *entities;
	size_t entity_count;
	const char *const *notations;
	size_t notation_count;
	/* Offsets in the scanned bytes of what stands before the root. */
	size_t doctype_begin;
	size_t doctype_end;
};

/*
 * Move behind the XML declaration, if there is one; false, with a finding, if
 * it names another encoding than UTF-8.  Reads bytes of any encoding.
 */
bool prolog_read_declaration(struct scan *scan);

/*
 * Read what follows the XML declaration, to the end of the DOCTYPE; where that
 * may be lacking and is, its names stay "".  Findings tell what was refused,
 * several if there are; false if reading could not go on.  The texts of `ret_prolog` live
 * in `pool`; what could be read is there also when something was refused.
 */
bool prolog_read(struct scan *scan, bool may_lack_doctype, struct pool *pool,
    struct prolog *ret_prolog);

/* The entity of that name, or NULL. */
const struct prolog_entity *prolog_entity_find(const struct prolog *prolog,
    const char *name);

#endif
