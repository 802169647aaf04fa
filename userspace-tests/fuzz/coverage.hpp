// SPDX-License-Identifier: GPL-2.0
// Which places of the kernel this thread has reached, by KCOV. On a kernel
// without it nothing is ever new, and the fuzzer goes on without guidance.
#pragma once

#include <cstdint>
#include <fcntl.h>
#include <ntshim.hpp>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unordered_set>

namespace fuzz {

class coverage {
public:
    coverage() : fd_{open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC)} {
        if (fd_.get() < 0 || ioctl(fd_.get(), init_trace, capacity))
            return;
        void* memory = mmap(nullptr, capacity * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED, fd_.get(), 0);
        if (memory != MAP_FAILED) // NOLINT(performance-no-int-to-ptr)
            places_ = static_cast<std::uint64_t*>(memory);
    }
    coverage(const coverage&) = delete;
    coverage& operator=(const coverage&) = delete;
    ~coverage() {
        if (places_)
            munmap(places_, capacity * sizeof(std::uint64_t));
    }

    [[nodiscard]] bool available() const { return places_ != nullptr; }
    [[nodiscard]] std::size_t total() const { return seen_.size(); }
    [[nodiscard]] const std::unordered_set<std::uint64_t>& places() const { return seen_; }

    /// Run something; how many places it reached that nothing had before.
    template <class F> std::size_t measure(F&& f) {
        if (!places_) {
            f();
            return 0;
        }
        __atomic_store_n(&places_[0], 0, __ATOMIC_RELAXED);
        const bool enabled = ioctl(fd_.get(), enable, trace_pc) == 0;
        f();
        if (!enabled)
            return 0;
        ioctl(fd_.get(), disable, 0);
        const auto before = seen_.size();
        const auto count = __atomic_load_n(&places_[0], __ATOMIC_RELAXED);
        seen_.insert(places_ + 1, places_ + 1 + count);
        return seen_.size() - before;
    }

private:
    static constexpr std::size_t capacity = 1U << 16;
    static constexpr unsigned long init_trace = _IOR('c', 1, unsigned long);
    static constexpr unsigned long enable = _IO('c', 100);
    static constexpr unsigned long disable = _IO('c', 101);
    static constexpr unsigned long trace_pc = 0;

    ntshim::unique_fd fd_;
    std::uint64_t* places_ = nullptr;
    std::unordered_set<std::uint64_t> seen_;
};

} // namespace fuzz
