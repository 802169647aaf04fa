# SPDX-License-Identifier: GPL-2.0
"""What a run of the benchmark must show: the bars, and how they are judged.

A result is what scripts/bench writes as JSON: places ("uml", "icount") with
rows and values. A row is one side of a case, times in ticks of a batch; the
ratio of a case is that of the medians of "nt" and "raw".
"""

import dataclasses
import math


@dataclasses.dataclass
class Bar:
    """One line of the table of bars."""
    name: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def met(self):
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


class Place:
    """The rows and values of one place."""

    def __init__(self, data):
        self.rows = {(row["case"], row["size"], row["side"]): row for row in data["rows"]}
        self.values = {(value["name"], value["size"], value["side"]): value["value"]
                       for value in data["values"]}

    def sizes(self, case):
        return sorted({size for name, size, side in self.rows if name == case and side == "nt"})

    def per_op(self, case, size, side, which="p50"):
        row = self.rows[case, size, side]
        return row[which] / row["ops"]

    def ratio(self, case, size=0, which="p50"):
        return self.per_op(case, size, "nt", which) / self.per_op(case, size, "raw", which)

    def value(self, name, side):
        return next((value for (key, _, whose), value in self.values.items()
                     if key == name and whose == side), None)


def geometric_mean(numbers):
    return math.prod(numbers) ** (1 / len(numbers))


def _set_bars(name, place):
    sizes = place.sizes("set_cancel")
    if not sizes:
        return
    ratios = [place.ratio("set_cancel", size) for size in sizes]
    if name == "icount":
        yield Bar("set + cancel, mean over sizes", geometric_mean(ratios), 0.60)
    else:
        yield Bar("set + cancel, mean over sizes", geometric_mean(ratios), 0.90)
        yield Bar("set + cancel, worst size", max(ratios), 1.00)
    yield Bar("set again while armed, worst size",
              max(place.ratio("reset", size) for size in place.sizes("reset")), 1.00)
    if {1000, 1000000} <= set(sizes):
        growth = {side: place.per_op("set_cancel", 1000000, side, "min")
                  / place.per_op("set_cancel", 1000, side, "min") for side in ("nt", "raw")}
        yield Bar("growth from 10^3 to 10^6 others, against hrtimer's",
                  growth["nt"] / growth["raw"], 1.00)


SIMPLE_BARS = (
    # Name, case, which figure, limit
    ("expiry to DPC, p50", "expiry_dpc", "p50", 1.10),
    ("expiry to DPC, p99", "expiry_dpc", "p99", 1.10),
    ("KeInsertQueueDpc to routine", "dpc", "p50", 1.10),
    ("KeSetEvent to wake, round trip", "event_round_trip", "p50", 1.10),
    ("W-IMP-03: set + wait without blocking", "event_no_block", "p50", 1.50),
    ("I-RL-12: raise + lower", "raise_lower", "p50", 1.50),
)


def _mass_bars(name, place):
    for case, words in (("mass_routine", "with DPC"), ("mass_bare", "without DPC")):
        for size in place.sizes(case):
            yield Bar(f"mass expiry {words}", place.ratio(case, size), 0.70)
            if name == "icount":
                yield Bar(f"mass expiry {words}, longest with interrupts off, us",
                          place.value(case + "_irqs_off_ns", "nt") / 1000, 200)


def bars_of_scale(name, place):
    """What a second processor must bring."""
    if name == "uml" and 2 in place.sizes("scale_private"):
        times = [place.per_op("scale_private", 2, side, "min") for side in ("nt", "alone")]
        yield Bar("operations, 2 CPUs against 1 (idle host only)", times[1] / times[0], 1.8, True)


def _size_bars(place):
    for name, words, limit in (("bytes_timer", "KTIMER", 128), ("bytes_dpc", "KDPC", 64),
                               ("bytes_event", "KEVENT", 48)):
        size = place.value(name, "nt")
        if size is not None:
            yield Bar(f"sizeof {words}", size, limit)


def bars_of(name, data):
    """All bars that the rows of a place allow to judge."""
    place = Place(data)
    yield from _set_bars(name, place)
    for words, case, which, limit in SIMPLE_BARS:
        if place.sizes(case):
            yield Bar(words, place.ratio(case, 0, which), limit)
    yield from _mass_bars(name, place)
    yield from bars_of_scale(name, place)
    if name == "icount":
        yield from _size_bars(place)
