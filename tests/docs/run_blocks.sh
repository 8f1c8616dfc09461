#!/bin/bash
# run_blocks.sh BIN_DIR SOURCE_DIR FILE...: runs what the documents tell people to type, each document in a temporary
# folder that looks like the repository's root.
#   .md    fenced blocks: ```sh is run, ```sh needs-... is listed as skipped, other languages are no commands
#   .txt   manuals: the indented lines of EXAMPLES
set -u
BIN=$(cd "$1" && pwd) || exit 2
SOURCE=$2
shift 2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
unset XPUQ_DEVICE XPUQ_LOG XPUQ_PROGRESS
export PATH=$BIN:$PATH XPUQ_THREADS=1 XPUQ_CACHE_DIR=$WORK/cache LC_ALL=C TERM=dumb
ran=0 skipped=0 failed=0

# blocks FILE FOLDER: one file LINE.block a block; its first line is the word behind ```.
blocks() {
  case $1 in
    *.md) awk -v out="$2" '
      /^```/ && !inside { inside = 1; file = sprintf("%s/%05d.block", out, NR); print substr($0, 4) > file; next }
      /^```/ { inside = 0; close(file); next }
      inside { print > file }' "$1" ;;
    *.txt) awk -v out="$2" '
      /^# / { examples = $0 == "# EXAMPLES" }
      examples && /^    / { if (!file) { file = sprintf("%s/%05d.block", out, NR); print "sh" > file } print substr($0, 5) > file; next }
      { file = "" }' "$1" ;;
  esac
}

for document in "$@"; do
  name=${document#"$SOURCE"/}
  folder=$(mktemp -d -p "$WORK") root=$(mktemp -d -p "$WORK")
  ln -s "$SOURCE/models" "$SOURCE/tests" "$SOURCE/examples" "$root/"
  blocks "$document" "$folder"
  for block in "$folder"/*.block; do
    [ -e "$block" ] || continue
    line=${block##*/} line=${line%.block}
    kind=$(head -n 1 "$block")
    case $kind in
      sh)
        ran=$((ran + 1))
        if ! (cd "$root" && tail -n +2 "$block" | bash -eu >"$WORK/log" 2>&1); then
          failed=$((failed + 1))
          echo "FAILED  $name:$((10#$line))"
          tail -n +2 "$block" | sed 's/^/  | /'
          tail -n 8 "$WORK/log" | sed 's/^/  > /'
        fi ;;
      sh\ needs-*) skipped=$((skipped + 1)); echo "skipped: $name:$((10#$line)) ${kind#sh }" ;;
      "") failed=$((failed + 1)); echo "FAILED  $name:$((10#$line)): the block does not say what it is: sh, sh needs-..., text, ..." ;;
    esac
  done
done
echo "docs: $ran blocks run, $skipped skipped, $failed failed"
[ $failed = 0 ] && [ $ran -gt 0 ]
