#!/bin/bash
# What happens around a command: full and read-only disks, closed pipes, kills at any moment, files that change while
# they are read, allocations that fail.   run_fault_tests.sh BIN_DIR FAILING_MALLOC.so [KILLS] [ALLOCATIONS]
# KILLS (10) of kill -9 over calibrate, compile and run; ALLOCATIONS (12) single failures in each of xpuq-run and
# xpuq-compile. Disks of their own need root; without it those tests are left out and named.
set -u
BIN=$(cd "$1" && pwd) || exit 2
SHIM=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
KILLS=${3:-10} ALLOCATIONS=${4:-12}
MODELS=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../models/digits" && pwd)
WORK=$(mktemp -d)
DISK=$WORK/disk
finish() { umount "$DISK" 2>/dev/null; rm -rf "$WORK"; }
trap finish EXIT
cd "$WORK" || exit 2
export LC_ALL=C TERM=dumb XPUQ_CACHE_DIR=$WORK/cache OMP_NUM_THREADS=2
RANDOM=20240601
passed=0 failed=0

fail() { failed=$((failed + 1)); printf 'FAILED %s\n' "$1"; head -c 400 err; }
check() { if "${@:2}"; then passed=$((passed + 1)); else fail "$1"; fi; }  # NAME CONDITION...
is() { [ "$1" = "$2" ]; }
says() { grep -qiE -- "$1" err; }
none() { [ -z "$(find "$1" -name '*.tmp-*')" ]; }
calibrate() { "$BIN/xpuq-calibrate" "$MODELS/digits.pt2" "$MODELS/calib" --preset unit -n 32 -q --force -o "$1"; }
compile() { "$BIN/xpuq-compile" "$MODELS/digits.pt2" -p good.xcal -q -o "$1"; }
answer() { "$BIN/xpuq-run" "$1" "$MODELS/test/3" --accuracy -q; }

calibrate good.xcal >/dev/null && compile good.xpuq >/dev/null || exit 2
cp good.xpuq before.xpuq

# --- disks
if mkdir "$DISK" && mount -t tmpfs -o size=64k tmpfs "$DISK" 2>/dev/null; then
  compile "$DISK/m.xpuq" >out 2>err; check "full disk: exit 1" is $? 1
  check "full disk: said" says "no space"
  check "full disk: nothing left" is "$(ls -A "$DISK")" ""
  cp before.xpuq small.xpuq; head -c 30000 good.xcal >"$DISK/m.xpuq"; cp "$DISK/m.xpuq" kept
  compile "$DISK/m.xpuq" >out 2>err; check "full disk: the old file stays" cmp -s kept "$DISK/m.xpuq"
  rm "$DISK/m.xpuq"; mount -o remount,ro "$DISK"
  compile "$DISK/m.xpuq" >out 2>err; check "read-only disk: exit 1" is $? 1
  check "read-only disk: said" says "read-only"
else
  echo "left out: disks (needs root)"
fi
"$BIN/xpuq-run" good.xpuq --info --json >/dev/full 2>err; check "full standard output: exit 1" is $? 1
compile missing/m.xpuq >out 2>err; check "no such folder: exit 1" is $? 1

# --- closed pipe: quietly, by the signal that ends every filter
{ "$BIN/xpuq-run" good.xpuq --help 2>err; echo $? >status; } | true
check "closed pipe: quiet" is "$(cat err)" ""
check "closed pipe: status" grep -qE '^(0|141)$' status

# --- stopped and continued
compile stopped.xpuq >out 2>err & job=$!
for _ in 1 2 3; do kill -STOP $job 2>/dev/null; sleep 0.05; kill -CONT $job 2>/dev/null; sleep 0.02; done
wait $job; check "stop and continue: exit 0" is $? 0
check "stop and continue: same bytes" cmp -s good.xpuq stopped.xpuq

# --- killed at random moments: the final name holds the old file or the new one, and the next run works
half=0
for ((k = 0; k < KILLS; k++)); do
  case $((k % 3)) in
    0) calibrate killed.xcal >out 2>err & ;;
    1) compile killed.xpuq >out 2>err & ;;
    2) "$BIN/xpuq-run" good.xpuq "$MODELS/test/3" -q -o killed.npz >out 2>err & ;;
  esac
  job=$!
  sleep "0.$(printf %03d $((RANDOM % 400)))"
  kill -9 $job 2>/dev/null; wait $job 2>/dev/null
  [ ! -e killed.xpuq ] || cmp -s killed.xpuq good.xpuq || half=$((half + 1))
  [ ! -e killed.xcal ] || cmp -s killed.xcal good.xcal || half=$((half + 1))
  [ ! -e killed.npz ] || unzip -tq killed.npz >/dev/null 2>&1 || python3 -m zipfile -t killed.npz >/dev/null 2>&1 || half=$((half + 1))
done 2>/dev/null
check "kill -9, $KILLS times: no half file ($half)" is $half 0
calibrate killed.xcal >out 2>err && compile killed.xpuq >out 2>err; check "kill -9: a later run works" is $? 0
check "kill -9: with the same bytes" cmp -s good.xpuq killed.xpuq
rm -f ./*.tmp-*

# --- an artifact replaced while it runs is the old one to the end; one cut short under way is an error in words
cp good.xpuq used.xpuq
"$BIN/xpuq-run" used.xpuq --bench --duration 600ms --warmup 0ms >out 2>err & job=$!
sleep 0.2; cp before.xpuq new; mv new used.xpuq; wait $job; check "replaced by renaming: exit 0" is $? 0
cut=0
for ((k = 0; k < 8; k++)); do
  cp good.xpuq used.xpuq
  "$BIN/xpuq-run" used.xpuq "$MODELS/test" --accuracy >out 2>err & job=$!
  sleep "0.0$((RANDOM % 10))"; : >used.xpuq; wait $job; status=$?
  case $status in 0 | 1 | 5) ;; *) cut=$((cut + 1)); echo "status $status" ;; esac
done
check "cut short while mapped: an answer or an error" is $cut 0

# --- single allocations that fail: an answer or exit 1 with words, never a signal
memory() {  # NAME COMMAND...
  local name=$1 crashed=0 said=0 range
  shift
  for ((k = 0; k < ALLOCATIONS; k++)); do
    range=$((k % 2 ? 100 : 20000))
    FAIL_ONCE=1 FAIL_ALLOCATION=$((1 + RANDOM % range)) LD_PRELOAD=$SHIM "$@" >out 2>err
    case $? in 0) ;; 1) says "memory|error" || said=$((said + 1)) ;; *) crashed=$((crashed + 1)); tail -n 2 err ;; esac
  done
  check "$name without memory: no crash ($crashed)" is $crashed 0
  check "$name without memory: said ($said)" is $said 0
  check "$name without memory: nothing left" none .
}
if [ -e "$SHIM" ]; then
  memory xpuq-run "$BIN/xpuq-run" good.xpuq "$MODELS/test/3" -q
  memory xpuq-compile "$BIN/xpuq-compile" "$MODELS/digits.pt2" -p good.xcal -q -o memory.xpuq
fi

echo "$((passed + failed)) checks, $passed passed, $failed not"
[ $failed = 0 ]
