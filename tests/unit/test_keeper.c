#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/merkle.h"
#include "crypto/sealed.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "envelope/batch.h"
#include "harness/pki.h"
#include "package/manifest.h"
#include "package/package_batch.h"
#include "role/keeper/keeper_internal.h"
#include "role/keeper/keeper_selftest.h"
#include "role/keeper/sealed_codec.h"
#include "service/config.h"
#include "service/roles.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { KEY_COUNT = 5, PATH_SIZE = 256 };

static char tls_name[] = "tls";
static char tls_source[] = "file:/nowhere/tls.pem";

static const char act[] = "{\"format\":\"yizhan-act-1\",\"environment\":"
			  "\"demo\",\"event\":\"fetched\",\"waybill\":\"\"}";

/* A folder with key files, and the configuration that names them. */
struct fixture {
	struct config_key keys[KEY_COUNT + 1]; /* the last is TLS */
	struct config config;
	struct keeper keeper;
	struct cert_cache *cache;
	char folder[64];
	char environment[8];
	char sources[KEY_COUNT][PATH_SIZE];
	char names[KEY_COUNT][32];
};

static const struct {
	const char *name;
	enum issue_kind kind;
	enum cert_key key;
} wanted[KEY_COUNT] = {
	{ "sign.376490000A", ISSUE_SIGN, CERT_KEY_RSA },
	{ "seal.376490000A", ISSUE_SEAL, CERT_KEY_RSA },
	{ "seal.376490000A.2", ISSUE_SEAL, CERT_KEY_P256 },
	{ "module", ISSUE_SIGN, CERT_KEY_P256 },
	{ "log", ISSUE_SIGN, CERT_KEY_ED25519 },
};

/* Made once: RSA keys take long. */
static struct pki pki;
static struct pki_holder holders[KEY_COUNT];

static int
make_keys(void **state)
{
	(void)state;
	pki_new(&pki);
	for (size_t i = 0; i < KEY_COUNT; i++)
		holders[i] = pki_issue(&pki, wanted[i].kind, wanted[i].key,
		    wanted[i].name);
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEY_COUNT; i++)
		pki_holder_free(&holders[i]);
	pki_free(&pki);
	return 0;
}

static void
write_file(const char *path, const struct bytes *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	if (text->len > 0)
		assert_int_equal(fwrite(text->data, text->len, 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
write_key(const char *path, const struct key *key, const struct cert *cert)
{
	struct bytes pem = { 0 };
	struct error err = { 0 };

	cert_put_pem(cert, &pem);
	assert_int_equal(key_put_pem(key, &pem, &err), 0);
	write_file(path, &pem, 0600);
	bytes_wipe(&pem);
}

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->folder, sizeof(fixture->folder), "%s",
	    "/tmp/test_keeper.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	for (size_t i = 0; i < KEY_COUNT; i++) {
		snprintf(fixture->names[i], sizeof(fixture->names[i]), "%s",
		    wanted[i].name);
		snprintf(fixture->sources[i], PATH_SIZE, "file:%s/%s.pem",
		    fixture->folder, wanted[i].name);
		write_key(fixture->sources[i] + 5, holders[i].key,
		    holders[i].cert);
		fixture->keys[i].name = fixture->names[i];
		fixture->keys[i].source = fixture->sources[i];
	}
	fixture->keys[KEY_COUNT].name = tls_name;
	fixture->keys[KEY_COUNT].source = tls_source;
	fixture->config.keys = fixture->keys;
	fixture->config.key_count = KEY_COUNT + 1;
	fixture->config.host.data = fixture->folder;
	snprintf(fixture->environment, sizeof(fixture->environment), "demo");
	fixture->config.host.environment = fixture->environment;
	assert_int_equal(cert_cache_new(16, &fixture->cache, &err), 0);
}

static void
tear_down(struct fixture *fixture)
{
	char path[PATH_SIZE];

	keeper_close(&fixture->keeper);
	cert_cache_free(fixture->cache);
	for (size_t i = 0; i < KEY_COUNT; i++)
		unlink(fixture->sources[i] + 5);
	snprintf(path, sizeof(path), "%s/keeper.key", fixture->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/keeper.uses", fixture->folder);
	unlink(path);
	rmdir(fixture->folder);
}

static int
open_keeper(struct fixture *fixture, struct error *err)
{
	return keeper_open(&fixture->keeper, &fixture->config, NULL, err);
}

static struct message_sign
request_of(const char *key, enum keeper_kind kind, const char *statement)
{
	struct message_sign request = { .kind = (uint8_t)kind,
		.time = pki_now,
		.statement = blob_of(statement, strlen(statement)) };

	assert_true(text_copy(request.key, sizeof(request.key), key));
	return request;
}

static void
an_act_is_signed_by_the_module(void **state)
{
	struct message_sign request = request_of("module", KEEPER_ACT, act);
	struct fixture fixture;
	struct signed_object object;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	assert_int_equal(keeper_sign(&fixture.keeper, &request, &signature,
			     &err),
	    0);

	assert_int_equal(signed_verify(fixture.cache, signature.data,
			     signature.len, 1, &object, &err),
	    0);
	assert_int_equal(object.content_len, sizeof(act) - 1);
	assert_memory_equal(object.content, act, sizeof(act) - 1);
	assert_true(digest_equal(&object.by[0].fingerprint,
	    cert_fingerprint(holders[3].cert)));
	assert_int_equal(keeper_keys_find(&fixture.keeper.keys, "module")->uses,
	    1);
	bytes_free(&signature);
	tear_down(&fixture);
}

/* The literal in the keeper is what the package layer writes. */
static void
a_manifest_is_signed_detached(void **state)
{
	struct message_sign request = { .kind = KEEPER_PACKAGE,
		.time = pki_now,
		.key = "sign.376490000A" };
	char name[] = "META-INF/signature001.p7s";
	struct manifest manifest = { .signature = name };
	struct fixture fixture;
	struct signed_object object;
	struct bytes signature = { 0 };
	struct bytes xml = { 0 };
	struct error err = { 0 };
	struct digest digest;

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	assert_int_equal(manifest_format(&manifest, &xml, &err), 0);

	request.statement = blob_of_bytes(&xml);
	assert_int_equal(keeper_sign(&fixture.keeper, &request, &signature,
			     &err),
	    0);

	sha256(xml.data, xml.len, &digest);
	assert_int_equal(signed_verify_detached(fixture.cache, signature.data,
			     signature.len, &digest, 1, &object, &err),
	    0);
	assert_null(object.content);
	bytes_free(&signature);
	bytes_free(&xml);
	tear_down(&fixture);
}

static void
a_checkpoint_gets_a_raw_signature(void **state)
{
	static const char text[] = "yizhan/demo/center-a/1\n7\nroot\n";
	struct message_sign request =
	    request_of("log", KEEPER_CHECKPOINT, text);
	struct fixture fixture;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	assert_int_equal(keeper_sign(&fixture.keeper, &request, &signature,
			     &err),
	    0);

	assert_int_equal(signature.len, 64);
	assert_int_equal(key_verify(holders[4].cert, KEY_SCHEME_PLAIN, text,
			     sizeof(text) - 1, signature.data, signature.len,
			     &err),
	    0);
	bytes_free(&signature);
	tear_down(&fixture);
}

static void
what_a_key_may_not_sign_is_not_signed(void **state)
{
	struct message_sign request =
	    request_of("sign.376490000A", KEEPER_ACT, act);
	struct fixture fixture;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	assert_int_equal(keeper_sign(&fixture.keeper, &request, &signature,
			     &err),
	    -1);

	assert_int_equal(err.code, ERROR_DENIED);
	assert_int_equal(signature.len, 0);
	assert_int_equal(keeper_keys_find(&fixture.keeper.keys,
			     "sign.376490000A")
			     ->uses,
	    0);
	tear_down(&fixture);
}

/* The way of a key part: parsed by one process, opened by another. */
static void
open_sealed(struct fixture *fixture, size_t holder)
{
	static const char plain[] = "{\"format\":\"yizhan-key-1\"}";
	struct sealed_fields fields;
	struct message_unwrap request;
	struct secret_key key;
	struct digest seal;
	struct bytes sealed = { 0 };
	struct bytes wire = { 0 };
	struct bytes opened = { 0 };
	struct error err = { 0 };

	assert_int_equal(sealed_make(holders[holder].cert, plain, sizeof(plain),
			     &sealed, &err),
	    0);
	assert_int_equal(sealed_parse(sealed.data, sealed.len, &fields, &err),
	    0);
	sealed_codec_encode(&fields, &wire);
	request.fields = blob_of_bytes(&wire);

	assert_int_equal(keeper_unwrap(&fixture->keeper, &request, &key, &seal,
			     &err),
	    0);

	assert_true(
	    digest_equal(&seal, cert_fingerprint(holders[holder].cert)));
	assert_int_equal(sealed_open(&key, &fields, &opened, &err), 0);
	assert_memory_equal(opened.data, plain, sizeof(plain));
	bytes_free(&sealed);
	bytes_free(&wire);
	bytes_free(&opened);
}

static void
a_key_part_is_opened_by_the_seal_key_it_names(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	open_sealed(&fixture, 1);
	open_sealed(&fixture, 2);
	tear_down(&fixture);
}

static void
fields_out_of_range_are_refused(void **state)
{
	struct sealed_fields fields = { .algorithm = SEALED_ECDH_P256,
		.key_id_len = 20,
		.wrapped_len = 40,
		.point_len = 65 };
	struct sealed_fields got;
	struct error err = { 0 };

	(void)state;
	for (int variant = 0; variant < 5; variant++) {
		struct sealed_fields bad = fields;
		struct bytes wire = { 0 };

		if (variant == 1)
			bad.algorithm = (enum sealed_algorithm)3;
		if (variant == 2)
			bad.key_id_len = 0;
		if (variant == 3)
			bad.point_len = 0;
		if (variant == 4)
			bad.algorithm = SEALED_RSA_OAEP;
		sealed_codec_encode(&bad, &wire);
		assert_int_equal(sealed_codec_decode(wire.data, wire.len, &got,
				     &err),
		    variant == 0 ? 0 : -1);
		bytes_free(&wire);
	}
}

static void
a_kept_secret_comes_back_and_a_changed_one_does_not(void **state)
{
	static const char secret[] = "content key";
	struct message_keep request = { .secret =
					    blob_of(secret, sizeof(secret)) };
	struct fixture fixture;
	struct bytes sealed = { 0 };
	struct bytes opened = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	assert_int_equal(keeper_keep(&fixture.keeper, &request, &sealed, &err),
	    0);
	keeper_close(&fixture.keeper);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	request = (struct message_keep){ .is_open = true,
		.secret = blob_of_bytes(&sealed) };
	assert_int_equal(keeper_keep(&fixture.keeper, &request, &opened, &err),
	    0);
	assert_int_equal(opened.len, sizeof(secret));
	assert_memory_equal(opened.data, secret, sizeof(secret));
	for (size_t i = 0; i < sealed.len; i++) {
		bytes_clear(&opened);
		sealed.data[i] ^= 0x20;
		assert_int_equal(keeper_keep(&fixture.keeper, &request, &opened,
				     &err),
		    -1);
		assert_string_equal(err.id, "E3311");
		sealed.data[i] ^= 0x20;
	}
	bytes_free(&sealed);
	bytes_free(&opened);
	tear_down(&fixture);
}

static void
the_storage_key_is_for_its_owner_alone(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };
	char path[PATH_SIZE];
	struct stat st;

	(void)state;
	set_up(&fixture);
	snprintf(path, sizeof(path), "%s/keeper.key", fixture.folder);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 32);
	keeper_close(&fixture.keeper);

	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(open_keeper(&fixture, &err), -1);
	assert_string_equal(err.id, "E3304");
	assert_int_equal(chmod(path, 0600), 0);
	keeper_close(&fixture.keeper);

	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(open_keeper(&fixture, &err), -1);
	assert_string_equal(err.id, "E3310");
	tear_down(&fixture);
}

static void
refuses_to_start(struct fixture *fixture, const char *id)
{
	struct error err = { 0 };

	assert_int_equal(open_keeper(fixture, &err), -1);
	assert_string_equal(err.id, id);
	keeper_close(&fixture->keeper);
}

static void
a_key_that_is_not_in_order_stops_the_start(void **state)
{
	static char token[] = "pkcs11:token=demo";
	static char relative[] = "file:module.pem";
	static char other[] = "other";
	struct fixture fixture;
	char *name;
	char *source;

	(void)state;
	set_up(&fixture);
	name = fixture.keys[3].name;
	source = fixture.keys[3].source;

	fixture.keys[3].source = token;
	refuses_to_start(&fixture, "E3730");
	fixture.keys[3].source = relative;
	refuses_to_start(&fixture, "E3303");
	fixture.keys[3].source = source;
	fixture.keys[3].name = other;
	refuses_to_start(&fixture, "E3302");
	fixture.keys[3].name = name;
	assert_int_equal(chmod(source + 5, 0644), 0);
	refuses_to_start(&fixture, "E3304");
	write_key(source + 5, holders[3].key, holders[0].cert);
	assert_int_equal(chmod(source + 5, 0600), 0);
	refuses_to_start(&fixture, "E3306");
	tear_down(&fixture);
}

static void
a_key_file_with_less_or_more_is_refused(void **state)
{
	struct fixture fixture;
	struct bytes pem = { 0 };
	struct error err = { 0 };
	const char *path;

	(void)state;
	set_up(&fixture);
	path = fixture.sources[3] + 5;

	write_file(path, &pem, 0600);
	refuses_to_start(&fixture, "E3303");
	cert_put_pem(holders[3].cert, &pem);
	write_file(path, &pem, 0600);
	refuses_to_start(&fixture, "E3303");
	assert_int_equal(key_put_pem(holders[3].key, &pem, &err), 0);
	cert_put_pem(pki.sub.cert, &pem);
	write_file(path, &pem, 0600);
	refuses_to_start(&fixture, "E3303");
	bytes_wipe(&pem);
	tear_down(&fixture);
}

static void
two_seal_keys_of_one_identifier_are_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	write_key(fixture.sources[2] + 5, holders[1].key, holders[1].cert);

	refuses_to_start(&fixture, "E3308");
	tear_down(&fixture);
}

static void
a_key_of_another_certificate_fails_the_self_test(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };
	struct keeper_key *key;
	struct key *own;

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	key = keeper_keys_find(&fixture.keeper.keys, "module");
	own = key->key;

	key->key = pki.root.key;
	assert_int_equal(keeper_selftest(&fixture.keeper.keys, &err), -1);
	assert_string_equal(err.id, "E3309");
	key->key = own;
	assert_int_equal(keeper_selftest(&fixture.keeper.keys, &err), 0);
	tear_down(&fixture);
}

/* Enter the role's sandbox, in a child. */
static void
enter_sandbox(enum role role)
{
	struct sandbox sandbox = role_sandbox(role);
	struct error err = { 0 };
	bool has_landlock;

	if (sandbox_enter(&sandbox, &has_landlock, &err) < 0)
		_exit(2);
}

/* ---- batches --------------------------------------------------------- */

static const char opened[] = "{\"format\":\"yizhan-act-1\",\"environment\":"
			     "\"demo\",\"event\":\"opened\",\"waybill\":\"\"}";
static const char confirmed[] =
    "{\"format\":\"yizhan-act-1\",\"environment\":"
    "\"demo\",\"event\":\"confirmed\",\"waybill\":\"\"}";

static int
sign_batch(struct fixture *fixture, const char *key, enum keeper_kind kind,
    const char *const *texts, size_t count, struct bytes *signature,
    struct error *err)
{
	struct message_sign_batch request = { .kind = (uint8_t)kind,
		.time = pki_now };
	struct bytes list = { 0 };
	int rc;

	assert_true(text_copy(request.key, sizeof(request.key), key));
	for (size_t i = 0; i < count; i++) {
		struct message_statement item = {
			.statement = blob_of(texts[i], strlen(texts[i])),
		};

		message_list_add(&list, MESSAGE_STATEMENT, &item);
	}
	request.statements = blob_of_bytes(&list);
	rc = keeper_sign_batch(&fixture->keeper, &request, signature, err);
	bytes_free(&list);
	return rc;
}

static void
many_acts_get_one_signature(void **state)
{
	static const char *const texts[] = { act, opened };
	struct fixture fixture;
	struct signed_object object;
	struct batch batch;
	struct digest leaves[2], root;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	assert_int_equal(sign_batch(&fixture, "module", KEEPER_ACT, texts, 2,
			     &signature, &err),
	    0);

	assert_int_equal(signed_verify(fixture.cache, signature.data,
			     signature.len, 1, &object, &err),
	    0);
	assert_int_equal(batch_decode(object.content, object.content_len,
			     &batch, &err),
	    0);
	assert_string_equal(batch.environment, "demo");
	assert_int_equal(batch.type, BATCH_ACT);
	assert_int_equal(batch.count, 2);
	leaves[0] = batch_leaf(BATCH_ACT, act, strlen(act));
	leaves[1] = batch_leaf(BATCH_ACT, opened, strlen(opened));
	root = merkle_root(leaves, 2);
	assert_true(digest_equal(&batch.root, &root));
	assert_int_equal(keeper_keys_find(&fixture.keeper.keys, "module")->uses,
	    1);
	bytes_free(&signature);
	tear_down(&fixture);
}

#define MANIFEST(uri)                                                    \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:ASiCManifest" \
	" xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""              \
	" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"            \
	"<asic:SigReference MimeType=\"application/x-pkcs7-signature\""  \
	" URI=\"" uri "\"/>"

static const char manifest_a[] = MANIFEST("a");
static const char manifest_b[] = MANIFEST("b");

/* What is signed is the list that lies in the packages. */
static void
many_packages_get_one_signature(void **state)
{
	static const char *const texts[] = { manifest_a, manifest_b };
	struct fixture fixture;
	struct signed_object object;
	struct digest manifests[2], digest;
	struct bytes signature = { 0 };
	struct bytes list = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);

	assert_int_equal(sign_batch(&fixture, "sign.376490000A", KEEPER_PACKAGE,
			     texts, 2, &signature, &err),
	    0);

	for (size_t i = 0; i < 2; i++)
		sha256(texts[i], strlen(texts[i]), &manifests[i]);
	package_batch_put_list("demo", manifests, 2, &list);
	sha256(list.data, list.len, &digest);
	assert_int_equal(signed_verify_detached(fixture.cache, signature.data,
			     signature.len, &digest, 1, &object, &err),
	    0);
	assert_int_equal(keeper_keys_find(&fixture.keeper.keys,
			     "sign.376490000A")
			     ->uses,
	    1);
	bytes_free(&signature);
	bytes_free(&list);
	tear_down(&fixture);
}

static void
a_batch_is_refused_for_one_statement(void **state)
{
	static const char *const letter_and_act[] = { manifest_a, confirmed };
	static const char *const letter_twice[] = { manifest_a, manifest_a };
	static const char *const mixed[] = { act, confirmed };
	static const char *const twice[] = { act, opened, act };
	static const char *const good[] = { act, opened };
	struct fixture fixture;
	struct error err = { 0 };
	struct bytes signature = { 0 };
	const struct {
		const char *key;
		enum keeper_kind kind;
		const char *const *texts;
		size_t count;
	} cases[] = {
		{ "module", KEEPER_ACT, mixed, 2 },
		{ "sign.376490000A", KEEPER_ACT, mixed, 2 },
		{ "module", KEEPER_ACT, twice, 3 },
		{ "module", KEEPER_ACT, good, 0 },
		{ "module", KEEPER_WAYBILL, good, 2 },
		{ "module", KEEPER_ADDENDUM, good, 2 },
		{ "module", KEEPER_CHECKPOINT, good, 2 },
		{ "log", KEEPER_ACT, good, 2 },
		{ "sign.376490000A", KEEPER_PACKAGE, letter_and_act, 2 },
		{ "sign.376490000A", KEEPER_PACKAGE, letter_twice, 2 },
		{ "module", KEEPER_PACKAGE, letter_twice, 1 },
	};

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(sign_batch(&fixture, cases[i].key,
				     cases[i].kind, cases[i].texts,
				     cases[i].count, &signature, &err),
		    -1);
		assert_string_equal(err.id, "E3307");
		assert_int_equal(signature.len, 0);
	}
	tear_down(&fixture);
}

static void
a_batch_has_a_thousand_statements_at_most(void **state)
{
	enum { SIZE = 96 };
	char(*texts)[SIZE] = calloc(BATCH_ITEMS_MAX + 1, SIZE);
	const char **list = calloc(BATCH_ITEMS_MAX + 1, sizeof(*list));
	struct fixture fixture;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_non_null(texts);
	assert_non_null(list);
	for (int i = 0; i <= BATCH_ITEMS_MAX; i++) {
		snprintf(texts[i], SIZE,
		    "{\"format\":\"yizhan-act-1\",\"environment\":\"demo\","
		    "\"event\":\"opened\",%d}",
		    i);
		list[i] = texts[i];
	}
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	assert_int_equal(sign_batch(&fixture, "module", KEEPER_ACT, list,
			     BATCH_ITEMS_MAX, &signature, &err),
	    0);
	bytes_clear(&signature);
	assert_int_equal(sign_batch(&fixture, "module", KEEPER_ACT, list,
			     BATCH_ITEMS_MAX + 1, &signature, &err),
	    -1);
	assert_string_equal(err.id, "E3307");
	bytes_free(&signature);
	free(texts);
	free(list);
	tear_down(&fixture);
}

/* The library must not want a file or a system call later. */
static void
a_keeper_works_inside_its_sandbox(void **state)
{
	struct message_sign request = request_of("module", KEEPER_ACT, act);
	struct fixture fixture;
	struct bytes signature = { 0 };
	struct error err = { 0 };
	int status;
	pid_t pid;

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		enter_sandbox(ROLE_KEEPER);
		open_sealed(&fixture, 1);
		open_sealed(&fixture, 2);
		_exit(keeper_sign(&fixture.keeper, &request, &signature, &err) <
		    0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tear_down(&fixture);
}

/* Over a channel, as the spooler asks. */
static struct bytes received;

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct error *failed = ctx;
	struct message_keys keys;

	if (message_read(message, MESSAGE_KEYS, &keys, failed) == 0)
		bytes_put(&received, keys.keys.data, keys.keys.len);
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
the_spooler_learns_the_keys_and_may_not_unwrap(void **state)
{
	static const struct peer_handler none[] = { { MESSAGE_NONE, NULL } };
	struct message_unwrap unwrap = { { NULL, 0 } };
	struct message_key_entry entry;
	struct fixture fixture;
	struct error err = { 0 };
	struct error failed = { 0 };
	struct loop *loop = NULL;
	struct peer *spooler = NULL;
	struct peer *keeper = NULL;
	struct blob list;
	size_t count = 0;
	int fds[2];

	(void)state;
	set_up(&fixture);
	assert_int_equal(open_keeper(&fixture, &err), 0);
	assert_int_equal(loop_new(&loop, &err), 0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(loop, fds[0], "keeper", none, NULL, on_gone,
			     NULL, &spooler, &err),
	    0);
	assert_int_equal(peer_open(loop, fds[1], "spooler",
			     keeper_spooler_handlers, &fixture.keeper, on_gone,
			     NULL, &keeper, &err),
	    0);

	assert_int_equal(peer_ask(spooler, MESSAGE_KEY_LIST, NULL, -1,
			     on_answer, &failed, NULL, &err),
	    0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_run_once(loop, &err), 0);
	list = blob_of_bytes(&received);
	while (codec_next(message_fields(MESSAGE_KEY_ENTRY), &list, &entry,
		   &err) > 0) {
		assert_string_equal(entry.name, wanted[count].name);
		assert_true(digest_equal(&entry.certificate,
		    cert_fingerprint(holders[count].cert)));
		count++;
	}
	assert_int_equal(count, KEY_COUNT);
	assert_int_equal(failed.code, ERROR_NONE);

	assert_int_equal(peer_ask(spooler, MESSAGE_UNWRAP, &unwrap, -1,
			     on_answer, &failed, NULL, &err),
	    0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_run_once(loop, &err), 0);
	assert_int_equal(failed.code, ERROR_MALFORMED);
	bytes_free(&received);
	peer_close(spooler);
	peer_close(keeper);
	loop_free(loop);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_is_signed_by_the_module),
		cmocka_unit_test(a_manifest_is_signed_detached),
		cmocka_unit_test(a_checkpoint_gets_a_raw_signature),
		cmocka_unit_test(what_a_key_may_not_sign_is_not_signed),
		cmocka_unit_test(a_key_part_is_opened_by_the_seal_key_it_names),
		cmocka_unit_test(fields_out_of_range_are_refused),
		cmocka_unit_test(
		    a_kept_secret_comes_back_and_a_changed_one_does_not),
		cmocka_unit_test(the_storage_key_is_for_its_owner_alone),
		cmocka_unit_test(a_key_that_is_not_in_order_stops_the_start),
		cmocka_unit_test(a_key_file_with_less_or_more_is_refused),
		cmocka_unit_test(two_seal_keys_of_one_identifier_are_refused),
		cmocka_unit_test(
		    a_key_of_another_certificate_fails_the_self_test),
		cmocka_unit_test(many_acts_get_one_signature),
		cmocka_unit_test(many_packages_get_one_signature),
		cmocka_unit_test(a_batch_is_refused_for_one_statement),
		cmocka_unit_test(a_batch_has_a_thousand_statements_at_most),
		cmocka_unit_test(a_keeper_works_inside_its_sandbox),
		cmocka_unit_test(
		    the_spooler_learns_the_keys_and_may_not_unwrap),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
