# SPDX-License-Identifier: GPL-2.0
"""Which uses of __try a driver's build refuses."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "scripts"))

import scan_try  # noqa: E402


def lines(text):
    """Lines of the findings."""
    return sorted(line for line, _ in scan_try.findings(list(scan_try.tokens_of(text))))


class ScanTry(unittest.TestCase):
    def test_plain_blocks_pass(self):
        self.assertEqual(lines("void f() { __try { x(); __leave; } __finally { y(); } return; }"), [])

    def test_jumps_out_are_found(self):
        for jump in ("return 1;", "goto out;", "break;", "continue;"):
            text = "while (1) {\n__try {\n" + jump + "\n} __finally { }\n}"
            self.assertEqual(lines(text), [3], jump)

    def test_jumps_inside_pass(self):
        text = "__try { for (;;) { break; } while (x) continue; switch (x) { case 1: break; } }"
        self.assertEqual(lines("{" + text + " __finally { } }"), [])

    def test_continue_leaves_a_switch(self):
        text = "for (;;) { __try {\nswitch (x) {\ncase 1:\ncontinue; } } __finally { } }"
        self.assertEqual(lines(text), [4])

    def test_return_from_except_passes(self):
        self.assertEqual(lines("{ __try { return; } __except (1) { return; } }"), [])

    def test_inner_except_does_not_hide_outer_finally(self):
        text = "{ __try {\n__try { return; } __except (1) { }\n} __finally { } }"
        self.assertEqual(lines(text), [2])

    def test_comments_and_strings_are_no_code(self):
        text = '{ __try { /* return */ x("return"); // return\n} __finally { } }'
        self.assertEqual(lines(text), [])

    def test_controlled_try_needs_braces(self):
        self.assertEqual(lines("{ if (x)\n__try { } __finally { } }"), [2])
        self.assertEqual(lines("{ if (x) {\n__try { } __finally { } } }"), [])


if __name__ == "__main__":
    unittest.main()
