#!/bin/bash
# Broken models, pictures, profiles and artifacts, made here from good ones: every command must end with the right exit
# status and a message that names the file.   run_corrupt_tests.sh BIN_DIR
set -u
source "$(dirname "$0")/../support/workplace.sh"

cut_to() { head -c "$2" "$1" >"$3"; }                                       # SOURCE BYTES TARGET
size_of() { wc -c <"$1"; }
# poke TARGET OFFSET BYTES: overwrites bytes of a copy in place
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# --- models
: >empty.onnx;                       model empty.onnx "empty"
echo "not a model" >text.onnx;       model text.onnx "not a model"
head -c 4096 /dev/zero >zeros.onnx;  model zeros.onnx "not a model|ONNX"
for part in 3 30 300 3000 30000 400000; do
  cut_to "$MODELS/digits.onnx" $part "cut-$part.onnx"; model "cut-$part.onnx" "truncat|cut|end|not a model|damaged|cannot|missing|few|short|ONNX"
done
for part in 3 40 400 40000 558000; do
  cut_to "$MODELS/digits.pt2" $part "cut-$part.pt2"; model "cut-$part.pt2" "zip|archive|truncat|damaged|not a model"
done
cp "$MODELS/digits.pt2" eocd.pt2;    poke eocd.pt2 $(($(size_of eocd.pt2) - 22)) 'XXXX'; model eocd.pt2 "zip|archive"
cp "$MODELS/digits.pt2" json.pt2
at=$(grep -abo '"graph_module"' json.pt2 | head -n 1 | cut -d: -f1); poke json.pt2 $((at + 3)) 'zzz'; model json.pt2 "checksum|CRC|damaged"
cp "$MODELS/digits.pt2" garbage.pt2; head -c 2000 /dev/zero | tr '\0' '\377' | dd of=garbage.pt2 bs=1 seek=$(($(size_of garbage.pt2) - 3000)) conv=notrunc status=none; model garbage.pt2 "zip|archive|damaged"
printf 'PK\003\004' >magic-only.pt2;  model magic-only.pt2 "zip|archive"
printf 'graph (%%x: f32[1]) { %%y = frobnicate(%%x) return %%y }' >op.xir; model op.xir "operation name"

# --- pictures
png=$(find "$MODELS/test/3" -name '*.png' | sort | head -n 1)
: >empty.png;                        picture empty.png "empty|picture|no such"
echo "hello" >text.png;              picture text.png "picture|image|PNG"
for part in 8 20 40 60; do cut_to "$png" $part "cut-$part.png"; picture "cut-$part.png" "truncat|cut|end|PNG|damaged"; done
cp "$png" crc.png;                   poke crc.png 30 'zz'; picture crc.png "CRC|checksum|damaged|PNG"
cp "$png" huge.png;                  poke huge.png 16 '\177\377\377\377'; picture huge.png "pixel|large|CRC|damaged|size|PNG"
printf '\377\330\377\340\000\020JFIF\000\001' >cut.jpg; picture cut.jpg "JPEG|truncat|end"
printf 'P6\n99999999 99999999\n255\n' >huge.ppm; picture huge.ppm "pixel|large"
printf 'P6\n4 4\n255\nabc' >short.ppm;  picture short.ppm "truncat|end|short|pixel|few"
printf 'BM\000\000\000\000' >cut.bmp;   picture cut.bmp "BMP|truncat|end|cut"
printf '\223NUMPY\001\000v\000{"descr": "<f4", "fortran_order": False, "shape": (1,1,32,32)}\n' >cut.npy; picture cut.npy "npy|header|cut|truncat|short|end"
printf 'PK\005\006' >cut.npz;           picture cut.npz "zip|archive|npz"

# --- profiles
: >empty.xcal;                       profile empty.xcal "empty|JSON|cut"
for part in 10 1000 20000; do cut_to good.xcal $part "cut-$part.xcal"; profile "cut-$part.xcal" "JSON|cut|incomplete|truncat"; done
edit() { sed "$2" good.xcal >"$1"; cmp -s "$1" good.xcal && fail "$1" "the edit changed nothing"; }
edit major.xcal 's#xpuq.calibration/1#xpuq.calibration/9#';            profile major.xcal "9"
edit schema.xcal 's#xpuq.calibration/1#something else#';               profile schema.xcal "schema"
edit hash.xcal 's/"graph_sha256":"[0-9a-f]\{8\}/"graph_sha256":"00000000/; s/"graph_sha256": "[0-9a-f]\{8\}/"graph_sha256": "00000000/'; profile hash.xcal "another model"
edit nan.xcal 's/"min": *[-0-9.e]*/"min":"NaN"/';                      profile nan.xcal "min"
edit order.xcal 's/"min": *[-0-9.e]*/"min":1e30/';                     profile order.xcal "min|max|range"
edit negative.xcal 's/"count": *[0-9][0-9]*/"count":-5/';              profile negative.xcal "count"
edit missing.xcal 's/"values"/"valeus"/';                              profile missing.xcal "values"
edit type.xcal 's/"method": *"histogram"/"method":17/';                profile type.xcal "method"
head -c 300000 /dev/zero | tr '\0' '[' >deep.xcal;                     profile deep.xcal "deep|nested"

# --- artifacts
: >empty.xpuq;                       artifact empty.xpuq "artifact|empty"
echo "text" >text.xpuq;              artifact text.xpuq "artifact"
cp "$MODELS/digits.onnx" onnx.xpuq;  artifact onnx.xpuq "artifact"
cp "$MODELS/digits.pt2" zip.xpuq;    artifact zip.xpuq "artifact"
for part in 4 20 100 5000 100000; do cut_to good.xpuq $part "cut-$part.xpuq"; artifact "cut-$part.xpuq" "truncat|cut|damaged|artifact"; done
for at in 3 9 14 40 80; do cp good.xpuq "flip-$at.xpuq"; poke "flip-$at.xpuq" $at '\252'; artifact "flip-$at.xpuq" "damaged|checksum|artifact|newer"; done
for share in 20 50 80; do
  cp good.xpuq "body-$share.xpuq"; poke "body-$share.xpuq" $(($(size_of good.xpuq) * share / 100)) '\252\125\252'; artifact "body-$share.xpuq" "checksum|damaged"
done
cp good.xpuq longer.xpuq; echo trailing >>longer.xpuq; artifact longer.xpuq "damaged|longer|trailing|size"

summary "broken files"
