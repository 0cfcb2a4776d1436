"""Write completions/ for bash, zsh and fish from the program itself; `--check` only says whether they are current.

typer's zsh text needs two repairs before it can be a file on `$fpath`: it begins with an empty line, and compinit
looks for `#compdef` on the first one only; and loaded as `_calsyncctl` it defines a function and ends, so that the
first TAB of every shell does nothing. Its bash text does not know that bash takes `agent:jane` for three words, leaves
names with spaces unquoted and lets `*` in one match files: the text here does.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from typer.completion import get_completion_script  # type: ignore[attr-defined]  # not in its __all__

FOLDER = Path(__file__).resolve().parent.parent / "completions"
FILES = {"bash": "calsyncctl.bash", "zsh": "_calsyncctl", "fish": "calsyncctl.fish"}
BASH = r"""_calsyncctl_completion() {
    local IFS=$'\n' words=() last=-1 index word line before=""
    # bash takes agent:jane for three words: put them together again.
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word="${COMP_WORDS[index]}"
        if ((index > 1)) && [[ $word == : || ${words[last]} == *: ]]; then
            words[last]+="$word"
        else
            words+=("$word")
            ((++last))
        fi
    done
    # What stands before the last colon is not replaced by bash, so it must not be offered again.
    [[ $COMP_WORDBREAKS == *:* && ${words[last]} == *:* ]] && before="${words[last]%:*}:"
    COMPREPLY=()
    while read -r line; do
        [[ -n $line ]] && printf -v line '%q' "$line" && COMPREPLY+=("${line#"$before"}")
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$last _CALSYNCCTL_COMPLETE=complete_bash "$1")
}

complete -o default -F _calsyncctl_completion calsyncctl
"""
ZSH_LAST = "compdef _calsyncctl_completion calsyncctl"
ZSH_AUTOLOADED = (
    'if [[ ${funcstack[1]} == _calsyncctl ]]; then\n  _calsyncctl_completion "$@"\n'
    "else\n  compdef _calsyncctl_completion calsyncctl\nfi"
)


def script(shell: str) -> str:
    """Return the text of a shell's file."""
    if shell == "bash":
        return BASH
    text = get_completion_script(prog_name="calsyncctl", complete_var="_CALSYNCCTL_COMPLETE", shell=shell).strip()
    if shell == "zsh":
        before, last, after = text.rpartition(ZSH_LAST)
        if not last:
            raise SystemExit("typer's zsh script has changed: repair scripts/completions.py")
        text = before + ZSH_AUTOLOADED + after
    return text + "\n"


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file is stale")
    check = parser.parse_args().check
    stale = [name for shell, name in FILES.items() if not _current(FOLDER / name, script(shell))]
    if check and stale:
        print(f"stale: {', '.join(stale)}; write them with: python scripts/completions.py", file=sys.stderr)
        return 1
    for shell, name in FILES.items():
        if name in stale:
            (FOLDER / name).write_text(script(shell), encoding="utf-8")
            print(f"wrote completions/{name}")
    return 0


def _current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
