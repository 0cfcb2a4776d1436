"""Colours of pages: the operator chooses one, and what is written on it must stay readable."""

from __future__ import annotations


def readable_on(colour: str) -> str:
    """Choose black or white text on a colour, by its relative luminance (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"
