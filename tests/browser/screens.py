"""Pictures of key pages, coarse enough that a changed sentence passes and a broken layout does not.

A picture is the top of a page, each of its points the mean of a square of the screen. What is kept lies in
`tests/browser/screens/`, one file a page with the wide screen at the left and the phone in the dark at the right, and
with it how wide letters are here: with other fonts lines break elsewhere, and nothing is compared. To renew them:

    python -m tests.browser.screens _build/html
"""

import io
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

KEPT = Path(__file__).with_name("screens")
FONTS = KEPT / "fonts.json"
PAGES = (
    "book/index.html", "book/methods.html", "book/data_dictionary.html", "book/glossary.html",
    "book/method_difference_in_shares.html", "notebooks/summary.html", "notebooks/employment.html",
    "notebooks/health.html", "notebooks/cost_benefit.html", "notebooks/user_survey.html", "notebooks/audit.html",
    "ips/employment.html",
)  # fmt: skip
# Width of the screen → its colours, the height of what is kept of a page and the side of a square in pixels, and the
# share of squares that may be others. Measured: one more sentence changes up to 0.7 and 7.7 %, a lost style sheet from
# 3.7 and 11 % on, the theme's from 7.6 and 96 %; a second picture of the same page 0.2 and 3 %.
SCREENS = {1440: ("light", 2400, 20, 0.02), 390: ("dark", 2400, 15, 0.1)}
OTHER = 32  # between 0 and 255: from where on a square is another
_WIDTHS = """() => ["16px sans-serif", "bold 16px sans-serif", "16px serif", "16px monospace"].map(font => {
    const drawing = document.createElement("canvas").getContext("2d");
    drawing.font = font;
    return Math.round(10 * drawing.measureText("The quick brown fox jumps over 1,193 dogs").width) / 10;
})"""
_SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"


def coarse(tab: Page, width: int) -> np.ndarray:
    """The top of the page in the tab, which is so wide, in squares: rows, columns, and red, green, blue."""
    colours, height, side, _ = SCREENS[width]
    tab.emulate_media(color_scheme=colours)
    tab.evaluate(_SETTLED)
    frame = {"x": 0, "y": 0, "width": width, "height": height}
    taken = Image.open(io.BytesIO(tab.screenshot(full_page=True, clip=frame, animations="disabled"))).convert("RGB")
    tab.emulate_media(color_scheme="light")
    whole = Image.new("RGB", (width, height))
    whole.paste(taken)
    return np.asarray(whole.resize((width // side, height // side), Image.Resampling.BOX))


def letters(tab: Page) -> list[float]:
    """How wide a line is in each of four fonts of this machine."""
    return tab.evaluate(_WIDTHS)


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """Share of squares that differ from the square there, and from those above and below, by which a line may shift."""
    shifted = [np.abs(one.astype(int) - np.roll(other, step, axis=0)).max(axis=2) for step in (-1, 0, 1)]
    return float((np.minimum.reduce(shifted) > OTHER).mean())


def kept(page: str, width: int) -> np.ndarray:
    """The picture of a page that is kept."""
    both = np.asarray(Image.open(_file(page)).convert("RGB"))
    wide = next(iter(SCREENS)) // SCREENS[next(iter(SCREENS))][2]
    part = both[:, :wide] if width == next(iter(SCREENS)) else both[:, wide:]
    return part[: SCREENS[width][1] // SCREENS[width][2]]


def _file(page: str) -> Path:
    return KEPT / f"{page.removesuffix('.html').replace('/', '.')}.png"


def _keep(page: str, pictures: dict[int, np.ndarray]) -> None:
    rows = max(picture.shape[0] for picture in pictures.values())
    padded = [np.pad(picture, ((0, rows - picture.shape[0]), (0, 0), (0, 0))) for picture in pictures.values()]
    Image.fromarray(np.hstack(padded)).quantize(48, dither=Image.Dither.NONE).save(_file(page), optimize=True)


def main(html: Path, executable: str = "/usr/bin/chromium") -> None:
    """Keep pictures of a built report in the place of those that are there."""
    KEPT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--headless", "--no-sandbox"])
        tab = browser.new_page()
        for page in PAGES:
            pictures = {}
            for width in SCREENS:
                tab.set_viewport_size({"width": width, "height": 900})
                tab.goto((html / page).resolve().as_uri(), wait_until="load")
                pictures[width] = coarse(tab, width)
            _keep(page, pictures)
        FONTS.write_text(json.dumps(letters(tab)) + "\n", encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
