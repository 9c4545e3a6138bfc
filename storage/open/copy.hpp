#pragma once

#include <cstddef>

#include "storage/backup/building_site.hpp"
#include "storage/base/error.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/open/location.hpp"

namespace factord::storage {

struct copy_request {
  live_tokens tokens = live_tokens::keep;
  std::size_t table_files = store_options{}.table_files;  ///< of a store in a directory
  notice_sink notice = {};                                ///< may be empty
};

/// Makes a new store, with an id of its own, of the whole log of another (storage/audit/replay.hpp,
/// which checks it on the way). There must be none at `to`: errc::already_exists. Nobody can open
/// the new store before it is whole; after a failure nothing of it is left. What a crash leaves is
/// refused by whatever opens a store.
[[nodiscard]] result<built_store> copy_store(const log_source& from, const store_location& to,
                                             const copy_request& request,
                                             const build_progress& progress);

}  // namespace factord::storage
