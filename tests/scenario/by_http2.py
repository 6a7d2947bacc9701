"""HTTP/2 written by hand, for clients that behave as none of ours does: too
little, too slowly, too much."""

import ssl
import struct
import time

# What a client says first, before frames of its own.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
NO_WINDOW = b"\0\0\6\4\0\0\0\0\0" b"\0\4\0\0\0\0"  # for answers
ALL_WINDOW = b"\0\0\4\x08\0\0\0\0\0" b"\x7f\xff\0\0"
BUNDLE = "application/vnd.yizhan.bundle"


def literal(name, value):
    """A header field without compression (RFC 7541 6.2.2)."""
    return (b"\0" + bytes([len(name)]) + name.encode() +
            bytes([len(value)]) + value.encode())


def request(method, path, stream=1, has_body=False):
    """The head of a request, with our clock; a body of a bundle may follow."""
    fields = [(":method", method), (":scheme", "https"), (":authority", "x"),
              (":path", path),
              ("yizhan-time", time.strftime("%Y-%m-%dT%H:%M:%S.000Z",
                                            time.gmtime()))]
    if has_body:
        fields.append(("content-type", BUNDLE))
    block = b"".join(literal(*field) for field in fields)
    return (len(block).to_bytes(3, "big") + b"\1" +
            (b"\4" if has_body else b"\5") + struct.pack(">I", stream) + block)


def context_of(cert, key):
    """TLS as hosts speak it, whoever the server is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(cert, key)
    return context


def host_context(net, host):
    """The TLS of a host of the network, and the address that it comes from."""
    facts = net.settings(host)
    tls = facts["keeper.key.tls"].removeprefix("file:")
    return context_of(tls, tls), facts["host.address"]
