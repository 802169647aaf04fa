// SPDX-License-Identifier: GPL-2.0
// All scenarios at once: each in a process and a file of its own, so that its
// totals stay exact, while the others disturb it.
#include "scenarios.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <stdexcept>

namespace stress {

namespace {

/// How one scenario runs within a slice.
plan part_of(const plan& slice, worker& me) {
    plan part = slice;
    part.seed = me.below(UINT64_MAX);
    part.workers = static_cast<unsigned>(2 + me.below(3));
    part.timers = 4U << me.below(7);
    part.threads = me.chance(50);
    part.progress = false;
    return part;
}

void run_part(const scenario& s, const plan& part, worker& me) {
    try {
        me.mine = s.run(part);
    } catch (const std::exception& e) {
        throw std::runtime_error{fmt::format("{} seed {} {}: {}", s.name, part.seed,
                                             part.threads ? "threads" : "processes", e.what())};
    }
}

void run_slice(const plan& slice, std::span<const scenario* const> chosen,
               shared_array<std::uint64_t>& operations, tally& sum) {
    sum += run_crew(slice, [&](worker& me) {
        run_part(*chosen[me.index], part_of(slice, me), me);
        operations[me.index] += me.mine.operations;
    });
    const auto observer = ntshim::device::open().value();
    expect_only(observer, 1, 0);
}

} // namespace

tally run_mixed(const plan& how, std::chrono::seconds slice,
                std::span<const scenario* const> chosen, std::string& report) {
    const auto until = clock::now() + how.duration;
    shared_array<std::uint64_t> operations{chosen.size()};
    plan next = how;
    next.workers = static_cast<unsigned>(chosen.size());
    next.threads = false;
    next.alone = false;
    next.reload.clear();
    tally sum{};
    for (; clock::now() < until; next.seed++) {
        next.duration =
            std::min(slice, std::chrono::ceil<std::chrono::seconds>(until - clock::now()));
        run_slice(next, chosen, operations, sum);
    }
    report = fmt::format("mixed slices {}\n", next.seed - how.seed);
    for (std::size_t i = 0; i < chosen.size(); i++)
        report += fmt::format("mixed {} operations {}\n", chosen[i]->name, operations[i]);
    return sum;
}

} // namespace stress
