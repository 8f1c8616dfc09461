#!/bin/bash
# Command-line tests: what a command prints where, and its exit status.
#   run_cli_tests.sh BIN_DIR [NAME_GLOB]      runs the cases of cases/*.sh whose name matches
# No Python; needs the four programs, the models of the repository, and coreutils.
set -u
BIN=$(cd "$1" && pwd) || exit 2
ONLY=${2:-*}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODELS=$HERE/../../models/digits
WORK=$(mktemp -d)
trap 'chmod -R u+w "$WORK"; rm -rf "$WORK"' EXIT
unset XPUQ_DEVICE XPUQ_THREADS XPUQ_LOG XPUQ_PROGRESS NO_COLOR COLUMNS
export LC_ALL=C TERM=dumb PATH="$BIN:$PATH"
source "$HERE/checks.sh"
cd "$WORK" || exit 2
touch .out .err
for file in "$HERE"/cases/*.sh; do source "$file"; done
finish
