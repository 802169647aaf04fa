// SPDX-License-Identifier: GPL-2.0
// A client as a user writes it, from the installed headers alone: waits for a
// timer that is due in 10 ms.
#include <cstdio>
#include <exception>
#include <ntshim.hpp>

namespace {

void wait_for_a_timer() {
    using namespace std::chrono_literals;

    const auto dev = ntshim::device::open().value();
    const ntshim::unique_handle timer{dev, dev.timer().value()};
    dev.set(timer.get(), -10ms).value();
    const auto woken = dev.wait_one(timer.get(), -60s).value();
    std::printf("woken %lld ns after boot\n", static_cast<long long>(woken.at.count()));
}

} // namespace

int main() {
    try {
        wait_for_a_timer();
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s: %s\n", ntshim::device::default_path, e.what());
        return 1;
    }
}
