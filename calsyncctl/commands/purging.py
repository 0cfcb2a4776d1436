"""`--purge` where something made here waits to be sent: that is lost for good, so it is asked for by itself."""

from __future__ import annotations

from calsyncctl.console import Console
from calsyncctl.errors import UsageFault
from calsyncctl.store.purge import Unsent
from calsyncctl.views.parting import unsent_sentence


def check_unsent(console: Console, unsent: Unsent, *, lose: bool) -> None:
    """Refuse to lose what waits to be sent where nobody can be asked and nobody said so.

    Raises:
        UsageFault: that is so.
    """
    if unsent.changes and not lose and not console.interactive:
        raise UsageFault(
            f"--purge would lose what is not in Google: {unsent_sentence(unsent, 'never sent')}.",
            "Send it first: calsyncctl sync; or lose it: --lose-unsent.",
        )


def confirm_loss(console: Console, unsent: Unsent, *, lose: bool) -> None:
    """Ask, apart from the question before, whether what waits to be sent is to be lost.

    Raises:
        CalsyncError: the answer was no.
    """
    if unsent.changes:
        console.confirm(f"Lose what was never sent? {unsent_sentence(unsent, 'lost for good')}.", yes=lose)
