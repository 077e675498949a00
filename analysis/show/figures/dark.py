"""One drawing for both: the colours that an SVG has on white, and those that it takes where the page is dark.

A program that draws SVG without a page around it shows the light ones.
"""

import base64
import io
import re
from functools import cache

import numpy as np
from PIL import Image

_PAPER = {"#ffffff": "#121212"}  # what pages stand on in the theme's dark mode
# Lightness (Oklab) of white and of black in the dark; between them a curve on which strong colours become lighter.
_OF_WHITE, _OF_BLACK, _BEND = 0.205, 0.97, 1.6
_TO_LMS = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                    [0.0883024619, 0.2817188376, 0.6299787005]])  # fmt: skip
_TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                    [0.0259040371, 0.7827717662, -0.8086757660]])  # fmt: skip
_COLOUR = re.compile(r"(?P<of>fill|stroke): (?P<colour>#[0-9a-f]{6})\b")
_PICTURE = re.compile(r'<image\b[^>]*?xlink:href="data:image/png;base64,(?P<pixels>[^"]+)"[^>]*?/>', flags=re.DOTALL)
_STYLE = "</style>"
_LOOK = re.compile(r'style="(?P<look>[^"]*)"')
_ONLY_DARK = "@media not (prefers-color-scheme: dark){.dark{display: none}}"


@cache
def dark(colour: str) -> str:
    """The colour, `#rrggbb`, in which a dark page shows it: as light as it was dark, of the same hue."""
    return _PAPER.get(colour) or f"#{bytes(_dark(np.frombuffer(bytes.fromhex(colour[1:]), np.uint8)[None])[0]).hex()}"


def _dark(colours: np.ndarray) -> np.ndarray:
    """Rows of red, green and blue, 0 to 255, as a dark page shows them."""
    parts = colours / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    lab[:, 0] = _OF_BLACK - (_OF_BLACK - _OF_WHITE) * np.clip(lab[:, 0], 0, 1) ** _BEND
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T, 0, 1)
    parts = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * parts).astype(np.uint8)


def in_both(svg: str) -> str:
    """The drawing with its colours in the dark, which hold where the page around it is dark; each look is told once."""
    looks: dict[str, str] = {}
    named = _LOOK.sub(lambda found: f'class="{looks.setdefault(found["look"], f"l{len(looks)}")}"', svg)
    pictured = _PICTURE.sub(_in_both, named)
    light = [f".{name}{{{look}}}" for look, name in looks.items()]
    # Programs that know nothing of dark pages, and read on behind `@media`, do not know selectors of this kind either.
    rules = [f'[class="{name}"]{{{"; ".join(inks)}}}' for look, name in looks.items() if (inks := _inks(look))]
    if pictured != named:
        light.append(_ONLY_DARK)
        rules.append(".light{display: none}")
    told = f"{''.join(light)}@media (prefers-color-scheme: dark){{{''.join(rules)}}}"
    return pictured.replace(_STYLE, f"{told}{_STYLE}", 1)


def _inks(look: str) -> list[str]:
    """The colours that a look takes in the dark."""
    return [f"{found['of']}: {dark(found['colour'])}" for found in _COLOUR.finditer(look)]


def _in_both(found: re.Match) -> str:
    """A picture of pixels and its dark twin, both with as few bytes as their colours allow."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(found["pixels"]))).convert("RGB"))
    of_light = found[0].replace(found["pixels"], _packed(pixels))
    of_dark = found[0].replace(found["pixels"], _packed(_dark(pixels.reshape(-1, 3)).reshape(pixels.shape)))
    return _of_class(of_light, "light") + _of_class(of_dark, "dark")


def _of_class(picture: str, name: str) -> str:
    if ' class="' in picture:
        return picture.replace(' class="', f' class="{name} ', 1)
    return picture.replace("<image", f'<image class="{name}"', 1)


def _packed(pixels: np.ndarray) -> str:
    """Pixels of few colours as a PNG, told in letters."""
    colours, places = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    picture = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    picture.putpalette(colours.astype(np.uint8).tobytes())
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return base64.b64encode(target.getvalue()).decode()
