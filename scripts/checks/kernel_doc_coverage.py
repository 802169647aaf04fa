#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Names functions of shim/ that others call and that lack kernel-doc.

Others call what is not static and begins with nts_, and what is exported.
kernel-doc itself sees to parameters and return values; this demands the
sections that only this project has.
"""
import re
import sys

from strip_comments import without_comments

DOC = re.compile(r'/\*\*\s*\n\s*\*\s*(?:\w+\s+)?(\w+)(?:\(\))?\s*(?:-|:)(.*?)\*/', re.S)
DEFINITION = re.compile(
    r'^(?!static\b|typedef\b|extern\b|struct\s+\w+\s*\{|enum\b|union\b)'
    r'[A-Za-z_][\w \t*]*?\b((?:__)?nts_\w+)\s*\([^;{}]*\)[^;{}()]*(?:\([^;{}]*\)\s*)*\n?\{', re.M)
EXPORT = re.compile(r'^[ \t]*EXPORT_SYMBOL\w*\(\s*(\w+)', re.M)

API_SECTIONS = ('Context', 'Source', 'Test')
OWN_SECTIONS = ('Context',)


def documented(texts):
    """Name -> text of its kernel-doc, over all files."""
    return {match.group(1): match.group(2)
            for text in texts.values() for match in DOC.finditer(text)}


def missing_sections(doc, sections):
    return [name for name in sections
            if not re.search(rf'^\s*\*\s*{name}:', doc, re.M)]


def findings(path, text, docs):
    code = without_comments(text)
    named = {}
    for match in DEFINITION.finditer(code):
        named[match.group(1)] = (match.start(), OWN_SECTIONS)
    for match in EXPORT.finditer(code):
        # Exported for tests alone is not API.
        is_api = not match.group(1).startswith(('nts_', '__nts_'))
        named[match.group(1)] = (match.start(), API_SECTIONS if is_api else OWN_SECTIONS)
    for name, (offset, sections) in named.items():
        place = f'{path}:{code.count(chr(10), 0, offset) + 1}: {name}'
        if name not in docs:
            yield f'{place} has no kernel-doc'
            continue
        for section in missing_sections(docs[name], sections):
            yield f'{place}: kernel-doc without "{section}:"'


def main():
    texts = {}
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8') as file:
            texts[path] = file.read()
    docs = documented(texts)
    for path, text in texts.items():
        for line in findings(path, text, docs):
            print(line)


if __name__ == '__main__':
    main()
