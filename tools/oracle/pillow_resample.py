#!/usr/bin/env python3
"""Writes tests/fixtures/pillow: source pictures and what Pillow 13 + torchvision arithmetic make of them.

Run with a Python that has Pillow 13 and numpy:  python tools/oracle/pillow_resample.py
Everything is seeded, so a second run rewrites the same bytes (as long as the encoders inside Pillow stay the same).

cases.json:
  decode  [{file, mode, exif, depth16, width, height, sha256}]     mode "rgb" or "gray"; interleaved bytes
  resize  [{file, mode, width, height, interp, order, sha256}]     order "horizontal" is made of two one-axis calls
  preset  [{file, options{}, shape, sha256, values[[index, value]]}]  little-endian binary32 tensor, batch of one
"""
import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

assert PIL.__version__.split(".")[0] == "13", "the pass-order rule under test is that of Pillow 13"
OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/fixtures/pillow"
FILTERS = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
RNG = np.random.default_rng(20240607)


def noise(height, width, channels):
    """Full-range noise: the hardest input for rounding, and it makes bicubic overshoot and clamp."""
    return RNG.integers(0, 256, (height, width, channels), dtype=np.uint8)


def smooth(height, width):
    """A gradient with edges, so that JPEG files stay small and chroma subsampling matters."""
    y, x = np.mgrid[0:height, 0:width]
    r = (x * 255 // max(width - 1, 1)) ^ ((y // 7 % 2) * 60)
    g = y * 255 // max(height - 1, 1)
    b = (x * y) % 256
    return np.stack([r, g, b], axis=2).astype(np.uint8)


def chunk(tag, payload):
    return struct.pack(">I", len(payload)) + tag + payload + struct.pack(">I", zlib.crc32(tag + payload))


def png(width, height, depth, color, raw_rows, interlace=0, extra=b""):
    """A PNG by hand, for what Pillow does not write: 16-bit colour, 2 and 4-bit gray, Adam7."""
    ihdr = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + extra + chunk(b"IDAT", zlib.compress(raw_rows, 9))
            + chunk(b"IEND", b""))


def rows(array2d_bytes):
    return b"".join(b"\0" + r.tobytes() for r in array2d_bytes)


def adam7(image):
    """Filter-0 rows of the seven passes of an HxWx3 picture."""
    out = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = image[y0::dy, x0::dx]
        if part.size:
            out += rows(np.ascontiguousarray(part).reshape(part.shape[0], -1))
    return out


def packed(levels, bits):
    """Rows of `bits`-wide samples packed into bytes, most significant first."""
    per_byte = 8 // bits
    height, width = levels.shape
    padded = np.zeros((height, -(-width // per_byte) * per_byte), np.uint8)
    padded[:, :width] = levels
    out = np.zeros((height, padded.shape[1] // per_byte), np.uint8)
    for i in range(per_byte):
        out |= padded[:, i::per_byte] << (8 - bits * (i + 1))
    return out


def write_sources():
    def save(name, picture, **options):
        buffer = io.BytesIO()
        picture.save(buffer, **options)
        (OUT / name).write_bytes(buffer.getvalue())

    rgb = Image.fromarray
    save("noise_61x43.png", rgb(noise(43, 61, 3)), format="PNG", optimize=True)
    save("noise_tall_13x157.png", rgb(noise(157, 13, 3)), format="PNG", optimize=True)
    save("noise_wide_151x11.png", rgb(noise(11, 151, 3)), format="PNG", optimize=True)
    save("noise_gray_37x53.png", Image.fromarray(noise(53, 37, 1)[:, :, 0]), format="PNG", optimize=True)
    save("one_1x1.png", rgb(noise(1, 1, 3)), format="PNG")

    picture = rgb(smooth(67, 93))
    for name, options in {"jpeg_420.jpg": {"subsampling": "4:2:0"}, "jpeg_422.jpg": {"subsampling": "4:2:2"},
                          "jpeg_444.jpg": {"subsampling": "4:4:4"},
                          "jpeg_progressive.jpg": {"progressive": True, "subsampling": "4:2:0"},
                          "jpeg_restart.jpg": {"restart_marker_blocks": 2, "subsampling": "4:2:0"},
                          "jpeg_rgb.jpg": {"keep_rgb": True}}.items():
        save(name, picture, format="JPEG", quality=77, **options)
    save("jpeg_gray.jpg", picture.convert("L"), format="JPEG", quality=77)
    save("jpeg_cmyk.jpg", rgb(noise(20, 24, 3)).convert("CMYK"), format="JPEG", quality=88)
    cmyk = Image.merge("CMYK", [Image.fromarray(noise(20, 24, 1)[:, :, 0]) for _ in range(4)])
    save("jpeg_cmyk_noise.jpg", cmyk, format="JPEG", quality=95)
    small = rgb(smooth(19, 29))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"exif_{orientation}.jpg", small, format="JPEG", quality=80, exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    save("exif_6.png", small, format="PNG", exif=exif)

    save("png_palette.png", rgb(smooth(31, 45)).quantize(200), format="PNG")
    save("png_palette4.png", rgb(smooth(31, 45)).quantize(13), format="PNG", bits=4)
    transparent = rgb(smooth(31, 45)).quantize(60)
    save("png_palette_trns.png", transparent, format="PNG", transparency=bytes(range(0, 60)))
    save("png_rgba.png", Image.fromarray(noise(17, 21, 4)), format="PNG")
    save("png_la.png", Image.fromarray(noise(17, 21, 4)).convert("LA"), format="PNG")
    save("png_bilevel.png", Image.fromarray(noise(17, 21, 1)[:, :, 0]).convert("1"), format="PNG")
    (OUT / "png_gray2.png").write_bytes(png(21, 17, 2, 0, rows(packed(noise(17, 21, 1)[:, :, 0] >> 6, 2))))
    (OUT / "png_gray4.png").write_bytes(png(21, 17, 4, 0, rows(packed(noise(17, 21, 1)[:, :, 0] >> 4, 4))))
    (OUT / "png_adam7.png").write_bytes(png(27, 19, 8, 2, adam7(noise(19, 27, 3)), interlace=1))
    rgb16 = RNG.integers(0, 65536, (17, 21 * 3), dtype=np.uint16).astype(">u2")
    (OUT / "png_rgb16.png").write_bytes(png(21, 17, 16, 2, rows(rgb16)))
    gray16 = RNG.integers(0, 600, (17, 21), dtype=np.uint16).astype(">u2")
    (OUT / "png_gray16.png").write_bytes(png(21, 17, 16, 0, rows(gray16)))
    trns = chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))
    (OUT / "png_rgb_trns.png").write_bytes(png(21, 17, 8, 2, rows(noise(17, 21, 3).reshape(17, -1)), extra=trns))

    save("bmp_24.bmp", rgb(noise(13, 23, 3)), format="BMP")
    save("bmp_32.bmp", Image.fromarray(noise(13, 23, 4)), format="BMP")
    save("bmp_palette.bmp", rgb(smooth(13, 23)).quantize(90), format="BMP")
    save("bmp_gray.bmp", Image.fromarray(noise(13, 23, 1)[:, :, 0]), format="BMP")
    save("bmp_bilevel.bmp", Image.fromarray(noise(13, 23, 1)[:, :, 0]).convert("1"), format="BMP")
    save("pnm_color.ppm", rgb(noise(13, 23, 3)), format="PPM")
    save("pnm_gray.pgm", Image.fromarray(noise(13, 23, 1)[:, :, 0]), format="PPM")
    (OUT / "pnm_ascii.ppm").write_bytes(b"P3 # a comment\n3 2\n# another\n255\n" +
                                        b" ".join(str(v).encode() for v in noise(2, 3, 3).reshape(-1)) + b"\n")
    low = noise(13, 23, 1)[:, :, 0] % 101
    (OUT / "pnm_max100.pgm").write_bytes(b"P5\n23 13\n100\n" + low.tobytes())
    (OUT / "pnm_gray16.pgm").write_bytes(b"P5\n21 17\n65535\n" + gray16.tobytes())
    # 16 bits a pixel, 5-5-5, bottom-up, rows padded to 4 bytes.
    pixels = RNG.integers(0, 32768, (7, 5), dtype=np.uint16)
    body = b"".join(r.tobytes() + b"\0\0" for r in pixels)
    (OUT / "bmp_555.bmp").write_bytes(b"BM" + struct.pack("<IHHI", 54 + len(body), 0, 0, 54) +
                                      struct.pack("<IiiHHIIiiII", 40, 5, 7, 1, 16, 0, len(body), 0, 0, 0, 0) + body)


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def load(name, mode="rgb", exif=False):
    picture = Image.open(OUT / name)
    if exif:
        picture = ImageOps.exif_transpose(picture)
    return picture.convert("RGB" if mode == "rgb" else "L")


def decode_cases():
    out = []
    for path in sorted(OUT.glob("*.*")):
        name = path.name
        if path.suffix == ".json":
            continue
        depths = {"png_rgb16.png": "high", "png_gray16.png": "clamp", "pnm_gray16.pgm": "clamp"}
        for mode in ("rgb", "gray"):
            if name in depths and depths[name] == "clamp" and mode == "rgb":
                continue  # Pillow has no direct 16-bit gray to RGB
            for exif in ((False, True) if name.startswith("exif_") else (False,)):
                picture = load(name, mode, exif)
                out.append({"file": name, "mode": mode, "exif": "apply" if exif else "ignore",
                            "depth16": depths.get(name, "stop"), "width": picture.width, "height": picture.height,
                            "sha256": sha(np.asarray(picture))})
    return out


def resize(picture, width, height, interp, order):
    if order == "horizontal" and interp != "nearest":
        return picture.resize((width, picture.height), FILTERS[interp]).resize((width, height), FILTERS[interp])
    return picture.resize((width, height), FILTERS[interp])


def resize_cases():
    out = []
    plan = {
        ("noise_61x43.png", "rgb"): [(61, 43), (1, 1), (7, 5), (32, 32), (60, 43), (61, 42), (61, 17), (17, 43), (123, 99),
                                     (31, 129), (200, 3), (2, 86), (59, 21), (61, 11), (58, 35), (57, 36)],
        ("noise_tall_13x157.png", "rgb"): [(13, 40), (5, 31), (12, 155), (11, 150), (16, 16), (64, 64), (3, 300), (13, 1)],
        ("noise_wide_151x11.png", "rgb"): [(33, 33), (11, 11), (150, 9), (150, 8), (77, 5), (301, 1), (1, 23)],
        ("noise_gray_37x53.png", "gray"): [(19, 27), (37, 1), (1, 53), (75, 107), (41, 23), (24, 24), (36, 50), (36, 51)],
        ("one_1x1.png", "rgb"): [(1, 1), (5, 3), (97, 1)],
    }
    for (name, mode), sizes in plan.items():
        picture = load(name, mode)
        for width, height in sizes:
            for interp in FILTERS:
                for order in ("pillow13", "horizontal"):
                    result = np.asarray(resize(picture, width, height, interp, order))
                    out.append({"file": name, "mode": mode, "width": width, "height": height, "interp": interp,
                                "order": order, "sha256": sha(result)})
    return out


def center_crop(array, width, height):
    """torchvision.transforms.functional.center_crop on a PIL image."""
    h, w = array.shape[:2]
    if width > w or height > h:
        left, right = (((width - w) // 2, (width - w + 1) // 2) if width > w else (0, 0))
        top, bottom = (((height - h) // 2, (height - h + 1) // 2) if height > h else (0, 0))
        array = np.pad(array, ((top, bottom), (left, right), (0, 0)))
        h, w = array.shape[:2]
    top, left = int(round((h - height) / 2.0)), int(round((w - width) / 2.0))
    return array[top:top + height, left:left + width]


def short_side(picture, size, interp="bilinear"):
    """torchvision.transforms.functional.resize(picture, size)."""
    w, h = picture.size
    short, long = (w, h) if w <= h else (h, w)
    new_short, new_long = size, int(size * long / short)
    w, h = (new_short, new_long) if w <= h else (new_long, new_short)
    return picture.resize((w, h), FILTERS[interp])


def letterbox(picture, width, height, pad):
    w, h = picture.size
    ratio = min(width / w, height / h)
    nw, nh = max(1, int(round(w * ratio))), max(1, int(round(h * ratio)))
    canvas = np.full((height, width, 3), pad, np.uint8)
    left, top = (width - nw) // 2, (height - nh) // 2
    canvas[top:top + nh, left:left + nw] = np.asarray(picture.resize((nw, nh), FILTERS["bilinear"]))
    return canvas


IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalise(array, mean, std, divisor=255.0, layout="nchw"):
    """ToTensor and Normalize: three binary32 roundings."""
    if array.ndim == 2:
        array = array[:, :, None]
    x = array.astype(np.float32) / np.float32(divisor)
    x = (x - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    assert x.dtype == np.float32
    return np.ascontiguousarray(x if layout == "nhwc" else x.transpose(2, 0, 1))[None]


def preset_cases():
    out = []

    def add(name, options, tensor):
        flat = tensor.reshape(-1)
        picks = [0, 1, flat.size // 3, flat.size // 2, flat.size - 1]
        out.append({"file": name, "options": options, "shape": list(tensor.shape), "sha256": sha(tensor),
                    "values": [[i, float(flat[i])] for i in picks]})

    for name in ("noise_61x43.png", "noise_tall_13x157.png", "noise_wide_151x11.png", "jpeg_420.jpg", "jpeg_progressive.jpg",
                 "png_palette.png", "jpeg_gray.jpg", "png_rgba.png"):
        picture = load(name)
        stretched = np.asarray(picture.resize((33, 35), FILTERS["bilinear"]))
        add(name, {"preset": "imagenet:32/37"},
            normalise(center_crop(np.asarray(short_side(picture, 37)), 32, 32), IMAGENET_MEAN, IMAGENET_STD))
        add(name, {"preset": "unit"}, normalise(stretched, (0,), (1,)))
        add(name, {"preset": "signed"}, normalise(stretched, (0.5,), (0.5,)))
        add(name, {"preset": "raw"}, normalise(stretched, (0,), (1,), divisor=1))
    picture = load("noise_61x43.png")
    add("jpeg_444.jpg", {"preset": "imagenet"},
        normalise(center_crop(np.asarray(short_side(load("jpeg_444.jpg"), 256)), 224, 224), IMAGENET_MEAN, IMAGENET_STD))
    add("noise_61x43.png", {"preset": "imagenet:64/40"},
        normalise(center_crop(np.asarray(short_side(picture, 40)), 64, 64), IMAGENET_MEAN, IMAGENET_STD))
    add("noise_61x43.png", {"preset": "imagenet:31/37", "interp": "bicubic", "layout": "nhwc"},
        normalise(center_crop(np.asarray(short_side(picture, 37, "bicubic")), 31, 31), IMAGENET_MEAN, IMAGENET_STD, layout="nhwc"))
    add("noise_61x43.png", {"preset": "imagenet:31/37", "channels": "bgr"},
        normalise(center_crop(np.asarray(short_side(picture, 37)), 31, 31)[:, :, ::-1], IMAGENET_MEAN[::-1], IMAGENET_STD[::-1]))
    add("noise_61x43.png", {"preset": "unit", "mean": "0.1307", "std": "0.3081"},
        normalise(np.asarray(load("noise_61x43.png", "gray").resize((28, 28), FILTERS["bilinear"])), (0.1307,), (0.3081,)))
    add("noise_61x43.png", {"preset": "unit", "fit": "letterbox"}, normalise(letterbox(picture, 65, 64, 114), (0,), (1,)))
    add("noise_tall_13x157.png", {"preset": "unit", "resize": "64", "fit": "letterbox", "pad_value": "7"},
        normalise(letterbox(load("noise_tall_13x157.png"), 64, 64, 7), (0,), (1,)))
    add("noise_61x43.png", {"preset": "raw", "mean": "123.675,116.28,103.53", "std": "58.395,57.12,57.375"},
        normalise(np.asarray(picture.resize((32, 32), FILTERS["bilinear"])), (123.675, 116.28, 103.53),
                  (58.395, 57.12, 57.375), divisor=1))
    return out


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    write_sources()
    sections = {"decode": decode_cases(), "resize": resize_cases(), "preset": preset_cases()}
    text = f'{{"pillow":"{PIL.__version__}",\n' + ",\n".join(f'"{k}":{lines(v)}' for k, v in sections.items()) + "}\n"
    (OUT / "cases.json").write_text(text)
    total = sum(p.stat().st_size for p in OUT.iterdir())
    print({k: len(v) for k, v in sections.items()}, "bytes in all:", total)
    assert total < 600_000


if __name__ == "__main__":
    main()
