# SPDX-License-Identifier: GPL-2.0
"""What scripts/bench and scripts/bench-compare take for a whole result."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import unittest

SCRIPTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "scripts")


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  os.path.join(SCRIPTS, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


bench = load("bench")
compare = load("bench-compare")
bars = bench.benchbars


def row(case, size, side, ticks):
    return {"case": case, "size": size, "side": side, "ops": 1, "count": 1,
            "min": ticks, "p50": ticks, "p99": ticks, "max": ticks}


def scale(size, nt, alone):
    return bars.Place({"rows": [row("scale_private", size, "nt", nt),
                                row("scale_private", size, "alone", alone)], "values": []})


class Rows(unittest.TestCase):
    ROWS = [row("scale_private", 2, "nt", 1), row("scale_shared", 2, "nt", 1)]

    def test_whole(self):
        bench.check_rows(self.ROWS, "scale", {("scale_private", 2)})

    def test_missing_case(self):
        with self.assertRaisesRegex(bench.PlaceFailed, "scale_shared"):
            bench.check_rows(self.ROWS[:1], "scale", set())

    def test_missing_size(self):
        with self.assertRaisesRegex(bench.PlaceFailed, "scale_private 8"):
            bench.check_rows(self.ROWS, "scale", {("scale_private", 8)})

    def test_module_that_did_not_end(self):
        with self.assertRaisesRegex(bench.PlaceFailed, "end"):
            bench.parse(["ntshim_bench: row dpc 0 1 nt 1 1 1 1 1"])


class Bars(unittest.TestCase):
    def met(self, name, place):
        return [bar.met for bar in bars.bars_of_scale(name, place)]

    def test_half_the_time_is_twice_the_speed(self):
        self.assertEqual(self.met("uml", scale(2, 50, 100)), [True])
        self.assertEqual(self.met("uml", scale(2, 60, 100)), [False])

    def test_other_places_have_no_such_bar(self):
        self.assertEqual(self.met("uml8", scale(2, 50, 100)), [])


class Comparison(unittest.TestCase):
    @staticmethod
    def worse(old, new):
        places = [bars.Place({"rows": [], "values": [
            {"name": name, "size": 0, "side": "nt", "value": value}
            for name, value in values.items()]}) for values in (old, new)]
        with contextlib.redirect_stdout(io.StringIO()):
            return compare.compare_values("icount", *places, 3.0)

    def test_values_within_the_threshold(self):
        self.assertEqual(self.worse({"bytes": 100}, {"bytes": 103}), 0)

    def test_values_above_it(self):
        self.assertEqual(self.worse({"bytes": 100}, {"bytes": 104}), 1)

    def test_values_that_are_gone(self):
        self.assertEqual(self.worse({"bytes": 100}, {}), 1)


if __name__ == "__main__":
    unittest.main()
