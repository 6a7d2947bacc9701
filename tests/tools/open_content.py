#!/usr/bin/python3
"""Open a content part, given its key and the head of its waybill.

    open_content.py KEY-IN-HEX HEAD-FILE < content-part > package
    open_content.py --make KEY-IN-HEX HEAD-FILE < package > content-part

Written from docs/protocol.md 3 alone, as a second implementation.
"""
import hashlib
import os
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEGMENT = 1 << 20
TAG = 16
HEADER = 40


def cipher_of(key, salt, head):
    """AES-256-GCM with the key of this stream."""
    info = hashlib.sha256(head).digest()
    return AESGCM(HKDF(hashes.SHA256(), 32, salt, info).derive(key))


def nonce_of(prefix, number, last):
    return prefix + number.to_bytes(4, "big") + bytes([last])


def cut(data, first, rest):
    """Segments of `rest` bytes, the first of `first`; at least one."""
    pieces = [data[:first]]
    pieces += [data[at:at + rest] for at in range(first, len(data), rest)]
    return pieces


def open_content(key, head, content):
    if len(content) < HEADER + TAG or content[0] != HEADER:
        raise ValueError("not a content part")
    salt, prefix = content[1:33], content[33:HEADER]
    cipher = cipher_of(key, salt, head)
    segments = cut(content[HEADER:], SEGMENT - HEADER, SEGMENT)
    last = len(segments) - 1
    return b"".join(
        cipher.decrypt(nonce_of(prefix, i, i == last), segment, None)
        for i, segment in enumerate(segments))


def make_content(key, head, package):
    salt, prefix = os.urandom(32), os.urandom(7)
    cipher = cipher_of(key, salt, head)
    segments = cut(package, SEGMENT - HEADER - TAG, SEGMENT - TAG)
    last = len(segments) - 1
    return bytes([HEADER]) + salt + prefix + b"".join(
        cipher.encrypt(nonce_of(prefix, i, i == last), segment, None)
        for i, segment in enumerate(segments))


def main(args):
    work = open_content
    if args[:1] == ["--make"]:
        work = make_content
        args = args[1:]
    if len(args) != 2:
        sys.exit(__doc__)
    key = bytes.fromhex(args[0])
    with open(args[1], "rb") as file:
        head = file.read()
    try:
        sys.stdout.buffer.write(work(key, head, sys.stdin.buffer.read()))
    except (InvalidTag, ValueError) as problem:
        sys.exit(f"content part does not open: {problem or 'wrong tag'}")


if __name__ == "__main__":
    main(sys.argv[1:])
