"""What to do where the machine refuses: a full disk, a read-only file system. One place, whoever meets it."""

from __future__ import annotations

import errno

_CURES = {
    errno.ENOSPC: "Make room on that disk, then try again.",
    errno.EDQUOT: "Make room within your quota, then try again.",
    errno.EROFS: "It is on a read-only file system: mount it writable, or set CALSYNCCTL_HOME to another folder.",
}


def cure(error: OSError, otherwise: str) -> str:
    """Return what to do about an error of the machine; `otherwise` where it says nothing of its own."""
    return _CURES.get(error.errno or 0, otherwise)
