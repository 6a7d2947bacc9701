#!/bin/sh
# T-LOG-06: 10^6 random edits of a stored log; each must be found and named.
# usage: [EDITS=1000000] log_edits.sh
set -eu

cd "$(dirname "$0")/../.."
scripts/build build tests/unit/test_leaves_audit
LEAVES_EDITS=${EDITS:-1000000} build/tests/unit/test_leaves_audit
