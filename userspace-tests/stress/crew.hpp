// SPDX-License-Identifier: GPL-2.0
// Workers: processes that share the open file and a block of memory, or threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <new>
#include <ntshim.hpp>
#include <random>
#include <span>
#include <string>
#include <sys/mman.h>
#include <thread>

namespace stress {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
using ntshim::units;

/// How long something may take that is sure to come: for hangs.
inline constexpr auto patience = 600s;

/// Zeroed memory that workers share, whether they are threads or processes.
template <class T> class shared_array {
public:
    explicit shared_array(std::size_t count) : count_{count} {
        void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) // NOLINT(performance-no-int-to-ptr)
            throw std::bad_alloc{};
        data_ = static_cast<T*>(memory);
    }
    shared_array(const shared_array&) = delete;
    shared_array& operator=(const shared_array&) = delete;
    ~shared_array() { munmap(data_, count_ * sizeof(T)); }

    T& operator[](std::size_t i) { return data_[i]; }
    T* begin() { return data_; }
    T* end() { return data_ + count_; }
    [[nodiscard]] std::size_t size() const { return count_; }

private:
    T* data_ = nullptr;
    std::size_t count_;
};

/// What a worker has done, by its own count.
struct tally {
    std::uint64_t operations;
    std::uint64_t sets;      // set calls
    std::uint64_t rearmed;   // set calls that found the timer armed
    std::uint64_t cancelled; // cancels that found it armed
    std::uint64_t waits;     // waits that ended with success
    std::uint64_t timeouts;
};
tally& operator+=(tally& sum, const tally& t);

/// How long and with how many.
struct plan {
    unsigned workers = 4;
    unsigned timers = 64;
    std::uint64_t seed = 0;
    std::uint64_t rounds = 0; // per worker; 0: until the time is over
    std::int64_t rate = 0;    // operations per second of each worker, at most; 0: no limit
    std::chrono::seconds duration{5};
    bool threads = false;
    bool progress = false;
    bool alone = true;  // the module's counters are those of this scenario
    std::string reload; // module that is unloaded and loaded after each kill
};

/// One worker's view of a run.
class worker {
public:
    worker(unsigned number, const plan& how, clock::time_point until, tally& count,
           std::atomic<bool>& stop)
        : index{number}, mine{count}, random_{how.seed * 1'000'003 + number}, rounds_{how.rounds},
          pause_{how.rate ? std::chrono::nanoseconds{1s} / how.rate : 0ns}, until_{until},
          stop_{stop} {}

    /// False when the run is over. Counts one operation, and keeps to the rate.
    bool go_on() {
        if (pause_ > 0ns)
            std::this_thread::sleep_until(next());
        if (is_over())
            return false;
        mine.operations++;
        return true;
    }
    /// The same. What others wait for does not wait for the rate: in its pauses
    /// this worker looks again and again.
    template <class Look> bool go_on(const Look& look) {
        for (; pause_ > 0ns && clock::now() < next(); look())
            std::this_thread::sleep_until(std::min(next(), clock::now() + 1ms));
        return go_on();
    }
    /// The same without counting: whether a partner may have stopped.
    [[nodiscard]] bool is_over() const {
        return stop_.load(std::memory_order_relaxed) || clock::now() >= until_ ||
               (rounds_ && mine.operations >= rounds_);
    }
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    bool chance(unsigned percent) { return below(100) < percent; }

    const unsigned index;
    tally& mine;

private:
    /// When the rate allows one more operation.
    [[nodiscard]] clock::time_point next() const {
        return start_ + pause_ * static_cast<std::int64_t>(mine.operations);
    }

    std::mt19937_64 random_;
    std::uint64_t rounds_;
    std::chrono::nanoseconds pause_;
    clock::time_point start_ = clock::now();
    clock::time_point until_;
    std::atomic<bool>& stop_;
};

/// Run work in every worker; the sum of what they did. Throws if one failed.
tally run_crew(const plan& how, const std::function<void(worker&)>& work);

/// The timers of the plan, or as many as there may be; says so if a user wanted
/// more.
unsigned timers_within(const plan& how, std::uint64_t limit);

/// Throws with a message unless what was expected is so.
void require(bool holds, const char* what, std::uint64_t expected, std::uint64_t found);
inline void require_equal(const char* what, std::uint64_t expected, std::uint64_t found) {
    require(expected == found, what, expected, found);
}

/// The value, or an exception unless the error is one that may happen.
template <class T> bool allow(const ntshim::result<T>& result, std::initializer_list<int> errors) {
    if (result)
        return true;
    for (const int error : errors)
        if (error == result.error())
            return false;
    throw std::system_error{result.error(), std::generic_category(), "unexpected"};
}

} // namespace stress
