#!/usr/bin/env python3
# limit: 200
"""What happens to letters as one durable sequence (docs/api.md, GET /v1/events):
by long poll and as server-sent events, over kills of the host in the middle,
without a gap and in order.  Negative control: without its triggers the feed is
caught missing changes."""

import http.client
import json
import subprocess
import threading
import time

from network import PATIENCE_S, Network, Tap, rows_of, run
from web import Web

A, B = "376490000A", "376470000A"


def token(net, host, organisation, scopes="events,read,send,receive"):
    return net.command("token", "create", "dms", "--organisation",
                       organisation, "--scopes", scopes, "-c",
                       net.conf(host)).stdout.strip()


def follow(web, after, until):
    """Long polls from `after` until `until` of all that came; (events, next)."""
    seen, end = [], time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            answer = web.get(f"/v1/events?after={after}&wait=5").json
        except (OSError, http.client.HTTPException):
            continue
        if "events" not in answer:
            continue
        seen += answer["events"]
        after = answer["next"]
        if until(seen):
            break
    return seen, after


def states(events, kind="delivery"):
    return [event["state"] for event in events if event["type"] == kind]


def check_tags(tap, web, path):
    """What is known is not sent, and an act is on what was seen (RFC 9110)."""
    seen = web.get(path)
    tag = seen.headers["etag"]
    again = web.get(path, headers={"If-None-Match": tag})
    tap.ok(again.status == 304 and not again.body, "a letter that is known is "
           "not sent again", again)
    other = web.post(f"{path}:confirm", headers={"If-Match": f'"{"0" * 32}"'})
    tap.ok(other.status == 412 and other.code == "E6410" and
           web.get(path).json["state"] == "opened",
           "what is another letter than was seen is not signed for", other)
    done = web.post(f"{path}:notice", {"reason": "other"},
                    headers={"If-Match": tag})
    tap.ok(done.code == "E4312", "(as it was seen, the act is looked at)",
           done)


def long_poll(tap, net, ours, theirs):
    start = ours.get("/v1/events").json["next"]
    arrivals = theirs.get("/v1/events").json["next"]
    sent = ours.send("/v1/documents", net.letter([B], 1)).json["id"]
    seen, after = follow(ours, start, lambda all_: "opened" in states(all_))
    tap.ok(states(seen)[-1:] == ["opened"] and
           {event["document_id"] for event in seen} == {sent} and
           seen[0]["organisation"] == A and seen[0]["recipient"] == B,
           "each step of a letter comes as it happens", seen)
    numbers = [event["id"] for event in seen]
    tap.ok(numbers == sorted(set(numbers)), "in order, once", numbers)
    came, place = follow(theirs, arrivals, lambda all_: bool(all_))
    tap.ok(states(came, "letter") == ["opened"] and
           came[0]["organisation"] == B, "the recipient hears of its arrival",
           came)
    letter = came[0]
    check_tags(tap, theirs, f"/v1/inbox/{letter['waybill_id']}/{B}")
    theirs.post(f"/v1/inbox/{letter['waybill_id']}/{B}:confirm")
    came, _ = follow(theirs, place, lambda all_: bool(all_))
    tap.ok(states(came, "letter") == ["confirmed"], "and of what it made of it",
           came)
    seen, _ = follow(ours, after, lambda all_: "confirmed" in states(all_))
    tap.ok(states(seen) == ["confirmed"], "the sender of its signature", seen)
    whole = ours.get(f"/v1/events?after={start}&limit=500").json["events"]
    parts, after = [], start
    while True:
        answer = ours.get(f"/v1/events?after={after}&limit=1").json
        if not answer["events"]:
            break
        parts += answer["events"]
        after = answer["next"]
    tap.ok(parts == whole and len(whole) >= 5,
           "read by ones it is the same as read whole", (parts, whole))
    answer = ours.get("/v1/events?after=999999999")
    tap.ok(answer.status == 410 and answer.code == "E6419",
           "what has not happened is not waited for in silence", answer)
    return start


def traced(tap, net, ours):
    """The caller's trace id, from the request to the events and the log."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    given = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    start = ours.get("/v1/events").json["next"]
    sent = ours.send("/v1/documents", net.letter([B], 40), headers=given).json
    net.wait_states(sent["id"], ["opened"])
    seen = ours.get(f"/v1/events?after={start}").json["events"]
    tap.ok(sent["trace_id"] == trace and seen and
           {event["trace_id"] for event in seen} == {trace},
           "the trace of a request is that of its letter and its events", seen)
    bad = ours.send("/v1/documents", net.letter([B], 41, secrecy="密"),
                    headers=given)
    missing = ours.get("/v1/outbox/x", headers=given)
    tap.ok(bad.json["trace_id"] == trace and bad.json["errors"] and
           missing.json["trace_id"] == trace, "and of what is refused", bad)
    other = ours.get("/v1/outbox/x", headers={
        "traceparent": f"00-{trace.upper()}-00f067aa0ba902b7-01"})
    tap.ok(len(other.json["trace_id"]) == 32 and
           other.json["trace_id"] != trace,
           "what is none is not taken over; the host makes one", other)
    for id_, event in ((trace, "waybill.made"), (trace, "outbox.refused"),
                       (other.json["trace_id"], "request.refused")):
        net.wait_logged("gateway-1", id_, event)
    tap.ok(True, "by which the lines of the log are found")


def stream(tap, net, ours):
    """Server-sent events, gone on with by Last-Event-ID."""
    start = ours.get("/v1/events").json["next"]
    heard = {}

    def listen(version):
        """Until the letter is opened, which is the last of it."""
        with subprocess.Popen(
                ["curl", "-skN", "--max-time", str(PATIENCE_S), version, "-H",
                 "Accept: text/event-stream", "-H", f"Last-Event-ID: {start}",
                 "-H", f"Authorization: Bearer {ours.token}",
                 f"https://{ours.address}:8443/v1/events"],
                stdout=subprocess.PIPE, text=True) as curl:
            heard[version] = ""
            for line in curl.stdout:
                heard[version] += line
                if line.startswith("data: ") and '"opened"' in line:
                    break
            curl.kill()

    threads = [threading.Thread(target=listen, args=(version,))
               for version in ("--http2", "--http1.1")]
    for thread in threads:
        thread.start()
    ours.send("/v1/documents", net.letter([B], 2))
    for thread in threads:
        thread.join()
    wanted, _ = follow(ours, start, lambda all_: "opened" in states(all_))
    for version, text in heard.items():
        got = [json.loads(line[6:]) for line in text.splitlines()
               if line.startswith("data: ")]
        ids = [int(line[4:]) for line in text.splitlines()
               if line.startswith("id: ")]
        tap.ok(got == wanted and ids == [event["id"] for event in got],
               f"as a stream by {version}: the same", text[-600:])


def over_kills(tap, net, ours, start):
    """A follower that is cut off, killed under, and comes again."""
    sent, seen, stop = [], [], threading.Event()
    # Threads do not share a connection.
    follower = Web(net, token=ours.token)

    def read():
        after = start
        while not stop.is_set() or after is not None:
            try:
                answer = follower.get(f"/v1/events?after={after}&wait=1",
                                      timeout=30).json
            except (OSError, ValueError, http.client.HTTPException):
                continue
            if "events" not in answer:
                continue
            seen.extend(answer["events"])
            after = answer["next"]
            if stop.is_set() and not answer["events"]:
                return

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(10, 16):
        files = net.letter([B], number)
        while True:
            try:
                answer = ours.send("/v1/documents", files, headers={
                    "Idempotency-Key": f"n{number}"}, timeout=30)
            except (OSError, http.client.HTTPException):
                continue
            if answer.status in (200, 201):
                sent.append(answer.json["id"])
                break
        if number % 2 == 0:
            net.kill("gateway-1")
            net.start("gateway-1")
            net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    for document in sent:
        net.wait_states(document, ["opened"])
    stop.set()
    reader.join()
    numbers = [event["id"] for event in seen]
    tap.ok(numbers == sorted(set(numbers)),
           "over kills: in order, nothing twice", numbers)
    missing = []
    for document in sent:
        told = [event["state"] for event in seen
                if event["document_id"] == document]
        state = net.outbox(document)["deliveries"][0]["state"]
        if told[:1] != ["queued"] or told[-1:] != [state]:
            missing.append((document, state, told))
    tap.ok(not missing, "and nothing missed", missing)


def is_caught(tap, net, ours):
    """Without the trigger a change is missed, and this test sees it."""
    net.stop("gateway-1")
    with rows_of(f"{net.dir}/gateway-1/rows.db") as rows:
        rows.execute("DROP TRIGGER happening_delivery")
    net.start("gateway-1")
    net.wait_for(lambda: net.is_ready("gateway-1"), "not ready")
    start = ours.get("/v1/events").json["next"]
    sent = ours.send("/v1/documents", net.letter([B], 30)).json["id"]
    net.wait_states(sent, ["opened"])
    seen = ours.get(f"/v1/events?after={start}").json["events"]
    tap.ok("opened" not in states(seen),
           "(without its trigger the feed is seen to miss changes)", seen)


def events(tap):
    with Network(hosts=["management", "center-a", "center-b", "gateway-1",
                        "gateway-2"]) as net:
        ours = Web(net, token=token(net, "gateway-1", A))
        theirs = Web(net, "gateway-2", token=token(net, "gateway-2", B))
        start = long_poll(tap, net, ours, theirs)
        traced(tap, net, ours)
        stream(tap, net, ours)
        over_kills(tap, net, ours, start)
        is_caught(tap, net, ours)


if __name__ == "__main__":
    tap = Tap()
    run(tap, events)
    tap.done()
