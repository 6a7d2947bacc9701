/*
 * The keys and answers that are too long for a line (known_answers_data.c).
 *
 * Where the numbers are from: SHA-256 FIPS 180-4; HMAC RFC 4231 case 2; HKDF RFC
 * 5869 case 1; AES-256-GCM case 16 of McGrew and Viega; key wrap RFC 3394 4.6;
 * ECDSA RFC 6979 A.2.5 ("sample"); ECDH NIST CAVS P-256; Ed25519 RFC 8032 test 2.
 * RSA, the key derivation and CTR_DRBG were computed by a second implementation
 * of PKCS #1, SEC 1 and SP 800-90A in integer arithmetic.
 */
#ifndef CRYPTO_KNOWN_ANSWERS_INTERNAL_H
#define CRYPTO_KNOWN_ANSWERS_INTERNAL_H

extern const char known_rsa_2048_key[]; /* PKCS #8 */
extern const char known_rsa_2048_signature[];
extern const char known_rsa_3072_key[];
extern const char known_rsa_3072_signature[];
extern const char known_oaep[]; /* of 00..1f by the key of 2048 bits */
extern const char known_ecdsa_key[];
extern const char known_ecdsa_signature[]; /* DER */
extern const char known_ecdh_key[];
extern const char known_ecdh_peer[]; /* SubjectPublicKeyInfo */
extern const char known_ecdh_shared[];
extern const char known_ecdh_derived[];

#endif
