#include "storage/postgres/libpq_platform.hpp"

#include "storage/postgres/connection_io.hpp"
#include "storage/postgres/connector.hpp"
#include "storage/postgres/read_pool.hpp"
#include "storage/postgres/statements.hpp"

namespace factord::storage {

std::unique_ptr<session_io> libpq_platform::make_io(use what, primary_watch& watch) {
  const auto statements = what == use::writing ? statements_of_writers() : statements_of_readers();
  return std::make_unique<connection_io>([this, statements, &watch](session_io::time by) {
    std::string same = store_id_;
    auto made = connect_to_store(location_, rules_, statements, same, by, watch.newest_timeline());
    if (made) watch.see((*made)->server());
    return made;
  });
}

std::unique_ptr<readers> libpq_platform::start(std::unique_ptr<read_session> look_ups,
                                               std::unique_ptr<read_session> walks) {
  return std::make_unique<read_pool>(rules_, std::move(look_ups), std::move(walks));
}

}  // namespace factord::storage
