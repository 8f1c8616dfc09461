#!/bin/bash
# Small files that claim to be large: every command ends with the right exit status, in seconds, within 2 GiB of memory.
#   hostile_sizes.sh BIN_DIR
set -u
BIN=$(cd "$1" && pwd) || exit 2
MODELS=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../models/digits" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK" || exit 2
export LC_ALL=C TERM=dumb OMP_NUM_THREADS=2
ulimit -v $((2 << 20))
passed=0 failed=0

# expect STATUS WORDS COMMAND...
expect() {
  local status=$1 words=$2 got
  shift 2
  timeout 20 "$@" >out 2>err </dev/null
  got=$?
  if [ $got = "$status" ] && grep -qiE -- "$words" err; then passed=$((passed + 1)); return; fi
  failed=$((failed + 1))
  printf 'FAILED %s\n  exit %s, not %s with "%s": %s\n' "$*" $got "$status" "$words" "$(head -c 300 err)"
}
model() { expect 3 "$2" "$BIN/xpuq-compile" "$1" --precision f32 -o result.xpuq; }

# --- protobuf by hand: field NUMBER with bytes from a file, or a varint (ONNX: onnx.proto3)
varint() { local n=$1; while [ "$n" -ge 128 ]; do printf "\\x$(printf %x $((n & 127 | 128)))"; n=$((n >> 7)); done; printf "\\x$(printf %x "$n")"; }
number() { varint $(($1 << 3)); varint "$2"; }
bytes() { local size; size=$(wc -c <"$2"); varint $(($1 << 3 | 2)); varint "$size"; cat "$2"; }
text() { printf %s "$2" >field; bytes "$1" field; }
# value NAME DIMENSION -> ValueInfoProto of f32
value() {
  number 1 "$2" >dim; bytes 1 dim >shape; number 1 1 >tensor; bytes 2 shape >>tensor; bytes 1 tensor >type
  { text 1 "$1"; bytes 2 type; } >value
}
node() { { text 1 "$1"; text 2 "$2"; text 4 "${3:-Relu}"; } >node; }  # INPUT OUTPUT OPERATOR
# onnx FILE: the nodes and other fields of the graph are in `graph`; input x, output y
onnx() {
  value x "${2:-4}"; bytes 11 value >>graph; value y "${2:-4}"; bytes 12 value >>graph; text 2 g >>graph
  { number 2 17 >opset; number 1 8; bytes 7 graph; bytes 8 opset; } >"$1"
}

node y2 y; bytes 1 node >graph; node y y2; bytes 1 node >>graph; onnx cycle.onnx
model cycle.onnx "cycle|before|order|defined"
node x y; bytes 1 node >graph; onnx dimension.onnx $((1 << 60))
model dimension.onnx "impossible dimension"

# A constant whose data lies outside of the model's folder: by "..", by an absolute path, by a link.
echo secret >outside; mkdir in; ln -s ../outside in/link
for location in ../outside "$WORK/outside" link; do
  { text 1 location; text 2 "$location"; } >entry
  { number 1 4; number 2 1; text 8 w; bytes 13 entry; number 14 1; } >tensor
  { text 1 x; text 1 w; text 2 y; text 4 Add; } >node
  bytes 1 node >graph; bytes 5 tensor >>graph; onnx "in/outside.onnx"
  model in/outside.onnx "outside|external|folder|link|absolute|path"
done

# --- nesting and length, in JSON and in text
head -c 1000000 /dev/zero | tr '\0' '[' >deep.json
expect 4 "deep|nested" "$BIN/xpuq-compile" "$MODELS/digits.pt2" -p deep.json -o result.xpuq
expect 2 "deep|nested|JSON" "$BIN/xpuq-compile" "$MODELS/digits.pt2" --recipe deep.json -o result.xpuq

# --- pictures: a header that asks for 65535 x 65535 pixels
"$BIN/xpuq-calibrate" "$MODELS/digits.pt2" "$MODELS/calib" --preset unit -n 32 -q -o good.xcal >/dev/null || exit 2
"$BIN/xpuq-compile" "$MODELS/digits.pt2" -p good.xcal -q -o good.xpuq >/dev/null || exit 2
printf '\377\330\377\300\000\021\010\377\377\377\377\003\001\042\000\002\021\001\003\021\001\377\331' >huge.jpg
expect 1 "pixel|large|JPEG" "$BIN/xpuq-run" good.xpuq huge.jpg
printf 'P6\n65535 65535\n255\n' >huge.ppm; expect 1 "pixel|large" "$BIN/xpuq-run" good.xpuq huge.ppm
printf '\223NUMPY\001\000v\000%-117s\n' '{"descr": "<f4", "fortran_order": True, "shape": (1152921504606846976,1)}' | tr '"' "'" >huge.npy
expect 1 "npy|array|large|shape|header" "$BIN/xpuq-run" good.xpuq huge.npy

# --- an archive that inflates a thousandfold
if command -v python3 >/dev/null; then
  python3 -c 'import zipfile
z = zipfile.ZipFile("bomb.pt2", "w", zipfile.ZIP_DEFLATED)
z.writestr("m/archive_format", "pt2"); z.writestr("m/archive_version", "0"); z.writestr("m/byteorder", "little")
with z.open("m/models/model.json", "w") as f:
    for _ in range(48): f.write(bytes(1 << 24))'
  model bomb.pt2 "inflate|large|more than|JSON|bytes"
  # A million nodes, one after the other
  python3 -c '
def v(n):
    o = b""
    while n > 127: o += bytes([n & 127 | 128]); n >>= 7
    return o + bytes([n])
def f(n, b): return v(n << 3 | 2) + v(len(b)) + b
def value(n): return f(1, n) + f(2, f(1, v(8) + v(1) + f(2, f(1, v(8) + v(4)))))
name = lambda i: b"x" if i == 0 else b"y" if i == 1000000 else b"v%d" % i
g = b"".join(f(1, f(1, name(i)) + f(2, name(i + 1)) + f(4, b"NoSuchOp")) for i in range(1000000))
open("million.onnx", "wb").write(v(8) + v(8) + f(7, g + f(2, b"g") + f(11, value(b"x")) + f(12, value(b"y"))) + f(8, v(16) + v(17)))'
  model million.onnx "NoSuchOp|nodes|operator"
fi

echo "$((passed + failed)) hostile sizes, $passed as expected, $failed not"
[ $failed = 0 ]
