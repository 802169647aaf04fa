#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints FILE:LINE:TEXT of C, C++ and Kbuild files without their comments.

With --conditionals prints only the preprocessor conditionals that are not
include guards.
"""
import re
import sys

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
CONDITIONAL = re.compile(r'\s*#\s*(?:if|ifdef|ifndef|elif|else)\b')
GUARD = re.compile(r'\s*#\s*ifndef\s+(\w+)\s*\n\s*#\s*define\s+\1\s*\n')


def without_comments(text):
    """Comments become blanks; strings and the number of lines stay."""
    def blank(match):
        token = match.group(0)
        return re.sub(r'[^\n]', ' ', token) if token.startswith('/') else token
    return TOKEN.sub(blank, text)


def is_guard(lines, index):
    return GUARD.match('\n'.join(lines[index:index + 2]) + '\n')


def main():
    arguments = sys.argv[1:]
    conditionals = arguments[:1] == ['--conditionals']
    for path in arguments[conditionals:]:
        with open(path, encoding='utf-8') as file:
            lines = without_comments(file.read()).split('\n')
        for index, line in enumerate(lines):
            if conditionals and (not CONDITIONAL.match(line) or is_guard(lines, index)):
                continue
            if line.strip():
                print(f'{path}:{index + 1}:{line}')


if __name__ == '__main__':
    main()
