# xpuq-calibrate (cli.md section 3). Leaves digits.xcal for the cases that follow.

name "calibrate: a profile, one line on stdout"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 -o digits.xcal
status 0
out "digits.xcal: 64 images, "
out "method histogram"
no_err "warning"
no_err "error"
holds test -s digits.xcal
holds grep -qF '"schema":"xpuq.calibration/1"' digits.xcal
no_leftovers
# The cases below need it, whichever are selected.
[ -s digits.xcal ] || xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 -q -o digits.xcal >/dev/null 2>&1

name "calibrate: same inputs, same bytes, whatever the threads"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 -j 1 -o again.xcal
status 0
holds cmp digits.xcal again.xcal

name "calibrate: --sqnr tells the noisiest layers, and --show all of them"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 --sqnr=2 -o noise.xcal
status 0
out " dB  at the output,"
run xpuq-calibrate --show noise.xcal
out "layer  "
out "|  "
run xpuq-calibrate --show noise.xcal --json
out '"output_sqnr_db"'
[ -s noise.xcal ] || xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 --sqnr=2 -q -o noise.xcal >/dev/null 2>&1

name "calibrate: --sqnr needs samples"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --sqnr=0 -o x.xcal
status 2
err "--sqnr"

name "calibrate: a finished profile is not overwritten"
cp digits.xcal kept.xcal
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 8 -o kept.xcal
status 2
err "E206: kept.xcal: exists already"
err "--force"
holds cmp digits.xcal kept.xcal

name "calibrate: --force overwrites, few samples warn"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 8 -o kept.xcal --force
status 0
err "warning W015"
holds not cmp -s digits.xcal kept.xcal

name "calibrate: --quiet keeps warnings for --json"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 8 -o quiet.xcal --quiet --json
status 0
silent_err
out '"code": "W015"'
out '"status": "ok"'
out '"list_sha256"'

name "calibrate: -o - writes the profile and nothing else"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 -o -
status 0
holds cmp "$WORK/.out" digits.xcal

name "calibrate: -o - with bare --json"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" -o - --json
status 2
err "E205: --output -: standard output is taken by --json"

name "calibrate: missing model"
run xpuq-calibrate nowhere.onnx "$MODELS/calib"
status 2
err "E204: nowhere.onnx: no such file"

name "calibrate: missing data"
run xpuq-calibrate "$MODELS/digits.onnx" nowhere -o x.xcal
status 2
err "E204: nowhere"
holds not test -e x.xcal

name "calibrate: no DATA"
run xpuq-calibrate "$MODELS/digits.onnx"
status 2
err "E202: DATA: is missing"

name "calibrate: a folder without pictures"
mkdir -p empty && echo text >empty/readme.txt
run xpuq-calibrate "$MODELS/digits.onnx" empty --preset unit -o x.xcal
status 4
err "E404: empty"
holds not test -e x.xcal

name "calibrate: a text file as model"
echo "this is no model" >text.onnx
run xpuq-calibrate text.onnx "$MODELS/calib" -o x.xcal
status 3
err "error E30"

name "calibrate: a truncated model"
head -c 3000 "$MODELS/digits.onnx" >cut.onnx
run xpuq-calibrate cut.onnx "$MODELS/calib" -o x.xcal
status 3
err "cut.onnx"
holds not test -e x.xcal

name "calibrate: an undecodable picture above --max-bad"
mkdir -p mixed && cp "$MODELS"/calib/3/*.png mixed/ && echo broken >mixed/aaa.png
run xpuq-calibrate "$MODELS/digits.onnx" mixed --preset unit -o mixed.xcal --max-bad 0
status 4
err "aaa.png"
holds not test -e mixed.xcal

name "calibrate: an undecodable picture within --max-bad"
run xpuq-calibrate "$MODELS/digits.onnx" mixed --preset unit -o mixed.xcal --max-bad 50%
status 0
err "warning W020"
holds grep -qF aaa.png mixed.xcal

name "calibrate: -n 0"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" -n 0
status 2
err "E203: --images"

name "calibrate: --max-bad of 200%"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --max-bad 200%
status 2
err "E203: --max-bad"

name "calibrate: --shard 3/2"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --shard 3/2
status 2
err "I/N with I from 1 to N"

name "calibrate: unknown --method"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --method entropi
status 2
err "E203: --method: unknown value 'entropi'"
err "try: --method entropy"

name "calibrate: unknown --preset lists the presets"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset imagenett
status 2
err "E203: --preset"
err "imagenet[:CROP[/RESIZE]], unit"

name "calibrate: preprocessing of an input that does not exist"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --mean nowhere:0.5
status 2
err "E205: --mean"

name "calibrate: bad --shape"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --shape 1x-1x32x32
status 2
err "E203: --shape"

name "calibrate: --force with --resume"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --force --resume
status 2
err "E205: --resume: cannot be combined with --force"

name "calibrate: random data is refused"
run xpuq-calibrate "$MODELS/digits.onnx" random -o x.xcal
status 2
err "random"
holds not test -e x.xcal

name "calibrate: an unwritable folder"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 4 -o nowhere/x.xcal
status 1
err "E101: nowhere/x.xcal"
no_leftovers

name "calibrate: shards join to a profile"
for i in 1 2; do
  run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --preset unit -n 64 --shard $i/2 -o part$i.xcal
  status 0
done
run xpuq-calibrate --merge part2.xcal part1.xcal -o merged.xcal
status 0
out "merged.xcal: 64 images"

name "calibrate: a shard is missing"
run xpuq-calibrate --merge part1.xcal -o merged2.xcal
status 4
err "E406"
holds not test -e merged2.xcal

name "calibrate: --merge without -o"
run xpuq-calibrate --merge part1.xcal part2.xcal
status 2
err "E202: --merge"

name "calibrate: --show with a sketch"
run xpuq-calibrate --show digits.xcal
status 0
out "model digits.onnx"
out "|"

name "calibrate: --show of a glob that matches nothing"
run xpuq-calibrate --show digits.xcal 'nowhere*'
status 2
err "matches no value of digits.xcal"

name "calibrate: --show of a truncated profile"
head -c 2000 digits.xcal >cut.xcal
run xpuq-calibrate --show cut.xcal
status 4
err "E403: cut.xcal"

name "calibrate: --show of a newer format"
sed 's|xpuq.calibration/1|xpuq.calibration/9|' digits.xcal >newer.xcal
run xpuq-calibrate --show newer.xcal
status 4
err "E402"

name "calibrate: --show in JSON"
run xpuq-calibrate --show digits.xcal --json
status 0
out '"clipped_fraction"'
out '"schema": "xpuq.calibrate/1"'

name "calibrate: --from a list on standard input"
find "$MODELS/calib/3" -name '*.png' >list.txt
run bash -c "xpuq-calibrate '$MODELS/digits.onnx' --from - --preset unit -o list.xcal <list.txt"
status 0
out "list.xcal: 10 images"

name "calibrate: the second signal ends it at once"
if [ $SKIP = 0 ]; then
  COMMAND="two SIGTERM"
  sleep 5 | xpuq-calibrate "$MODELS/digits.onnx" --from - -o x.xcal >"$WORK/.out" 2>"$WORK/.err" &
  pid=$!
  # The first is seen between samples; here it waits for its input.
  sleep 1; kill -TERM $pid; sleep 0.5; kill -TERM $pid 2>/dev/null
  wait $pid; STATUS=$?
fi
status 143
holds not test -e x.xcal

name "calibrate: --mpi in a build without it says how to build"
run xpuq-calibrate "$MODELS/digits.onnx" "$MODELS/calib" --mpi -o job.xcal
if [ "$STATUS" = 0 ]; then status 0; else status 2; err "-DXPUQ_MPI=ON"; fi
