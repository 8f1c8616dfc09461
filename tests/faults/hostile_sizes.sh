#!/bin/bash
# Small files that claim to be large: every command ends with the right exit status and words, within the memory that
# docs/security.md grants its reader (address space by `ulimit -v`, the command itself included).
#   hostile_sizes.sh BIN_DIR [MIB] [NODES]
# MIB (24) that a bomb inflates to, NODES (20000) of a chain; docs/security.md: 256 and 1000000.
set -u
MIB=${2:-24} NODES=${3:-20000}
source "$(dirname "$0")/../support/workplace.sh"
export MALLOC_ARENA_MAX=1  # arenas reserve 64 MiB a thread

# within MIB KIND FILE WORDS: `model`, `picture`, ... of workplace.sh with that much address space
within() { ulimit -Sv $(($1 << 10)); "${@:2}"; ulimit -Sv unlimited; }

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

# --- graphs
node y2 y; bytes 1 node >graph; node y y2; bytes 1 node >>graph; onnx cycle.onnx
within 128 model cycle.onnx "cycle|before|order|defined"
node x y; bytes 1 node >graph; onnx dimension.onnx $((1 << 60))
within 128 model dimension.onnx "impossible dimension"
node x y; bytes 1 node >graph; onnx big.onnx $((1 << 39))
within 128 expect 1 memory "out of memory" "$BIN/xpuq-compile" big.onnx --precision f32 -o result.xpuq

# A constant whose data lies outside of the model's folder: by "..", by an absolute path, by a link.
echo secret >outside; mkdir in; ln -s ../outside in/link
for location in ../outside "$WORK/outside" link; do
  { text 1 location; text 2 "$location"; } >entry
  { number 1 4; number 2 1; text 8 w; bytes 13 entry; number 14 1; } >tensor
  { text 1 x; text 1 w; text 2 y; text 4 Add; } >node
  bytes 1 node >graph; bytes 5 tensor >>graph; onnx in/outside.onnx
  within 128 model in/outside.onnx "outside|external|folder|link|absolute|path"
done

# --- nesting, in JSON and in text
head -c 1000000 /dev/zero | tr '\0' '[' >deep.json
within 128 profile deep.json "deep|nested"
within 128 expect 2 deep.json "deep|nested|JSON" "$BIN/xpuq-compile" "$MODELS/digits.pt2" --recipe deep.json -o result.xpuq
{ printf 'graph (%%x: f32[1]) { %%y = relu(%%x) {a = '; head -c 1000000 /dev/zero | tr '\0' '['; } >deep.xir
within 128 model deep.xir "line|expected|attribute"

# --- pictures and arrays of a header only
printf '\377\330\377\300\000\021\010\375\350\375\350\003\001\042\000\002\021\001\003\021\001\377\332\000\014\003\001\000\002\021\003\021\000\077\000\377\331' >huge.jpg
within 128 picture huge.jpg "65000 x 65000|pixels"  # libjpeg itself stops at 65500
printf 'P6\n65535 65535\n255\n' >huge.ppm; within 128 picture huge.ppm "pixels"
printf 'BM\0\0\0\0\0\0\0\0\066\0\0\0\050\0\0\0\0\0\001\0\0\0\001\0\001\0\030\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >huge.bmp
within 128 picture huge.bmp "pixels"
printf '\211PNG\r\n\032\n\0\0\0\015IHDR\0\0\377\377\0\0\377\377\010\002\0\0\0\071\147\116\007' >huge.png
within 128 picture huge.png "pixels"
printf '\223NUMPY\001\000v\000%-117s\n' '{"descr": "<f4", "fortran_order": False, "shape": (1152921504606846976,1)}' | tr '"' "'" >huge.npy
within 128 picture huge.npy "array|large|shape"

# --- small files that inflate a thousandfold, and a long chain: what they really take
python3 "$TESTS/faults/large_files.py" "$MIB" "$NODES" || exit 2
within $((128 + 2 * MIB)) model bomb.pt2 "JSON|bytes"
within 384 model values.pt2 "values"
within $((128 + 2 * MIB)) picture bomb.npz "shape"
within $((128 + 3 * MIB)) "$BIN/xpuq-run" good.xpuq bomb.png -q >out 2>err && passed=$((passed + 1)) || fail bomb.png "$(head -c 300 err)"
within $((128 + NODES / 500)) model chain.onnx "NoSuchOp|too many nodes"

summary "hostile sizes"
