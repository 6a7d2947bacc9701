#!/usr/bin/env python3
"""The checking scripts refuse what they must: one bad tree for each rule."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

LAYERS = "# comment\nbase:\nsys: base <event2>\ncli: base\nservice: base\n"
SYSTEM = "#include <stdio.h>\n#include <sys/stat.h>\n\n"
EVENT = "#include <event2/event.h>\n\n"
BASE = '#include "base/a.h"\n'
ROLES = """int roles[] = {
	[ROLE_PARENT] = { "parent", EVERY_KIND, 0, { 0 } },
	[ROLE_READER] = { "reader", CONFIG_GATEWAY, WITH_SPOOLER,
	    { .may_fork = true } },
};
"""
PROCESSES = """| role | management | center | gateway | talks to | may |
| --- | --- | --- | --- | --- | --- |
| reader | | | yes | spooler | fork |
"""
GOOD = {
    "src/LAYERS": LAYERS,
    "src/base/a.h": "int a;\n",
    "src/sys/b.c": "#define _GNU_SOURCE\n" + SYSTEM + EVENT + BASE,
    "src/sys/meson.build": "static_library('sys', 'b.c')\n",
    "src/cli/c.c": SYSTEM + BASE + 'const char *id = "E1101";\n',
    "src/cli/meson.build": "static_library('cli', 'c.c')\n",
    "src/main.c": '#include <openssl/evp.h>\n\n#include "cli/c.h"\n',
    "meson.build": "executable('x', 'src/main.c')\n",
    "src/service/roles.c": ROLES,
    "docs/processes.md": PROCESSES,
    "src/service/config_table.c": 'struct config_entry table[] = {\n\t{ "host", "name", CONFIG_NAME, AT(x), "", 0 },\n'
                                  '};\n',
    "src/service/meson.build": "static_library('s', 'config_table.c', "
                               "'roles.c')\n",
    "ARCHITECTURE.md": "src/base/ src/sys/ src/cli/ src/service/ "
                       "`src/main.c`\n",
    "man/yizhan.conf.5.scd": "## [host]\n\n*name* = x\n",
    "tests/unit/t.c": "int t;\n",
}
ENTRY = """[E1101]
code = busy
status = 503
exit = 75
zh.title = 題
zh.cause = 因
zh.next = 步
en.title = title
en.cause = cause
en.next = next
"""
GOOD["data/messages/catalogue.ini"] = ENTRY
TOPIC = '\t{ "doc", "公文", "letters" },\n'
HELP = {"src/cli/doc.c": "const struct command doc_send_command = {\n"
                         '\t.name = "doc send",\n};\n',
        "src/cli/meson.build": "static_library('cli', 'c.c', 'doc.c', "
                               "'help_topics.c')\n"}

# script, what changes in the good tree, what the complaint says
CASES = [
    ("check-layers", {}, None),
    ("check-layers", {"src/LAYERS": LAYERS + "base:\n"}, "is there twice"),
    ("check-layers", {"src/LAYERS": "base: sys\nsys:\ncli: base\n"},
     'src/LAYERS:1: "sys" is not above "base"'),
    ("check-layers", {"src/cli/c.c": '#include "sys/b.h"\n'},
     "src/cli/c.c:1: cli/ may not use sys/"),
    ("check-layers", {"src/cli/c.c": '  #  include <sqlite3.h>\n'},
     "src/cli/c.c:1: cli/ may not use <sqlite3.h>"),
    ("check-layers", {"src/base/a.h": "#include <event2/event.h>\n"},
     "base/ may not use <event2/event.h>"),
    ("check-layers", {"src/cli/c.c": '#include "c.h"\n'}, "not rooted"),
    ("check-layers", {"src/cli/c.c": '#include "other/c.h"\n'},
     '"other/" is not in src/LAYERS'),
    ("check-layers", {"src/other/c.c": "\n"}, "other/ is not in src/LAYERS"),
    ("check-layers", {"src/cli/c.c": "# define _GNU_SOURCE 1\n"},
     "_GNU_SOURCE is for src/sys alone"),
    ("banned", {}, None),
    ("banned", {"src/cli/c.c": 'char *s = "system(x)"; /* gets( */\n'
                               "/*\n * popen(x)\n */\n"
                               "int y = config.system (1);\n"}, None),
    ("banned", {"src/base/text.c": "x = strtol(a, b, 10);\n"}, None),
    ("banned", {"src/cli/c.c": "\nx = strtol(a, b, 10);\n"},
     "src/cli/c.c:2: strtol() is banned"),
    ("banned", {"src/cli/c.c": "strcpy (a, b);\n"}, "strcpy() is banned"),
    ("banned", {"tests/unit/t.c": "if (x || system(\"y\") == 0)\n"},
     "tests/unit/t.c:1: system() is banned"),
    ("banned", {"src/base/text.c": "gmtime(&x);\n"}, "gmtime() is banned"),
    ("format --check", {"tests/unit/t.c": "int  t ;\n"}, "tests/unit/t.c:1"),
    ("format --check", {}, None),
    ("check-docs", {}, None),
    ("check-docs", {"src/base/d/e.c": "", "ARCHITECTURE.md": "src/base/\n"},
     "src/cli/ is not named"),
    ("check-docs", {"ARCHITECTURE.md": GOOD["ARCHITECTURE.md"] + "`src/no.c`"},
     "ARCHITECTURE.md:2: src/no.c does not exist"),
    ("check-docs", {"docs/x.md": "see `man/none.1.scd`\n"},
     "docs/x.md:1: man/none.1.scd does not exist"),
    ("check-docs", {"README.md": "see\n[how fast](docs/fast.md)\n"},
     "README.md:2: links to docs/fast.md, which does not exist"),
    ("check-docs", {"docs/x.md": "[a](y.md#z) [b](../README.md) `[c](d)`\n",
                    "README.md": "[x](docs/x.md) [y](https://example.org)\n"},
     "docs/x.md:1: links to y.md, which does not exist"),
    ("check-docs", {"docs/x.md": "[b](../README.md#a) [d](#e) `[c](d)`\n",
                    "README.md": "[x](docs/x.md) [y](https://example.org)\n"},
     None),
    ("check-docs", {"src/cli/c.c": 'x("E1102"); y("E1101");\n'},
     "src/cli/c.c:1: E1102 is not in the catalogue"),
    ("check-docs", {"src/cli/c.c": "\n"}, "E1101 is never used"),
    ("check-docs", {"docs/x.md": "look in TREE/docs\n"}, "one machine"),
    ("check-docs", {"docs/x.md": "look in /home" + "/somebody\n"}, "one machine"),
    ("check-docs", {"man/yizhan.conf.5.scd": "## [host]\n"},
     "[host] name is not described"),
    ("check-docs", {"man/yizhan.conf.5.scd":
                    "## [host]\n*name* = x\n\tThe name. Default: y.\n"},
     "[host] name has the default"),
    ("check-docs", {"man/yizhan.conf.5.scd":
                    "## [host]\n*name* = x\n*nme* = y\n"},
     "there is no [host] nme"),
    ("check-docs", {"docs/processes.md": PROCESSES.replace("spooler", "query")},
     "docs/processes.md: reader is"),
    ("check-docs", {"docs/processes.md": PROCESSES.replace("fork", "")},
     "docs/processes.md: reader is"),
    ("check-docs", {"docs/processes.md": PROCESSES + "| x | | | | | |\n"},
     "docs/processes.md: x is"),
    *[("check-docs", {**HELP, "src/cli/help_topics.c": TOPIC * n}, complaint)
      for n, complaint in [(1, None), (0, "doc is not told of"),
                           (2, "doc is there twice")]],
    ("check-docs", {**HELP, "src/cli/help_topics.c": TOPIC +
                    TOPIC.replace("doc", "dic")}, "no command begins with dic"),
    ("check-docs", {"src/cli/d.c": "\n"}, "src/cli/d.c: is in no build file"),
    ("check-docs", {"src/sys/a.h": "\n"}, "has the same name"),
    ("make-catalogue", {}, None),
    ("make-catalogue", {"data/messages/catalogue.ini": ENTRY + ENTRY},
     "E1101 is there twice"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY.replace("en.next = next\n", "")}, "lacks en.next"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY.replace("en.next = next", "en.next =")},
     "lacks en.next"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY.replace("busy", "tired")}, "no such code"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY.replace("題", "head")}, "is not Chinese"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY.replace("= next\n", "= 題\n")}, "is not English"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY.replace("exit = 75", "exit = 99")}, "sysexits"),
    ("make-catalogue", {"data/messages/catalogue.ini":
                        ENTRY + "colour = red\n"}, "unknown line"),
    ("bootstrap", {"list": "no-such-package-at-all # why\n"}, "install"),
]


def plant(tree, changes):
    for path, text in {**GOOD, **changes}.items():
        full = os.path.join(tree, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text.replace("TREE", tree))
    shutil.copy(os.path.join(ROOT, ".clang-format"), tree)


def run(script, tree):
    name, *options = script.split()
    where = {"make-catalogue": [f"{tree}/data/messages/catalogue.ini", "-"],
             "bootstrap": [f"{tree}/list"]}.get(name, [tree])
    environment = dict(os.environ)
    if name == "bootstrap":
        # A package manager that installs nothing.
        tools = os.path.join(tree, "tools")
        os.makedirs(tools)
        for tool in ("apt-get", "sudo"):
            with open(os.path.join(tools, tool), "w",
                      encoding="utf-8") as file:
                file.write("#!/bin/sh\nexit 100\n")
            os.chmod(os.path.join(tools, tool), 0o755)
        environment["PATH"] = tools + ":" + environment["PATH"]
    result = subprocess.run(
        [os.path.join(ROOT, "scripts", name), *options, *where],
        capture_output=True, text=True, check=False, env=environment)
    return result.returncode, result.stdout + result.stderr


def main():
    bad = 0
    for number, (script, changes, complaint) in enumerate(CASES, 1):
        tree = tempfile.mkdtemp(prefix="yizhan-scripts-")
        try:
            plant(tree, changes)
            status, output = run(script, tree)
        finally:
            shutil.rmtree(tree)
        good = (status == 0 and output == "") if complaint is None else (
            status != 0 and complaint in output)
        name = f"{script.split()[0]}: {complaint or 'a good tree passes'}"
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            bad += 1
            print("".join(f"# {line}\n" for line in
                          [f"exit {status}", *output.splitlines()]), end="")
    print(f"1..{len(CASES)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
