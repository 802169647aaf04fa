// SPDX-License-Identifier: GPL-2.0
// The scenarios. Each opens its own file, lets its crew loose and compares their
// totals with the module's; it throws when they differ.
#pragma once

#include "crew.hpp"

#include <span>

namespace stress {

struct scenario {
    const char* name;
    const char* about;
    tally (*run)(const plan& how);
};

tally set_cancel(const plan& how);
tally mass_expiry(const plan& how);
tally clock_steps(const plan& how);
tally mesh(const plan& how);
tally uring_mesh(const plan& how);
tally ping_pong(const plan& how);
tally delete_under_fire(const plan& how);
tally close_under_fire(const plan& how);
tally kill_rounds(const plan& how);
tally unload_attempts(const plan& how);

inline constexpr scenario scenarios[] = {
    {"set-cancel", "sets and cancels of shared timers; calls add up, runs do not exceed expiries",
     set_cancel},
    {"mass-expiry", "many timers due at one instant, again and again", mass_expiry},
    {"clock-steps", "absolute and relative timers while the wall clock is set", clock_steps},
    {"mesh", "waits for any and all of shared tokens", mesh},
    {"uring-mesh", "the same through io_uring, with cancellation", uring_mesh},
    {"ping-pong", "pairs of workers that release each other", ping_pong},
    {"delete", "objects are deleted while others use them", delete_under_fire},
    {"close", "files are closed with everything in flight", close_under_fire},
    {"kill", "processes are killed in the middle of it all", kill_rounds},
    {"unload", "the module is unloaded while it is used, which must fail", unload_attempts},
};

/// Until the module holds nothing but what is given, or throws after ten minutes.
void expect_only(const ntshim::device& dev, std::uint64_t files, std::uint64_t objects);

/// The given scenarios at the same time, in slices with other numbers of workers
/// and timers, as processes or threads; after each slice nothing is left. The
/// lines of the report say what each of them did.
tally run_mixed(const plan& how, std::chrono::seconds slice,
                std::span<const scenario* const> chosen, std::string& report);

} // namespace stress
