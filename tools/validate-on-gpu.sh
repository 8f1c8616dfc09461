#!/usr/bin/env bash
# validate-on-gpu.sh ARTIFACT [DEVICE]: for a machine with an Intel GPU. Runs the artifact's section there, compares every
# step with the interpreter and the outputs with the CPU, and times it; with XPUQ_PLAIN=ARTIFACT also the same model
# compiled without --target, which oneDNN then compiles on the spot for exactly this device. Writes
# xpuq-gpu-report.txt: please send it to the project.
set -uo pipefail
[ $# -ge 1 ] || { echo "usage: validate-on-gpu.sh ARTIFACT [DEVICE]" >&2; exit 2; }
artifact=$1 device=${2:-gpu} report=xpuq-gpu-report.txt
here=$(cd "$(dirname "$0")/.." && pwd)
run=$(command -v xpuq-run || echo "$here/build/release/bin/xpuq-run")
[ -x "$run" ] || { echo "validate-on-gpu: no xpuq-run; build it or put it into PATH" >&2; exit 1; }
part() {
  local title=$1
  shift
  printf '\n== %s\n$ %s\n' "$title" "$*"
  "$@" 2>&1
  local status=$?
  printf 'exit status %d\n' $status
  return $status
}
{
  printf 'xpuq report of %s\n' "$(date -u +%Y-%m-%d)"
  part "kernel" uname -r
  part "device" "$run" --list-devices
  part "artifact" sha256sum "$artifact"
  part "sections" "$run" "$artifact" -d "$device" --check-compat
  part "numbers: every step against the interpreter" "$run" "$artifact" -d "$device" --self-test -v
  part "numbers: the same on the emulated device, if one fits" "$run" "$artifact" --self-test -d emulated:dg2 -v
  part "speed, section" "$run" "$artifact" -d "$device" --streams 1
  part "speed, two streams" "$run" "$artifact" -d "$device" --streams 2
  part "layers" "$run" "$artifact" -d "$device" --profile
  # Another name for the same plan: without its sections it is compiled here.
  [ -z "${XPUQ_PLAIN:-}" ] || part "speed, compiled here by oneDNN (XPUQ_PLAIN: the same model, compiled without --target)" "$run" "$XPUQ_PLAIN" -d "$device"
  part "speed, CPU" "$run" "$artifact" -d cpu
} | tee "$report"
echo
echo "validate-on-gpu: report in $report"
# Of the two self-tests the first ran on the GPU.
grep -m1 '^self-test' "$report" | grep -Eq ' ([0-9]+) of \1 passed' || { echo "validate-on-gpu: the self-test failed or did not run" >&2; exit 1; }
