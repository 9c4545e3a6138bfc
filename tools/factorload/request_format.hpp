#pragma once

#include <array>
#include <string>
#include <string_view>

#include "storage/base/id_range.hpp"
#include "tools/factorload/request_source.hpp"

namespace factord::load {

/// Requests as bytes. All but the id is made once.
class request_format {
 public:
  /// `authority` is the Host; `token` must be visible ASCII (it stands in a header).
  request_format(std::string_view authority, std::string_view token, id_range ids);

  /// Appends the request; its id_index must be below the number of ids.
  void append(std::string& out, const request& what) const;

 private:
  struct parts {
    std::string before_id;
    std::string after_id;
  };

  std::array<parts, operation_count> parts_;
  id_range ids_;
};

}  // namespace factord::load
