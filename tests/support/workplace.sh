# Sourced by shell tests, with the folder of the programs as first word: an empty folder to be in, good.xcal and good.xpuq
# of the digits network in it, and a count of what passed.
BIN=$(cd "$1" && pwd) || exit 2
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
MODELS=$TESTS/../models/digits
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK" || exit 2
export LC_ALL=C TERM=dumb XPUQ_CACHE_DIR=$WORK/cache OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
passed=0 failed=0

calibrate() { "$BIN/xpuq-calibrate" "$MODELS/digits.pt2" "$MODELS/calib" --preset unit -n 32 -q --force -o "$1"; }
compile() { "$BIN/xpuq-compile" "$MODELS/digits.pt2" -p good.xcal -q -o "$@"; }
calibrate good.xcal >out && compile good.xpuq >out || exit 2

fail() { failed=$((failed + 1)); printf 'FAILED %s: %s\n' "$1" "$2"; }

# expect STATUS FILE WORDS COMMAND...: runs it; the message on standard error must hold FILE and one of WORDS (a|b).
expect() {
  local status=$1 file=$2 words=$3 got
  shift 3
  timeout 60 "$@" >out 2>err </dev/null
  got=$?
  if [ $got != "$status" ]; then fail "$file" "exit $got instead of $status: $(head -c 300 err)"
  elif ! grep -qF -- "$file" err; then fail "$file" "the message does not name it: $(head -c 300 err)"
  elif ! grep -qiE -- "$words" err; then fail "$file" "the message does not say '$words': $(head -c 300 err)"
  elif ls ./*.tmp-* result.* >/dev/null 2>&1; then fail "$file" "left a file behind"
  else passed=$((passed + 1)); fi
}

# Broken files of each kind, and the command that reads them.   FILE WORDS
model() { expect 3 "$1" "$2" "$BIN/xpuq-compile" "$1" --precision f32 -o result.xpuq; }
picture() { expect 1 "$1" "$2" "$BIN/xpuq-run" good.xpuq "$1"; }
profile() { expect 4 "$1" "$2" "$BIN/xpuq-compile" "$MODELS/digits.pt2" -p "$1" -o result.xpuq; }
artifact() { expect 5 "$1" "$2" "$BIN/xpuq-run" "$1" --info --verify; }

# summary NOUN: the last line, and the exit status.
summary() {
  echo "$((passed + failed)) $1, $passed as expected, $failed not"
  [ $failed = 0 ] && [ $passed != 0 ]
}
