# The words that the cases are written in:
#   name TEXT            begins a case
#   run COMMAND...       keeps its exit status, standard output and standard error
#   status N             the exit status must be N
#   out TEXT, err TEXT   the stream must hold the text (a fixed string)
#   no_out TEXT, no_err TEXT, silent_err, silent_out
#   holds CONDITION...   a command that must succeed (test -f FILE)
CASES=0 FAILED=0 CASE= BROKEN= SKIP=1 STATUS=0

name() {
  end_case
  CASE=$1 BROKEN= SKIP=0
  case $CASE in $ONLY) CASES=$((CASES + 1)) ;; *) SKIP=1 ;; esac
}
end_case() {
  if [ -n "$BROKEN" ]; then
    FAILED=$((FAILED + 1))
    printf 'FAILED  %s\n%b' "$CASE" "$BROKEN"
    printf '  command: %s\n  status: %s\n' "$COMMAND" "$STATUS"
    head -c 1500 "$WORK/.out" | sed 's/^/  out| /'
    head -c 1500 "$WORK/.err" | sed 's/^/  err| /'
    printf '\n'
  fi
  BROKEN=
}
broken() { BROKEN+="  $1\n"; }

run() {
  [ $SKIP = 1 ] && return
  COMMAND=$*
  "$@" >"$WORK/.out" 2>"$WORK/.err" </dev/null
  STATUS=$?
}
status() { [ $SKIP = 1 ] || [ "$STATUS" = "$1" ] || broken "status $STATUS, not $1"; }
out() { [ $SKIP = 1 ] || grep -qF -e "$1" "$WORK/.out" || broken "stdout lacks: $1"; }
err() { [ $SKIP = 1 ] || grep -qF -e "$1" "$WORK/.err" || broken "stderr lacks: $1"; }
no_out() { [ $SKIP = 1 ] || ! grep -qF -e "$1" "$WORK/.out" || broken "stdout holds: $1"; }
no_err() { [ $SKIP = 1 ] || ! grep -qF -e "$1" "$WORK/.err" || broken "stderr holds: $1"; }
silent_out() { [ $SKIP = 1 ] || [ ! -s "$WORK/.out" ] || broken "stdout is not empty"; }
silent_err() { [ $SKIP = 1 ] || [ ! -s "$WORK/.err" ] || broken "stderr is not empty"; }
holds() { [ $SKIP = 1 ] || "$@" 2>/dev/null || broken "does not hold: $*"; }
not() { ! "$@"; }
# lines N FILE, width N FILE: its number of lines, its longest line is at most N columns.
lines() { holds test "$(wc -l 2>/dev/null <"$2")" = "$1"; }
width() { holds test "$(wc -L 2>/dev/null <"$2")" -le "$1"; }

# No half file under any name, and no temporary beside it.
no_leftovers() { [ $SKIP = 1 ] || [ -z "$(find "$WORK" -name '*.tmp-*')" ] || broken "a temporary file was left: $(find "$WORK" -name '*.tmp-*')"; }

finish() {
  end_case
  echo "$((CASES - FAILED)) of $CASES cases passed"
  [ "$FAILED" = 0 ] && [ "$CASES" -gt 0 ]
  exit
}
