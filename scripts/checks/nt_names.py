#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints names in include/nt that do not belong there.

usage: nt_names.py ALLOW KERNEL LIBC DUMP...

ALLOW lists what may appear. The others are outputs of the preprocessor with
-dD. Every identifier of a DUMP has to match a pattern of ALLOW, and what a DUMP
defines or declares at file scope must not be a name of Linux or libc too,
unless ALLOW says that it is shared.
"""
import re
import sys

KEYWORDS = set('''
    auto break case char const continue default do double else enum extern float
    for goto if inline int long register restrict return short signed sizeof
    static struct switch typedef union unsigned void volatile while _Alignas
    _Alignof _Bool _Noreturn _Static_assert defined
    alignas alignof bool catch class constexpr decltype delete explicit export
    false final friend mutable namespace new noexcept nullptr operator override
    private protected public static_assert template this throw true try typename
    using virtual wchar_t char16_t char32_t
'''.split())

LINEMARKER = re.compile(r'# (\d+) "([^"]*)"')
STRING = re.compile(r'(?:u8|[uUL])?"(?:\\.|[^"\\])*"|L?\'(?:\\.|[^\'\\])*\'')
TOKEN = re.compile(r'[A-Za-z_]\w*|\.?\d[\w.]*|[^\s\w]')
DEFINE = re.compile(r'#\s*define\s+(\w+)(?:\(([^)]*)\))?(.*)', re.S)
IDENTIFIER = re.compile(r'[A-Za-z_]\w*')


def numbered_lines(path):
    """(file, line, text) of a preprocessed file, in terms of its sources."""
    file, number = path, 0
    with open(path, encoding='utf-8', errors='replace') as dump:
        for text in dump:
            marker = LINEMARKER.match(text)
            if marker:
                file, number = marker.group(2), int(marker.group(1))
                continue
            if not file.startswith('<'):
                yield file, number, STRING.sub(' 0 ', text)
            number += 1


class Dump:
    """used: every identifier; declared: those at file scope, macros included.

    Both map a name to the place where it appears first.
    """

    def __init__(self, path):
        self.used = {}
        self.declared = {}
        self.depth = 0          # of braces, without those of extern "C"
        self.parens = 0
        self.in_enum = False
        self.linkage = []       # for each open brace: does it open a scope?
        self.recent = ['', '', '']
        for file, number, text in numbered_lines(path):
            place = f'{file}:{number}'
            if text.lstrip().startswith('#'):
                self.directive(text, place)
            else:
                for token in TOKEN.findall(text):
                    self.token(token, place)

    def directive(self, text, place):
        match = DEFINE.match(text)
        if not match:
            return
        name, parameters, body = match.groups()
        self.declared.setdefault(name, place)
        self.used.setdefault(name, place)
        local = set(IDENTIFIER.findall(parameters or '')) | {'__VA_ARGS__', '__VA_OPT__'}
        for token in TOKEN.findall(body):
            if IDENTIFIER.fullmatch(token) and token not in local:
                self.used.setdefault(token, place)

    def token(self, token, place):
        if token == '{':
            scope = self.recent[-2:] != ['extern', '0']
            self.linkage.append(scope)
            self.depth += scope
            if self.depth == 1 and scope:
                self.in_enum = 'enum' in self.recent
        elif token == '}':
            self.depth -= self.linkage.pop() if self.linkage else 0
            self.in_enum = self.in_enum and self.depth > 0
        elif token in '()':
            self.parens += 1 if token == '(' else -1
        # The name is the token before the one that ends the declarator.
        name = self.recent[-1]
        at_file_scope = self.depth == (token == '{') and self.parens == (token == '(')
        if at_file_scope and token in '(;,[={' or self.in_enum and token in ',=}':
            if IDENTIFIER.fullmatch(name) and name not in KEYWORDS:
                self.declared.setdefault(name, place)
        if IDENTIFIER.fullmatch(token):
            self.used.setdefault(token, place)
        self.recent = self.recent[1:] + [token]


class AllowList:
    def __init__(self, path):
        self.names, self.shared = [], []
        with open(path, encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                fields = line.split(None, 2)
                if not fields or fields[0].startswith('#'):
                    continue
                if len(fields) < 3 or fields[0] not in ('name', 'shared'):
                    sys.exit(f'{path}:{number}: expected: name|shared PATTERN REASON')
                pattern = re.compile(fields[1])
                self.names.append(pattern)
                if fields[0] == 'shared':
                    self.shared.append(pattern)

    def is_shared(self, name):
        return name in KEYWORDS or any(p.fullmatch(name) for p in self.shared)

    def allows(self, name):
        return name in KEYWORDS or any(p.fullmatch(name) for p in self.names)


def findings(dump, allowed, others):
    for name, place in dump.used.items():
        if not allowed.allows(name):
            yield f'{place}: {name} is not a name that Windows has'
    for name, place in dump.declared.items():
        for world, names in others.items():
            if name in names and not allowed.is_shared(name):
                yield f'{place}: {name} is a name of {world} too'


def main():
    allow, kernel, libc, *dumps = sys.argv[1:]
    allowed = AllowList(allow)
    others = {'Linux': Dump(kernel).declared, 'libc': Dump(libc).declared}
    found = set()
    for path in dumps:
        found.update(findings(Dump(path), allowed, others))
    for line in sorted(found):
        print(line)


if __name__ == '__main__':
    main()
