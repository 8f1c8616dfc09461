#!/usr/bin/env bash
# Compiles networks for Intel GPUs that are not there, replays the sections on the driver's simulated devices, and runs
# them on the emulated ones: tools/gpu/check_targets.py says what is compared. Without arguments: the digits network on
# two targets. Arguments go to check_targets.py, for example: tools/test-gpu.sh NETWORKS.txt --targets dg2,mtl
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup-gpu.sh
cmake --preset release -DXPUQ_TESTS=ON >/dev/null
cmake --build --preset release --target xpuq-calibrate xpuq-compile xpuq-record xpuq-run mutations replay_check simulate
if [ $# = 0 ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  build/release/bin/xpuq-calibrate models/digits/digits.pt2 models/digits/calib --preset unit -o "$work/digits.xcal" >/dev/null
  # The compiler's own check, and kernels chosen by prediction: whatever is chosen, every step must be right.
  build/release/bin/xpuq-compile models/digits/digits.pt2 -p "$work/digits.xcal" -o "$work/digits.xpuq" --target dg2,b580 --tune --verify
  for part in a770 b580; do build/release/tests/mutations tests/fixtures/gpu/digits.xpuq $part 200; done
  echo "digits models/digits/digits.pt2 $work/digits.xcal" >"$work/networks.txt"
  set -- "$work/networks.txt" --targets dg2,b580
  tools/gpu/check_targets.py "$@"
  exit
fi
exec tools/gpu/check_targets.py "$@"
