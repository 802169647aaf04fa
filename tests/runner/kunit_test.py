# SPDX-License-Identifier: GPL-2.0
"""What scripts/kunit takes from a kernel's log for the results of its suites."""

import importlib.machinery
import importlib.util
import os
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
LOADER = importlib.machinery.SourceFileLoader("kunit", os.path.join(ROOT, "scripts", "kunit"))
kunit = importlib.util.module_from_spec(importlib.util.spec_from_loader("kunit", LOADER))
LOADER.exec_module(kunit)

KTAP = """[    3.225828]     KTAP version 1
[    3.226019]     # Subtest: a_suite
[    3.226098]     1..2
[    3.227754]     ok 1 first
[    3.228763]         KTAP version 1
[    3.229015]         # Subtest: second
[    3.229758]         not ok 1 fill 0x00
[    3.231250]     not ok 2 second
[    3.267223] # Totals: pass:1 fail:1 skip:0 total:2
[    3.267434] not ok 1 a_suite
""".splitlines(keepends=True)
OTHERS = """[    3.228776] ntshim-run: load ntshim_kunit.ko 0
[    3.228777] random: crng init done
[    3.228778] ntshim_kunit: # filter: shown
[    3.228779] okay, 1 of 2
[   13.228780]
""".splitlines(keepends=True)


class KtapOfALog(unittest.TestCase):
    def test_whole(self):
        self.assertEqual(kunit.ktap_of(KTAP), "".join(KTAP))

    def test_nothing_of_others_between_any_two_lines(self):
        for at in range(len(KTAP) + 1):
            self.assertEqual(kunit.ktap_of(KTAP[:at] + OTHERS + KTAP[at:]), "".join(KTAP))

    def test_without_times(self):
        bare = [line.split("] ", 1)[1] for line in KTAP]
        self.assertEqual(kunit.ktap_of(bare), "".join(bare))


if __name__ == "__main__":
    unittest.main()
