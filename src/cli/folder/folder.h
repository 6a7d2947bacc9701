/*
 * Watched folders (docs/folders.md): for document systems that know files
 * alone.  A client of the API like any other, by libyizhan and a token, with no
 * rights but that token's and no access but to its folders.
 *
 * Every step is a rename, or a file that is replaced whole, so a kill at any
 * point leaves the step before or the one after it:
 *
 *	out/ or SND/      a letter is complete        folder_claim.c
 *	.work/out/N/      claimed, with its key       folder_send.c
 *	results/N/        how it stands               folder_result.c
 *	results/N/n.di/   of copies written apart     folder_series.c
 *	sent/N/ or refused/N/  the end of its files
 *	.work/in/         a letter that comes in      folder_receive.c
 *	in/ or RCV/       whole, with its receipts
 *	acts/             what was made of it         folder_act.c
 */
#ifndef CLI_FOLDER_FOLDER_H
#define CLI_FOLDER_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "client/yizhan.h"
#include "service/log.h"

struct bytes;
struct cli;
struct error;

enum {
	FOLDER_NAME_SIZE = 256,
	FOLDER_PLACE_SIZE = 2 * FOLDER_NAME_SIZE, /* two names and a '/' */
	FOLDER_FILES_MAX = 600,   /* as a draft: so many are open at once */
	FOLDER_NAMES_SIZE = 8192, /* of the results of one letter */
	FOLDER_CURSOR_SIZE = 32,
	FOLDER_TEXT_MAX = 64 * 1024 * 1024,
};

enum folder_layout {
	FOLDER_LETTERS, /* each letter a folder */
	FOLDER_OLD,     /* SND, SND/Attch and RCV of the former clients */
};

/* Names, as of what lies in a folder; free with folder_names_free(). */
struct folder_names {
	char **list;
	size_t count;
};

struct folder {
	const struct cli *cli;
	struct yizhan *api;
	enum folder_layout layout;
	const char *marker; /* suffix of what says that a letter is complete */
	struct log log;
	mode_t umask;
	/* Folders, open; all on one file system. */
	int root, out, attachments, in, sent, refused, results, acts, acts_done;
	int work, work_out, work_in, documents, arrivals, names, series, lock;
	/* Series with news, of which all is to be written down again. */
	struct folder_names changed;
	char cursor[FOLDER_CURSOR_SIZE]; /* "": none yet */
	bool is_waiting; /* the log has been told that the gateway is away */
};

/* ---- folder_files.c -------------------------------------------------------- */

/* Open all folders below `path`, making those that are missing; E6805. */
int folder_open(struct folder *folder, const char *path,
    struct error *err) MUST_CHECK;
void folder_close(struct folder *folder);

/* A folder in `dir`, made if it is missing, for the document system as well. */
int folder_make(const struct folder *folder, int dir, const char *name,
    int *ret_dir, struct error *err) MUST_CHECK;

/* Put a whole file in the place of the one that is there, if any. */
int folder_put(const struct folder *folder, int dir, const char *name,
    const void *data, size_t len, struct error *err) MUST_CHECK;

/* A file of ours of at most `size` - 1 bytes; "" when it is not there. */
int folder_get(int dir, const char *name, char *to, size_t size,
    struct error *err) MUST_CHECK;

/* Something of this name is there. */
bool folder_has(int dir, const char *name);
bool folder_is_dir(int dir, const char *name);
bool folder_is_file(int dir, const char *name);

/* The names in a folder, sorted. */
int folder_list(int dir, struct folder_names *ret_names,
    struct error *err) MUST_CHECK;
/* Add a name, unless it is there. */
int folder_names_add(struct folder_names *names, const char *name,
    struct error *err) MUST_CHECK;
void folder_names_free(struct folder_names *names);

/* Remove a folder with what is in it, two levels deep. */
int folder_remove(int dir, const char *name, struct error *err) MUST_CHECK;

/*
 * Move `from` to `to`, or to `to`-2, `to`-3 ... when that is taken; never over
 * something.
 */
int folder_move(int from_dir, const char *from, int to_dir, const char *to,
    char ret_name[FOLDER_NAME_SIZE], struct error *err) MUST_CHECK;

/* ---- folder_claim.c -------------------------------------------------------- */

/* Take what is complete into .work/out, one folder for each letter. */
int folder_claim(struct folder *folder, struct error *err) MUST_CHECK;

/*
 * What its files lie in: two names, of which the second says that the copies
 * are written apart (分繕).  NULL while not all of it is there.
 */
extern const char folder_files_name[];
extern const char folder_apart_name[];
const char *folder_claimed(const struct folder *folder, int job);

/* Whether this file of a folder only says that the rest is there. */
bool folder_is_marker(const struct folder *folder, const char *name);

/* ---- folder_send.c --------------------------------------------------------- */

/* Hand in what was claimed. */
int folder_send(struct folder *folder, struct error *err) MUST_CHECK;

/* ---- folder_result.c ------------------------------------------------------- */

/*
 * Write down how a letter stands, and its receipts, into results/`name`; a copy
 * of a series has a folder in that of all, and is named "NAME/n.di".
 */
int folder_result(struct folder *folder, const char *name,
    const struct yizhan_letter *letter, struct error *err) MUST_CHECK;

/*
 * Note durably that the letter of this id is to be written down there; a letter
 * that was dropped under several names has all of them.
 */
int folder_result_note(struct folder *folder, const char *document_id,
    const char *name, struct error *err) MUST_CHECK;

/* The same of a document id; nothing if it was not sent from here. */
int folder_result_of(struct folder *folder, const char *document_id,
    struct error *err) MUST_CHECK;

/* A line for people: where one delivery is. */
void folder_put_delivery(const struct yizhan_delivery *delivery,
    struct bytes *to);

/* ---- folder_series.c ------------------------------------------------------- */

/*
 * Note durably and write down how each copy of a series stands, and all of
 * them; the same each time.  `names`: the files that it was made of.
 */
int folder_series(struct folder *folder, const char *name,
    const struct yizhan_series *series, const struct folder_names *names,
    struct error *err) MUST_CHECK;

/* Write down again all of those with news. */
int folder_series_changed(struct folder *folder, struct error *err) MUST_CHECK;

/* ---- folder_receive.c ------------------------------------------------------ */

/* Finish what was begun, and take the events of up to `seconds`. */
int folder_receive_resume(struct folder *folder, struct error *err) MUST_CHECK;
int folder_receive(struct folder *folder, unsigned seconds, bool *ret_more,
    struct error *err) MUST_CHECK;

/* ---- folder_act.c ---------------------------------------------------------- */

/* Do what acts/ asks for. */
int folder_acts(struct folder *folder, struct error *err) MUST_CHECK;

/* ---- folder_reason.c ------------------------------------------------------- */

/*
 * What went wrong with a request, as error.  BUSY and DENIED are
 * ERROR_BUSY: they say nothing of the letter, and end this round.
 */
int folder_problem(const struct folder *folder, struct error *err);

/* Why a letter was refused, in both languages: by the gateway, or here. */
void folder_reason_of_problem(const struct yizhan_problem *problem,
    struct bytes *to);
void folder_reason_of_error(const struct error *failure, struct bytes *to);

#endif
