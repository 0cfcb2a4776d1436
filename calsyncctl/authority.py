"""Google as the one who grants access: what `connections` asks of an authority, answered with the runtime's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calsyncctl.clock import Clock
    from calsyncctl.connections.ports import Consent
    from calsyncctl.vaults import Vaults


class GoogleAuthority:
    """The sign-in side of Google, for `connections`; fills `connections.ports.Authority`."""

    def __init__(self, vaults: Vaults, clock: Clock) -> None:
        self._vaults = vaults
        self._clock = clock

    @property
    def client_id(self) -> str:
        """The OAuth client that every grant belongs to."""
        return self._vaults.client.client_id

    def reach(self) -> None:
        """See that Google answers at all. Raises Later: it is out of reach."""
        from calsyncctl.google.oauth import reach  # noqa: PLC0415

        reach(self._vaults.client)

    def begin(self, *, login_hint: str | None, port: int) -> Consent:
        """Begin a sign-in; port 0 takes a free one."""
        from calsyncctl.google.oauth import begin_sign_in  # noqa: PLC0415
        from calsyncctl.google.result_page import ResultPage  # noqa: PLC0415

        brand = self._vaults.config.settings.brand
        page = ResultPage(product=brand.name, colour=brand.colour, support=brand.support)
        return begin_sign_in(self._vaults.client, login_hint=login_hint, port=port, page=page, clock=self._clock)

    def missing(self, granted: frozenset[str]) -> list[str]:
        """Name the needed permissions that were not granted."""
        from calsyncctl.google.scopes import missing  # noqa: PLC0415

        return missing(granted)

    def unticked(self, granted: frozenset[str]) -> list[str]:
        """Name every box that was left empty, needed or not."""
        from calsyncctl.google.scopes import BOXES, missing  # noqa: PLC0415

        return missing(granted, BOXES)

    def revoke(self, token: str) -> None:
        """Take the grant back. Raises Later: Google is out of reach."""
        from calsyncctl.google.oauth import revoke  # noqa: PLC0415

        revoke(self._vaults.client, token)
