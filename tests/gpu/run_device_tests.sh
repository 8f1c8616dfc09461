#!/usr/bin/env bash
# run_device_tests.sh BIN FAKE ARTIFACT: xpuq-run on a GPU that is a fake (fake_level_zero.cpp, in folder FAKE): which
# section it takes, what it submits, and what it says when something is missing or fails.
set -u
bin=$1 fake=$2 artifact=$3
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export XPUQ_CACHE_DIR=$work/cache XPUQ_RECORD_DIR=$work/none OMP_WAIT_POLICY=PASSIVE
failed=0 count=0

# check NAME STATUS PATTERN ENVIRONMENT... -- ARGUMENTS...: exit status, and a regular expression in what it prints.
check() {
  local name=$1 status=$2 pattern=$3 environment=()
  shift 3
  while [ "$1" != -- ]; do environment+=("$1"); shift; done
  shift
  env LD_LIBRARY_PATH="$fake" FAKE_GPU_LOG="$work/log" "${environment[@]}" "$bin/xpuq-run" "$@" >"$work/out" 2>&1
  local got=$?
  count=$((count + 1))
  if [ $got != "$status" ] || ! grep -Eq -- "$pattern" "$work/out"; then
    failed=$((failed + 1))
    echo "FAILED $name: exit $got, wanted $status and /$pattern/ in:"
    sed 's/^/  /' "$work/out" | head -12
  fi
}
logged() {
  count=$((count + 1))
  grep -Eq -- "$2" "$work/log" || { failed=$((failed + 1)); echo "FAILED $1: wanted /$2/ in: $(cat "$work/log")"; }
}

check "device is listed" 0 'gpu:0 +Fake GPU \(12.55.8, 8x4x16\) +Level Zero driver 1.6.33578' FAKE_GPU= -- --list-devices
check "exact section" 0 'device +Fake GPU' FAKE_GPU= -- "$artifact" -d gpu --duration 0 --iterations 10 --warmup 0ms
logged "one execution and one synchronization an inference, memory given back" ' executions 1[2-3] synchronizations 1[2-3] .*live 0'
check "auto takes the GPU that has a section" 0 'device gpu:0: Fake GPU' FAKE_GPU= -- "$artifact" -v --duration 0 --iterations 1
check "auto takes the CPU where no section fits" 0 'cpu, because: no section' FAKE_GPU=ip=12.60.7 -- "$artifact" -v --duration 0 --iterations 1
check "the other target" 0 'device +Fake GPU \(20.1.4' 'FAKE_GPU=ip=20.1.4 shape=5x4x8' -- "$artifact" -d gpu --duration 0 --iterations 1
check "another shape of the same IP version" 0 'compiled for gpu:12.55.8:8x4x16x8:plan0, this device is 2x4x16' FAKE_GPU=shape=2x4x16 -- "$artifact" -d gpu --duration 0 --iterations 1
check "never another IP version" 5 'not compiled for this GPU' FAKE_GPU=ip=12.70.4 -- "$artifact" -d gpu --duration 0 --iterations 1
check "profile uses the device's clock, which wraps around" 0 ' 0\.0020 .* xpuq:opencl' FAKE_GPU= -- "$artifact" -d gpu --profile --duration 0 --iterations 3
check "no loader" 5 'no Level Zero loader' LD_LIBRARY_PATH=/nowhere FAKE_GPU= XPUQ_LEVEL_ZERO=libze_missing.so.1 -- "$artifact" -d gpu
check "no driver" 5 'no driver for a GPU' FAKE_GPU=no-driver -- "$artifact" -d gpu
check "no device" 5 '0 devices' FAKE_GPU=no-device -- "$artifact" -d gpu
check "no such number" 5 'gpu:0 to gpu:0' FAKE_GPU= -- "$artifact" -d gpu:3
check "out of device memory" 1 'out of device memory' FAKE_GPU=memory=100000 -- "$artifact" -d gpu
check "out of device memory at the second stream" 1 'out of device memory' FAKE_GPU=memory=400000 -- "$artifact" -d gpu --streams 9 --duration 0 --iterations 1
check "machine code refused" 5 'does not take the machine code' FAKE_GPU=refuse-modules -- "$artifact" -d gpu
check "device lost in the set-up" 1 'the device was lost' FAKE_GPU=lost=1 -- "$artifact" -d gpu --duration 0 --iterations 10
check "device lost at an inference" 1 'the device was lost' FAKE_GPU=lost=7 -- "$artifact" -d gpu --duration 0 --iterations 10
check "several streams share modules and constants" 0 'streams 3' FAKE_GPU= -- "$artifact" -d gpu --streams 3 --duration 0 --iterations 5
logged "one set of modules" 'modules 30 '
check "barriers where lists are not in order" 0 'throughput' FAKE_GPU=no-in-order -- "$artifact" -d gpu --duration 0 --iterations 1
logged "barriers" 'barriers [1-9]'
check "self-test says which step a GPU gets wrong" 6 'step 0 \(quantize' FAKE_GPU= -- "$artifact" -d gpu --self-test
for part in a770 b580; do
  check "emulated $part: every step is the interpreter's" 0 'steps +13 of 13 equal to the interpreter, 0 of 72778' FAKE_GPU= -- "$artifact" -d "emulated:$part" --self-test
done
check "emulated: instructions a second" 0 'M instructions an inference, [0-9.]+ M/s' FAKE_GPU= -- "$artifact" -d emulated:a770 --duration 0 --iterations 1
check "emulated: a part that it was not compiled for" 5 'not compiled for this part' FAKE_GPU= -- "$artifact" -d emulated:lnl --self-test
check "emulated: no such part" 5 'no such part' FAKE_GPU= -- "$artifact" -d emulated:a999
check "compatibility of each section" 0 'gpu:20.1.4:5x4x8x8:plan0: another GPU' FAKE_GPU= -- "$artifact" -d gpu --check-compat
check "compatibility" 0 'gpu:12.55.8:8x4x16x8:plan0: fits' FAKE_GPU= -- "$artifact" -d gpu --check-compat

# A recording that takes long, interrupted: the signal goes to all processes, as from a terminal, or to xpuq-run alone.
mkdir -p "$work/driver/usr/lib/x86_64-linux-gnu" "$work/driver/usr/lib64" "$work/recorder" "$work/tmp"
touch "$work/driver/usr/lib/x86_64-linux-gnu/libze_intel_gpu.so.1" "$work/recorder/xpuq-record"
printf '#!/bin/sh\nfor word; do case $word in *.xpuq) echo "$word" >"%s/recorded" ;; esac; done\nexec sleep 60\n' "$work" >"$work/driver/usr/lib64/ld-linux-x86-64.so.2"
chmod +x "$work/driver/usr/lib64/ld-linux-x86-64.so.2"
interrupted() {
  local name=$1 status=$2 signal=$3 whom=$4 pid got
  set -m  # a process group of its own
  env LD_LIBRARY_PATH="$fake" FAKE_GPU=ip=12.70.4 XPUQ_GPU_DRIVER="$work/driver" XPUQ_RECORD_DIR="$work/recorder" TMPDIR="$work/tmp" \
    "$bin/xpuq-run" "$artifact" -d gpu --no-cache --duration 0 --iterations 1 >"$work/out" 2>&1 &
  pid=$!
  set +m
  for _ in $(seq 100); do [ -n "$(ls "$work/tmp")" ] && break; sleep 0.1; done
  sleep 0.5
  if [ "$whom" = all ]; then kill "-$signal" -- "-$pid"; else kill "-$signal" "$pid"; fi
  wait "$pid"
  got=$?
  count=$((count + 1))
  if [ $got != "$status" ] || ! grep -q 'interrupted while the plan was compiled' "$work/out" || [ -n "$(ls "$work/tmp")" ]; then
    failed=$((failed + 1))
    echo "FAILED $name: exit $got, wanted $status; left: $(ls "$work/tmp"); in:"
    sed 's/^/  /' "$work/out" | head -12
  fi
}
interrupted "Ctrl-C during a recording" 130 INT all
interrupted "SIGTERM during a recording" 143 TERM all
interrupted "SIGINT to the command alone" 130 INT alone
interrupted "SIGTERM to the command alone" 143 TERM alone
# What was opened, and perhaps checked, is what is compiled: not the file that has its name now.
count=$((count + 1))
[[ $(cat "$work/recorded") == "$work/tmp/"* ]] || { failed=$((failed + 1)); echo "FAILED the recorder got $(cat "$work/recorded")"; }

echo "$((count - failed)) of $count checks passed"
[ $failed = 0 ]
