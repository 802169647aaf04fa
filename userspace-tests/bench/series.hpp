// SPDX-License-Identifier: GPL-2.0
// What is measured: each function takes the same kind of sample as its
// neighbours, in nanoseconds.
#pragma once

#include "histogram.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace bench {

struct series {
    std::string name;
    histogram samples;
};

/// Timers of the device: due to interrupt, to DPC, to the woken thread.
std::vector<series> measure_timers(unsigned count, std::chrono::microseconds due);
/// A thread that reads a timerfd, from due to woken.
series measure_timerfd(unsigned count, std::chrono::microseconds due);
/// Half of a round trip between two processes by two events of the device.
series measure_events(unsigned count);
/// The same by /dev/ntsync; empty when there is none.
series measure_ntsync(unsigned count);

} // namespace bench
