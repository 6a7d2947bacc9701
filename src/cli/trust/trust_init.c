/* yizhan trust init: the first root, from a plan that people can read. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/trust/trust_draft.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert.h"
#include "json/json_decode.h"
#include "sys/clock.h"

enum {
	PLAN_MAX = 1 << 20,
	PATH_SIZE = 4096,
	HOLDER_SIZE = 65,
	FILE_SIZE = 257,
};

/* A person, or the host that signs timestamps, as the plan names it. */
struct plan_holder {
	char name[HOLDER_SIZE];
	char certificate[FILE_SIZE]; /* beside the plan */
};

struct plan {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	struct plan_holder *holders;
	size_t holder_count;
	uint32_t quorum;
	/* Visited after the holders are known. */
	const struct json_value *roles;
	const struct json_value *witnesses;
	const struct json_value *anchors;
	const struct json_value *stampers; /* NULL: none */

	char folder[PATH_SIZE];
	struct digest *fingerprints; /* of the holders */
	struct root root;
};

static void
plan_free(struct plan *plan)
{
	free(plan->holders);
	free(plan->fingerprints);
	root_free(&plan->root);
}

static int
mistake(struct error *err, const char *what, const char *name)
{
	return error_set(err, ERROR_MALFORMED, "the plan: %s \"%s\"", what,
	    name);
}

/* ---- certificates ------------------------------------------------------------ */

/* Below the folder of the plan, nowhere else. */
static int
read_cert_beside(const struct plan *plan, const char *name,
    struct cert **ret_cert, struct error *err)
{
	char path[PATH_SIZE + FILE_SIZE];

	if (name[0] == '/' || strstr(name, "..") != NULL)
		return mistake(err, "a file that is not beside it:", name);
	snprintf(path, sizeof(path), "%s/%s", plan->folder, name);
	return trust_read_cert(path, ret_cert, err);
}

static int
append_der(struct bytes **list, size_t *count, size_t max,
    const struct cert *cert, struct error *err)
{
	const uint8_t *der;
	size_t len;

	if (*count == max)
		return error_set(err, ERROR_MALFORMED,
		    "the plan: more than %zu certificates", max);
	if (*list == NULL)
		*list = calloc(max, sizeof(**list));
	if (*list == NULL)
		return error_set_memory(err);
	der = cert_der(cert, &len);
	bytes_put(&(*list)[*count], der, len);
	(*count)++;
	return bytes_failed(&(*list)[*count - 1], err);
}

static int
read_holders(struct plan *plan, struct error *err)
{
	plan->fingerprints =
	    calloc(plan->holder_count + 1, sizeof(*plan->fingerprints));
	if (plan->fingerprints == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < plan->holder_count; i++) {
		struct cert *cert = NULL;
		int rc;

		if (read_cert_beside(plan, plan->holders[i].certificate, &cert,
			err) < 0)
			return -1;
		plan->fingerprints[i] = *cert_fingerprint(cert);
		rc = append_der(&plan->root.certificates,
		    &plan->root.certificate_count, ROOT_CERTIFICATES_MAX, cert,
		    err);
		cert_free(cert);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
take_anchor(struct plan *plan, const struct json_value *value,
    struct error *err)
{
	const char *name = json_value_text(value);
	struct cert *cert = NULL;
	int rc;

	if (name == NULL)
		return mistake(err, "an anchor that is no text", "");
	if (read_cert_beside(plan, name, &cert, err) < 0)
		return -1;
	rc = append_der(&plan->root.anchors, &plan->root.anchor_count,
	    ROOT_ANCHORS_MAX, cert, err);
	cert_free(cert);
	return rc;
}

/* ---- roles and witnesses --------------------------------------------------------- */

static int
add_holder(struct plan *plan, struct bulletin_role *keys, const char *name,
    struct error *err)
{
	for (size_t i = 0; name != NULL && i < plan->holder_count; i++) {
		if (!text_equal(plan->holders[i].name, name))
			continue;
		if (keys->certificate_count == BULLETIN_SIGNERS_MAX)
			return mistake(err, "too many holders of a role with",
			    name);
		keys->certificates[keys->certificate_count++] =
		    plan->fingerprints[i];
		return 0;
	}
	return mistake(err, "a role names an unknown holder",
	    name != NULL ? name : "");
}

static int
take_role(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct plan *plan = context;
	struct root_role *role = &plan->root.roles[plan->root.role_count];
	const struct json_value *holders = json_value_member(value, "holders");
	int64_t threshold;

	if (plan->root.role_count == ROOT_ROLES_MAX ||
	    !text_copy(role->name, sizeof(role->name), key) ||
	    json_value_count(value) != 2 || !json_value_is_array(holders) ||
	    !json_value_integer(json_value_member(value, "threshold"),
		&threshold) ||
	    threshold < 1 || threshold > BULLETIN_SIGNERS_MAX)
		return mistake(err,
		    "a role has a threshold and holders, unlike", key);
	role->keys.threshold = (uint32_t)threshold;
	for (size_t i = 0; i < json_value_count(holders); i++)
		if (add_holder(plan, &role->keys,
			json_value_text(json_value_item(holders, i)), err) < 0)
			return -1;
	plan->root.role_count++;
	return 0;
}

/* A text member that fits; "" and false otherwise. */
static bool
copy_member(const struct json_value *value, const char *key, char *to,
    size_t size)
{
	const char *text = json_value_text(json_value_member(value, key));

	return text != NULL && text_copy(to, size, text);
}

static int
take_witness(struct plan *plan, const struct json_value *value,
    struct error *err)
{
	struct root_witness *witness =
	    &plan->root.witnesses[plan->root.witness_count];
	char file[FILE_SIZE] = "";
	struct cert *cert = NULL;
	bool is_good;

	if (plan->root.witness_count == ROOT_WITNESSES_MAX ||
	    json_value_count(value) != 3 ||
	    !copy_member(value, "name", witness->name, sizeof(witness->name)) ||
	    !copy_member(value, "authority", witness->authority,
		sizeof(witness->authority)) ||
	    !copy_member(value, "certificate", file, sizeof(file)))
		return mistake(err,
		    "a witness has name, authority and certificate, unlike",
		    file);
	if (read_cert_beside(plan, file, &cert, err) < 0)
		return -1;
	is_good = cert_ed25519(cert, witness->key);
	cert_free(cert);
	if (!is_good)
		return mistake(err, "no Ed25519 key in", file);
	plan->root.witness_count++;
	return 0;
}

static int
take_stamper(struct plan *plan, const struct json_value *value,
    struct error *err)
{
	struct root *root = &plan->root;
	struct root_stamper *stamper;
	char file[FILE_SIZE] = "";
	struct cert *cert = NULL;
	const uint8_t *der;
	size_t len;

	if (root->stampers == NULL)
		root->stampers =
		    calloc(ROOT_STAMPERS_MAX, sizeof(*root->stampers));
	if (root->stampers == NULL)
		return error_set_memory(err);
	stamper = &root->stampers[root->stamper_count];
	if (root->stamper_count == ROOT_STAMPERS_MAX ||
	    json_value_count(value) != 2 ||
	    !copy_member(value, "name", stamper->name, sizeof(stamper->name)) ||
	    !copy_member(value, "certificate", file, sizeof(file)))
		return mistake(err,
		    "a time-stamping authority has name and certificate, "
		    "unlike",
		    file);
	if (read_cert_beside(plan, file, &cert, err) < 0)
		return -1;
	der = cert_der(cert, &len);
	bytes_put(&stamper->certificate, der, len);
	cert_free(cert);
	root->stamper_count++;
	return bytes_failed(&stamper->certificate, err);
}

/* ---- the plan ------------------------------------------------------------------ */

static int
decode(struct plan *plan, const struct json_value *value, struct error *err)
{
	static const struct json_field holder_fields[] = {
		{ .name = "name",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct plan_holder, name),
		    .size = HOLDER_SIZE },
		{ .name = "certificate",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct plan_holder, certificate),
		    .size = FILE_SIZE },
	};
	static const struct json_field fields[] = {
		{ .name = "format",
		    .kind = JSON_FIELD_FORMAT,
		    .format = "yizhan-trust-plan-1" },
		{ .name = "environment",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct plan, environment),
		    .size = BULLETIN_ENVIRONMENT_SIZE },
		{ .name = "holders",
		    .kind = JSON_FIELD_LIST,
		    .offset = offsetof(struct plan, holders),
		    .count_offset = offsetof(struct plan, holder_count),
		    .size = sizeof(struct plan_holder),
		    .max = ROOT_CERTIFICATES_MAX,
		    .fields = holder_fields,
		    .field_count = 2 },
		{ .name = "roles",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct plan, roles) },
		{ .name = "anchors",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct plan, anchors) },
		{ .name = "witnesses",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct plan, witnesses) },
		{ .name = "quorum",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct plan, quorum),
		    .size = sizeof(uint32_t),
		    .max = ROOT_WITNESSES_MAX },
		{ .name = "stampers",
		    .kind = JSON_FIELD_VALUE,
		    .offset = offsetof(struct plan, stampers),
		    .optional = true },
	};

	return json_decode_value(value, fields, ARRAY_LEN(fields), plan, err);
}

static int
build(struct plan *plan, struct error *err)
{
	plan->root.roles = calloc(ROOT_ROLES_MAX + 1, sizeof(struct root_role));
	if (plan->root.roles == NULL)
		return error_set_memory(err);
	plan->root.quorum = plan->quorum;
	if (read_holders(plan, err) < 0)
		return -1;
	if (!json_value_is_object(plan->roles) ||
	    !json_value_is_array(plan->anchors) ||
	    !json_value_is_array(plan->witnesses))
		return mistake(err, "no roles, anchors or witnesses", "");
	if (json_value_each(plan->roles, take_role, plan, err) < 0)
		return -1;
	for (size_t i = 0; i < json_value_count(plan->anchors); i++)
		if (take_anchor(plan, json_value_item(plan->anchors, i), err) <
		    0)
			return -1;
	for (size_t i = 0; i < json_value_count(plan->witnesses); i++)
		if (take_witness(plan, json_value_item(plan->witnesses, i),
			err) < 0)
			return -1;
	for (size_t i = 0;
	     plan->stampers != NULL && i < json_value_count(plan->stampers);
	     i++)
		if (take_stamper(plan, json_value_item(plan->stampers, i),
			err) < 0)
			return -1;
	return 0;
}

static int
draft_plan(const struct cli *cli, struct plan *plan,
    const struct json_value *value, struct error *err)
{
	struct bulletin_draft draft = { .type = BULLETIN_ROOT,
		.name = "",
		.serial = 1,
		.issued_ms = clock_now_ms() };
	int64_t term;

	if (decode(plan, value, err) < 0 || build(plan, err) < 0 ||
	    trust_days(cli, BULLETIN_ROOT, &term, err) < 0)
		return -1;
	draft.environment = plan->environment;
	draft.expires_ms = draft.issued_ms + term;
	return trust_write_draft(cli, &draft, trust_put_root, &plan->root, NULL,
	    NULL, NULL, err);
}

static int
run_init(struct cli *cli, struct error *err)
{
	const char *path = cli_argument(cli, 0);
	struct plan plan = { .holder_count = 0 };
	struct json_document *document = NULL;
	struct bytes text = { 0 };
	char copy[PATH_SIZE];
	int rc = -1;

	if (path == NULL || cli_value(cli, "to") == NULL)
		return cli_refuse(err, "which plan, --to which draft?");
	if (!text_copy(copy, sizeof(copy), path) ||
	    !text_copy(plan.folder, sizeof(plan.folder), dirname(copy)))
		return cli_refuse(err, "that path is too long");
	if (trust_read(path, PLAN_MAX, &text, err) == 0 &&
	    json_read(text.data, text.len, PLAN_MAX, &document, err) == 0)
		rc = draft_plan(cli, &plan, json_root(document), err);
	json_document_free(document);
	bytes_free(&text);
	plan_free(&plan);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

static const struct command_option init_options[] = {
	{ "to", 'o', "FILE", "the draft to write" },
	{ "days", 0, "N", "until it expires; 366 unless given" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_init_command = {
	.name = "trust init",
	.summary = "make the draft of the first root from a plan",
	.summary_zh = "由計畫檔產生第一份信任根（待簽）",
	.arguments = "PLAN",
	.arguments_max = 1,
	.examples = "yizhan trust init plan.json --to root-1.draft\n",
	.options = init_options,
	.run = run_init,
};
