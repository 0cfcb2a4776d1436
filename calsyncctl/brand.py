"""How the operator's house looks to people who sign in: name, colour, whom to ask; from the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.settings import BrandSettings


@dataclass(frozen=True, slots=True)
class Brand:
    """Name, colour (`#RRGGBB`), whom to ask (may be empty), and the `managed_by` mark of events made here."""

    name: str
    colour: str
    support: str
    tag: str


def brand_of(settings: BrandSettings) -> Brand:
    """Take the brand from the settings."""
    return Brand(settings.name, settings.colour, settings.support, settings.tag)
