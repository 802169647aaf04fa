#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints relative links of Markdown files that lead nowhere.

A link into a Markdown file may name a heading of it.
"""
import os
import re
import sys

LINK = re.compile(r'\[[^\]]*\]\(\s*<?([^)\s>]+)')
REFERENCE = re.compile(r'^\s*\[[^\]]+\]:\s+(\S+)')
HEADING = re.compile(r'^#{1,6}\s+(.*?)\s*#*\s*$')
FENCE = re.compile(r'^\s*(```|~~~)')
EXTERNAL = re.compile(r'^[a-z][a-z0-9+.-]*:')


def prose(path):
    """Numbered lines outside code blocks."""
    fenced = False
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if FENCE.match(line):
                fenced = not fenced
            elif not fenced:
                yield number, line


def anchor_of(heading):
    heading = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading).lower()
    return re.sub(r'[^\w\- ]', '', heading).replace(' ', '-')


def anchors(path):
    found = set()
    for _, line in prose(path):
        match = HEADING.match(line)
        if match:
            anchor, copy = anchor_of(match.group(1)), 0
            while anchor in found:
                copy += 1
                anchor = f'{anchor_of(match.group(1))}-{copy}'
            found.add(anchor)
    return found


def links(path):
    for number, line in prose(path):
        line = re.sub(r'`[^`]*`', '', line)
        for match in list(LINK.finditer(line)) + list(REFERENCE.finditer(line)):
            if not EXTERNAL.match(match.group(1)):
                yield number, match.group(1)


def leads_nowhere(path, link):
    target, _, anchor = link.partition('#')
    target = os.path.join(os.path.dirname(path), target) if target else path
    if not os.path.exists(target):
        return True
    return bool(anchor) and target.endswith('.md') and anchor not in anchors(target)


def main():
    for path in sys.argv[1:]:
        for number, link in links(path):
            if leads_nowhere(path, link):
                print(f'{path}:{number}: the link {link} leads nowhere')


if __name__ == '__main__':
    main()
