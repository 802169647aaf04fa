// SPDX-License-Identifier: GPL-2.0
// A program of the fuzzer is a string of bytes. Every string means something:
// bytes choose calls and fill their structures, mostly with values that make
// sense, and when they are used up the program ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fuzz {

using program = std::vector<std::uint8_t>;

/// Run a program against a file of its own; everything is closed on return.
/// Returns how many calls it has made.
unsigned run(const program& bytes);

} // namespace fuzz
