/*
 * What the host says of releases: the bulletin in force with its signatures
 * checked once more, how fresh trust is, and which program runs.
 */
#ifndef CLI_RELEASE_RELEASE_HOST_H
#define CLI_RELEASE_RELEASE_HOST_H

#include <stdbool.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"
#include "cli/answer.h"
#include "release/release.h"
#include "release/release_folder.h"
#include "release/release_history.h"

struct cli;
struct error;

enum { RELEASE_GRADE_SIZE = 16, RELEASE_PERSON_SIZE = 96 };

/* Start it as `{ 0 }`; release it with release_host_close(). */
struct release_host {
	const struct cli *cli;
	struct answer answer;
	bool is_open;
	bool is_saved; /* no host was asked: by what it has stored, or others */
	int pool;      /* where files of releases come to; -1 without a host */
	int folder;    /* into which they are installed; -1: none is named */
	const char *environment;
	char grade[RELEASE_GRADE_SIZE];
	bool has_release;
	struct bytes cms;
	struct bulletin bulletin;
	struct release release;
	struct bulletin_role role; /* who may sign releases by now */
	char person[RELEASE_PERSON_SIZE];
};

/*
 * Ask the host; one that does not run is judged by what it has stored, so that
 * it can be looked at, and gone back with, when it does not start.
 * ERROR_NOT_FOUND E7610 when no release is in force, but where
 * `may_lack`.  ERROR_UNTRUSTED E7003: those who signed it may not by now
 * (T-REL-01, T-REL-08).
 */
int release_host_open(struct release_host *host, const struct cli *cli,
    bool may_lack, struct error *err) MUST_CHECK;

/*
 * Without any host: by the bulletins of a folder, believed from the root on
 * that the configuration pins, if one is named, else --root.
 */
int release_host_open_saved(struct release_host *host, const struct cli *cli,
    const char *folder, struct error *err) MUST_CHECK;
void release_host_close(struct release_host *host);

/*
 * The release of a version in the folder, by its bulletin there; whether those
 * who signed that may sign by now (`ret_is_owned`).
 */
int release_host_laid(const struct release_host *host, const char *version,
    struct release *ret_release, bool *ret_is_owned,
    struct error *err) MUST_CHECK;

/* Versions that are installed; ERROR_MALFORMED E7611 without a folder. */
int release_host_links(const struct release_host *host,
    struct release_links *ret_links, struct error *err) MUST_CHECK;

bool release_host_is_fresh(const struct release_host *host);

/* A release is no gift for a host whose trust is stale: E7612 (T-REL-03). */
int release_host_check_fresh(const struct release_host *host,
    struct error *err) MUST_CHECK;

/* Add to the history; without a host there is none. */
int release_host_note(const struct release_host *host,
    const struct release *release, enum release_act act, const char *detail,
    struct error *err) MUST_CHECK;

/*
 * Keep the alarm that `err` is in the history, if it says that something was
 * not what was released; always -1.
 */
int release_host_alarm(const struct release_host *host, struct error *err);

/* The check code, as 16 groups of four digits, with a label. */
void release_host_put_code(const struct cli *cli, const struct release *release,
    struct bytes *to);

/* One line: the version, and what became of it. */
int release_host_say(const struct release_host *host,
    const struct release *release, const char *chinese, const char *english,
    struct error *err) MUST_CHECK;

#endif
