# What all commands share (cli.md section 1).

for command in calibrate compile run opt; do
  name "$command: --help on stdout, 80 columns, two examples first"
  run "xpuq-$command" --help
  status 0
  silent_err
  holds bash -c 'head -1 "$0" | grep -q "^example: xpuq-"' "$WORK/.out"
  holds bash -c 'sed -n 2p "$0" | grep -q "^example: xpuq-"' "$WORK/.out"
  width 80 "$WORK/.out"
  out "usage: xpuq-$command"
  out "--json[=FILE]"

  name "$command: no operand gives the synopsis on stderr"
  run "xpuq-$command"
  status 2
  silent_out
  err "xpuq-$command: error E202"
  err "usage: xpuq-$command"

  name "$command: --version"
  run "xpuq-$command" --version
  status 0
  out "xpuq-$command 0."
  silent_err
done

name "run: -h is --help"
run xpuq-run -h
status 0
out "usage: xpuq-run"

name "help beside a wrong option is still help"
run xpuq-run --nonsense --help
status 0
out "usage: xpuq-run"

for topic in preprocessing operators profile artifact targets report exit-codes environment; do
  name "help topic $topic"
  run xpuq-run --help "$topic"
  status 0
  width 80 "$WORK/.out"
  holds grep -q . "$WORK/.out"
done

name "help topic with an equals sign"
run xpuq-compile --help=exit-codes
status 0
out "130  interrupted by SIGINT"

name "help topic that does not exist"
run xpuq-compile --help=exit-code
status 2
err "try: --help exit-codes"

name "version in JSON"
run xpuq-compile --version --json
status 0
out '"schema": "xpuq.compile/1"'
out '"artifact": "1"'

name "version -v tells what is read"
run xpuq-calibrate --version -v
status 0
out "ONNX opset 6 to"

name "version of xpuq-run names oneDNN"
run xpuq-run --version
out "(oneDNN "

name "unknown option: nearest name as suggestion"
run xpuq-run a.xpuq --labls x
status 2
err "xpuq-run: error E201: --labls: unknown option"
err "  try: --labels"

name "unknown option with a value"
run xpuq-compile m.onnx --presicion=int8
status 2
err "E201: --presicion: unknown option"
err "try: --precision"

name "unknown short option"
run xpuq-run a.xpuq -z
status 2
err "E201: -z"

name "option names are never abbreviated"
run xpuq-compile m.onnx --prec int8
status 2
err "E201: --prec"

name "a word outside a closed list: the list, and the nearest"
run xpuq-compile m.onnx --act-scheme symetric
status 2
err "xpuq-compile: error E203: --act-scheme: unknown value 'symetric'"
err "  expected: asymmetric, symmetric"
err "  try: --act-scheme symmetric"

name "a missing value at the end"
run xpuq-compile m.onnx -o
status 2
err "E202: --output: needs a value"

name "an option in the place of a value"
run xpuq-compile m.onnx -o --strict
status 2
err "E202: --output: needs a value"
err "got: the option --strict"

name "an empty value"
run xpuq-compile --profile= m.onnx
status 2
err "E202: --profile: needs a value"

name "a value for a flag"
run xpuq-compile m.onnx --strict=maybe
status 2
err "E203: --strict: takes no value"

name "last one wins for single values"
run xpuq-calibrate --select nonsense --select first missing.onnx d
status 2
err "E203: --select"

name "-- ends options"
run xpuq-run -- --info
status 2
err "E204: --info"

name "--json on a usage error"
run xpuq-compile --json --nonsense
status 2
out '"status": "failed"'
out '"exit_code": 2'
out '"code": "E201"'
out '"result": {}'
err "error E201"

name "--json=FILE on a missing model: the human result stays on stdout"
run xpuq-compile missing.onnx --precision f32 --json=fail.json
status 2
silent_out
holds grep -qF '"code": "E204"' fail.json
holds grep -qF '"file": "missing.onnx"' fail.json

name "--json never takes the next word"
run xpuq-compile --json missing.onnx --precision f32
status 2
out '"file": "missing.onnx"'

name "@FILE inserts arguments"
printf '# a comment\n\n--precision\n  f32  \nmissing.onnx\n' >args.txt
run xpuq-compile @args.txt
status 2
err "E204: missing.onnx"

name "@FILE that does not exist"
run xpuq-compile @nowhere.txt
status 2
err "E204: nowhere.txt"

name "@FILE that names itself"
echo '@self.txt' >self.txt
run xpuq-compile @self.txt
status 2
err "E203: @self.txt"

name "--threads 0"
run xpuq-compile m.onnx --threads 0
status 2
err "E203: --threads"

name "XPUQ_THREADS that is no number"
run env XPUQ_THREADS=many xpuq-compile m.onnx
status 2
err "E203: XPUQ_THREADS"

name "an option wins over its variable"
run env XPUQ_THREADS=many xpuq-compile -j 1 missing.onnx --precision f32
status 2
err "E204: missing.onnx"

name "XPUQ_PROGRESS of a wrong word"
run env XPUQ_PROGRESS=barr xpuq-compile m.onnx
status 2
err "try: XPUQ_PROGRESS bar"

name "--quiet with --verbose"
run xpuq-compile -q -v m.onnx
status 2
err "E205: --verbose: cannot be combined with --quiet"

name "colour only where asked for"
run xpuq-compile --nonsense
holds not grep -q $'\x1b' "$WORK/.err"

name "colour when asked for"
run xpuq-compile missing.onnx --precision f32 --color always
status 2
holds grep -q $'\x1b' "$WORK/.err"

name "--completion bash is a script that bash takes"
run xpuq-run --completion bash
status 0
holds bash -n "$WORK/.out"
out "--max-latency"

name "--list-passes"
run xpuq-compile --list-passes
status 0
out "fold-batchnorm"
out "normalize"

name "standard output that cannot be written"
run bash -c 'xpuq-compile --list-passes >/dev/full'
status 1
err "E101: standard output"

name "a closed pipe ends the command quietly"
run bash -c 'set -o pipefail; xpuq-compile --help | true; xpuq-run --help profile | head -1'
silent_err

name "--json=FILE that cannot be written"
run xpuq-compile --list-passes --json=nowhere/x.json
status 1
out "fold-batchnorm"
err "E101: nowhere/x.json"
no_leftovers

name "a JSON document is one document"
run xpuq-compile --list-passes --json
status 0
holds bash -c 'head -1 "$0" | grep -qx "{" && tail -1 "$0" | grep -qx "}"' "$WORK/.out"
