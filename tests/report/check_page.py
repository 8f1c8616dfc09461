#!/usr/bin/env python3
"""Opens quantization reports in a headless Chromium, wide and narrow, light and dark, and checks what is drawn.

    check_page.py --make BIN_DIR             makes the report of the shipped digits model and checks it
    check_page.py [--shots DIR] REPORT...    checks these; DIR gets REPORT-WIDTH-SCHEME.png

Checks: nothing leaves the window sideways, no text lies on other text, nothing is cut (layout.js), with details closed
and open; sorting, filter, links and keys work; nothing is fetched, no script error, no violation of the page's policy;
without scripts the whole table is there. Exit 1 if something is wrong; says so and exits 0 where there is no Chromium.
"""
import argparse
import base64
import pathlib
import subprocess
import sys
import tempfile

import browser as chromium

HERE = pathlib.Path(__file__).resolve().parent
LAYOUT = (HERE / "layout.js").read_text()
SIZES = ((1280, 900), (390, 844))
VISIBLE = "[...document.querySelectorAll('#layers > tbody')].filter((t) => !t.hidden)"
DETAILS = "[...document.querySelectorAll('.detail')].filter((d) => d.checkVisibility()).length"


def make_digits(binaries, folder):
    digits = HERE.parent.parent / "models" / "digits"
    profile, report = folder / "digits.xcal", folder / "digits.html"
    for command in (["xpuq-calibrate", digits / "digits.onnx", digits / "calib", "--preset", "unit", "-q", "--sqnr", "-o", profile],
                    ["xpuq-compile", digits / "digits.onnx", "-p", profile, "-q", "-o", folder / "digits.xpuq", "--report", report]):
        subprocess.run([binaries / command[0], *command[1:]], check=True, stdout=subprocess.DEVNULL)
    return report


def events_of_trouble(page, report):
    for event in page.events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent" and parameters["request"]["url"] != report.as_uri():
            yield "fetches " + parameters["request"]["url"]
        if method == "Runtime.exceptionThrown":
            yield "script: " + parameters["exceptionDetails"]["text"]
        if method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            yield "console: " + parameters["entry"]["text"]


def shot(page, path, whole=False):
    path.write_bytes(base64.b64decode(page.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]))


def check_behaviour(page, layers):
    """What a reader does; starts and ends with a fresh order of the table."""
    def expect(script, wanted):
        got = page.evaluate(script)
        if got != wanted:
            yield f"{script} is {got!r}, not {wanted!r}"

    yield from expect(VISIBLE + ".length", layers)
    yield from expect(DETAILS, 0)
    yield from expect("document.querySelectorAll('#layers thead [aria-sort=ascending]').length", 1)
    # A row opens and closes by key.
    page.evaluate("document.querySelector('#layers tbody button').focus()")
    page.press("Enter", 13)
    yield from expect(DETAILS, 1)
    yield from expect("document.activeElement.getAttribute('aria-expanded')", "true")
    page.press("Enter", 13)
    yield from expect(DETAILS, 0)
    # Sorting by number, both ways.
    order = "[...document.querySelectorAll('#layers > tbody')].map((t) => +t.id.slice(6))"
    page.evaluate("document.querySelector('[data-key=index] button').focus()")
    seen = set()
    for _ in range(2):
        page.press("Enter", 13)
        direction = page.evaluate("document.querySelector('#layers [aria-sort]').getAttribute('aria-sort')")
        numbers = page.evaluate(order)
        if numbers != sorted(numbers, reverse=direction == "descending"):
            yield f"sorted by number, {direction}: {numbers}"
        seen.add(direction)
    if seen != {"ascending", "descending"}:
        yield f"sorts only {seen}"
    # The filter, and a link that leads to what it hides.
    page.evaluate("const f = document.getElementById('filter'); f.value = 'no such layer'; f.dispatchEvent(new Event('input'))")
    yield from expect(VISIBLE + ".length", 0)
    page.evaluate("document.querySelector('.flow a').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    yield from expect(VISIBLE + ".length", layers)
    yield from expect(DETAILS, 1)


def check_report(page, report, shots):
    problems = []
    for width, height in SIZES:
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        for scheme in ("light", "dark"):
            page.call("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])
            page.open(report.as_uri())
            where = f"{report.name} {width} {scheme}: "
            problems += [where + p for p in page.evaluate(LAYOUT)]
            if shots:
                shot(page, shots / f"{report.stem}-{width}-{scheme}.png")
            page.evaluate("document.getElementById('open-all').click()")
            problems += [where + "open: " + p for p in page.evaluate(LAYOUT)]
            if shots:
                page.evaluate("document.getElementById('open-all').click(); document.querySelector('#layers tbody button').click(); document.getElementById('layers-title').scrollIntoView()")
                shot(page, shots / f"{report.stem}-{width}-{scheme}-layers.png")
            problems += [where + p for p in events_of_trouble(page, report)]
    page.open(report.as_uri())
    layers = page.evaluate("JSON.parse(document.getElementById('report').textContent).layers.length")
    problems += [f"{report.name}: {p}" for p in check_behaviour(page, layers)]
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(report.as_uri())
    if page.evaluate(DETAILS) != layers:
        problems.append(f"{report.name}: without scripts not every detail is shown")
    problems += [f"{report.name} without scripts: {p}" for p in page.evaluate(LAYOUT)]
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    page.call("Emulation.setEmulatedMedia", media="print")
    page.call("Emulation.setDeviceMetricsOverride", width=718, height=1047, deviceScaleFactor=1, mobile=False)  # A4 within margins of 1 cm
    problems += [f"{report.name} in print: {p}" for p in page.evaluate(LAYOUT)]
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--make", type=pathlib.Path, metavar="BIN_DIR")
    parser.add_argument("--shots", type=pathlib.Path, metavar="DIR")
    parser.add_argument("reports", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    program = chromium.find()
    if not program:
        print("report page: skipped, there is no Chromium here; to run it: apt-get install --no-install-recommends chromium (Debian, 200 MB; tools/setup.sh leaves it to you)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        reports = [r.resolve(strict=True) for r in options.reports]
        if options.make:
            reports.append(make_digits(options.make, pathlib.Path(folder)))
        page = chromium.Browser(program)
        try:
            problems = [p for report in reports for p in check_report(page, report, options.shots)]
        finally:
            page.close()
    print("\n".join(problems) or f"report page: {len(reports)} checked, fine")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
