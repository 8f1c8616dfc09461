# xpuq-run (cli.md section 5).
PICTURE=$(find "$MODELS/test/7" -name '*.png' | sort | head -1)

name "run: answers of a picture"
run xpuq-run digits.xpuq "$PICTURE" --topk 3
status 0
lines 3 "$WORK/.out"
out "  1  7  "
out "seven"
silent_err

name "run: --accuracy and a target that is met"
run xpuq-run digits.xpuq "$MODELS/test" --accuracy --min-top1 98
status 0
out "accuracy   top-1 99."
out "797 images"

name "run: a target that is not met"
run xpuq-run digits.xpuq "$MODELS/test/" --min-top1 100 --json
status 6
out '"code": "E603"'
out '"top1": 99.'
err "E603: --min-top1 100"

name "run: --accuracy on data without labels"
run xpuq-run digits.xpuq "$PICTURE" --accuracy
status 2
err "E205: --accuracy"

name "run: --accuracy -v lists the classes"
run xpuq-run digits.xpuq "$MODELS/test" --accuracy -v --confusion confusion.csv
status 0
out "seven"
holds grep -q '^label,zero' confusion.csv

name "run: against a reference"
run xpuq-run digits.xpuq "$MODELS/test" --accuracy --reference digits_f32.xpuq --drop 1 --min-sqnr 10
status 0
out "reference  top-1 agreement"
out "drop "

name "run: the reference is too far"
run xpuq-run digits.xpuq "$MODELS/test" --reference digits_f32.xpuq --min-sqnr 200
status 6
err "E607: --min-sqnr 200"

name "run: outputs stored, then expected"
run xpuq-run digits.xpuq "$MODELS/calib/3" -o outputs.npz
status 0
run xpuq-run digits.xpuq "$MODELS/calib/3" --expect outputs.npz
status 0
out "within tolerance"

name "run: other outputs than expected"
run xpuq-run digits_f32.xpuq "$MODELS/calib/3" --expect outputs.npz --rtol 0 --atol 0
status 6
err "E604: outputs.npz"

name "run: undecodable pictures end in exit 1"
run xpuq-run digits.xpuq mixed
status 1
err "warning W020"
err "aaa.png"
out "  1  3  "

name "run: tolerated with --max-bad"
run xpuq-run digits.xpuq mixed --max-bad 1
status 0

name "run: a missing artifact"
run xpuq-run nowhere.xpuq
status 2
err "E204: nowhere.xpuq"

name "run: a file that is no artifact"
run xpuq-run "$MODELS/digits.onnx"
status 5
err "error E502"

name "run: a truncated artifact"
head -c 5000 digits.xpuq >cut.xpuq
run xpuq-run cut.xpuq --info
status 5
err "E502: cut.xpuq"

name "run: a newer format"
cp digits.xpuq newer.xpuq
printf '\x09' | dd of=newer.xpuq bs=1 seek=8 conv=notrunc status=none
run xpuq-run newer.xpuq --info --json
status 5
out '"exit_code": 5'

name "run: --info opens no device"
run env XPUQ_ENGINE_DIR=/nowhere xpuq-run digits.xpuq --info --verify
status 0
out "precision"
out "int8"

name "run: --self-test"
run xpuq-run digits.xpuq --self-test
status 0
out "1 of 1 passed"

name "run: --check-compat"
run xpuq-run digits.xpuq --check-compat
status 0
out "yes  format 1."

name "run: --check-compat says why not"
run xpuq-run cut.xpuq --check-compat
status 5
out "no "

name "run: --list-layers"
run xpuq-run digits.xpuq --list-layers
status 0
out "implementation"

name "run: --list-devices"
run xpuq-run --list-devices
status 0
out "cpu"

name "run: a device that is not there"
run xpuq-run digits.xpuq "$PICTURE" -d gpu:7
status 5
err "E503"

name "run: XPUQ_DEVICE"
run env XPUQ_DEVICE=gpu xpuq-run digits.xpuq "$PICTURE"
status 5
err "E503"

name "run: a batch that has no plan"
run xpuq-run digits.xpuq "$PICTURE" --batch 3
status 2
err "no plan for this batch"

name "run: a benchmark without data"
run xpuq-run digits.xpuq --warmup 0 --duration 0 --iterations 20 --times times.csv --percentiles 50,99.9
status 0
out "throughput  "
out "20 iterations in"
out "p99.9 "
lines 21 times.csv

name "run: a benchmark in JSON"
run xpuq-run digits.xpuq --bench --warmup 10ms --duration 50ms --json
status 0
out '"throughput"'
out '"percentiles": {'

name "run: --max-latency that cannot be met"
run xpuq-run digits.xpuq --warmup 0 --duration 0 --max-latency 0.000001ms@50
status 6
err "E608: --max-latency"

name "run: --min-throughput that cannot be met"
run xpuq-run digits.xpuq --warmup 0 --duration 0 --min-throughput 1e12
status 6
err "E609: --min-throughput"

name "run: --profile per layer, table and trace"
run xpuq-run digits.xpuq --warmup 0 --duration 0 --profile
status 0
out "primitive"
run xpuq-run digits.xpuq --warmup 0 --duration 0 --profile=trace.json
status 0
holds grep -qF traceEvents trace.json

name "run: a time without unit"
run xpuq-run digits.xpuq --duration 3
status 2
err "E203: --duration"
err "ms or s"

name "run: a percentile above 100"
run xpuq-run digits.xpuq --percentiles 50,101
status 2
err "E203: --percentiles"

name "run: --bench with --accuracy"
run xpuq-run digits.xpuq "$MODELS/test" --bench --accuracy
status 2
err "cannot be combined"

name "run: --drop without --reference"
run xpuq-run digits.xpuq "$MODELS/test" --drop 1
status 2
err "E205: --drop: means nothing without --reference"

name "run: --verify without --info"
run xpuq-run digits.xpuq --verify
status 2
err "E205: --verify"

name "run: --max-latency beside data needs --bench"
run xpuq-run digits.xpuq "$PICTURE" --max-latency 1s
status 2
err "E205: --max-latency"

name "run: -o -"
run xpuq-run digits.xpuq "$PICTURE" -o -
status 2
err "E203: --output"

name "run: overriding the embedded preprocessing warns"
run xpuq-run digits.xpuq "$PICTURE" --mean 0.1
status 0
err "warning W019"

name "run: a closed pipe is quiet"
run bash -c "xpuq-run --progress none digits.xpuq '$MODELS/test' | head -1"
status 0
silent_err

name "run: interrupted"
if [ $SKIP = 0 ]; then
  COMMAND="SIGTERM to a benchmark"
  xpuq-run digits.xpuq --duration 60s --json=interrupted.json >"$WORK/.out" 2>"$WORK/.err" &
  pid=$!
  sleep 1.5; kill -TERM $pid; wait $pid; STATUS=$?
fi
status 143
err "E143"
holds grep -qF '"status": "interrupted"' interrupted.json

name "run: random input"
run xpuq-run digits.xpuq random:3
status 0
out "random:3"

name "run: a baseline of accuracy holds, and a worse run is exit 6"
run bash -c "xpuq-run digits.xpuq '$MODELS/test' --accuracy --write-baseline base.json && xpuq-run digits.xpuq '$MODELS/test' --accuracy --baseline base.json"
status 0
out "2 of 2 figures hold"
holds grep -q '"sha256": "[0-9a-f]\{64\}"' base.json
run bash -c "sed 's/\"top1\": [0-9.]*/\"top1\": 99.9/' base.json >better.json; xpuq-run digits.xpuq '$MODELS/test' --accuracy --baseline better.json --json=worse.json"
status 6
err "E611: --baseline better.json: top-1 is worse"
err "at least 99.800 (the baseline's 99.900)"
holds grep -q '"ok": false' worse.json

name "run: a baseline of format 1 is read"
run xpuq-run "$HERE/../fixtures/gpu/digits.xpuq" "$MODELS/test" --accuracy --device cpu --baseline "$HERE/../compat/baseline-1.json"
status 0
out "2 of 2 figures hold"

name "run: a benchmark adds its figures to the same baseline"
run bash -c "xpuq-run digits.xpuq --duration 0 --iterations 20 --write-baseline base.json && sed -i 's/\"time_share\": 0.15/\"time_share\": 1000/' base.json && xpuq-run digits.xpuq --duration 0 --iterations 20 --baseline base.json"
status 0
out "5 of 5 figures hold"
holds grep -q '"top1"' base.json

name "run: timings of another device are not compared"
run bash -c "sed 's/\"name\": \"[^\"]*\"/\"name\": \"Another CPU\"/' base.json >other.json; xpuq-run digits.xpuq --duration 0 --iterations 20 --baseline other.json"
status 6
err "W025"
err "has no figure that this run measured"

name "run: what is no baseline"
run bash -c "echo '{}' >none.json; xpuq-run digits.xpuq '$MODELS/test' --accuracy --baseline none.json"
status 2
err "not a baseline"

name "run: a baseline needs a measured run"
run xpuq-run digits.xpuq --info --baseline base.json
status 2
err "E205: --baseline"
