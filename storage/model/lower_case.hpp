#pragma once

#include <string>
#include <string_view>

namespace factord::storage {

/// Appends `text` in lower case: character by character, by the simple mappings of Unicode 15,
/// which is what Go's strings.ToLower does, and so ZITADEL for what must be unique. (So "ß" and
/// "SS" are two, and nothing is normalized.) Bytes that are not UTF-8 stay as they are.
///
/// Keys of the store are made of it, so it never changes: another version of Unicode would give
/// other keys for the same events. That is why it is a table of ours and no library.
void append_lower_case(std::string& out, std::string_view text);

}  // namespace factord::storage
