#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/log_source.hpp"
#include "storage/postgres/read_job.hpp"

/// The readers of a log_source as jobs: each is a statement, and what becomes of its rows.
namespace factord::storage {

[[nodiscard]] read_job job_of_states(std::span<const std::string> keys,
                                     log_source::callback<states_answer> done);
[[nodiscard]] read_job job_of_events(std::uint64_t after, std::size_t limit,
                                     log_source::callback<events_answer> done);
[[nodiscard]] read_job job_of_user_events(std::string_view user_id, std::uint64_t after,
                                          std::size_t limit,
                                          log_source::callback<events_answer> done);
[[nodiscard]] read_job job_of_last_user_event(std::string_view user_id,
                                              log_source::callback<events_answer> done);
[[nodiscard]] read_job job_of_state_scan(std::string_view prefix, std::string_view after,
                                         std::size_t limit,
                                         log_source::callback<std::vector<key_value>> done);
[[nodiscard]] read_job job_of_user_scan(std::string_view after, std::size_t limit,
                                        log_source::callback<std::vector<std::string>> done);

}  // namespace factord::storage
