#!/bin/bash
# What happens around a command: full and read-only disks, interrupted calls, closed pipes, files that change while they
# are read, allocations that fail.   run_fault_tests.sh BIN_DIR FAILING_CALLS.so FAILING_MALLOC.so [ROUNDS]
# ROUNDS (2; 200 for the figures in docs/security.md) of each fault that comes at a random moment. A disk of its own needs
# root; without it that part is left out and named.
set -u
CALLS=$(realpath "$2") MALLOC=$(realpath "$3") ROUNDS=${4:-2}
source "$(dirname "$0")/../support/workplace.sh"
DISK=$WORK/disk
trap 'umount "$DISK" 2>/dev/null; rm -rf "$WORK"' EXIT
RANDOM=20240601

check() { if "${@:2}"; then passed=$((passed + 1)); else fail "$1" "$(head -c 400 err)"; fi; }  # NAME CONDITION...
is() { [ "$1" = "$2" ]; }
says() { grep -qiE -- "$1" err; }
whole() { ! [ -e "$1" ] || cmp -s "$1" good.xpuq; }
none() { [ -z "$(find . -name '*.tmp-*')" ]; }
few() { [ "$ROUNDS" -lt "$1" ] && echo "$ROUNDS" || echo "$1"; }

# --- disks
if mkdir "$DISK" && mount -t tmpfs -o size=64k tmpfs "$DISK" 2>/dev/null; then
  compile "$DISK/m.xpuq" >out 2>err; check "full disk: exit 1" is $? 1
  check "full disk: said" says "no space"
  check "full disk: nothing left" is "$(ls -A "$DISK")" ""
  head -c 30000 good.xcal >"$DISK/m.xpuq"; cp "$DISK/m.xpuq" kept
  compile "$DISK/m.xpuq" >out 2>err; check "full disk: the old file stays" cmp -s kept "$DISK/m.xpuq"
  mount -o remount,ro "$DISK"
  compile "$DISK/m.xpuq" >out 2>err; check "read-only disk: exit 1" is $? 1
  check "read-only disk: said" says "read-only"
else
  echo "left out: a disk of its own (needs root)"
fi
"$BIN/xpuq-run" good.xpuq --info --json >/dev/full 2>err; check "full standard output: exit 1" is $? 1
compile missing/m.xpuq >out 2>err; check "no such folder: exit 1" is $? 1
ln -s ../elsewhere link.xpuq.tmp-1 && compile link.xpuq >out 2>err; check "a link under the temporary name" whole link.xpuq
rm -f link.*

# --- the disk fills up at each call of a compilation; then calls are interrupted and move little
FAULT=error FAULT_CALL=1 LD_PRELOAD=$CALLS compile full.xpuq >out 2>err; check "no space from the first call on" is $? 1
FAIL_ALLOCATION=50 LD_PRELOAD=$MALLOC compile full.xpuq >out 2>err; check "no memory from allocation 50 on" says "out of memory"
for ((call = 1, status = 1; status == 1 && call <= ROUNDS + 4; call++)); do
  FAULT=error FAULT_CALL=$call LD_PRELOAD=$CALLS compile full.xpuq >out 2>err
  status=$?
  check "no space from call $call on: exit 1 or done" test $status -le 1
  check "no space from call $call on: whole or absent" whole full.xpuq
  check "no space from call $call on: nothing left" none
done
short() { FAULT=short LD_PRELOAD=$CALLS "$@" 2>err; }
short calibrate short.xcal >out; check "interrupted calibrate: same bytes" cmp -s short.xcal good.xcal
short compile short.xpuq >out; check "interrupted compile: same bytes" cmp -s short.xpuq good.xpuq
printf '%s\n' "$MODELS"/test/3/* >list
run_list() { "$BIN/xpuq-run" good.xpuq --from - -q; }
run_list <list >whole.txt 2>err; check "uninterrupted run" is $? 0
short run_list <list >short.txt; check "interrupted run: same answers" cmp -s short.txt whole.txt
(while read -r line; do echo "$line"; sleep 0.001; done <list) | "$BIN/xpuq-run" good.xpuq --from - -q >stopped.txt 2>err & job=$!
for ((k = 0; k < ROUNDS; k++)); do kill -STOP $job; kill -CONT $job; kill -WINCH $job; done 2>/dev/null
wait $job; check "stopped, continued, resized: same answers" cmp -s stopped.txt whole.txt

# --- closed pipe: quietly, by the signal that ends every filter
for ((k = 0; k < $(few 20); k++)); do
  { "$BIN/xpuq-run" good.xpuq "$MODELS/test/3" -q 2>err; echo $? >status; } | head -n $k >out
  check "closed pipe: quiet" is "$(cat err)" ""
  check "closed pipe: status" grep -qE '^(0|141)$' status
done

# --- an artifact replaced while it runs is the old one to the end; one cut short under way is an error in words
for ((k = 0; k < $(few 20); k++)); do
  cp good.xpuq used.xpuq
  "$BIN/xpuq-run" used.xpuq --bench --duration 60ms --warmup 0ms >out 2>err & job=$!
  for _ in 1 2 3 4; do sleep 0.01; echo other >new; mv new used.xpuq; cp good.xpuq new; mv new used.xpuq; done
  wait $job; status=$?
  check "replaced by renaming ($status)" grep -q "$status" <<<"0 5"
done
for ((k = 0; k < ROUNDS; k++)); do
  cp good.xpuq used.xpuq
  "$BIN/xpuq-run" used.xpuq "$MODELS/test/3" -q >out 2>err & job=$!
  sleep "0.0$((RANDOM % 10))"; : >used.xpuq; wait $job
  check "cut short while mapped: an answer or an error" grep -q "$?" <<<"0 1 5"
done

# --- memory: one large allocation fails, or all from one on: an answer or exit 1 with words, never a signal
memory() {  # COMMAND...
  local status range=$((k % 3 ? 20000 : 300))
  rm -f memory.xpuq
  FAIL_ALLOCATION=$((1 + RANDOM % range)) LD_PRELOAD=$MALLOC "$@" >out 2>err
  status=$?
  check "no memory: $* ($status)" test $status -le 1
  [ $status = 0 ] || check "no memory: said" says "memory|error"
  check "no memory: whole or absent" whole memory.xpuq
  check "no memory: nothing left" none
}
for ((k = 0; k < ROUNDS; k++)); do
  memory calibrate memory.xcal
  memory compile memory.xpuq
  memory "$BIN/xpuq-run" good.xpuq "$MODELS/test/3" -q
  export FAIL_ONCE=1 FAIL_BYTES=$((4096 << RANDOM % 6))
  memory compile memory.xpuq
  memory "$BIN/xpuq-run" good.xpuq "$MODELS/test/3" -q
  unset FAIL_ONCE FAIL_BYTES
done
summary "checks"
