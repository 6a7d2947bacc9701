#!/bin/sh
# Goal: what we make, stock openssl and a page of Python open and verify; what
# they make by the profile, we open and verify; what leaves the profile is
# refused.  Evidence must stand without this program.
#
#	10-openssl-interop.sh [CRYPTO_TOOL]
set -u
here=$(cd "$(dirname "$0")" && pwd)
tool=${1:-$(dirname "${YIZHAN:-$here/../../build/yizhan}")/tests/tools/crypto_tool}
tool=$(cd "$(dirname "$tool")" && pwd)/$(basename "$tool")
open_content=$here/../tools/open_content.py
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
number=0

# ok NAME COMMAND...: the command must succeed.
ok() {
	number=$((number + 1))
	name=$1
	shift
	if "$@" >log 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' log
	fi
}

# refused ID NAME COMMAND...: the command must fail with this message id.
refused() {
	number=$((number + 1))
	id=$1
	name=$2
	shift 2
	if ! "$@" >log 2>&1 && grep -q "^$id " log; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' log
	fi
}

same() {
	cmp "$1" "$2"
}

# make_cert NAME USAGE KEY-OPTIONS...
make_cert() {
	name=$1
	usage=$2
	shift 2
	openssl genpkey "$@" -out "$name.key" 2>/dev/null
	openssl req -new -key "$name.key" -subj "/C=TW/O=Test/CN=$name" |
	openssl x509 -req -CA ca.pem -CAkey ca.key -days 30 -out "$name.pem" \
	    -extfile "$usage.ext" 2>/dev/null
}

set_up() {
	printf 'basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,nonRepudiation
subjectKeyIdentifier=hash\n' >sign.ext
	printf 'basicConstraints=critical,CA:FALSE
keyUsage=critical,keyEncipherment,keyAgreement
subjectKeyIdentifier=hash\n' >seal.ext
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout ca.key -out ca.pem -subj /CN=CA -days 30 2>/dev/null
	for use in sign seal; do
		make_cert $use-p256 $use -algorithm EC \
		    -pkeyopt ec_paramgen_curve:P-256
		make_cert $use-p384 $use -algorithm EC \
		    -pkeyopt ec_paramgen_curve:P-384
		make_cert $use-rsa $use -algorithm RSA \
		    -pkeyopt rsa_keygen_bits:2048
	done
	printf '{"format":"yizhan-waybill-1"}' >content
	printf '{"format":"yizhan-key-1"}' >secret
	printf '{"format":"yizhan-head-1"}' >head.json
	head -c 3000000 /dev/urandom >package
	: >empty
}

ours_verified() {
	"$tool" sign "$1.key" "$1.pem" <content >cms &&
	    openssl cms -verify -cades -binary -inform DER -in cms \
		-CAfile ca.pem -purpose any -out back &&
	    same content back
}

ours_detached_verified() {
	"$tool" sign-detached "$1.key" "$1.pem" <content >cms &&
	    openssl cms -verify -cades -binary -inform DER -in cms \
		-content content -CAfile ca.pem -purpose any -out back &&
	    same content back
}

theirs_verified() {
	key=$1
	shift
	openssl cms -sign -cades -binary -nodetach -outform DER \
	    -signer "$key.pem" -inkey "$key.key" -in content -out cms "$@" &&
	    "$tool" verify <cms >back && same content back
}

theirs_detached_verified() {
	openssl cms -sign -cades -binary -outform DER -signer "$1.pem" \
	    -inkey "$1.key" -in content -out cms &&
	    "$tool" verify-detached content <cms
}

ours_decrypted() {
	"$tool" seal "$1.pem" <secret >cms &&
	    openssl cms -decrypt -binary -inform DER -in cms -recip "$1.pem" \
		-inkey "$1.key" -out back && same secret back
}

# theirs CERT OUT OPTIONS...: a key part made by openssl.
theirs() {
	cert=$1
	out=$2
	shift 2
	openssl cms -encrypt -binary -keyid -outform DER -in secret \
	    -out "$out" -recip "$cert.pem" "$@"
}

theirs_opened() {
	key=$1
	shift
	theirs "$key" cms -aes-256-gcm "$@" &&
	    "$tool" open "$key.key" <cms >back && same secret back
}

content_key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

ours_opened_by_page() {
	"$tool" encrypt $content_key head.json <"$1" >part &&
	    "$open_content" $content_key head.json <part >back && same "$1" back
}

page_opened_by_ours() {
	"$open_content" --make $content_key head.json <"$1" >part &&
	    "$tool" decrypt $content_key head.json <part >back && same "$1" back
}

refuse_theirs() {
	"$tool" verify <cms
}

set_up

for kind in sign-p256 sign-p384 sign-rsa; do
	ok "openssl verifies our signature, $kind" ours_verified $kind
	ok "openssl verifies ours detached, $kind" ours_detached_verified $kind
	ok "we verify openssl's signature, $kind" theirs_verified $kind
	ok "we verify openssl's detached, $kind" theirs_detached_verified $kind
done
ok "we verify openssl's PSS signature" theirs_verified sign-rsa \
    -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32

openssl cms -sign -binary -nodetach -outform DER -signer sign-p256.pem \
    -inkey sign-p256.key -in content -out cms
refused E3012 "a signature that names no certificate is refused" refuse_theirs
openssl cms -sign -cades -binary -nodetach -outform DER -signer sign-p256.pem \
    -inkey sign-p256.key -signer sign-rsa.pem -inkey sign-rsa.key \
    -in content -out cms
refused E3011 "a second signature is refused" refuse_theirs
openssl cms -resign -cades -binary -inform DER -outform DER -in cms \
    -signer sign-p384.pem -inkey sign-p384.key -out cms2 2>/dev/null
mv cms2 cms
refused E3011 "a signature added later is refused" refuse_theirs
openssl cms -sign -cades -binary -nodetach -md sha1 -outform DER \
    -signer sign-p256.pem -inkey sign-p256.key -in content -out cms
refused E3010 "a SHA-1 signature is refused" refuse_theirs
openssl cms -sign -cades -binary -nodetach -stream -indef -outform DER \
    -signer sign-p256.pem -inkey sign-p256.key -in content -out cms
refused E3010 "BER is refused" refuse_theirs

for kind in seal-rsa seal-p256 seal-p384; do
	ok "openssl opens our key part, $kind" ours_decrypted $kind
done
ok "we open openssl's key part, RSA" theirs_opened seal-rsa \
    -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256
for kind in seal-p256 seal-p384; do
	ok "we open openssl's key part, $kind" theirs_opened $kind \
	    -keyopt ecdh_kdf_md:sha256
done

refuse_open() {
	"$tool" open "$1.key" <cms
}

theirs seal-rsa cms -aes-256-cbc -keyopt rsa_padding_mode:oaep \
    -keyopt rsa_oaep_md:sha256
refused E3021 "EnvelopedData is refused" refuse_open seal-rsa
theirs seal-rsa cms -aes-256-gcm
refused E3021 "PKCS #1 v1.5 key transport is refused" refuse_open seal-rsa
theirs seal-rsa cms -aes-256-gcm -keyopt rsa_padding_mode:oaep
refused E3021 "OAEP with SHA-1 is refused" refuse_open seal-rsa
theirs seal-p256 cms -aes-256-gcm
refused E3021 "key derivation with SHA-1 is refused" refuse_open seal-p256
ok "the page of Python opens our content part" ours_opened_by_page package
ok "the page of Python opens an empty one" ours_opened_by_page empty
ok "we open a content part of the page" page_opened_by_ours package
ok "we open an empty one of the page" page_opened_by_ours empty
printf ' ' >>head.json
refused E3030 "another head does not open it" "$tool" decrypt $content_key head.json <part

echo "1..$number"
