"""What a built report weighs: megabytes by kind of file, each page with all that it loads, and when it can be used.

    python -m benchmarks.weight _build/html [--open]

With `--open` every chapter, the cover and the page of search are opened in Chromium from the disk, alone and without a
cache. Told is when the page was interactive: its content there, its scripts run, and the last task over that kept it
busy for 50 milliseconds or longer; how long it then took until the first key was heard; both in milliseconds. And how
long it is on a phone, folded as it is there, in pixels. The first of these grow with what else the machine does; beside
them stands what the page's own thread had to compute until it was loaded, which does not.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_ASKED = re.compile(r'<link[^>]*rel="stylesheet"[^>]*href="([^"?]+)|<link[^>]*href="([^"?]+\.css)|'
                    r'<script[^>]*src="([^"?]+)|<img[^>]*src="([^"?:]+)')  # fmt: skip
_WATCH = """
window.busyUntil = 0;
new PerformanceObserver(list => list.getEntries().forEach(task => busyUntil = Math.max(busyUntil, task.startTime
    + task.duration))).observe({ type: "longtask", buffered: true });
window.heard = new Promise(done => addEventListener("keydown", key => done(performance.now() - key.timeStamp)));"""
_INTERACTIVE = "Math.max(busyUntil, performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd)"
_FONTS = re.compile(r"url\(\"?([^)\"]+\.woff2?)\"?\)")


def by_kind(html: Path) -> Counter[str]:
    """Folder and ending → bytes."""
    found: Counter[str] = Counter()
    for path in html.rglob("*"):
        if path.is_file():
            folder = path.relative_to(html).parts[0] if path.parent != html else "."
            method = " (methods)" if path.name.startswith("method_") else ""
            found[f"{folder}{method} {path.suffix}"] += path.stat().st_size
    return found


def loaded(page: Path) -> int:
    """Bytes of a page with its styles, scripts, drawings, and the font of formulas where it has any."""
    text = page.read_text(encoding="utf-8")
    files = {(page.parent / next(filter(None, found))).resolve() for found in _ASKED.findall(text)}
    styles = [file for file in files if file.suffix == ".css" and file.is_file()]
    named = {(style.parent / name).resolve() for style in styles
             for name in _FONTS.findall(style.read_text(encoding="utf-8"))}  # fmt: skip
    fonts = {font for font in named if "math" not in font.name or "<math" in text}
    return page.stat().st_size + sum(file.stat().st_size for file in files | fonts if file.is_file())


def opened(pages: list[Path]) -> Iterator[tuple[Path, float, float, float, int]]:
    """When each page was interactive, what it had computed until loaded, how late its first key was heard, all in
    milliseconds, and its length on a phone."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--headless", "--no-sandbox"])
        for page in pages:
            tab = browser.new_context().new_page()
            tab.add_init_script(_WATCH)
            session = tab.context.new_cdp_session(tab)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            tab.goto(page.resolve().as_uri(), wait_until="load")
            metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
            tab.keyboard.press("Shift")
            heard = tab.evaluate("heard")
            tab.wait_for_timeout(1000)
            interactive = tab.evaluate(_INTERACTIVE)
            tab.set_viewport_size({"width": 390, "height": 844})
            tab.reload(wait_until="load")
            tab.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            pixels = tab.evaluate("document.documentElement.scrollHeight")
            yield page, interactive, 1000 * metrics["TaskDuration"], heard, pixels
        browser.close()


def main(html: Path, opens: bool) -> None:
    """Print all of it."""
    kinds = by_kind(html)
    for kind, size in kinds.most_common():
        print(f"{size / 1e6:8.2f} MB  {kind}")
    print(f"{sum(kinds.values()) / 1e6:8.2f} MB  whole edition")
    pages = [html / "book" / "index.html", *sorted(page for folder in ("notebooks", "ips", "jmo")
                                                   for page in (html / folder).glob("*.html"))]  # fmt: skip
    for page in pages:
        print(f"{loaded(page) / 1e3:8.0f} kB  {page.relative_to(html)}")
    for page, interactive, computed, heard, pixels in opened([*pages, html / "search.html"]) if opens else ():
        told = f"{interactive:8.0f} ms, computed {computed:5.0f} ms, first key {heard:4.0f} ms"
        print(f"{told}  {pixels:8,} px  {page.relative_to(html)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--open" in sys.argv)
