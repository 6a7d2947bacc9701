/*
 * The rows of persons, their sessions and log-in links, of tokens, and of what
 * was asked by whom.  Secrets are kept as SHA-256 alone: they are 128 random
 * bits or more, so nothing slower is needed.
 */
#ifndef ROLE_PEOPLE_ROWS_H
#define ROLE_PEOPLE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/org.h"
#include "policy/access.h"

struct error;
struct rows;

enum {
	PEOPLE_NAME_SIZE = 97,
	PEOPLE_UNIT_SIZE = 33,
	PEOPLE_PREFIX_SIZE = 12, /* of a token, shown to people */
	PEOPLE_PERSONS_MAX = 10000,
	PEOPLE_TOKENS_MAX = 1000,
	PEOPLE_SESSIONS_MAX = 16, /* of a person; older ones end */
	PEOPLE_FAILURES_MAX = 5,  /* log-ins of an address, then it is locked */
	PEOPLE_LOCK_MS = 15 * 60 * 1000,
};

/* A migration of the host's database. */
extern const char people_schema[];

struct person {
	int64_t row;
	char name[PEOPLE_NAME_SIZE];
	struct org_code organisation;
	enum access_role role;
	char unit[PEOPLE_UNIT_SIZE]; /* "": the registry desk (收發) */
	struct digest certificate;   /* zeros: none */
	int64_t certificate_ends;    /* 0: not known */
	int64_t seen_at;             /* newest log-in, or when it was made */
	int64_t disabled_at;         /* 0: enabled */
};

/* 1 and the person, 0 or -1. */
int person_find(struct rows *rows, int64_t row, struct person *ret_person,
    struct error *err) MUST_CHECK;
int person_find_certificate(struct rows *rows, const struct digest *certificate,
    struct person *ret_person, struct error *err) MUST_CHECK;

/* Sets `row`.  ERROR_EXISTS (E6415), ERROR_DENIED (E6417). */
int person_add(struct rows *rows, struct person *person, int64_t now,
    struct error *err) MUST_CHECK;
int person_save(struct rows *rows, const struct person *person,
    struct error *err) MUST_CHECK;

/* A link logs its person in once. */
int person_link_add(struct rows *rows, const struct digest *hash,
    int64_t person, int64_t ends_at, struct error *err) MUST_CHECK;

/* Use it up: 1 and the person's row, 0 or -1. */
int person_link_take(struct rows *rows, const struct digest *hash, int64_t now,
    int64_t *ret_person, struct error *err) MUST_CHECK;

struct session {
	struct digest hash;
	int64_t person;
	struct digest certificate; /* that it was opened with; zeros: none */
	int64_t used_at;
	int64_t ends_at;
	int64_t deputy; /* as which deputy its person acts; 0: as themself */
};

int session_add(struct rows *rows, const struct session *session,
    struct error *err) MUST_CHECK;
int session_find(struct rows *rows, const struct digest *hash,
    struct session *ret_session, struct error *err) MUST_CHECK;
/* From now on its person acts as that deputy; 0: as themself. */
int session_act(struct rows *rows, const struct digest *hash, int64_t deputy,
    struct error *err) MUST_CHECK;
int session_touch(struct rows *rows, const struct digest *hash, int64_t now,
    struct error *err) MUST_CHECK;
int session_remove(struct rows *rows, const struct digest *hash,
    struct error *err) MUST_CHECK;

/* All of a person; and all links. */
int session_remove_all(struct rows *rows, int64_t person,
    struct error *err) MUST_CHECK;

/* What ended before `now`, or was unused since `idle_since`. */
int session_sweep(struct rows *rows, int64_t now, int64_t idle_since,
    struct error *err) MUST_CHECK;

struct token {
	int64_t row;
	char name[PEOPLE_NAME_SIZE];
	char prefix[PEOPLE_PREFIX_SIZE];
	struct org_code organisation;
	unsigned scopes;
	struct digest hash;
	int64_t ends_at;
	int64_t revoked_at; /* 0: it is not */
};

int token_add(struct rows *rows, struct token *token, int64_t now,
    struct error *err) MUST_CHECK;
int token_find(struct rows *rows, int64_t row, struct token *ret_token,
    struct error *err) MUST_CHECK;
int token_find_hash(struct rows *rows, const struct digest *hash,
    struct token *ret_token, struct error *err) MUST_CHECK;
int token_revoke(struct rows *rows, int64_t row, int64_t now,
    struct error *err) MUST_CHECK;

/* Log-ins that failed, by address (T-ACC-10): until when it is locked, or 0. */
int lockout_until(struct rows *rows, const char *address, int64_t now,
    int64_t *ret_until, struct error *err) MUST_CHECK;
int lockout_count(struct rows *rows, const char *address, int64_t now,
    struct error *err) MUST_CHECK;
int lockout_clear(struct rows *rows, const char *address,
    struct error *err) MUST_CHECK;

/* What somebody asked to be changed, before it is. */
struct asked_act {
	int64_t at;
	const char *actor;
	const char *behalf; /* as whose deputy; "": nobody's */
	const char *scope;
	const char *method;
	const char *path;
	const char *address;
};

int asked_act_add(struct rows *rows, const struct asked_act *act,
    struct error *err) MUST_CHECK;

/* The organisation of the person or token that `path` is about, or "". */
int asked_act_about(struct rows *rows, const char *path,
    struct org_code *ret_code, struct error *err) MUST_CHECK;

#endif
