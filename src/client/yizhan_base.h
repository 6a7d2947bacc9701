/*
 * What all of libyizhan has: the gateway that is asked, results, problems.
 */
#ifndef YIZHAN_BASE_H
#define YIZHAN_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct yizhan;

enum yizhan_result {
	YIZHAN_OK = 0,
	YIZHAN_BUSY,      /* not now: unreachable, too much work; ask again */
	YIZHAN_REFUSED,   /* for good, for the reasons of the problem */
	YIZHAN_DENIED,    /* the token is not valid, or not for this */
	YIZHAN_NOT_FOUND, /* no such letter here, for this token */
	YIZHAN_CONFLICT,  /* it stands otherwise than that: look again */
	YIZHAN_GONE,  /* of events: some of those asked for are kept no more */
	YIZHAN_LOCAL, /* a file, memory or option here; not the gateway */
};

struct yizhan_options {
	const char *url;      /* "https://10.1.2.3:8443" */
	const char *token;    /* "yzt_..."; of `yizhan token create` */
	const char *ca_file;  /* anchors in PEM; NULL: those of the system */
	const char *language; /* "zh-TW" (also NULL) or "en", of problems */
	/*
	 * How long one call goes on trying while the answer is YIZHAN_BUSY,
	 * milliseconds; 0: it is tried once.  All of the API may be asked again.
	 */
	uint32_t patience_ms;
	/* Do not look at the gateway's certificate: for `yizhan demo` alone. */
	int is_insecure;
	/* W3C traceparent to send with each request; NULL for none. */
	const char *trace;
};

/* Copies all that it is given.  YIZHAN_LOCAL: not a URL, or no memory. */
enum yizhan_result yizhan_open(const struct yizhan_options *options,
    struct yizhan **ret_yizhan);
void yizhan_close(struct yizhan *yizhan);

/*
 * Another value of the header `traceparent`, as of a request that this system
 * itself was asked; NULL for none.
 */
enum yizhan_result yizhan_set_trace(struct yizhan *yizhan, const char *trace);

/* "0.1.0", of the library that is loaded. */
const char *yizhan_version(void);

/*
 * The last failure: RFC 9457 as the gateway told it, or made here.  Lent until
 * the next call.
 */
struct yizhan_finding {
	const char *file;
	int64_t line;        /* from 1; 0: not known */
	const char *element; /* "/函/主旨" */
	const char *rule;    /* "E2123" */
	const char *text;    /* particulars */
	const char *title;   /* in the language asked for, as the next one */
	const char *remedy;
};
struct yizhan_problem {
	enum yizhan_result result;
	int status;        /* of HTTP; 0: nobody answered */
	const char *code;  /* "E2123", for `yizhan explain`; or "" */
	const char *title; /* in the language asked for, as the next two */
	const char *cause;
	const char *next;
	const char *detail;     /* particulars, often in English */
	const char *trace_id;   /* or "" */
	uint32_t retry_after_s; /* 0: it does not say */
	const char *json;       /* all of it, or "" */
	/* What is wrong with a letter that was refused, one by one. */
	size_t finding_count;
	const struct yizhan_finding *findings;
};
const struct yizhan_problem *yizhan_problem(const struct yizhan *yizhan);

/* A file that lies at the gateway. */
struct yizhan_part {
	const char *name;
	uint64_t len;
	const char *sha256; /* in hex */
};

/* Takes bytes as they come; other than 0 ends the call with YIZHAN_LOCAL. */
typedef int (*yizhan_take_fn)(void *context, const void *data, size_t len);

/*
 * Any request of docs/api.md: `body` is JSON or NULL; `*ret_text` what came,
 * with a 0 behind it, yizhan_text_free() it.
 */
enum yizhan_result yizhan_call(struct yizhan *yizhan, const char *method,
    const char *target, const char *body, char **ret_text, size_t *ret_len);

/* The same for what is large: a package, evidence, a print. */
enum yizhan_result yizhan_fetch(struct yizhan *yizhan, const char *target,
    yizhan_take_fn take, void *context);

void yizhan_text_free(char *text);

/* ---- whom it asks ---------------------------------------------------------- */

/* Who the token stands for, and what for. */
struct yizhan_self {
	const char *token;        /* its name */
	const char *organisation; /* code ... */
	const char *name;         /* ... and name */
	size_t scope_count;
	const char *const *scopes; /* read send receive events webhooks ... */
	const char *expires_at;
	const char *json;
};
void yizhan_self_free(struct yizhan_self *self);
enum yizhan_result yizhan_self(struct yizhan *yizhan,
    struct yizhan_self **ret_self);

/* Whether the gateway is as it has to be, check by check. */
struct yizhan_check {
	const char *name;
	const char *state; /* ok warning failed */
	const char *code;  /* "E6004" or "" */
	const char *title;
	const char *next;
};
struct yizhan_health {
	const char *host;
	int is_ready;
	size_t count;
	const struct yizhan_check *checks;
	const char *json;
};
void yizhan_health_free(struct yizhan_health *health);
enum yizhan_result yizhan_health(struct yizhan *yizhan,
    struct yizhan_health **ret_health);

/* Figures of the gateway, in the text form of Prometheus. */
enum yizhan_result yizhan_metrics(struct yizhan *yizhan, yizhan_take_fn take,
    void *context);

#ifdef __cplusplus
}
#endif

#endif
