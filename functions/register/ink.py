"""Whether anything is written or printed on a page: points that differ from what is around them, by more than noise does.

Shadows and the falling light of a photograph are smooth, hence no ink; the noise of a sensor is measured and taken off.
"""

from typing import Final

from PIL import Image, ImageChops, ImageFilter

from jingkuai.domain.attachment import AttachmentRules

LONGEST_SIDE: Final = 1024  # looked at no larger: a line of print is a grey band then, and noise has been averaged away
_STRIP: Final = 1_000_000  # pixels
_AROUND: Final = 24
_MARGIN: Final = 6  # the edges of a scanner's bed
_NOISE: Final = 7.4  # five standard deviations, in medians of the absolute difference
_LOUDEST: Final = 32  # of 255: what differs as much everywhere is no noise, but print, a pattern, a photograph


def is_blank(grey: Image.Image, rules: AttachmentRules) -> bool:
    """Whether a small grey picture, as `small_grey` makes it, shows nothing."""
    softened = grey.filter(ImageFilter.BoxBlur(1))
    difference = ImageChops.difference(softened, softened.filter(ImageFilter.BoxBlur(_AROUND)))
    points = difference.crop((_MARGIN, _MARGIN, difference.width - _MARGIN, difference.height - _MARGIN)).histogram()
    noise = min(round(_NOISE * _median(points)), _LOUDEST)
    threshold = max(rules.min_ink_contrast, noise)
    return sum(points[threshold:]) * 1_000_000 < rules.min_ink_ppm * sum(points)


def small_grey(picture: Image.Image) -> Image.Image:
    """A decoded picture, small and grey; strip by strip, so that little memory is taken beside the picture itself."""
    factor = max(1, -(-max(picture.size) // LONGEST_SIDE))
    small = Image.new("L", (-(-picture.width // factor), -(-picture.height // factor)), 255)
    rows = max(1, _STRIP // (picture.width * factor)) * factor
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        small.paste(on_white(strip).convert("L").reduce(factor), (0, top // factor))
    return small


def on_white(picture: Image.Image) -> Image.Image:
    """The picture without transparency, its colours in eight bits: grey stays grey, anything else becomes RGB."""
    if picture.mode.startswith("I"):  # sixteen bits: plain conversion would cut off all but the darkest
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in picture.getbands() or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    return picture if picture.mode == "L" else picture.convert("RGB")


def _median(histogram: list[int]) -> int:
    half, passed = sum(histogram) / 2, 0
    for value, count in enumerate(histogram):
        passed += count
        if passed >= half:
            return value
    return 0
