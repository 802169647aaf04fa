// SPDX-License-Identifier: GPL-2.0
// ntshim-capacity: many timers and many asynchronous waits in one process. All
// timers expire, every wait ends by its own timer, and none takes more memory
// than it may.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fmt/core.h>
#include <fstream>
#include <ntshim.hpp>
#include <stdexcept>
#include <string>
#include <uring.hpp>
#include <vector>

namespace {

using namespace std::chrono_literals;
using ntshim::units;
using handles = std::vector<std::uint32_t>;

void require_equal(const char* what, std::uint64_t expected, std::uint64_t found) {
    if (expected != found)
        throw std::runtime_error{fmt::format("{}: expected {}, found {}", what, expected, found)};
}

/// Bytes that the kernel's allocator of small objects has in use.
std::int64_t slab_bytes() {
    std::ifstream meminfo{"/proc/meminfo"};
    std::string name;
    std::int64_t kib = 0;
    while (meminfo >> name >> kib) {
        if (name == "Slab:")
            return kib * 1024;
        meminfo.ignore(100, '\n');
    }
    throw std::runtime_error{"no Slab in /proc/meminfo"};
}

/// What one of count things that were made since costs.
class cost {
public:
    [[nodiscard]] std::int64_t of_one(std::size_t count) const {
        return (slab_bytes() - before_) / static_cast<std::int64_t>(count);
    }

private:
    std::int64_t before_ = slab_bytes();
};

void require_at_most(const char* what, std::int64_t limit, std::int64_t found) {
    fmt::print("{}: {} bytes each\n", what, found);
    if (limit && found > limit)
        throw std::runtime_error{fmt::format("{}: at most {} bytes are documented", what, limit)};
}

handles make_timers(const ntshim::device& dev, std::size_t count) {
    handles timers(count);
    for (auto& timer : timers)
        timer = dev.timer().value();
    return timers;
}

/// In as few calls as the device allows; due times are step apart.
void set_all(const ntshim::device& dev, const handles& timers, units first, units step) {
    std::vector<ntshim_set> entries(timers.size());
    for (std::size_t i = 0; i < timers.size(); i++) {
        entries[i].handle = timers[i];
        entries[i].due_100ns = (first + step * static_cast<std::int64_t>(i)).count();
    }
    for (std::span rest{entries}; !rest.empty();) {
        const auto part = rest.first(std::min<std::size_t>(rest.size(), NTSHIM_BATCH_MAX));
        require_equal("entries of a batch", part.size(), dev.batch(part).value());
        rest = rest.subspan(part.size());
    }
}

/// One asynchronous wait for each of the first timers; arguments stay.
class waits {
public:
    waits(const ntshim::device& dev, const handles& timers, std::size_t count)
        : dev_{dev}, args_(count), async_(count) {
        for (std::size_t i = 0; i < count; i++) {
            args_[i].handles = reinterpret_cast<std::uintptr_t>(&timers[i]);
            args_[i].count = 1;
            async_[i].wait = reinterpret_cast<std::uintptr_t>(&args_[i]);
        }
    }
    void start() {
        for (std::size_t i = 0; i < async_.size(); i++)
            ring_.prepare(dev_, NTSHIM_URING_WAIT, async_[i], i);
        ring_.submit();
        require_equal("waits in progress", async_.size(), dev_.info().value().async_waits);
    }
    /// Each exactly once, with success.
    void finish() {
        std::vector<bool> seen(async_.size());
        for (std::size_t n = 0; n < async_.size(); n++) {
            const auto done = ring_.next();
            require_equal("result of a wait", 0, static_cast<std::uint64_t>(done.result));
            require_equal("times that a wait completed", 0, seen.at(done.id));
            seen[done.id] = true;
        }
        require_equal("waits in progress", 0, dev_.info().value().async_waits);
    }

private:
    const ntshim::device& dev_;
    std::vector<ntshim_wait> args_;
    std::vector<ntshim_async> async_;
    ntshim::uring ring_{4096};
};

struct limits {
    std::size_t timers = 100'000;
    std::size_t waits = 10'000;
    std::int64_t timer_bytes = 0;
    std::int64_t wait_bytes = 0;
};

/// io_uring interrupts its thread to end a request, even as its ring goes.
void wait_for(const ntshim::device& dev, std::uint32_t timer) {
    auto woken = dev.wait_one(timer);
    while (!woken && woken.error() == EINTR)
        woken = dev.wait_one(timer);
    woken.value();
}

void wait_for_runs(const ntshim::device& dev, const handles& timers) {
    for (const auto timer : timers) {
        wait_for(dev, timer);
        while (dev.query(timer).value().runs == 0)
            sched_yield();
    }
    require_equal("runs of DPCs", timers.size(), dev.info().value().runs);
}

void run(const limits& most) {
    const auto dev = ntshim::device::open().value();
    const cost of_timers;
    const auto timers = make_timers(dev, most.timers);
    set_all(dev, timers, -3600s, 1us);
    require_at_most("timers", most.timer_bytes, of_timers.of_one(most.timers));

    if (dev.info().value().features & NTSHIM_FEATURE_URING) {
        waits pending{dev, timers, most.waits};
        const cost of_waits;
        pending.start();
        require_at_most("waits", most.wait_bytes, of_waits.of_one(most.waits));
        set_all(dev, timers, -1s, -10us);
        pending.finish();
    } else {
        set_all(dev, timers, -1s, -10us);
    }
    wait_for_runs(dev, timers);
    // They go with the file while they are armed.
    set_all(dev, timers, -3600s, 1us);
}

} // namespace

int main(int argc, char** argv) try {
    CLI::App app{"Many timers and waits of /dev/ntshim in one process, and their memory."};
    limits most;
    app.add_option("--timers", most.timers, "how many timers")->check(CLI::Range(1, 10'000'000));
    app.add_option("--waits", most.waits, "how many asynchronous waits, at most one a timer")
        ->check(CLI::Range(1, 10'000'000));
    app.add_option("--timer-bytes", most.timer_bytes, "what a timer may cost; 0: anything");
    app.add_option("--wait-bytes", most.wait_bytes, "what a wait may cost; 0: anything");
    CLI11_PARSE(app, argc, argv);
    most.waits = std::min(most.waits, most.timers);

    try {
        run(most);
        const auto info = ntshim::device::open().value().info().value();
        require_equal("objects left", 0, info.objects);
        fmt::print("pass capacity timers {} waits {}\n", most.timers, most.waits);
    } catch (const std::exception& e) {
        fmt::print("fail capacity: {}\n", e.what());
        return 1;
    }
    return 0;
} catch (const std::exception& e) {
    std::fputs(e.what(), stderr);
    return 1;
} catch (...) {
    return 1;
}
