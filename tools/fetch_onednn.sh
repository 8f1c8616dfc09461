#!/usr/bin/env bash
# fetch_onednn.sh DIR: oneDNN 3.2 (OpenMP, CPU) from its two PyPI wheels, pinned by version and hash, as DIR/include,
# DIR/lib and the licences that travel with the library, DIR/doc. The wheels' own CMake files are of no use and are left out.
set -euo pipefail
[ $# = 1 ] || { echo "usage: fetch_onednn.sh DIR" >&2; exit 2; }
dir=$1
version=2023.2.0
stamp="$dir/.version"
[ "$(cat "$stamp" 2>/dev/null)" = "$version" ] && [ -e "$dir/doc/LICENSE" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/requirements.txt" <<R
onednn-devel-cpu-gomp==$version --hash=sha256:9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284
onednn-cpu-gomp==$version --hash=sha256:2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb
R
echo "setup: fetching oneDNN $version" >&2
python3 -m pip download -q --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -d "$work" -r "$work/requirements.txt" || {
  echo "setup: error: oneDNN's wheels could not be fetched" >&2
  echo "  try: python3 -m pip download onednn-devel-cpu-gomp==$version, to see why" >&2
  exit 1
}
mkdir -p "$dir"
python3 - "$work" "$dir" <<'P'
import pathlib, sys, zipfile
work, dest = map(pathlib.Path, sys.argv[1:])
for wheel in work.glob("*.whl"):
    with zipfile.ZipFile(wheel) as z:
        for name in z.namelist():
            # <package>.data/data/{include,lib,share}/...; one of the three equal copies of the library is enough.
            path = name.partition("/data/")[2].replace("share/doc/onednn/", "doc/")
            keep = path.startswith("include/") or path in ("lib/libdnnl.so.3", "doc/LICENSE", "doc/THIRD-PARTY-PROGRAMS")
            if keep and not name.endswith("/"):
                out = dest / path
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_bytes(z.read(name))
P
echo "$version" >"$stamp"
