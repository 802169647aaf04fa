# SPDX-License-Identifier: GPL-2.0
"""What the conformance table says of a tree, and which trees it refuses."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.dont_write_bytecode = True

LOADER = importlib.machinery.SourceFileLoader("conformance",
                                              os.path.join(ROOT, "scripts", "conformance"))
conformance = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("conformance", LOADER))
LOADER.exec_module(conformance)
book = conformance.book

RULES = """# Timers

| ID | rule | mark | note |
| --- | --- | --- | --- |
| KT-001 | one | seed | |
| KT-002 | two | decision | later: devices |
| KT-003 | three | documented | |
"""
SUITE = """{shows}
static void works(struct kunit *test)
{{
}}

static struct kunit_case cases[] = {{
	KUNIT_CASE(works),
	{{}}
}};

static struct kunit_suite suite = {{
	.name = "ntshim_a",
	.test_cases = cases,
}};
"""


class Tree(unittest.TestCase):
    def setUp(self):
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.root = work.name
        self.put("docs/rules/ktimer.md", RULES)

    def put(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def load(self, shows="/* Shows: KT-001 */"):
        self.put("kunit/a_kunit.c", SUITE.format(shows=shows))
        faults = []
        rules = book.load_rules(self.root, faults)
        return rules, book.load_cases(self.root, rules, faults), faults

    def assert_fault(self, part, shows):
        _, _, faults = self.load(shows)
        self.assertEqual(len([fault for fault in faults if part in fault]), 1, faults)

    def test_good_tree(self):
        rules, cases, faults = self.load()
        self.assertEqual(faults, [])
        self.assertEqual(cases["ntshim_a:works"].rules, ["KT-001"])
        self.assertEqual(rules["KT-002"].note, "later: devices")

    def test_case_without_rules(self):
        self.assert_fault("does not say which rules", "/* A case. */")

    def test_unknown_rule(self):
        self.assert_fault("KT-009, which is no rule", "/* Shows: KT-009 */")

    def test_too_many_rules(self):
        self.assert_fault("more than 4", "/* Shows: KT-001, KT-003, KT-001, KT-003, KT-001 */")

    def test_rule_for_later(self):
        self.assert_fault("marked 'later: devices'", "/* Shows: KT-002 */")

    def test_remark_without_case(self):
        self.assert_fault("no case below", "/* Shows: KT-003 */\nint x;\n/* Shows: KT-001 */")

    def test_bad_mark_and_note(self):
        self.put("docs/rules/time.md", "| TM-001 | one | seed | soon |\n| TM-002 | two | maybe | |\n")
        self.assertEqual(len(self.load()[2]), 2)

    def test_shell_and_harness_cases(self):
        self.put("tests/vm/run", "# Shows: KT-003\nit_loads() {\n")
        self.put("userspace-tests/abi/a.cpp", "// Shows: KT-001\nTEST(Abi, Rejects)\n")
        self.put("scripts/checks/b", "# Shows: KT-001, KT-003 (check:b)\n")
        _, cases, faults = self.load()
        self.assertEqual(faults, [])
        self.assertEqual(sorted(cases), ["Abi:Rejects", "check:b", "ntshim_a:works", "vm:it-loads"])


class Results(unittest.TestCase):
    def verdict(self, *words):
        rule = book.Rule("KT-001", "one", "seed", "", "ktimer.md")
        case = book.Case("ntshim_a", "works", ["KT-001"], "here")
        return conformance.verdict_of(rule, [case] if words else [], {case.id: set(words)})

    def test_verdicts(self):
        self.assertEqual(self.verdict("pass", "skip"), "shown")
        self.assertEqual(self.verdict("pass", "fail"), "failed")
        self.assertEqual(self.verdict("skip"), "unproven")
        self.assertEqual(self.verdict(), "unproven")

    def test_suite_of_stock_kernels_keeps_its_result(self):
        rule = book.Rule("KT-001", "one", "seed", "", "ktimer.md")
        case = book.Case("ntshim_a", "works", ["KT-001"], "here")
        for absent, result in ({"ntshim_a"}, "shown"), (set(), "unproven"):
            self.assertEqual(conformance.verdict_of(rule, [case], {case.id: set()}, absent,
                                                    "shown"), result)

    def test_case_that_did_not_run(self):
        case = book.Case("ntshim_a", "works", ["KT-001"], "here")
        self.assertEqual(len(list(conformance.cases_without_result({case.id: case}, {}))), 1)

    def test_name_of_a_result(self):
        self.assertEqual(conformance.case_id("kunit-sim:ntshim_a:works/fill-0x55"),
                         "ntshim_a:works")
        self.assertEqual(conformance.case_id("drivers:it-loads"), "drivers:it-loads")


class FreshRun(unittest.TestCase):
    """`make conformance`: what did not run or failed is never taken for shown."""

    def judge(self, results, run_faults):
        case = book.Case("ntshim_hotplug", "works", ["KT-001"], "kunit/hotplug_kunit.c:")
        rule = book.Rule("KT-001", "one", "seed", "", "ktimer.md")
        with tempfile.TemporaryDirectory() as work:
            table = os.path.join(work, "conformance.md")
            with open(os.path.join(work, "1.results"), "w", encoding="utf-8") as out:
                out.write(results)
            with mock.patch.multiple(
                    conformance, TABLE=table,
                    load=lambda: ({rule.id: rule}, {case.id: case}, []),
                    absent_suites=lambda *_: {case.suite},
                    heading_of=lambda file: file,
                    committed_results=lambda: {rule.id: "shown"}), \
                    contextlib.redirect_stdout(io.StringIO()) as text:
                good = conformance.judge(work, None, run_faults)
            return good, text.getvalue(), os.path.exists(table)

    def test_good_run_writes_the_table(self):
        self.assertEqual(self.judge("pass kunit-7.3:ntshim_hotplug:works\n", [])[::2],
                         (True, True))

    def test_absent_suite_is_a_fault(self):
        good, text, written = self.judge("", [])
        self.assertFalse(good or written)
        self.assertIn("ntshim_hotplug:works did not run", text)
        self.assertIn("1 rules: 0 shown", text)

    def test_absent_suite_is_none_in_a_partial_run(self):
        self.assertTrue(self.judge("", None)[0])

    def test_failed_run_is_a_fault(self):
        good, text, written = self.judge("pass ntshim_hotplug:works\n",
                                         ["tests/x ended with status 1"])
        self.assertFalse(good or written)
        self.assertIn("ended with status 1", text)

    def test_failure_without_case_is_a_fault(self):
        good, text, _ = self.judge("pass ntshim_hotplug:works\nfail kunit-sim:run\n", [])
        self.assertFalse(good)
        self.assertIn("kunit-sim:run failed", text)

    def test_status_of_a_run_is_seen(self):
        with tempfile.TemporaryDirectory() as work:
            self.assertEqual(conformance.run_into(work, "true"), [])
            self.assertEqual(conformance.run_into(work, "false"), ["false ended with status 1"])
            with mock.patch.object(conformance, "absent_suites", lambda *_: {"ntshim_power"}):
                faults = conformance.fresh_results(work, lambda _, command: [command])
        self.assertEqual(faults, [*conformance.COMMANDS,
                                  "scripts/kunit 7.3 --suite ntshim_power"])


if __name__ == "__main__":
    unittest.main()
