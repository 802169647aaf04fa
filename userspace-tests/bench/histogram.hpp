// SPDX-License-Identifier: GPL-2.0
// A histogram of durations whose buckets grow with the value: 64 of them for
// each doubling, so a value is known to within 1.6 %, whatever its size.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bench {

class histogram {
public:
    void record(std::uint64_t value) {
        counts_[bucket_of(value)]++;
        count_++;
        sum_ += static_cast<double>(value);
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t min() const { return count_ ? min_ : 0; }
    [[nodiscard]] std::uint64_t max() const { return max_; }
    [[nodiscard]] double mean() const { return count_ ? sum_ / static_cast<double>(count_) : 0; }

    /// The least value that at least this share of all values do not exceed,
    /// as the top of its bucket but never beyond the maximum. 0 if empty.
    [[nodiscard]] std::uint64_t percentile(double percent) const {
        // 99.9 is a little more than that: without the last term a whole rank is
        // missed by one.
        const auto wanted = static_cast<std::uint64_t>(
            std::ceil(percent * static_cast<double>(count_) / 100 - 1e-6));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); i++) {
            seen += counts_[i];
            if (seen >= wanted && seen)
                return std::min(top_of(i), max_);
        }
        return 0;
    }

    static constexpr std::size_t bucket_of(std::uint64_t value) {
        if (value < fine)
            return value;
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - fine_bits - 1;
        return (shift + 1) * fine + ((value >> shift) - fine);
    }
    static constexpr std::uint64_t top_of(std::size_t bucket) {
        if (bucket < fine)
            return bucket;
        const auto shift = bucket / fine - 1;
        return (((bucket % fine + fine) + 1) << shift) - 1;
    }

private:
    static constexpr unsigned fine_bits = 6;
    static constexpr std::uint64_t fine = 1U << fine_bits;
    static constexpr std::size_t buckets = (64 - fine_bits + 1) * fine;

    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(buckets);
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
};

/// What is quoted of a distribution.
inline constexpr std::array quoted_percentiles{50.0, 90.0, 99.0, 99.9, 99.99};

} // namespace bench
