# xpuq-opt: passes on text.
cat >relu.xir <<'TEXT'
graph (%x: f32[1,4]) {
  %a = relu(%x) : f32[1,4]  "a"
  %b = relu(%a) : f32[1,4]  "b"
  %dead = sigmoid(%x) : f32[1,4]  "dead"
  return %b
}
TEXT

name "opt: a pass by name"
run xpuq-opt --pass eliminate-dead-nodes relu.xir
status 0
out "%b = relu"
no_out "sigmoid"

name "opt: the graph from standard input"
run bash -c 'xpuq-opt --pass=eliminate-dead-nodes - <relu.xir'
status 0
no_out "sigmoid"

name "opt: no pass prints what was read"
run xpuq-opt relu.xir
status 0
out "sigmoid"

name "opt: an unknown pass"
run xpuq-opt --pass eliminate-dead-node relu.xir
status 2
err "try: --pass eliminate-dead-nodes"

name "opt: a broken text"
echo 'graph (%x: f32[1,4]) { %y = relu(' >broken.xir
run xpuq-opt broken.xir
status 3
err "E305: broken.xir"

name "opt: a model, up to a phase"
run xpuq-opt --stop-after prepare "$MODELS/digits.onnx"
status 0
out "observe("

name "opt: quantization with ranges"
run xpuq-opt --stop-after fuse --range -1:1 "$MODELS/digits.onnx"
status 0
out "s8["

name "opt: quantization without ranges"
run xpuq-opt --pass convert-quantize relu.xir
status 2
err "try: --range"

name "opt: a golden test that passes, one that differs, --update"
printf '// RUN: xpuq-opt --pass=eliminate-dead-nodes\n%s\n// -----\n' "$(cat relu.xir)" >golden.xir
run xpuq-opt --golden golden.xir
status 1
out "+ graph ("
err "E104: golden.xir"
run xpuq-opt --golden --update golden.xir
status 0
run xpuq-opt --golden golden.xir
status 0
out "1 of 1 golden tests passed"

name "opt: --update without --golden"
run xpuq-opt --update relu.xir
status 2
err "E205: --update"

name "opt: a file that is no golden test"
run xpuq-opt --golden relu.xir
status 3
err "is not a golden test"
