/*
 * The rows of webhooks: where events are told, how far that is, and what could
 * not be told.
 */
#ifndef GATEWAY_WEBHOOK_ROWS_H
#define GATEWAY_WEBHOOK_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/org.h"
#include "policy/webhook_address.h"

struct error;
struct json_writer;
struct rows;

enum { WEBHOOKS_MAX = 100, WEBHOOK_WHY_SIZE = 160 };

/* A migration of the gateway's database. */
extern const char webhook_schema[];

struct webhook {
	int64_t row;
	char url[WEBHOOK_URL_SIZE];
	struct org_code organisation;
	bool is_enabled;
	int64_t after; /* the newest event that was told or given up */
	int64_t failures;
	int64_t retry_at;
	int64_t status;             /* of the last answer; 0: none */
	char why[WEBHOOK_WHY_SIZE]; /* it failed; "" */
};

/* `sealed`: the secret, by the keeper.  Sets `row`; E6417. */
int webhook_add(struct rows *rows, struct webhook *webhook,
    const struct bytes *sealed, int64_t now, struct error *err) MUST_CHECK;

/* 1 and the webhook, 0 or -1. */
int webhook_find(struct rows *rows, int64_t row, struct webhook *ret_webhook,
    struct error *err) MUST_CHECK;

/* The next one after `row` that is enabled. */
int webhook_next(struct rows *rows, int64_t row, struct webhook *ret_webhook,
    struct error *err) MUST_CHECK;
int webhook_save(struct rows *rows, const struct webhook *webhook,
    struct error *err) MUST_CHECK;
int webhook_secret(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The event `number` could not be told, for good. */
int webhook_give_up(struct rows *rows, const struct webhook *webhook,
    int64_t number, int64_t now, struct error *err) MUST_CHECK;

/* GET /v1/webhooks and /v1/webhooks/{id}/dead. */
int webhook_write_list(struct rows *rows, const char *scope,
    struct json_writer *writer, struct error *err) MUST_CHECK;
int webhook_write_dead(struct rows *rows, int64_t row,
    struct json_writer *writer, struct error *err) MUST_CHECK;
void webhook_write(const struct webhook *webhook, struct json_writer *writer);

#endif
