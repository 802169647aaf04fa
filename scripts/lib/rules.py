# SPDX-License-Identifier: GPL-2.0
"""The rules (docs/rules) and the cases that say which of them they show.

A KUnit case says it in a comment directly above its function, a case of a test
script in a comment above the shell function of the case's name:

    /* Shows: KT-061, KT-062 */            # Shows: KT-171

A case that tests the tests themselves says "Shows: no rule".

A C++ test says it above TEST(SUITE, CASE), and a whole file, anywhere, as
"Shows: IDS (SUITE:CASE)".
"""

import dataclasses
import os
import re

MARKS = ("seed", "documented", "observed", "decision")
MOST_RULES_OF_A_CASE = 4
# What a case says that tests the tests.
NO_RULE = "no rule"
NOTE = re.compile(r"(later|not testable): \S.*")
ROW = re.compile(r"\| ([A-Z]+(?:-[A-Z]+)*-\d+) \|")
SHOWS = re.compile(r"(?:/?\*|//|#)\s*Shows:\s*(.*?)\s*(?:\*/)?$")
NAMED = re.compile(r"(.*?)\s*\((\S+):(\S+)\)$")
COMMENT = re.compile(r"\s*(?:/?\*(?:[\s/]|$)|//|#)")
FUNCTION = re.compile(r"static void\s+(\w+)\(struct kunit\s+\*\w+\)")
SHELL_FUNCTION = re.compile(r"(\w+)\(\)")
HARNESS_TEST = re.compile(r"TEST\w*\(\s*(\w+),\s*(\w+)")
# Where tests are, apart from KUnit.
OTHER_TESTS = ("tests", "userspace-tests", "scripts/checks")


@dataclasses.dataclass
class Rule:
    """One row of docs/rules."""
    id: str
    text: str
    mark: str
    note: str
    file: str


@dataclasses.dataclass
class Case:
    """A test case and the rules it names."""
    suite: str
    name: str
    rules: list
    where: str

    @property
    def id(self):
        return f"{self.suite}:{self.name}"


def read_lines(path):
    with open(path, encoding="utf-8", errors="replace") as text:
        return text.read().split("\n")


def rule_files(root):
    directory = os.path.join(root, "docs", "rules")
    return sorted(os.path.join(directory, name) for name in os.listdir(directory)
                  if name.endswith(".md"))


def load_rules(root, faults):
    """All rules by ID, in the order of the files."""
    rules = {}
    for path in rule_files(root):
        for number, line in enumerate(read_lines(path), 1):
            if not ROW.match(line):
                continue
            cells = [cell.strip() for cell in line.strip("| ").split("|")]
            rule = Rule(*(cells + [""])[:4], os.path.basename(path))
            where = f"{os.path.relpath(path, root)}:{number}: {rule.id}"
            if rule.id in rules:
                faults.append(f"{where} stands twice")
            if rule.mark not in MARKS:
                faults.append(f"{where} has the mark '{rule.mark}'")
            if rule.note and not NOTE.fullmatch(rule.note):
                faults.append(f"{where} has the note '{rule.note}'")
            rules[rule.id] = rule
    return rules


def ids_of(text):
    if text == NO_RULE:
        return []
    return [part.strip() for part in text.split(",") if part.strip()]


def kunit_cases(root, faults):
    directory = os.path.join(root, "kunit")
    for name in sorted(os.listdir(directory)):
        if name.endswith("_kunit.c"):
            yield from cases_of_suite_file(os.path.join(directory, name), root, faults)


def cases_of_suite_file(path, root, faults):
    lines = read_lines(path)
    text, where = "\n".join(lines), os.path.relpath(path, root)
    shown = {}
    for number, line in enumerate(lines):
        match = SHOWS.search(line)
        if match:
            function = FUNCTION.match(next_code(lines, number))
            if function:
                shown[function.group(1)] = ids_of(match.group(1))
            else:
                faults.append(f"{where}:{number + 1}: no case below 'Shows:'")
    for suite, name in table_of(text):
        if name not in shown:
            faults.append(f"{where}: the case {name} does not say which rules it shows")
        yield Case(suite, name, shown.pop(name, []), where)
    faults.extend(f"{where}: {name} shows rules, but stands in no table" for name in shown)


def table_of(text):
    """(suite, case) for each case in the tables of a file."""
    for suite in re.finditer(r"\.name = \"(ntshim_\w+)\",.*?\.test_cases = (\w+),", text, re.S):
        table = re.search(rf"\b{suite.group(2)}\[\] = {{(.*?)\n}};", text, re.S)
        for case in re.finditer(r"KUNIT_CASE\w*\(\s*(\w+)", table.group(1) if table else ""):
            yield suite.group(1), case.group(1)


def next_code(lines, number):
    """The first two lines below a comment line that are none: a declaration
    may be broken once."""
    code = [line for line in lines[number + 1:number + 10] if not COMMENT.match(line)]
    return " ".join(code[:2])


def other_cases(root, faults):
    for top in OTHER_TESTS:
        for directory, _, names in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(names):
                if not name.endswith((".md", ".patch")):
                    yield from cases_of_other(os.path.join(directory, name), root, faults)


def cases_of_other(path, root, faults):
    lines, relative = read_lines(path), os.path.relpath(path, root)
    for number, line in enumerate(lines):
        match = SHOWS.match(line.strip())
        if not match:
            continue
        where = f"{relative}:{number + 1}"
        named = NAMED.match(match.group(1))
        ids = ids_of(named.group(1) if named else match.group(1))
        name = named.groups()[1:] if named else \
            name_of(next_code(lines, number), relative.split(os.sep)[1])
        if name:
            yield Case(*name, ids, where)
        else:
            faults.append(f"{where}: no case below 'Shows:'")


def name_of(line, directory):
    """(suite, case) that a line of code begins."""
    harness, shell = HARNESS_TEST.match(line), SHELL_FUNCTION.match(line)
    if harness:
        return harness.groups()
    return shell and (directory, shell.group(1).replace("_", "-"))


def load_cases(root, rules, faults):
    """All cases by "SUITE:CASE"."""
    cases = {}
    for case in [*kunit_cases(root, faults), *other_cases(root, faults)]:
        if case.id in cases:
            faults.append(f"{case.where}: {case.id} exists twice")
        if len(case.rules) > MOST_RULES_OF_A_CASE:
            faults.append(f"{case.where}: {case.id} names more than "
                          f"{MOST_RULES_OF_A_CASE} rules")
        for rule in case.rules:
            if rule not in rules:
                faults.append(f"{case.where}: {case.id} names {rule}, which is no rule")
            elif rules[rule].note:
                faults.append(f"{case.where}: {case.id} shows {rule}, "
                              f"which is marked '{rules[rule].note}'")
        cases[case.id] = case
    return cases
