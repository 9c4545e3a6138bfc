#pragma once

#include <cstddef>
#include <string>

#include "server/service/question.hpp"
#include "storage/model/records.pb.h"

namespace factord::testing {

/// Whom the request of this number adds: a username, names and a mail address that are its own, of
/// lengths that vary and letters of one to four bytes. They follow from the number alone, so that
/// what an input of connection_fuzz means does not hang on them. It is the payload of the event
/// that is due.
[[nodiscard]] storage::event_payload person_of(std::size_t number);

/// The body that asks for it.
[[nodiscard]] std::string to_json(const storage::event_payload& person, const std::string& user);

/// What a call was given of a person, as to_json() wrote it.
[[nodiscard]] storage::event_payload person_in(const service::call_input& asked);

/// Byte for byte, and nothing beside it.
[[nodiscard]] bool same(const storage::event_payload& one, const storage::event_payload& other);

}  // namespace factord::testing
