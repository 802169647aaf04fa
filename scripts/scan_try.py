#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Refuses what structured exception handling cannot do here: scan_try.py FILE...

A return, goto, break or continue out of a __try block with __finally would go
past the handler, and a __try that an if, else or loop controls without braces
would leave its handler outside. Macros cannot see either (B-EXC-01).
"""

import re
import sys

SKIPPED = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
TOKEN = re.compile(r'[A-Za-z_]\w*|[{}();:]')
LOOPS = {"for", "while", "do"}
# What may stand before a __try that is a statement among others.
BEFORE_TRY = {"{", "}", ";", ":"}


def tokens_of(text):
    """(token, line) outside comments, strings and directives."""
    text = SKIPPED.sub(lambda match: "\n" * match.group().count("\n"), text)
    text = re.sub(r'^[ \t]*#(?:\\\n|[^\n])*', lambda m: "\n" * m.group().count("\n"), text,
                  flags=re.M)
    for match in TOKEN.finditer(text):
        yield match.group(), text.count("\n", 0, match.start()) + 1


class Block:
    """A pair of braces; jumps: those that leave it if it belongs to a __try."""

    def __init__(self, guarded, catches):
        self.guarded = guarded
        self.catches = catches      # the jumps that end inside: of loops, switches
        self.jumps = []


def catches_of(pending):
    if pending & LOOPS:
        return {"break", "continue"}
    return {"break"} if "switch" in pending else set()


def findings(tokens):
    blocks, pending, closed, parens = [], set(), None, 0
    for index, (token, line) in enumerate(tokens):
        before = tokens[index - 1][0] if index else ";"
        if token == "__try" and before not in BEFORE_TRY:
            yield line, "__try needs braces around it after an if, else or loop"
        elif token == "{":
            blocks.append(Block(before == "__try", catches_of(pending)))
            pending = set()
        elif token == "}" and blocks:
            closed = blocks.pop()
            pending = set()
        elif token in LOOPS or token == "switch":
            pending.add(token)
        elif token in "()":
            parens += 1 if token == "(" else -1
        elif token == ";" and not parens:
            pending = set()
        elif token == "__finally" and closed:
            yield from closed.jumps
        elif token in ("return", "goto", "break", "continue") and \
                token not in catches_of(pending):
            note_jump(blocks, token, line)


def note_jump(blocks, token, line):
    """The jump leaves every guarded block up to the one that catches it."""
    for block in reversed(blocks):
        if block.guarded:
            block.jumps.append((line, f"{token} would go past the handler of __finally"))
        if token in block.catches:
            break


def main():
    found = False
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", errors="replace") as source:
            for line, text in sorted(set(findings(list(tokens_of(source.read()))))):
                print(f"{path}:{line}: error: {text}", file=sys.stderr)
                found = True
    return found


if __name__ == "__main__":
    sys.exit(main())
