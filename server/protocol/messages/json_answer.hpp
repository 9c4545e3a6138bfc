#pragma once

#include <string>

#include "server/service/answer.hpp"

/// Answers as JSON over HTTP (API.md, section 2 and 3): fields that are unset or have their
/// default are left out. Each appends the body of a call that succeeded. Written by hand: the main
/// job's is one of them.
namespace factord::protocol {

/// Of every command that says no more.
void write_json_details(const service::answer& done, std::string& out);
void write_json_added_user(const service::answer& done, std::string& out);
void write_json_new_code(const service::answer& done, std::string& out);
void write_json_user(const service::answer& done, std::string& out);
void write_json_method_types(const service::answer& done, std::string& out);
void write_json_factors(const service::answer& done, std::string& out);
void write_json_events(const service::answer& done, std::string& out);
void write_json_new_token(const service::answer& done, std::string& out);
void write_json_tokens(const service::answer& done, std::string& out);
void write_json_stats(const service::answer& done, std::string& out);
/// Of a store that was reset: which one it is now.
void write_json_head(const service::answer& done, std::string& out);
void write_json_backup(const service::answer& done, std::string& out);

}  // namespace factord::protocol
