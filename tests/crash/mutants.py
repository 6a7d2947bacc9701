#!/usr/bin/python3
"""T-MUT-01: the way to an acknowledgement is broken on purpose, in a copy of
the tree, one place at a time; each time one of the tests named must fail.

usage: mutants.py [NAME...]     (names of mutants; all of them by default)

Ends with "N of N mutants seen"."""

import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COPY = os.path.join(ROOT, "build", "mutants")
LIMIT_S = 900
STORE, CENTER, FAULTS, FLIPS, MEMORY = (
    "crash_store", "crash_center", "crash_faults", "crash_flips",
    "crash_memory")
# Small counts suffice: what is broken shows soon.
COUNTS = {"CRASH_RUNS": "4", "CRASH_VARIANTS": "4", "CRASH_STRIDE": "2",
          "CRASH_DEEP_ONE_IN": "60", "CRASH_DEEP_POINTS": "3",
          "FAULT_STRIDE": "5", "FAULT_STRIDE_CENTER": "25", "FLIPS": "300"}

# name, file, what stands there, what is put instead, tests that may see it
MUTANTS = [
    ("rows before payload", "src/store/store.c",
     "	if (segments_sync(store->segments, err) < 0)\n"
     "		return -1;\n"
     "	return rows_commit(store->rows, err);",
     "	if (rows_commit(store->rows, err) < 0)\n"
     "		return -1;\n"
     "	return segments_sync(store->segments, err);", [STORE]),
    ("payload is not synced", "src/store/store.c",
     "	if (segments_sync(store->segments, err) < 0)\n"
     "		return -1;\n", "", [STORE]),
    ("a failed sync counts", "src/store/segment.c",
     "file_sync_data(segment->fd, err) < 0)",
     "file_sync_data(segment->fd, err) < -1)", [FAULTS]),
    ("a name is not synced", "src/sys/file.c",
     "	if (file_sync(to_dir, err) < 0)\n"
     "		return -1;\n"
     "	return from_dir", "	return from_dir", [STORE]),
    ("a new segment is not synced", "src/store/segment_file.c",
     "	rc = file_sync(fd, err);", "	rc = 0;", [STORE]),
    ("rows are not synced", "src/store/rows.c",
     "synchronous = FULL", "synchronous = NORMAL", [STORE]),
    ("a failed commit is told as good", "src/store/store.c",
     "		end_group(store, &why);\n"
     "		return -1;", "		end_group(store, NULL);\n"
     "		return -1;", [FAULTS]),
    ("blocks are free before the commit", "src/store/store_payload.c",
     "	if (store_list_add(&store->removed, &payload, 0, err) < 0)\n"
     "		goto failed;",
     "	segments_free(store->segments, &payload);\n"
     "	if (store_list_add(&store->removed, &payload, 0, err) < 0)\n"
     "		goto failed;", [STORE]),
    ("used blocks are not known at a start", "src/store/store_open.c",
     "	if (claim_all(store, payload_sql, lost, context, err) < 0 ||",
     "	if ((store == NULL &&\n"
     "		claim_all(store, payload_sql, lost, context, err) < 0) ||",
     [STORE]),
    ("blocks of partials are not known at a start", "src/store/store_open.c",
     "	    claim_all(store, partial_sql, lost, context, err) < 0)",
     "	    (store == NULL &&\n"
     "		claim_all(store, partial_sql, lost, context, err) < 0))",
     [STORE]),
    ("giving up frees what is kept", "src/store/segment_write.c",
     "payload_next_behind(&writer->payload, writer->kept, &at,",
     "payload_next_behind(&writer->payload, 0, &at,", [STORE]),
    ("a completed partial stays", "src/store/store_payload.c",
     "	    (is_partial &&", "	    (is_partial && payload.number == 0 &&",
     [STORE]),
    ("a leaf outside of its group", "src/store/leaves.c",
     "	if (add_row(leaves, &leaf, salt, statement, len, err) < 0)\n"
     "		return -1;\n", "	(void)add_row;\n", [STORE, CENTER]),
    ("told before the checkpoint", "src/role/spool/group.c",
     "	if (flush->good == 0 || group->hooks->attest == NULL) {",
     "	if (flush->good < GROUP_MAX || group->hooks->attest == NULL) {",
     [CENTER]),
    ("told before the checkpoint is durable", "src/role/spool/group.c",
     "	begin_flush(group, &flush);\n",
     "	begin_flush(group, &flush);\n"
     "	finish_all(&flush.told, NULL);\n", [CENTER]),
    ("told although the group failed", "src/role/spool/group.c",
     "	finish_all(&flush->applied, err);",
     "	finish_all(&flush->applied, NULL);", [MEMORY]),
    ("the checkpoint is not stored", "src/role/log/host_log.c",
     "	return leaves_checkpoint_add(store_leaves(store), log->size,\n"
     "		   log->note.data, log->note.len, err) < 0",
     "	return false", [CENTER]),
    ("the relay is forgotten", "src/center/accept/center_accept_write.c",
     "		if (route->is_local)\n			continue;",
     "		if (route != NULL)\n			continue;", [CENTER]),
    ("the feed is forgotten", "src/center/accept/center_accept_write.c",
     "		if (center_delivery_announce(rows,",
     "		if (rows == NULL && center_delivery_announce(rows,", [CENTER]),
    ("a relay is sent for ever", "src/center/send/center_remote.c",
     "	return taking->send != 0 ? center_send_remove",
     "	return taking->send < 0 ? center_send_remove", [CENTER]),
    ("an act is not kept", "src/center/accept/center_event.c",
     "	    (!event_may_repeat(event->event) &&",
     "	    (!event_may_repeat(event->event) && rows == NULL &&", [CENTER]),
    ("a repeat is a new letter", "src/center/accept/center_accept.c",
     "	accepting->entry = known->entry;",
     "	accepting->entry = 0;", [CENTER]),
    ("a move is not kept", "src/center/move/center_move.c",
     "	    center_move_add(rows, delivery->row, &move, &row, err) < 0)",
     "	    (row = 0) < 0)", [CENTER]),
    ("what moves stays in the feed", "src/center/move/center_move.c",
     "	if (center_feed_withhold(rows, delivery->row, err) < 0 ||",
     "	if (", [CENTER]),
    ("a move is not handed over", "src/center/move/center_move.c",
     "		    : queue(center, waybill, delivery, news, err);",
     "		    : news == NULL ? queue(center, waybill, delivery, "
     "news, err) : 0;", [CENTER]),
    ("a move is taken again", "src/center/move/center_move_take.c",
     "	int found = known != NULL ? find_repeat(accepting, known, err) : 0;",
     "	int found = known == NULL ? find_repeat(accepting, known, err) : 0;",
     [CENTER]),
    ("a taking is not stated", "src/center/move/center_move_take.c",
     "	if (state_taken(accepting, err) < 0)\n		return -1;\n",
     "	(void)state_taken;\n", [CENTER]),
    ("a former center decides", "src/center/accept/center_event.c",
     "	return is_here ? DELIVERY_TARGET : DELIVERY_FORMER;",
     "	return is_here ? DELIVERY_TARGET : DELIVERY_TARGET;", [CENTER]),
    ("the origin decides what moved", "src/center/accept/center_event.c",
     "		return is_here ? DELIVERY_LOCAL : DELIVERY_ORIGIN;",
     "		return is_here ? DELIVERY_LOCAL : DELIVERY_LOCAL;",
     [CENTER]),
    ("the mark is taken back too late", "src/store/rows_mark.c",
     "	return file_sync_data(mark->fd, err);", "	return 0;", [STORE]),
    ("the mark comes before the sync", "src/store/rows_vfs_log.c",
     "		code = under->pMethods->xSync(under, flags);\n",
     "		code = under->pMethods != NULL && flags >= 0\n"
     "		    ? SQLITE_OK : SQLITE_IOERR;\n", [STORE]),
    ("pages are not compared", "src/store/rows_vfs_file.c",
     "	    memcmp(sum, page + ROWS_PAGE_DATA, ROWS_RESERVED) == 0)",
     "	    memcmp(sum, page + ROWS_PAGE_DATA, 0) == 0)", [FLIPS]),
    ("the log is not looked at", "src/store/rows.c",
     "	    rows_mark_check(options->path, &cut, err) < 0)",
     "	    rows_mark_check(options->path, &cut, err) < -1)", [FLIPS]),
    ("frames of payload are not compared", "src/store/segment_read.c",
     "	return payload_frame_check(&name, reader->frame, err);",
     "	return payload_frame_check(&name, reader->frame, err) < -1;",
     [FLIPS]),
]


def make_copy():
    """The files that git knows, as they are now."""
    os.makedirs(COPY, exist_ok=True)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout.split(b"\0")
    for name in (os.fsdecode(name) for name in names if name):
        source, copy = os.path.join(ROOT, name), os.path.join(COPY, name)
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        if os.path.isfile(source):
            shutil.copy2(source, copy)


def build():
    """None, or what the compiler says."""
    names = sorted({f"tests/crash/test_{test}" for mutant in MUTANTS
                    for test in mutant[4]})
    if not os.path.exists(f"{COPY}/build/build.ninja"):
        subprocess.run(["meson", "setup", "-Dwerror=false", "build"],
                       cwd=COPY, check=True, stdout=subprocess.DEVNULL)
    result = subprocess.run(["ninja", "-C", "build", *names], cwd=COPY,
                            check=False, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    return None if result.returncode == 0 else result.stdout.decode()[-2000:]


def run(test, counts=None):
    """None if the test passes, else its first complaint."""
    environment = {**os.environ, **COUNTS, **(counts or {}),
                   "SOURCE_ROOT": COPY}
    try:
        result = subprocess.run([f"build/tests/crash/test_{test}"], cwd=COPY,
                                check=False, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=environment,
                                timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return "out of time"
    if result.returncode == 0:
        return None
    lines = result.stdout.decode(errors="replace").splitlines()
    return next((line for line in lines if "ERROR" in line),
                f"exit {result.returncode}")


def try_mutant(mutant):
    name, path, old, new, tests = mutant
    started = time.monotonic()
    full = os.path.join(COPY, path)
    with open(full, encoding="utf-8") as file:
        text = file.read()
    if text.count(old) != 1:
        print(f"NOT MADE  {name}: {path} has changed", flush=True)
        return False
    with open(full, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))
    try:
        wrong = build()
        if wrong:
            print(f"NOT MADE  {name}:\n{wrong}", flush=True)
            return False
        for test in tests:
            seen = run(test)
            if seen:
                print(f"seen      {name}: {test}: {seen[:160]}  "
                      f"({time.monotonic() - started:.0f} s)", flush=True)
                return True
        print(f"NOT SEEN  {name}: by {' '.join(tests)}", flush=True)
        return False
    finally:
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def main(names):
    make_copy()
    wrong = build()
    if wrong:
        print(wrong)
        return 1
    chosen = [mutant for mutant in MUTANTS if not names or mutant[0] in names]
    # What fails anyway would see every mutant.
    for test in sorted({test for mutant in chosen for test in mutant[4]}):
        complaint = run(test, {"CRASH_RUNS": "1", "CRASH_STRIDE": "9",
                               "FAULT_STRIDE": "50",
                               "FAULT_STRIDE_CENTER": "400"})
        if complaint:
            print(f"{test} fails without a mutant: {complaint}")
            return 1
    seen = sum(try_mutant(mutant) for mutant in chosen)
    print(f"{seen} of {len(chosen)} mutants seen")
    return 0 if seen == len(chosen) and chosen else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
