/*
 * What one document cannot do without, by itself: microseconds of one
 * processor, best of several rounds.  The physical limit that scripts/bench
 * computes is the sum of these.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bench/result.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "harness/pki.h"
#include "http/tls.h"

enum {
	LEN_16K = 16384,
	LEN_1M = 1048576,
	SIGNED_LEN = 900,
	ROUNDS = 5,
	ROUND_MS = 60,
	SYNCS = 64,

};

struct bench {
	struct pki pki;
	struct pki_holder signer;
	uint8_t *data;
	size_t len;
	struct bytes signature;
	EVP_CIPHER_CTX *cipher;
	struct tls *server, *client;
	struct tls_link *links[2]; /* server's, client's */
	int fds[2];
};

typedef void (*step_fn)(struct bench *bench);

static double
seconds_of(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
must(int rc, const struct error *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_primitives: %s\n", err->text);
	exit(EXIT_FAILURE);
}

/* Microseconds of the fastest round. */
static double
fastest(struct bench *bench, step_fn step)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID), span;
		long count = 0;

		do {
			step(bench);
			count++;
			span = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start;
		} while (span < ROUND_MS / 1e3);
		if (round == 0 || span * 1e6 / (double)count < best)
			best = span * 1e6 / (double)count;
	}
	return best;
}

/* ---- digests, encryption, signatures --------------------------------- */

static void
hash(struct bench *b)
{
	struct digest digest;

	sha256(b->data, b->len, &digest);
}

static void
encrypt(struct bench *b)
{
	static const uint8_t key[32] = { 1 }, nonce[12] = { 2 };
	uint8_t tag[16];
	int len = 0;

	if (EVP_EncryptInit_ex(b->cipher, EVP_aes_256_gcm(), NULL, key,
		nonce) != 1 ||
	    EVP_EncryptUpdate(b->cipher, b->data, &len, b->data, (int)b->len) !=
		1 ||
	    EVP_EncryptFinal_ex(b->cipher, b->data, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(b->cipher, EVP_CTRL_GCM_GET_TAG, sizeof(tag),
		tag) != 1)
		abort();
}

static void
sign(struct bench *b)
{
	struct error err = { 0 };

	bytes_clear(&b->signature);
	must(key_sign(b->signer.key, b->data, SIGNED_LEN, &b->signature, &err),
	    &err);
}

static void
verify(struct bench *b)
{
	struct error err = { 0 };

	must(key_verify(b->signer.cert, KEY_SCHEME_PLAIN, b->data, SIGNED_LEN,
		 b->signature.data, b->signature.len, &err),
	    &err);
}

static void
measure_signatures(struct bench *b)
{
	static const struct {
		enum cert_key kind;
		const char *name;
	} kinds[] = {
		{ CERT_KEY_P256, "p256" },
		{ CERT_KEY_RSA, "rsa2048" },
		{ CERT_KEY_ED25519, "ed25519" },
	};
	char name[64];

	for (size_t i = 0; i < 3; i++) {
		b->signer = pki_issue(&b->pki, ISSUE_SIGN, kinds[i].kind,
		    kinds[i].name);
		snprintf(name, sizeof(name), "primitive.sign.%s",
		    kinds[i].name);
		result_print(name, fastest(b, sign), "us", "900 bytes");
		snprintf(name, sizeof(name), "primitive.verify.%s",
		    kinds[i].name);
		result_print(name, fastest(b, verify), "us", "900 bytes");
		pki_holder_free(&b->signer);
	}
}

static void
measure_sizes(struct bench *b)
{
	static const struct {
		size_t len;
		const char *name;
	} sizes[] = { { LEN_16K, "16k" }, { LEN_1M, "1m" } };
	char name[64];

	for (size_t i = 0; i < 2; i++) {
		b->len = sizes[i].len;
		snprintf(name, sizeof(name), "primitive.sha256.%s",
		    sizes[i].name);
		result_print(name, fastest(b, hash), "us", "SHA-256");
		snprintf(name, sizeof(name), "primitive.aes_gcm.%s",
		    sizes[i].name);
		result_print(name, fastest(b, encrypt), "us", "AES-256-GCM");
	}
}

/* ---- TLS ------------------------------------------------------------- */

static bool
admit(void *ctx, const struct digest *fingerprint, const uint8_t *der,
    size_t der_len)
{
	(void)ctx;
	(void)fingerprint;
	(void)der;
	(void)der_len;
	return true;
}

static struct tls *
tls_of(const struct pki *pki, bool is_server)
{
	struct pki_holder holder =
	    pki_issue(pki, ISSUE_TLS, CERT_KEY_P256, "host");
	struct bytes cert = { 0 }, key = { 0 };
	struct tls_identity identity;
	struct tls *tls = NULL;
	struct error err = { 0 };

	cert_put_pem(holder.cert, &cert);
	must(key_put_pem(holder.key, &key, &err), &err);
	identity = (struct tls_identity){ (const char *)cert.data, cert.len,
		(const char *)key.data, key.len };
	must(is_server
		? tls_server_new(&identity, TLS_PEER_REQUIRED, &tls, &err)
		: tls_client_new(&identity, &tls, &err),
	    &err);
	bytes_free(&cert);
	bytes_free(&key);
	pki_holder_free(&holder);
	return tls;
}

static void
open_links(struct bench *b)
{
	int size = 4 * LEN_16K, done[2] = { 0, 0 };
	struct error err = { 0 };

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, b->fds) < 0)
		abort();
	for (int i = 0; i < 2; i++) {
		fcntl(b->fds[i], F_SETFL, O_NONBLOCK);
		setsockopt(b->fds[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
		must(tls_link_new(i == 0 ? b->server : b->client, b->fds[i],
			 admit, NULL, &b->links[i], &err),
		    &err);
	}
	while (done[0] != 1 || done[1] != 1)
		for (int i = 1; i >= 0; i--)
			if (done[i] != 1) {
				done[i] = tls_link_handshake(b->links[i], &err);
				must(done[i], &err);
			}
}

static void
close_links(struct bench *b)
{
	for (int i = 0; i < 2; i++) {
		tls_link_free(b->links[i]);
		close(b->fds[i]);
	}
}

static void
handshake(struct bench *b)
{
	open_links(b);
	close_links(b);
}

/* Both sides of 16 KiB through a socket; the server's reading alone. */
static void
measure_records(struct bench *b)
{
	double wrote = 0, took = 0;
	long count = 0;
	struct error err = { 0 };

	open_links(b);
	for (; wrote + took < ROUNDS * ROUND_MS / 1e3; count++) {
		double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID), middle;
		size_t got = 0;

		if (tls_link_write(b->links[1], b->data, LEN_16K, &err) !=
		    LEN_16K)
			abort();
		middle = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
		while (got < LEN_16K) {
			ssize_t len = tls_link_read(b->links[0],
			    b->data + LEN_16K, LEN_16K - got, &err);

			must((int)len, &err);
			got += (size_t)len;
		}
		wrote += middle - start;
		took += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - middle;
	}
	close_links(b);
	result_print("primitive.tls_write.16k", wrote * 1e6 / (double)count,
	    "us", "TLS 1.3, with the kernel, through a local socket");
	result_print("primitive.tls_read.16k", took * 1e6 / (double)count, "us",
	    "TLS 1.3, with the kernel, through a local socket");
}

static void
measure_tls(struct bench *b)
{
	b->server = tls_of(&b->pki, true);
	b->client = tls_of(&b->pki, false);
	result_print("primitive.tls_handshake", fastest(b, handshake), "us",
	    "both sides, with certificates, P-256");
	measure_records(b);
	tls_free(b->server);
	tls_free(b->client);
}

/* ---- the disk -------------------------------------------------------- */

/*
 * Wall time of writing over and syncing, as a log that is used again; returns
 * microseconds of the processor of each.
 */
static double
measure_sync(struct bench *b, size_t len, const char *name)
{
	static char path[] = "bench-sync-XXXXXX";
	static uint64_t times[SYNCS];
	int fd = mkstemp(path);
	double cpu = 0;

	if (fd < 0)
		abort();
	unlink(path);
	for (int i = -4; i < SYNCS; i++) {
		double start = seconds_of(CLOCK_MONOTONIC);

		if (i == 0)
			cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
		if (pwrite(fd, b->data, len, (off_t)(i & 3) * (off_t)len) !=
			(ssize_t)len ||
		    fdatasync(fd) < 0)
			abort();
		if (i >= 0)
			times[i] =
			    (uint64_t)((seconds_of(CLOCK_MONOTONIC) - start) *
				1e6);
	}
	cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	close(fd);
	result_sort(times, SYNCS);
	result_print(name, (double)result_percentile(times, SYNCS, 50), "us",
	    "median of %d writes, each with fdatasync, wall time", SYNCS);
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	return cpu * 1e6 / SYNCS;
}

int
main(void)
{
	static struct bench bench;
	double cpu_us;

	pki_new(&bench.pki);
	bench.data = calloc(1, LEN_1M);
	bench.cipher = EVP_CIPHER_CTX_new();
	if (bench.data == NULL || bench.cipher == NULL)
		return EXIT_FAILURE;
	measure_sizes(&bench);
	measure_signatures(&bench);
	measure_tls(&bench);
	measure_sync(&bench, LEN_16K, "primitive.sync.16k");
	cpu_us = measure_sync(&bench, LEN_1M, "primitive.sync.1m");
	result_print("primitive.write.16k", cpu_us * LEN_16K / LEN_1M, "us",
	    "processor time of 16 KiB in a write of 1 MiB with fdatasync");
	EVP_CIPHER_CTX_free(bench.cipher);
	bytes_free(&bench.signature);
	free(bench.data);
	pki_free(&bench.pki);
	return EXIT_SUCCESS;
}
