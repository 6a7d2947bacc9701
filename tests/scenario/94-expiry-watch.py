#!/usr/bin/python3
# limit: 120
"""Goal: nobody finds out too late that a certificate ends (R5.1.4): the host opens
a case, tells at each step of 90, 60, 30, 14, 7 and 1 days and at the end, and
closes it when the directory has another; what ended three months ago leaves the
directory by two signatures, prepared by a case that opened by itself.  The clock
is moved."""

import datetime
import json
import os
import time

from by_hand import local
from casework import Casework, issue
from network import Tap, run

tap = Tap()
RENEWED, WATCHED, LISTED = "376490000A", "376470000A", "376530000A"


class Clock(Casework):
    def lay_out(self):
        """Certificates for seven days, up to the end of a second: in their first
        one there are more than seven days left."""
        super().lay_out()
        time.sleep(1.1)

    def set_days(self, days):
        """Management, started anew so many days from now."""
        folder = f"{self.dir}/management.conf.d"
        os.makedirs(folder, exist_ok=True)
        self.stop("management")
        with open(f"{folder}/later.conf", "w", encoding="utf-8") as file:
            file.write(f"[test]\nclock_offset_ms = {int(days * 86400000)}\n")
        self.start("management")

    def watched(self, organisation):
        return [self.case("show", item["id"]) for item in self.case(
            "list", "--all", "--definition", "renew-certificates",
            "--organisation", organisation)["cases"]]

    def wait_moves(self, organisation, moves):
        def told():
            found = self.watched(organisation)
            return found and [item["move"] for item in found[0]["steps"]
                              if item["kind"] == "move"] == moves
        self.wait_for(told, f"{organisation}: not {moves}")
        return self.watched(organisation)[0]


def certificate(net, name, kind, days):
    path = f"{net.dir}/{name}.pem"
    issue(net, path, kind, name, days=days)
    with open(path, "rb") as file:
        pem = file.read()
    text = pem[pem.index(b"-----BEGIN CERT"):].split(b"-----")[2]
    ends = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(days=days)
    return {"certificate": text.replace(b"\n", b"").decode(),
            "not_after": ends.strftime("%Y-%m-%dT%H:%M:%S.000Z")}


def entry(net, code):
    said = local(net, "management", f"/v1/directory/{code}").json()
    return said.get("entry", said)


def publish(net, entries):
    """The directory with these keys of organisations: {code: keys}."""
    body = f"{net.dir}/body.json"
    asked = json.dumps({"entries": [{"code": code, "keys": keys} for
                                    code, keys in entries.items()]}).encode()
    said = local(net, "management", "/v1/directory:prepare", asked,
                 headers=["content-type: application/json"])
    with open(body, "w", encoding="utf-8") as file:
        json.dump(said.json()["body"], file)
    draft = f"{net.dir}/directory-{len(os.listdir(net.dir))}"
    net.command("trust", "prepare", "directory", body, "-c",
                net.conf("management"), "--to", draft)
    code = json.loads(net.command("trust", "show", draft, "--json").stdout)
    for officer in ("officer-1", "officer-2"):
        net.command("trust", "sign", draft, "--key",
                    f"{net.dir}/officers/{officer}.pem", "--confirm",
                    code["sha256"], "--to", f"{draft}.{officer}.sig")
    net.command("trust", "combine", draft, f"{draft}.officer-1.sig",
                f"{draft}.officer-2.sig", "--to", f"{draft}.done")
    net.publish([f"{draft}.done"])


def key_of(item):
    return {name: item[name] for name in ("use", "state", "not_after",
                                          "certificate")}


def opened_and_renewed(net):
    """The demo's certificates hold for seven days."""
    said = net.wait_moves(RENEWED, ["step-7"])
    tap.ok(said["state"] == "ending" and said["steps"][0]["by"] == "host" and
           "organisation" in said["notices"][0]["to"],
           "a certificate that ends opens a case, and tells of it", said)
    new = [{"use": use, "state": "active",
            **certificate(net, f"new-{use}", kind, 300)}
           for use, kind in (("sign", "card"), ("seal", "seal"),
                             ("module", "sign"))]
    keys = [key_of(item) for item in entry(net, LISTED)["keys"]]
    old = {"use": "seal", "state": "retiring",
           **certificate(net, "old", "seal", -100)}
    publish(net, {RENEWED: new, LISTED: [*keys, old]})
    said = net.wait_moves(RENEWED, ["step-7", "renewed"])
    tap.ok(said["state"] == "closed" and not said["open"],
           "with new ones in the directory it ends by itself", said)
    tap.ok(len(net.watched(WATCHED)) == 1, "others have one case each")
    return keys


def removed(net, keys):
    """One that ended 100 days ago is prepared to go, and goes by two
    signatures; the others stay."""
    net.kill("management")
    net.start("management")
    def found():
        return net.case("list", "--definition", "remove-ended")["cases"]
    net.wait_for(found, "no case of what ended")
    case = found()[0]["id"]
    said = net.case("show", case)
    tap.ok(said["fields"]["count"] == "1" and
           said["steps"][0]["by"] == "host",
           "what ended three months ago opens a case by itself", said)
    net.case("move", case, "check")
    net.approve(case)
    words = net.sign_drafts("directory")
    net.wait_case(case, "published")
    left = [key_of(item) for item in entry(net, LISTED)["keys"]]
    tap.ok(left == keys and LISTED in words,
           "two signatures take it out, and nothing else", left)
    net.case("move", case, "tell", "--note", "x")
    net.kill("management")
    net.start("management")
    net.wait_moves(WATCHED, ["step-7"])
    tap.ok(not found(), "nothing is left to remove")


def clock(net):
    """Six and eight days later."""
    for host in ("center-a", "center-b"):
        net.stop(host)
    net.set_days(6.2)
    said = net.wait_moves(WATCHED, ["step-7", "step-1"])
    tap.ok([item["name"] for item in said["notices"]] == ["step-7", "step-1"],
           "a day before the end it is told again", said["notices"])
    net.set_days(7.5)
    said = net.wait_moves(WATCHED, ["step-7", "step-1", "step-0"])
    tap.ok(said["state"] == "ended" and said["open"],
           "and at the end, and the case stays", said["state"])
    said = net.case("move", said["id"], "close", "--note", "機關已停用")
    net.set_days(7.6)
    tap.ok(len(net.watched(WATCHED)) == 1,
           "one that somebody closed is not opened again", said)


def watch(tap):
    with Clock("watch", hosts=["management", "center-a", "center-b"]) as net:
        removed(net, opened_and_renewed(net))
        clock(net)


run(tap, watch)
tap.done()
