#include "http/tls.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/error.h"
#include "http/tls_internal.h"

enum { CERT_LIST_MAX = 16384, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192 };

static bool
is_key_acceptable(EVP_PKEY *key)
{
	char group[32];
	int is_explicit = 0;

	if (key == NULL)
		return false;
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN &&
		    EVP_PKEY_get_bits(key) <= RSA_BITS_MAX;
	if (EVP_PKEY_is_a(key, "ED25519"))
		return true;
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
		return false;
	/* A curve spelled out may equal a named one in all but its base. */
	(void)EVP_PKEY_get_int_param(key,
	    OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
	return !is_explicit &&
	    (strcmp(group, SN_X9_62_prime256v1) == 0 ||
		strcmp(group, SN_secp384r1) == 0);
}

int
tls_check_policy(X509 *cert, struct error *err)
{
	int digest = NID_undef;
	int algorithm = NID_undef;

	if (!is_key_acceptable(X509_get0_pubkey(cert)))
		return error_set_id(err, "E6003", ERROR_UNTRUSTED,
		    "certificate: key of a kind or size that is not accepted");
	if (X509_get_signature_info(cert, &digest, &algorithm, NULL, NULL) !=
		1 ||
	    (algorithm != NID_ED25519 && digest != NID_sha256 &&
		digest != NID_sha384 && digest != NID_sha512))
		return error_set_id(err, "E6003", ERROR_UNTRUSTED,
		    "certificate: signed with an algorithm that is not "
		    "accepted");
	return 0;
}

static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *offered, unsigned offered_len, void *arg)
{
	/* Ours in our order; HTTP/1.1 is the end of it, where it is let in. */
	static const unsigned char ours[] = { 2, 'h', '2', 8, 'h', 't', 't',
		'p', '/', '1', '.', '1' };
	const struct tls *tls = arg;
	unsigned char *chosen;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, out_len, ours,
		tls->allows_http1 ? sizeof(ours) : 3, offered,
		offered_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int
set_algorithms(SSL_CTX *context)
{
	/* Not const, because the macros that take them say so. */
	char ciphers[] = "TLS_AES_256_GCM_SHA384:"
			 "TLS_CHACHA20_POLY1305_SHA256:"
			 "TLS_AES_128_GCM_SHA256";
	char groups[] = "X25519:P-256:P-384";
	/* PKCS #1 v1.5 stands for signatures inside certificates only. */
	char signatures[] = "ECDSA+SHA256:ECDSA+SHA384:ed25519:"
			    "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
			    "RSA+SHA256:RSA+SHA384:RSA+SHA512";

	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_ciphersuites(context, ciphers) != 1 ||
	    SSL_CTX_set1_groups_list(context, groups) != 1 ||
	    SSL_CTX_set1_sigalgs_list(context, signatures) != 1)
		return -1;
	return 0;
}

static int
set_policy(struct tls *tls, enum tls_peer peer)
{
	static const unsigned char h2[] = { 2, 'h', '2' };
	SSL_CTX *context = tls->context;
	int verify = SSL_VERIFY_PEER;

	if (tls->is_server && peer == TLS_PEER_REQUIRED)
		verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(context, verify, NULL);
	SSL_CTX_set_cert_verify_callback(context, tls_link_verify, NULL);
	SSL_CTX_set_max_cert_list(context, CERT_LIST_MAX);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(context,
	    SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
		SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(context,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
		SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(context, 1);
	if (tls->is_server)
		SSL_CTX_set_alpn_select_cb(context, choose_protocol, tls);
	else if (SSL_CTX_set_alpn_protos(context, h2, sizeof(h2)) != 0)
		return -1;
	if (set_algorithms(context) < 0 ||
	    SSL_CTX_set_num_tickets(context, 0) != 1 ||
	    SSL_CTX_set_max_early_data(context, 0) != 1)
		return -1;
	return 0;
}

/* Keys are stored unencrypted or not at all: never ask at a terminal. */
static int
no_password(char *to, int size, int is_writing, void *arg)
{
	(void)to;
	(void)size;
	(void)is_writing;
	(void)arg;
	return -1;
}

/* Certificates between ours and its root, for who does not know them. */
static int
load_chain(struct tls *tls, BIO *pem, struct error *err)
{
	X509 *cert;
	int rc = 0;

	while (rc == 0 &&
	    (cert = PEM_read_bio_X509(pem, NULL, no_password, NULL)) != NULL) {
		if (SSL_CTX_add1_chain_cert(tls->context, cert) != 1)
			rc = tls_set_error(err, "our chain of certificates");
		X509_free(cert);
	}
	ERR_clear_error();
	return rc;
}

static int
load_identity(struct tls *tls, BIO *cert_pem, BIO *key_pem, struct error *err)
{
	X509 *cert = PEM_read_bio_X509(cert_pem, NULL, no_password, NULL);
	EVP_PKEY *key = NULL;
	int rc = -1;

	if (cert == NULL) {
		tls_set_error(err, "our certificate");
		goto done;
	}
	if (tls_check_policy(cert, err) < 0)
		goto done;
	key = PEM_read_bio_PrivateKey(key_pem, NULL, no_password, NULL);
	if (key == NULL || SSL_CTX_use_certificate(tls->context, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(tls->context, key) != 1 ||
	    SSL_CTX_check_private_key(tls->context) != 1 ||
	    X509_digest(cert, tls->sha256, tls->fingerprint.bytes, NULL) != 1) {
		tls_set_error(err, "our private key");
		goto done;
	}
	tls->has_cert = true;
	rc = load_chain(tls, cert_pem, err);
done:
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}

static int
tls_new(bool is_server, enum tls_peer peer, struct tls **ret_tls,
    struct error *err)
{
	struct tls *tls = OPENSSL_zalloc(sizeof(*tls));

	if (tls == NULL)
		return error_set_memory(err);
	tls->is_server = is_server;
	tls->transport = tls_transport_new();
	tls->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	tls->context =
	    SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	if (tls->transport == NULL || tls->sha256 == NULL ||
	    tls->context == NULL || set_policy(tls, peer) < 0) {
		tls_free(tls);
		return error_set(err, ERROR_SYSTEM,
		    "the TLS library cannot do what is asked of it");
	}
	*ret_tls = tls;
	return 0;
}

static int
tls_new_with(bool is_server, enum tls_peer peer, BIO *cert_pem, BIO *key_pem,
    struct tls **ret_tls, struct error *err)
{
	struct tls *tls = NULL;
	int rc = -1;

	if (cert_pem == NULL || key_pem == NULL) {
		tls_set_error(err, "certificate or key file");
		goto done;
	}
	if (tls_new(is_server, peer, &tls, err) < 0)
		goto done;
	if (load_identity(tls, cert_pem, key_pem, err) < 0)
		goto done;
	*ret_tls = tls;
	tls = NULL;
	rc = 0;
done:
	tls_free(tls);
	BIO_free(cert_pem);
	BIO_free(key_pem);
	return rc;
}

static int
tls_new_from_memory(bool is_server, const struct tls_identity *identity,
    enum tls_peer peer, struct tls **ret_tls, struct error *err)
{
	if (identity->cert_len > INT_MAX || identity->key_len > INT_MAX)
		return error_set(err, ERROR_MALFORMED, "certificate too long");
	return tls_new_with(is_server, peer,
	    BIO_new_mem_buf(identity->cert_pem, (int)identity->cert_len),
	    BIO_new_mem_buf(identity->key_pem, (int)identity->key_len), ret_tls,
	    err);
}

int
tls_server_new(const struct tls_identity *identity, enum tls_peer peer,
    struct tls **ret_tls, struct error *err)
{
	return tls_new_from_memory(true, identity, peer, ret_tls, err);
}

int
tls_client_new(const struct tls_identity *identity, struct tls **ret_tls,
    struct error *err)
{
	if (identity == NULL)
		return tls_new(false, TLS_PEER_REQUIRED, ret_tls, err);
	return tls_new_from_memory(false, identity, TLS_PEER_REQUIRED, ret_tls,
	    err);
}

int
tls_server_read(const char *cert_path, const char *key_path, enum tls_peer peer,
    struct tls **ret_tls, struct error *err)
{
	return tls_new_with(true, peer, BIO_new_file(cert_path, "r"),
	    BIO_new_file(key_path, "r"), ret_tls, err);
}

int
tls_client_read(const char *cert_path, const char *key_path,
    struct tls **ret_tls, struct error *err)
{
	return tls_new_with(false, TLS_PEER_REQUIRED,
	    BIO_new_file(cert_path, "r"), BIO_new_file(key_path, "r"), ret_tls,
	    err);
}

void
tls_allow_http1(struct tls *tls)
{
	tls->allows_http1 = true;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	BIO_meth_free(tls->transport);
	EVP_MD_free(tls->sha256);
	OPENSSL_free(tls);
}

bool
tls_fingerprint(const struct tls *tls, struct digest *ret_fingerprint)
{
	if (tls->has_cert)
		*ret_fingerprint = tls->fingerprint;
	return tls->has_cert;
}
