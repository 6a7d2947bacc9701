#!/usr/bin/env python3
"""Goal: packages are what stock tools understand, and nothing else is a package.

What we write, `unzip`, `zipinfo`, Python and `openssl` read as it is; what
Python writes, we read; every hostile container of packages.py is refused with
an id of the catalogue, and nothing lands outside the folder.

usage: 11-package-interop.py [PACKAGE_TOOL] [--large]
"""
import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from urllib.parse import unquote

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import packages  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PROGRAM = os.environ.get('YIZHAN', os.path.join(ROOT, 'build', 'yizhan'))
GIVEN = [a for a in sys.argv[1:] if not a.startswith('--')]
TOOL = os.path.abspath(GIVEN[0]) if GIVEN else os.path.join(os.path.dirname(PROGRAM), 'tests',
                                           'tools', 'package_tool')
DS = '{http://www.w3.org/2000/09/xmldsig#}'

results = {'passed': 0, 'failed': 0}


def check(name, truth, detail=''):
    results['passed' if truth else 'failed'] += 1
    number = results['passed'] + results['failed']
    print(f'{"ok" if truth else "not ok"} {number} - {name}'
          + ('' if truth else f' # {detail}'))


def run(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, **options)


def write_files(folder, files):
    paths = []
    for name, data in files:
        path = os.path.join(folder, name)
        with open(path, 'wb') as file:
            file.write(data)
        paths.append(path)
    return paths


def what_we_write(folder):
    files = [('令稿.di', '<函/>'.encode()), ('a b&c%.pdf', os.urandom(200000)),
             ('empty', b'')]
    paths = write_files(folder, files)
    out = os.path.join(folder, 'out.asice')
    made = run(TOOL, 'write', out, *paths)
    check('the writer writes', made.returncode == 0, made.stderr)

    tested = run('unzip', '-t', out)
    check('unzip tests it', tested.returncode == 0, tested.stdout)
    listed = run('zipinfo', '-l', out, env={'LC_ALL': 'C.UTF-8',
                                            'PATH': os.environ['PATH']})
    check('zipinfo shows stored entries only',
          listed.returncode == 0 and listed.stdout.count(b' stor ') == 7,
          listed.stdout)
    with open(out, 'rb') as file:
        check('the media type is where magic looks for it',
              file.read(69)[30:] == b'mimetype' + packages.MIMETYPE)

    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        check('Python sees the entries in order',
              names == ['mimetype', packages.FACTS] + [n for n, _ in files] +
              [packages.MANIFEST, packages.SIGNATURE], names)
        check('Python finds every CRC right', archive.testzip() is None)
        check('no entry has extra fields or comments',
              all(not i.extra and not i.comment for i in archive.infolist()))
        text = archive.read(packages.MANIFEST)
        digests = {
            unquote(e.get('URI')):
                base64.b64decode(e.find(DS + 'DigestValue').text)
            for e in ElementTree.fromstring(text)
            if e.tag.endswith('DataObjectReference')}
        check('the manifest names all files with their digests',
              digests == {n: hashlib.sha256(archive.read(n)).digest()
                          for n in names
                          if n not in ('mimetype', packages.MANIFEST,
                                       packages.SIGNATURE)}, digests)
    printed = run(TOOL, 'manifest', *paths)
    check('the manifest that is signed is the one inside',
          printed.stdout == text)
    again = os.path.join(folder, 'again')
    os.mkdir(again)
    check('we read it back', run(TOOL, 'read', out, again).returncode == 0)
    check('its files are the ones that went in',
          all(open(os.path.join(again, n), 'rb').read() == d
              for n, d in files))


def openssl_verifies(folder):
    """A detached CMS over the manifest, made and checked by stock openssl."""
    paths = write_files(folder, [('x.di', b'x')])
    manifest = os.path.join(folder, 'manifest.xml')
    with open(manifest, 'wb') as file:
        file.write(run(TOOL, 'manifest', *paths).stdout)
    key, cert, cms = (os.path.join(folder, n)
                      for n in ('key.pem', 'cert.pem', 'cms.der'))
    run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj',
        '/CN=test', '-keyout', key, '-out', cert)
    run('openssl', 'cms', '-sign', '-binary', '-in', manifest, '-signer', cert,
        '-inkey', key, '-outform', 'DER', '-out', cms)
    verified = run('openssl', 'cms', '-verify', '-binary', '-inform', 'DER',
                   '-in', cms, '-content', manifest, '-CAfile', cert,
                   '-purpose', 'any', '-out', '/dev/null')
    check('openssl verifies a signature over our manifest',
          verified.returncode == 0, verified.stderr)


def read(folder, data):
    path = os.path.join(folder, 'in.asice')
    with open(path, 'wb') as file:
        file.write(data)
    with tempfile.TemporaryDirectory(dir=folder) as into:
        before = set(os.listdir(folder))
        result = run(TOOL, 'read', path, into, timeout=60)
        escaped = set(os.listdir(folder)) - before
    return result, escaped


def what_others_write(folder):
    for name, data in (('Python writes', packages.by_zipfile()),
                       ('is made by hand', packages.good()),
                       ('is of a batch', packages.batched()),
                       ('is the only one of a batch',
                        packages.batched(1, 1)),
                       ('is the last of 999', packages.batched(999, 999)),
                       ('has 2,000 files',
                        packages.good([(f'{i}.txt', b'')
                                       for i in range(2000)]))):
        result, _ = read(folder, data)
        check(f'we read what {name}', result.returncode == 0, result.stderr)
    for name, make in packages.HOSTILE.items():
        result, escaped = read(folder, make())
        check(f'refused: {name}',
              result.returncode == 1 and result.stderr.startswith(b'E32')
              and not escaped, (result.returncode, result.stderr, escaped))


def large_files(folder):
    """Beyond 4 GiB: a sparse file, so that only time is spent."""
    path = os.path.join(folder, 'large.bin')
    with open(path, 'wb') as file:
        file.truncate((4 << 30) + 5)
    out = os.path.join(folder, 'large.asice')
    made = run(TOOL, 'write', out, path)
    check('a file beyond 4 GiB is written', made.returncode == 0, made.stderr)
    with zipfile.ZipFile(out) as archive:
        info = archive.getinfo('large.bin')
        check('Python reads its size in ZIP64',
              info.file_size == (4 << 30) + 5, info)
    os.unlink(path)
    into = os.path.join(folder, 'large')
    os.mkdir(into)
    result = run(TOOL, 'read', out, into)
    check('we read it', result.returncode == 0, result.stderr)


def main():
    base = os.environ.get('SCENARIO_DIR')
    with tempfile.TemporaryDirectory(dir=base) as folder:
        for part in (what_we_write, openssl_verifies, what_others_write):
            sub = os.path.join(folder, part.__name__)
            os.mkdir(sub)
            part(sub)
        if '--large' in sys.argv:
            sub = os.path.join(folder, 'large_files')
            os.mkdir(sub)
            large_files(sub)
    print(f'1..{results["passed"] + results["failed"]}')
    print(f'# {results["passed"]} passed, {results["failed"]} failed')
    return results['failed'] > 0


if __name__ == '__main__':
    sys.exit(main())
