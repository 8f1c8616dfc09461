# xpuq-compile (cli.md section 4). Leaves digits.xpuq and digits_f32.xpuq.

name "compile: an artifact, one line on stdout"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o digits.xpuq --embed-labels "$MODELS/labels.txt"
status 0
out "digits.xpuq: "
out " (f32 "
out "% of MACs, "
silent_err
holds test -s digits.xpuq
no_leftovers
[ -s digits.xpuq ] || xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o digits.xpuq --embed-labels "$MODELS/labels.txt" >/dev/null 2>&1

name "compile: float"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --precision f32 -o digits_f32.xpuq
status 0
out "float, "
[ -s digits_f32.xpuq ] || xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --precision f32 -o digits_f32.xpuq >/dev/null 2>&1

name "compile: same inputs, same bytes, and it overwrites"
cp digits.xpuq first.xpuq
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o digits.xpuq --embed-labels "$MODELS/labels.txt" -j 1
status 0
holds cmp first.xpuq digits.xpuq

name "compile: -o - writes the artifact and nothing else"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o - --embed-labels "$MODELS/labels.txt"
status 0
holds cmp "$WORK/.out" digits.xpuq

name "compile: -o - with bare --json"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o - --json
status 2
err "E205: --output -"

name "compile: --report - with bare --json"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o x.xpuq --report - --json
status 2
err "E205: --report -"
holds not test -e x.xpuq

name "compile: no profile prints the calibrate command"
cp "$MODELS/digits.onnx" lonely.onnx
run xpuq-compile lonely.onnx
status 2
err "xpuq-calibrate lonely.onnx"
holds not test -e lonely.xpuq

name "compile: --min-sqnr needs measured layers"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --min-sqnr 20 -o x.xpuq
status 4
err "E410: --min-sqnr"
err "xpuq-calibrate --sqnr"
holds not test -e x.xpuq

name "compile: --fallback-worst, with the ratios in the report"
run xpuq-compile "$MODELS/digits.onnx" -p noise.xcal --fallback-worst 2 -o worst.xpuq --report -
status 0
out "float, min-sqnr: measured to cost too much in int8: "
out "wei dB"
out "lowest SQNR"
run xpuq-compile "$MODELS/digits.onnx" -p noise.xcal -o worst.xpuq --report noise.json
holds grep -qF '"lowest_sqnr"' noise.json
run xpuq-compile "$MODELS/digits.onnx" -p noise.xcal -o worst.xpuq --report noise.csv
holds grep -qF ',sqnr_weights,sqnr_source,sqnr_layer,sqnr_output' noise.csv

name "compile: the profile beside the model is found"
cp digits.xcal lonely.xcal
run xpuq-compile lonely.onnx
status 0
holds test -s lonely.xpuq

name "compile: a profile that does not exist"
run xpuq-compile "$MODELS/digits.onnx" -p nowhere.xcal -o x.xpuq
status 2
err "E204: nowhere.xcal"

name "compile: profile of another model"
sed -E 's/("graph_sha256":")[0-9a-f]{4}/\10123/' digits.xcal >other.xcal
run xpuq-compile "$MODELS/digits.onnx" -p other.xcal -o x.xpuq
status 4
err "E401: other.xcal: made for another model"
err "try: xpuq-calibrate"
holds not test -e x.xpuq

name "compile: an edited profile warns"
run xpuq-compile "$MODELS/digits.onnx" -p other.xcal -o x.xpuq
err "warning W018"

name "compile: --profile-check off takes it by names"
run xpuq-compile "$MODELS/digits.onnx" -p other.xcal --profile-check off -o off.xpuq
status 0
holds test -s off.xpuq

name "compile: a truncated profile"
run xpuq-compile "$MODELS/digits.onnx" -p cut.xcal -o x.xpuq
status 4
err "E403: cut.xcal"

name "compile: a truncated model leaves no file"
run xpuq-compile cut.onnx -p digits.xcal -o x.xpuq
status 3
holds not test -e x.xpuq
no_leftovers

name "compile: a truncated pt2"
head -c 20000 "$MODELS/digits.pt2" >cut.pt2
run xpuq-compile cut.pt2 --precision f32 -o x.xpuq
status 3
err "cut.pt2"

name "compile: the pt2 of the same network"
run xpuq-compile "$MODELS/digits.pt2" --precision f32 -o pt2.xpuq
status 0
holds test -s pt2.xpuq

name "compile: a folder as model"
run xpuq-compile "$MODELS" --precision f32 -o x.xpuq
err "a folder"
holds test "$STATUS" -ne 0

name "compile: an unwritable folder"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o nowhere/x.xpuq
status 1
err "E101: nowhere/x.xpuq"
no_leftovers

name "compile: --exclude of a glob that matches nothing"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o x.xpuq --exclude 'nowhere*'
status 2
err "'nowhere*' matches no node"

name "compile: --exclude reports the layers, --strict makes it exit 6, the artifact stays"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o strict.xpuq --exclude '*' --strict
status 6
out "float  "
err "E602: --strict"
holds test -s strict.xpuq

name "compile: --exclude of a bracket glob is one glob"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o x.xpuq --exclude '[!a]*' --dry-run
status 0
out "float  "

name "compile: --min-int8-coverage"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o coverage.xpuq --exclude '*' --min-int8-coverage 95 --json
status 6
out '"code": "E601"'
out '"exit_code": 6'
out '"fallbacks": ['

name "compile: --min-int8-coverage above 100"
run xpuq-compile "$MODELS/digits.onnx" --min-int8-coverage 101
status 2
err "E203: --min-int8-coverage"

name "compile: --strict means nothing in float"
run xpuq-compile "$MODELS/digits.onnx" --precision f32 --strict
status 2
err "E205: --strict"

name "compile: precision of a later version"
run xpuq-compile "$MODELS/digits.onnx" --precision int4
status 2
err "expected: int8, int8-bf16, f32, bf16"

name "compile: --dry-run writes nothing"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o dry.xpuq --dry-run
status 0
out "not written"
holds not test -e dry.xpuq

name "compile: --report as text, CSV and JSON"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o r.xpuq --report -
status 0
out "quantization report of digits.onnx"
out "int8 MACs"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o r.xpuq --report r.csv
holds grep -q '^index,name,op,nodes' r.csv
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o r.xpuq --report r.json
holds grep -qF '"schema": "xpuq.report/1"' r.json

name "compile: --report as HTML: one file with every layer in it, the same every time"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o r.xpuq --report r.html
status 0
holds grep -qF '<table id="layers">' r.html
holds test "$(grep -c '<tbody id="layer-' r.html)" = "$(($(wc -l <r.csv) - 1))"
holds not grep -qE 'https?:|src=' r.html
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o r.xpuq --report again.html
holds cmp r.html again.html
no_leftovers

name "compile: --stop-after prints the graph and writes nothing"
run xpuq-compile "$MODELS/digits.onnx" --stop-after normalize -o stop.xpuq
status 0
out "graph ("
holds not test -e stop.xpuq

name "compile: --stop-after of an unknown phase"
run xpuq-compile "$MODELS/digits.onnx" --stop-after fusing
status 2
err "import, normalize, prepare"

name "compile: --dump-after of an unknown pass lists the passes"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --dump-graph g.txt --dump-after fold-batchnormm
status 2
err "E203: --dump-after"
err "try: --dump-after fold-batchnorm"

name "compile: --dump-after without --dump-graph"
run xpuq-compile "$MODELS/digits.onnx" --dump-after fold-batchnorm
status 2
err "E205: --dump-after: means nothing without --dump-graph"

name "compile: --dump-graph"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o d.xpuq --dump-graph g.dot
status 0
holds grep -q digraph g.dot

name "compile: two operands"
run xpuq-compile "$MODELS/digits.onnx" digits.xcal
status 2
err "one operand too many"

name "compile: a label file that does not exist"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o x.xpuq --embed-labels nowhere.txt
status 2
err "E204: nowhere.txt"
holds not test -e x.xpuq

name "compile: --verbose tells the passes"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o v.xpuq -vv
status 0
err "fold-batchnorm: "

name "compile: int8-bf16"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --precision int8-bf16 -o mixed.xpuq
status 0
out "int8-bf16 "
out "100.0% of MACs"

name "compile: bf16 needs no profile"
run xpuq-compile "$MODELS/digits.onnx" --precision bf16 -o narrow.xpuq
status 0
out "bf16, "

name "compile: a recipe file, echoed in the report"
cat >recipe.json <<'J'
{"schema": "xpuq.recipe/1", "operators": [{"type": "torch.nn.Linear", "config": "float"}]}
J
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --recipe recipe.json -o x.xpuq --report r.json
status 0
out "float  "
holds grep -q '"type": "linear"' r.json
holds grep -q '"reason": "excluded"' r.json

name "compile: every defect of a recipe file in one message"
cat >recipe.json <<'J'
{"schema": "xpuq.recipe/1", "familiy": "xpu", "global": "int4"}
J
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --recipe recipe.json -o y.xpuq
status 2
err "E210: recipe.json: 2 defects: unknown key 'familiy'"
err "family"
err "'global' is \"int4\""
err "--help recipe"
holds not test -e y.xpuq

name "compile: what a recipe names and the model lacks, all of it"
cat >recipe.json <<'J'
{"schema": "xpuq.recipe/1", "modules": [{"name": "nowhere", "config": "float"}], "operators": [{"type": "matmul", "config": "symmetric"}]}
J
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --recipe recipe.json --exclude 'nothing*' -o y.xpuq
status 2
err "E207"
err "'nothing*' matches no node"
err "module 'nowhere' holds no node"
err "operator 'matmul' does not occur"
holds not test -e y.xpuq

name "compile: a recipe that is neither a family nor a file"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --recipe xpy -o y.xpuq
status 2
err "E203: --recipe: 'xpy'"
err "xpu, x86, or a recipe file"

name "compile: a target that does not exist names those near it"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --target b508
status 2
err "b580"
holds not test -e t.xpuq

name "compile: a GPU target without the recorder says what to install"
run env XPUQ_RECORD_DIR="$WORK/nowhere" XPUQ_GPU_DRIVER="$WORK/nowhere" xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --target dg2
status 5
err "tools/setup-gpu.sh"
holds not test -e t.xpuq

name "compile: a recorder that gives up is an error, not a crash"
mkdir -p driver/usr/lib/x86_64-linux-gnu driver/usr/lib64 recorder
: >driver/usr/lib/x86_64-linux-gnu/libze_intel_gpu.so.1
cp /lib64/ld-linux-x86-64.so.2 driver/usr/lib64/
cp /bin/false recorder/xpuq-record
run env XPUQ_RECORD_DIR="$WORK/recorder" XPUQ_GPU_DRIVER="$WORK/driver" xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --target dg2
status 1
err "E101: --target a770"
err "exit status 1"
holds not test -e t.xpuq
rm -r driver recorder

name "compile: --verify and --tune are about targets"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --verify
status 2
err "E205: --verify"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --tune
status 2
err "E205: --tune"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --target dg2 --verify --self-test 0
status 2
err "needs a self-test"

name "compile: --tune measures the kernels of this CPU and keeps the choice"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --target any --tune
status 2
err "E205: --tune"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o t.xpuq --target cpu --tune --json=t.json
status 0
out "tune    cpu ("
holds grep -q '"cpu_tuning"' t.json
run xpuq-run t.xpuq --info --verify
status 0
out "key cpu:"
run xpuq-run t.xpuq --self-test
status 0

name "compile: --equalize and its like need pictures"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --equalize -o x.xpuq
status 2
err "E205: --equalize"
err "--calibration"

name "compile: a search prints its path"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --drop 1 --validate "$MODELS/calib" -o found.xpuq --progress none
status 0
out "search  float"
out "the best"

name "compile: a search that misses its target writes the artifact and exits 6"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --min-output-sqnr 200 --max-evaluations 2 --validate "$MODELS/calib" -o missed.xpuq --json
status 6
err "E610: --min-output-sqnr"
out '"met": false'
holds test -s missed.xpuq

name "compile: --validate alone means nothing"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --validate "$MODELS/calib" -o x.xpuq
status 2
err "E205: --validate"

name "compile: --export-qdq writes a model that compiles to the same plan without a profile"
run bash -c "xpuq-compile '$MODELS/digits.onnx' -p digits.xcal -o q.xpuq --export-qdq q.onnx -q && xpuq-compile q.onnx -o back.xpuq -q"
status 0
holds bash -c "xpuq-run q.xpuq random:1 -o q.npz -q >/dev/null && xpuq-run back.xpuq random:1 -o back.npz -q >/dev/null && cmp q.npz back.npz"

name "compile: --export-qdq means nothing in float"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal --precision f32 -o q.xpuq --export-qdq q.onnx
status 2
err "E205: --export-qdq"
