"""Packages (docs/protocol.md 3) made by another hand, good and hostile.

Used by 11-package-interop.py and for the seeds of fuzz_zip.  Python's zipfile
writes the good ones; the hostile ones are made from bytes, since no honest
writer makes them.
"""
import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from urllib.parse import quote

MIMETYPE = b'application/vnd.etsi.asic-e+zip'
MANIFEST = 'META-INF/ASiCManifest001.xml'
SIGNATURE = 'META-INF/signature001.p7s'
FACTS = 'META-INF/yizhan.json'
BATCH = 'META-INF/batch.sha256'


def facts(**changes):
    members = {
        'format': 'yizhan-package-1', 'environment': 'demo',
        'document_id': '019a0000-0000-7000-8000-000000000001',
        'sender': '379000000A', 'recipients': ['376490000A'], 'message': 0,
    }
    members.update(changes)
    return json.dumps(members, separators=(',', ':')).encode()


def manifest(files):
    lines = ['<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
             '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"'
             ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
             f'<asic:SigReference MimeType="application/x-pkcs7-signature"'
             f' URI="{SIGNATURE}"/>']
    for name, data in files:
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        lines.append(
            f'<asic:DataObjectReference URI="{quote(name)}">'
            '<ds:DigestMethod'
            ' Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f'<ds:DigestValue>{digest}</ds:DigestValue>'
            '</asic:DataObjectReference>')
    lines.append('</asic:ASiCManifest>\n')
    return '\n'.join(lines).encode()


def entries(files, signature=b'signature'):
    listed = [(FACTS, facts())] + list(files)
    return ([('mimetype', MIMETYPE)] + listed +
            [(MANIFEST, manifest(listed)), (SIGNATURE, signature)])


def batch_list(manifests, environment='demo'):
    return ''.join(
        [f'# yizhan-package-batch-1 {environment}\n'] +
        [f'{hashlib.sha256(text).hexdigest()}  '
         f'META-INF/ASiCManifest{number:03}.xml\n'
         for number, text in enumerate(manifests, 1)]).encode()


def batched(line=2, count=3, change=lambda text: text, order=(0, 1, 2),
            environment='demo', at=None):
    """A good one, whose manifest stands on `line` of its list; or a bad one:
    `change` of the list, `order` of the last three, `at` in its name."""
    *front, manifest_entry, signature = entries(FILES)
    manifests = [b'another %d' % number for number in range(1, count + 1)]
    manifests[line - 1] = manifest_entry[1]
    back = [(f'META-INF/ASiCManifest{at or line:03}.xml', manifest_entry[1]),
            (BATCH, change(batch_list(manifests, environment))), signature]
    return write_zip([Entry(*pair) for pair in
                      front + [back[place] for place in order]])


class Entry:
    """One entry of a hand-made ZIP, each field of which can lie."""

    def __init__(self, name, data, **lies):
        self.name = name.encode() if isinstance(name, str) else name
        self.data = data
        self.crc = zlib.crc32(data)
        self.size = self.packed = len(data)
        self.flags = 0 if self.name.isascii() else 0x800
        self.method = 0
        self.extra = self.central_extra = b''
        self.comment = b''
        self.attributes = 0
        self.central = {}  # what the central directory says instead
        self.offset = None
        self.tail = b''    # bytes after the data
        for key, value in lies.items():
            assert hasattr(self, key), key
            setattr(self, key, value)

    def local(self):
        return (struct.pack('<IHHHHHIIIHH', 0x04034b50, 10, self.flags,
                            self.method, 0, 0x21, self.crc, self.packed,
                            self.size, len(self.name), len(self.extra)) +
                self.name + self.extra)

    def directory(self, offset):
        said = dict(vars(self), **self.central)
        return (struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 20, 10,
                            said['flags'], said['method'], 0, 0x21,
                            said['crc'], said['packed'], said['size'],
                            len(said['name']), len(said['central_extra']),
                            len(said['comment']), 0, 0, said['attributes'],
                            offset) +
                said['name'] + said['central_extra'] + said['comment'])


def write_zip(listed, comment=b'', before=b'', gap=b'', after=b'', count=None):
    out = bytearray(before)
    places = []
    for entry in listed:
        places.append(len(out) if entry.offset is None else entry.offset)
        out += entry.local() + entry.data + entry.tail
    out += gap
    begin = len(out)
    for entry, place in zip(listed, places):
        out += entry.directory(place)
    n = len(listed) if count is None else count
    out += struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, n, n, len(out) - begin,
                       begin, len(comment)) + comment
    return bytes(out) + after


FILES = [('doc.di', '<函/>'.encode()), ('附件/圖.pdf', b'%PDF-1.7'),
         ('empty.txt', b'')]


def good(files=FILES):
    return write_zip([Entry(n, d) for n, d in entries(files)])


def by_zipfile(files=FILES):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_STORED) as archive:
        for name, data in entries(files):
            archive.writestr(name, data)
    return out.getvalue()


def with_entry(index, **lies):
    """The good package with lies about one entry."""
    listed = [Entry(n, d) for n, d in entries(FILES)]
    for key, value in lies.items():
        assert hasattr(listed[index], key), key
        setattr(listed[index], key, value)
    return write_zip(listed)


def reordered(order):
    listed = entries(FILES)
    return write_zip([Entry(*listed[i]) for i in order])


def named(name):
    """One file of this name, in the manifest as well."""
    return good([(name, b'x')])


def descriptor():
    listed = [Entry(n, d) for n, d in entries(FILES)]
    victim = listed[2]
    victim.tail = struct.pack('<IIII', 0x08074b50, victim.crc, victim.size,
                              victim.size)
    victim.central = {'crc': victim.crc, 'size': victim.size,
                      'packed': victim.size}
    victim.flags |= 8
    victim.crc = victim.size = victim.packed = 0
    return write_zip(listed)


def deflated():
    listed = [Entry(n, d) for n, d in entries(FILES)]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    victim = listed[2]
    data = packer.compress(victim.data) + packer.flush()
    victim.data, victim.packed, victim.method = data, len(data), 8
    return write_zip(listed)


def overlapping():
    """Two directory entries over one local entry (a quine's trick)."""
    listed = [Entry(n, d) for n, d in entries(FILES)]
    first = len(listed[0].local()) + len(listed[0].data)
    listed[2].offset = first
    return write_zip(listed)


def not_in_manifest():
    listed = entries(FILES)
    listed.insert(3, ('extra.exe', b'MZ'))
    return write_zip([Entry(n, d) for n, d in listed])


def missing():
    listed = entries(FILES)
    del listed[3]
    return write_zip([Entry(n, d) for n, d in listed])


def other_content():
    listed = entries(FILES)
    listed[2] = (listed[2][0], '<令/>'.encode())
    return write_zip([Entry(n, d) for n, d in listed])


def twice():
    listed = entries(FILES)
    listed.insert(3, listed[2])
    return write_zip([Entry(n, d) for n, d in listed])


def twice_instead():
    """As many entries as the manifest has, one of them twice."""
    listed = entries(FILES)
    listed[4] = listed[2]
    return write_zip([Entry(n, d) for n, d in listed])


def zip64_needlessly():
    listed = [Entry(n, d) for n, d in entries(FILES)]
    size = listed[2].size
    listed[2].extra = struct.pack('<HHQQ', 1, 16, size, size)
    listed[2].size = listed[2].packed = 0xffffffff
    return write_zip(listed)


def plain(**arguments):
    return write_zip([Entry(n, d) for n, d in entries(FILES)], **arguments)


HOSTILE = {
    'not a zip': lambda: b'%PDF-1.7 and so on' * 20,
    'empty': lambda: b'',
    'mimetype not first': lambda: reordered([1, 0, 2, 3, 4, 5, 6]),
    'mimetype missing': lambda: reordered([1, 2, 3, 4, 5, 6]),
    'other mimetype': lambda: with_entry(0, data=b'application/zip',
                                         crc=zlib.crc32(b'application/zip'),
                                         size=15, packed=15),
    'yizhan.json not second': lambda: reordered([0, 2, 1, 3, 4, 5, 6]),
    'signature before manifest': lambda: reordered([0, 1, 2, 3, 4, 6, 5]),
    'file after the signature': lambda: reordered([0, 1, 2, 3, 5, 6, 4]),
    'signature missing': lambda: reordered([0, 1, 2, 3, 4, 5]),
    'absolute name': lambda: named('/etc/cron.d/x'),
    'name that climbs': lambda: named('../../x'),
    'name that climbs inside': lambda: named('a/../../x'),
    'backslash name': lambda: named('..\\x'),
    'drive name': lambda: named('C:x'),
    'directory': lambda: named('dir/'),
    'name of spaces': lambda: named('doc.di '),
    'name that hides its end': lambda: named('fdp.\u202eexe'),
    'file in META-INF': lambda: named('META-INF/signature002.p7s'),
    'file in meta-inf': lambda: named('meta-inf/x'),
    'second mimetype': lambda: named('MIMETYPE'),
    'names that differ in case': lambda: good([('A.di', b'1'),
                                               ('a.di', b'2')]),
    'name without UTF-8 mark': lambda: with_entry(3, flags=0),
    'name that is not UTF-8': lambda: with_entry(2, name=b'doc\xff.di',
                                                 flags=0x800),
    'other name in directory': lambda: with_entry(
        2, central={'name': b'xxx.di'}),
    'other crc in directory': lambda: with_entry(2, central={'crc': 1}),
    'other size in directory': lambda: with_entry(2, central={'size': 1}),
    'wrong crc': lambda: with_entry(2, crc=1),
    'size too large': lambda: with_entry(2, size=99, packed=99),
    'size too small': lambda: with_entry(2, size=3, packed=3),
    'sizes differ': lambda: with_entry(2, size=99),
    'symbolic link': lambda: with_entry(2, attributes=0o120777 << 16),
    'directory by attribute': lambda: with_entry(2, attributes=0x10),
    'device': lambda: with_entry(2, attributes=0o020666 << 16),
    'encrypted': lambda: with_entry(2, flags=1),
    'data descriptor': descriptor,
    'deflated': deflated,
    'extra field': lambda: with_entry(2, extra=b'\x55\x54\x00\x00'),
    'extra field in directory': lambda: with_entry(
        2, central_extra=b'\x55\x54\x00\x00'),
    'comment of an entry': lambda: with_entry(2, comment=b'hello'),
    'comment': lambda: plain(comment=b'hello'),
    'bytes before': lambda: plain(before=b'MZ'),
    'bytes between': lambda: plain(gap=b'hidden'),
    'bytes between entries': lambda: with_entry(2, tail=b'hidden'),
    'bytes after': lambda: plain(after=b'PK'),
    'a second zip after': lambda: good() + good(),
    'count too small': lambda: plain(count=6),
    'count too large': lambda: plain(count=8),
    'overlapping entries': overlapping,
    'file that is not in the manifest': not_in_manifest,
    'file of the manifest missing': missing,
    'file with other content': other_content,
    'file twice': twice,
    'file twice instead of another': twice_instead,
    'ZIP64 without need': zip64_needlessly,
    'list of a batch without it': lambda: batched(at=3),
    'list of a batch with another of it': lambda: batched(
        change=lambda text: text.replace(text.split(b'\n')[2][:8],
                                         b'01234567')),
    'list of another environment': lambda: batched(environment='production'),
    'list that is too short': lambda: batched(
        change=lambda text: text[:text.index(b'META-INF')]),
    'list without its first line': lambda: batched(
        change=lambda text: text[text.index(b'\n') + 1:]),
    'list cut in a line': lambda: batched(change=lambda text: text[:-2]),
    'list with a comment more': lambda: batched(
        change=lambda text: text + b'# more\n'),
    'list with a blank more': lambda: batched(
        change=lambda text: text.replace(b'  META', b'   META')),
    'list in upper case': lambda: batched(
        change=lambda text: text[:30] + text[30:].upper()),
    'list with a line twice': lambda: batched(
        change=lambda text: text + text.split(b'\n')[3] + b'\n'),
    'list with other numbers': lambda: batched(
        change=lambda text: text.replace(b'003', b'004')),
    'list with a NUL': lambda: batched(
        change=lambda text: text[:-1] + b'\0'),
    'list with more than 999 lines': lambda: batched(count=1000),
    'list empty': lambda: batched(change=lambda text: b''),
    'list after the signature': lambda: batched(order=(0, 2, 1)),
    'list before the manifest': lambda: batched(order=(1, 0, 2)),
    'list twice': lambda: batched(order=(0, 1, 1, 2)),
    'signature missing behind a list': lambda: batched(order=(0, 1)),
    'manifest of a batch without list': lambda: batched(order=(0, 2)),
    'manifest of number 1000': lambda: batched(at=1000),
    'two manifests': lambda: batched(order=(0, 0, 1, 2)),
    'too many files': lambda: good([(f'{i}.txt', b'')
                                    for i in range(2001)]),
}
