#!/bin/bash
# kill -9: the final names hold the old file, the new one or none, never a part; and the next run works.
#   run_kill_tests.sh BIN_DIR FAILING_CALLS.so [KILLS]
# Each of four commands is killed at its first KILLS (4) calls that bring a product to the disk, then all together KILLS
# times at moments spread evenly over their runs. The figures in docs/security.md: KILLS 240.
set -u
CALLS=$(realpath "$2") KILLS=${3:-4}
source "$(dirname "$0")/../support/workplace.sh"
RANDOM=20240601
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null && openssl pkey -in key.pem -pubout -out public.pem || exit 2

# words COMMAND FOLDER: the command with all that it can write, as a list that can be killed without a shell around it.
COMMANDS=(calibrate compile answer measure)
words() {
  case $1 in
    calibrate) WORDS=(xpuq-calibrate "$MODELS/digits.pt2" "$MODELS/calib" --preset unit -n 8 --force -o "$2/m.xcal") ;;
    compile) WORDS=(xpuq-compile "$MODELS/digits.pt2" -p good.xcal -o "$2/m.xpuq" --sign key.pem --report "$2/m.html" --export-qdq "$2/m.onnx") ;;
    answer) WORDS=(xpuq-run good.xpuq "$MODELS/test/3" -o "$2/m.npz") ;;
    measure) WORDS=(xpuq-run good.xpuq --duration 20ms --warmup 0ms --write-baseline "$2/m.json" --json="$2/all.json") ;;
  esac
  WORDS=("$BIN/${WORDS[0]}" "${WORDS[@]:1}" -q)
}

# whole COMMAND: every file under a final name in `after` is that of an undisturbed run. What holds times is JSON to its end.
halves=0
whole() {
  local file
  for file in after/*; do
    case $file in
      'after/*' | *.tmp-*) ;;
      *.json) [ "$(tail -c 2 "$file")" = "}" ] || { halves=$((halves + 1)); fail "$1" "half of $file"; } ;;
      *) cmp -s "$file" "before/${file#after/}" || { halves=$((halves + 1)); fail "$1" "half of $file"; } ;;
    esac
  done
}

mkdir before after
declare -A took
for command in "${COMMANDS[@]}"; do
  words $command before
  begin=${EPOCHREALTIME/./}
  "${WORDS[@]}" >out 2>err || fail "$command" "$(head -c 300 err)"
  took[$command]=$((${EPOCHREALTIME/./} - begin))
done

# --- at each call
at_calls=0
for command in "${COMMANDS[@]}"; do
  words $command after
  status=137
  for ((call = 1; call <= KILLS && status == 137; call++)); do
    FAULT=kill FAULT_CALL=$call LD_PRELOAD=$CALLS "${WORDS[@]}" >out 2>err
    status=$?
    whole "$command at call $call"
    [ $status = 0 ] || at_calls=$((at_calls + 1))
  done 2>/dev/null
  [ $status = 137 ] || [ $status = 0 ] && [ $call -gt 4 ] && passed=$((passed + 1)) || fail "$command" "exit $status at call $((call - 1))"
done
left=$(find after -name '*.tmp-*' | wc -l)

# --- at any moment
killed=0 tried=0
while [ $killed -lt "$KILLS" ] && [ $tried -lt $((KILLS * 4)) ]; do
  command=${COMMANDS[tried++ % ${#COMMANDS[@]}]}
  [ $((RANDOM % 4)) != 0 ] || rm -f after/*
  words $command after
  "${WORDS[@]}" >out 2>err &
  job=$!
  sleep "$(printf '0.%06d' $(((RANDOM << 15 | RANDOM) % took[$command] % 1000000)))"
  kill -9 $job; wait $job
  [ $? != 137 ] || killed=$((killed + 1))
  whole "$command at some moment"
done 2>/dev/null
[ $killed = "$KILLS" ] && passed=$((passed + 1)) || fail "kills" "only $killed of $tried runs"

# --- the run after it. A signature of an artifact that is gone refuses the new one.
for command in "${COMMANDS[@]}"; do
  words $command after
  "${WORDS[@]}" >out 2>err && passed=$((passed + 1)) || fail "$command afterwards" "$(head -c 300 err)"
done
whole afterwards
"$BIN/xpuq-run" after/m.xpuq --info --require-signature public.pem >out 2>err && passed=$((passed + 1)) || fail "signature" "$(head -c 300 err)"
echo "killed at $at_calls calls and $killed moments: $halves half files; $left temporary files left by the calls"
summary "checks"
