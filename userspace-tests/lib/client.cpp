// SPDX-License-Identifier: GPL-2.0
// A client as a user writes it, from the installed headers alone: waits for a
// timer that is due in 10 ms.
#include <cstdio>
#include <ntshim.hpp>

int main() {
    using namespace std::chrono_literals;

    const auto dev = ntshim::device::open();
    if (!dev) {
        std::fprintf(stderr, "%s: errno %d\n", ntshim::device::default_path, dev.error());
        return 1;
    }
    const ntshim::unique_handle timer{dev.value(), dev.value().timer().value()};
    dev.value().set(timer.get(), -10ms).value();
    const auto woken = dev.value().wait_one(timer.get(), -60s);
    std::printf("%s\n", woken ? "woken" : "not woken");
    return woken ? 0 : 1;
}
