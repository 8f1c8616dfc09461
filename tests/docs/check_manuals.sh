#!/bin/bash
# check_manuals.sh MAN_DIR: every page has its sections, and man and mandoc have nothing to say about it.
set -u
failed=0
wrong() { echo "manuals: $*" >&2; failed=1; }
for page in "$1"/man1/xpuq-{calibrate,compile,run}.1 "$1"/man5/xpuq-{profile,artifact}.5 "$1"/man7/xpuq-preprocessing.7; do
  sections="NAME DESCRIPTION EXAMPLES SEE_ALSO"
  [[ $page != *.1 ]] || sections="NAME SYNOPSIS DESCRIPTION OPTIONS OUTPUT EXIT_STATUS ENVIRONMENT FILES EXAMPLES SEE_ALSO"
  [ "$(sed -n 's/^\.SH //p' "$page" | tr ' ' _ | grep -xF "$(tr ' ' '\n' <<<"$sections")" | tr '\n' ' ')" = "$sections " ] || wrong "$page: sections missing or out of order, expected $sections"
  # Every option that --help shows is there.
  if [[ $page == *.1 ]] && command -v "$(basename "${page%.1}")" >/dev/null; then
    for option in $("$(basename "${page%.1}")" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'); do
      grep -qF -- "\\fB${option//-/\\-}\\fR" "$page" || wrong "$page lacks $option"
    done
  fi
  if command -v man >/dev/null; then
    words=$(MANWIDTH=80 LC_ALL=C.UTF-8 man -l --warnings "$page" 2>&1 >/dev/null)
    [ -z "$words" ] || wrong "man: $words"
  else
    echo "skipped: man is not installed"
  fi
  if command -v mandoc >/dev/null; then
    words=$(mandoc -Tlint -Wwarning "$page" 2>&1) || true
    [ -z "$words" ] || wrong "mandoc: $words"
  else
    echo "skipped: mandoc is not installed"
  fi
done
exit $failed
