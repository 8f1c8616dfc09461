#!/bin/bash
# run_completion_tests.sh BIN_DIR: completes command lines in bash, zsh and fish as the shells do it; the latter two where
# they are installed.
set -u
BIN=$(cd "$1" && pwd) || exit 2
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODEL=$HERE/../../models/digits/digits.pt2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export PATH=$BIN:$PATH
cd "$WORK" || exit 2
touch one.pt2 two.png
failed=0 checked=0

# expect SHELL LINE WORD...: the words are among the candidates for the end of the line.  reject: none of them is.
expect() {
  local shell=$1 line=$2 got
  shift 2
  got=$("in_$shell" "$line" 2>&1)
  for word; do
    checked=$((checked + 1))
    grep -qxF -e "$word" <<<"$got" || { failed=1; printf '%s: "%s" does not offer %s, but:\n%s\n' "$shell" "$line" "$word" "$(head -5 <<<"$got")"; }
  done
}
reject() {
  local shell=$1 line=$2 word=$3
  checked=$((checked + 1))
  ! "in_$shell" "$line" 2>&1 | grep -qxF -e "$word" || { failed=1; echo "$shell: \"$line\" offers $word"; }
}

in_bash() {
  bash -c '
    source <(xpuq-calibrate --completion bash) && source <(xpuq-compile --completion bash) && source <(xpuq-run --completion bash) || exit 1
    # As readline splits: = is a word of its own.
    read -ra COMP_WORDS <<<"${1//=/ = }"
    [[ $1 == *[\ =] ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
    "_${COMP_WORDS[0]//-/_}"
    printf "%s\n" "${COMPREPLY[@]}"' _ "$1"
}

in_fish() {
  fish --no-config -c '
    for c in xpuq-calibrate xpuq-compile xpuq-run; $c --completion fish | source; end
    complete -C $argv[1]' "$1" | cut -f1
}

# A line is typed into an interactive zsh; compadd tells what it is given.
in_zsh() {
  for c in calibrate compile run; do xpuq-$c --completion zsh >"_xpuq-$c"; done
  zsh -f -c '
    zmodload zsh/zpty
    zpty shell zsh -f -i
    line() { zpty -w shell "$1" }
    line "PS1= PS2= RPS1=; unsetopt zle_bracketed_paste 2>/dev/null; stty columns 200 2>/dev/null"
    line "autoload -Uz compinit; compinit -u -D; for c in calibrate compile run; do source ./_xpuq-\$c; done"
    line "compadd() { local -a found; builtin compadd -O found \"\$@\"; print -rl -- \$found >>$PWD/found; builtin compadd \"\$@\" }"
    line "finish() { print done >>$PWD/found }; zle -C try complete-word tryit; tryit() { _main_complete; }; zle -N finish; bindkey \"^I\" try; bindkey \"^X\" finish"
    line "print ready >>$PWD/ready"
    for i in {1..200}; do [[ -s ready ]] && break; zpty -rt shell x; sleep 0.05; done
    zpty -wn shell "$1"$'"'\t\x18'"'
    for i in {1..200}; do grep -qx done found 2>/dev/null && break; zpty -rt shell x; sleep 0.05; done
    zpty -d shell' _ "$1" >/dev/null 2>&1
  cat found 2>/dev/null
  rm -f found ready
}

for shell in bash fish zsh; do
  command -v $shell >/dev/null || { echo "skipped: $shell is not installed"; continue; }
  expect $shell "xpuq-run --max-l" --max-latency
  expect $shell "xpuq-calibrate --preset " imagenet unit
  expect $shell "xpuq-calibrate --method " histogram entropy
  expect $shell "xpuq-compile --act-scheme s" symmetric
  expect $shell "xpuq-compile $MODEL --exclude " stem.0 head
  reject $shell "xpuq-compile --act-scheme " one.pt2
done
expect bash "xpuq-compile --exclude-type=lin" linear
expect bash "xpuq-compile --target dg2,b5" dg2,b580
expect bash "xpuq-run --profile=tw" two.png
expect bash "xpuq-compile on" one.pt2
reject bash "xpuq-run --device " one.pt2
echo "completion: $checked checks$([ $failed = 0 ] || echo ', some failed')"
exit $failed
