#include "crypto/known_answers.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/ed25519.h"
#include "crypto/key.h"
#include "crypto/known_answers_internal.h"
#include "crypto/random.h"
#include "crypto/sealed_internal.h"
#include "crypto/sha256.h"

enum { OUT_MAX = 512 };

/* What a test gets: room for its answer, and for what is wanted. */
struct trial {
	uint8_t out[OUT_MAX];
	size_t len;
	uint8_t wanted[OUT_MAX];
	size_t wanted_len;
};

static void
want_hex(struct trial *trial, const char *hex)
{
	trial->wanted_len = strlen(hex) / 2;
	if (!hex_parse(hex, trial->wanted, trial->wanted_len))
		trial->wanted_len = 0;
}

static bool
decode(const char *base64, struct bytes *to)
{
	struct error ignored = { 0 };

	return base64_parse(base64, strlen(base64), to, &ignored) == 0;
}

static bool
want_base64(struct trial *trial, const char *base64)
{
	struct bytes data = { 0 };
	bool good = decode(base64, &data) && data.len <= sizeof(trial->wanted);

	if (good) {
		memcpy(trial->wanted, data.data, data.len);
		trial->wanted_len = data.len;
	}
	bytes_free(&data);
	return good;
}

static bool
is_wanted(const struct trial *trial)
{
	return trial->wanted_len > 0 && trial->len == trial->wanted_len &&
	    memcmp(trial->out, trial->wanted, trial->len) == 0;
}

/* ---- digests and derivation -------------------------------------------- */

static bool
try_sha256(struct trial *trial)
{
	struct digest digest;

	want_hex(trial,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	sha256("abc", 3, &digest);
	memcpy(trial->out, digest.bytes, sizeof(digest.bytes));
	trial->len = sizeof(digest.bytes);
	return true;
}

static bool
try_hmac(struct trial *trial)
{
	static const char text[] = "what do ya want for nothing?";

	want_hex(trial,
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "Jefe", 4,
		   (const unsigned char *)text, sizeof(text) - 1, trial->out,
		   sizeof(trial->out), &trial->len) != NULL;
}

static bool
try_hkdf(struct trial *trial)
{
	uint8_t key[22];
	uint8_t salt[13];
	uint8_t info[10];
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key,
		    sizeof(key)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt,
		    sizeof(salt)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
		    sizeof(info)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
	bool good;

	want_hex(trial,
	    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
	    "34007208d5b887185865");
	memset(key, 0x0b, sizeof(key));
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(info); i++)
		info[i] = (uint8_t)(0xf0 + i);
	trial->len = trial->wanted_len;
	good = ctx != NULL &&
	    EVP_KDF_derive(ctx, trial->out, trial->len, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good;
}

/* ---- AES --------------------------------------------------------------- */

static const char gcm_key[] =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char gcm_nonce[] = "cafebabefacedbaddecaf888";
static const char gcm_aad[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char gcm_plain[] =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
/* With the tag at the end. */
static const char gcm_sealed[] =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b";

enum { GCM_TAG = 16 };

/* Encrypts, or opens and checks the tag, in place; false if it does not hold. */
static bool
run_gcm(bool is_sealing, uint8_t *data, size_t len, uint8_t tag[GCM_TAG])
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t key[32], nonce[12], aad[20];
	int done = 0;
	bool good;

	good = cipher != NULL && ctx != NULL &&
	    hex_parse(gcm_key, key, sizeof(key)) &&
	    hex_parse(gcm_nonce, nonce, sizeof(nonce)) &&
	    hex_parse(gcm_aad, aad, sizeof(aad)) &&
	    EVP_CipherInit_ex2(ctx, cipher, key, nonce, is_sealing, NULL) ==
		1 &&
	    EVP_CipherUpdate(ctx, NULL, &done, aad, sizeof(aad)) == 1 &&
	    EVP_CipherUpdate(ctx, data, &done, data, (int)len) == 1 &&
	    (is_sealing ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) ==
		    1) &&
	    EVP_CipherFinal_ex(ctx, data + done, &done) == 1 &&
	    (!is_sealing ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) ==
		    1);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return good;
}

static bool
try_aes_gcm(struct trial *trial)
{
	size_t len = (sizeof(gcm_plain) - 1) / 2;
	uint8_t plain[64], opened[64], wrong[64];
	uint8_t tag[GCM_TAG];

	want_hex(trial, gcm_sealed);
	if (!hex_parse(gcm_plain, plain, len))
		return false;
	memcpy(trial->out, plain, len);
	if (!run_gcm(true, trial->out, len, tag))
		return false;
	memcpy(trial->out + len, tag, GCM_TAG);
	trial->len = len + GCM_TAG;
	memcpy(opened, trial->out, len);
	memcpy(wrong, trial->out, len);
	if (!run_gcm(false, opened, len, tag) ||
	    memcmp(opened, plain, len) != 0)
		return false;
	tag[0] ^= 1;
	return !run_gcm(false, wrong, len, tag);
}

static bool
try_aes_wrap(struct trial *trial)
{
	struct secret_key with, key, opened;

	want_hex(trial,
	    "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
	    "cbc7f0e71a99f43bfb988b9b7a02dd21");
	for (size_t i = 0; i < sizeof(with.bytes); i++)
		with.bytes[i] = (uint8_t)i;
	if (!hex_parse(
		"00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
		key.bytes, sizeof(key.bytes)))
		return false;
	trial->len = SEALED_WRAP_LEN;
	return sealed_wrap(&with, &key, trial->out) &&
	    sealed_wrap_open(&with, trial->out, &opened) &&
	    memcmp(opened.bytes, key.bytes, sizeof(key.bytes)) == 0;
}

/* ---- RSA --------------------------------------------------------------- */

static struct key *
read_key(const char *base64)
{
	struct bytes der = { 0 };
	struct error ignored = { 0 };
	struct key *key = NULL;

	if (decode(base64, &der) &&
	    key_parse(der.data, der.len, &key, &ignored) < 0)
		key = NULL;
	bytes_free(&der);
	return key;
}

static bool
verify(const struct key *key, const uint8_t *signature, size_t len,
    const char *text)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL &&
	    EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL,
		key_pkey(key), NULL) == 1 &&
	    EVP_DigestVerify(ctx, signature, len, (const unsigned char *)text,
		strlen(text)) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

/* Signs as the module does; the signature of other data must not hold. */
static bool
sign_and_verify(const struct key *key, const char *text, struct trial *trial)
{
	struct bytes signature = { 0 };
	struct error ignored = { 0 };
	bool good =
	    key_sign(key, text, strlen(text), &signature, &ignored) == 0 &&
	    signature.len <= sizeof(trial->out) &&
	    verify(key, signature.data, signature.len, text) &&
	    !verify(key, signature.data, signature.len, "another text");

	if (good) {
		memcpy(trial->out, signature.data, signature.len);
		trial->len = signature.len;
	}
	bytes_free(&signature);
	return good;
}

static bool
try_rsa(struct trial *trial, const char *pkcs8, const char *signature)
{
	struct key *key = read_key(pkcs8);
	bool good = key != NULL && want_base64(trial, signature) &&
	    sign_and_verify(key, "known answer", trial);

	key_free(key);
	return good;
}

static bool
try_rsa_2048(struct trial *trial)
{
	return try_rsa(trial, known_rsa_2048_key, known_rsa_2048_signature);
}

static bool
try_rsa_3072(struct trial *trial)
{
	return try_rsa(trial, known_rsa_3072_key, known_rsa_3072_signature);
}

static bool
try_rsa_oaep(struct trial *trial)
{
	struct key *key = read_key(known_rsa_2048_key);
	struct bytes sealed = { 0 };
	EVP_PKEY_CTX *ctx = key != NULL
	    ? EVP_PKEY_CTX_new_from_pkey(NULL, key_pkey(key), NULL)
	    : NULL;
	bool good;

	want_hex(trial,
	    "000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f");
	trial->len = sizeof(trial->out);
	good = ctx != NULL && decode(known_oaep, &sealed) &&
	    EVP_PKEY_decrypt_init(ctx) == 1 && sealed_set_oaep(ctx) &&
	    EVP_PKEY_decrypt(ctx, trial->out, &trial->len, sealed.data,
		sealed.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	bytes_free(&sealed);
	key_free(key);
	return good;
}

/* ---- curves ------------------------------------------------------------ */

/* Its signatures are never the same, so a known one is verified. */
static bool
try_ecdsa(struct trial *trial)
{
	struct key *key = read_key(known_ecdsa_key);
	bool good = key != NULL && want_base64(trial, known_ecdsa_signature) &&
	    sign_and_verify(key, "a text of its own", trial) &&
	    verify(key, trial->wanted, trial->wanted_len, "sample") &&
	    !verify(key, trial->wanted, trial->wanted_len, "simple");

	if (good) {
		memcpy(trial->out, trial->wanted, trial->wanted_len);
		trial->len = trial->wanted_len;
	}
	key_free(key);
	return good;
}

static EVP_PKEY *
read_peer(void)
{
	struct bytes der = { 0 };
	const unsigned char *at;
	EVP_PKEY *peer = NULL;

	if (decode(known_ecdh_peer, &der)) {
		at = der.data;
		peer = d2i_PUBKEY(NULL, &at, (long)der.len);
	}
	bytes_free(&der);
	return peer;
}

static bool
try_ecdh(struct trial *trial)
{
	struct key *key = read_key(known_ecdh_key);
	EVP_PKEY *peer = read_peer();
	EVP_PKEY_CTX *ctx = key != NULL
	    ? EVP_PKEY_CTX_new_from_pkey(NULL, key_pkey(key), NULL)
	    : NULL;
	bool good;

	trial->len = sizeof(trial->out);
	good = ctx != NULL && peer != NULL &&
	    want_base64(trial, known_ecdh_shared) &&
	    EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	    EVP_PKEY_derive(ctx, trial->out, &trial->len) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	key_free(key);
	return good;
}

static bool
try_kdf(struct trial *trial)
{
	struct key *key = read_key(known_ecdh_key);
	EVP_PKEY *peer = read_peer();
	struct secret_key derived;
	bool good = key != NULL && peer != NULL &&
	    want_base64(trial, known_ecdh_derived) &&
	    sealed_agree(key_pkey(key), peer, NULL, 0, &derived);

	if (good) {
		memcpy(trial->out, derived.bytes, sizeof(derived.bytes));
		trial->len = sizeof(derived.bytes);
	}
	EVP_PKEY_free(peer);
	key_free(key);
	return good;
}

static bool
try_ed25519(struct trial *trial)
{
	static const char seed_hex[] =
	    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
	static const uint8_t text[] = { 0x72 };
	struct ed25519_key *key = NULL;
	struct error ignored = { 0 };
	uint8_t seed[ED25519_SEED_LEN];
	uint8_t public_key[ED25519_PUBLIC_LEN];
	bool good;

	want_hex(trial,
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
	good = hex_parse(seed_hex, seed, sizeof(seed)) &&
	    ed25519_key_new(seed, &key, &ignored) == 0 &&
	    ed25519_key_public(key, public_key, &ignored) == 0 &&
	    ed25519_sign(key, text, sizeof(text), trial->out, &ignored) == 0 &&
	    ed25519_verify(public_key, text, sizeof(text), trial->out,
		&ignored) == 0 &&
	    ed25519_verify(public_key, text, 0, trial->out, &ignored) < 0;
	trial->len = ED25519_SIGNATURE_LEN;
	ed25519_key_free(key);
	return good;
}

/* ---- random numbers ---------------------------------------------------- */

/* A source that gives 00, 01, 02 ... as the entropy. */
static EVP_RAND_CTX *
make_source(void)
{
	EVP_RAND *test = EVP_RAND_fetch(NULL, "TEST-RAND", NULL);
	EVP_RAND_CTX *source =
	    test != NULL ? EVP_RAND_CTX_new(test, NULL) : NULL;
	uint8_t entropy[48];
	unsigned int strength = 256;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY,
		    entropy, sizeof(entropy)),
		OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
		OSSL_PARAM_construct_end(),
	};

	for (size_t i = 0; i < sizeof(entropy); i++)
		entropy[i] = (uint8_t)i;
	EVP_RAND_free(test);
	if (source != NULL &&
	    EVP_RAND_instantiate(source, 256, 0, NULL, 0, params) == 1)
		return source;
	EVP_RAND_CTX_free(source);
	return NULL;
}

/* The generator in use: it runs, and does not repeat itself. */
static bool
is_healthy(void)
{
	EVP_RAND_CTX *in_use = RAND_get0_private(NULL);
	struct error ignored = { 0 };
	uint8_t one[32], other[32];

	return in_use != NULL &&
	    EVP_RAND_get_state(in_use) == EVP_RAND_STATE_READY &&
	    EVP_RAND_verify_zeroization(in_use) >= 0 &&
	    random_fill(one, sizeof(one), &ignored) == 0 &&
	    random_fill(other, sizeof(other), &ignored) == 0 &&
	    memcmp(one, other, sizeof(one)) != 0;
}

static bool
try_drbg(struct trial *trial)
{
	/* With NULL the library would put a text of its own there. */
	static const unsigned char nothing[] = "";
	char cipher[] = "AES-256-CTR";
	int without = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, cipher,
		    0),
		OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &without),
		OSSL_PARAM_construct_end(),
	};
	EVP_RAND *drbg = EVP_RAND_fetch(NULL, "CTR-DRBG", NULL);
	EVP_RAND_CTX *source = make_source();
	EVP_RAND_CTX *ctx = drbg != NULL && source != NULL
	    ? EVP_RAND_CTX_new(drbg, source)
	    : NULL;
	bool good;

	/* The second 64 bytes. */
	want_hex(trial,
	    "04562ad35e8ecafaafda16981cdaa147606beea62801342af13c8b5535f72f94"
	    "95b74317c762f0adab7abe710797612176b61b0e208398113cf9c170157bc75f");
	trial->len = 64;
	good = ctx != NULL &&
	    EVP_RAND_instantiate(ctx, 256, 0, nothing, 0, params) == 1 &&
	    EVP_RAND_generate(ctx, trial->out, trial->len, 256, 0, NULL, 0) ==
		1 &&
	    EVP_RAND_generate(ctx, trial->out, trial->len, 256, 0, NULL, 0) ==
		1 &&
	    is_healthy();
	EVP_RAND_CTX_free(ctx);
	EVP_RAND_CTX_free(source);
	EVP_RAND_free(drbg);
	return good;
}

/* ---- all of them ------------------------------------------------------- */

static const struct {
	const char *name;
	bool (*run)(struct trial *trial);
} tests[KNOWN_ANSWER_COUNT] = {
	[KNOWN_SHA256] = { "sha256", try_sha256 },
	[KNOWN_HMAC] = { "hmac-sha256", try_hmac },
	[KNOWN_HKDF] = { "hkdf-sha256", try_hkdf },
	[KNOWN_AES_GCM] = { "aes-256-gcm", try_aes_gcm },
	[KNOWN_AES_WRAP] = { "aes-256-wrap", try_aes_wrap },
	[KNOWN_RSA_2048] = { "rsa-2048", try_rsa_2048 },
	[KNOWN_RSA_3072] = { "rsa-3072", try_rsa_3072 },
	[KNOWN_RSA_OAEP] = { "rsa-oaep-sha256", try_rsa_oaep },
	[KNOWN_ECDSA_P256] = { "ecdsa-p256", try_ecdsa },
	[KNOWN_ECDH_P256] = { "ecdh-p256", try_ecdh },
	[KNOWN_KDF_X963] = { "kdf-x963", try_kdf },
	[KNOWN_ED25519] = { "ed25519", try_ed25519 },
	[KNOWN_DRBG] = { "ctr-drbg", try_drbg },
};

const char *
known_answer_name(enum known_answer which)
{
	return tests[which].name;
}

bool
known_answer_parse(const char *name, enum known_answer *ret_which)
{
	for (int i = 0; i < KNOWN_ANSWER_COUNT; i++)
		if (text_equal(tests[i].name, name)) {
			*ret_which = (enum known_answer)i;
			return true;
		}
	return false;
}

int
known_answer_test(enum known_answer which, bool is_wrong, struct error *err)
{
	struct trial trial = { .len = 0 };
	bool good = tests[which].run(&trial);

	if (is_wrong)
		trial.wanted[0] ^= 1;
	if (good && is_wanted(&trial))
		return 0;
	return error_set_id(err, "E3620", ERROR_SYSTEM,
	    "self-test of the crypto module: %s gives a wrong answer",
	    tests[which].name);
}
