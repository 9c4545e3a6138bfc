#pragma once

#include <string_view>

namespace factord {

/// Has this process end with 1 and this line on standard error, where it would abort for want of
/// memory: for an exception that nothing may leave, for one that there is no memory to throw, for
/// what a library cannot do without. Whatever else it would abort for, it does, by the handlers
/// that were there (std::set_terminate). Only programs call it, once, before there are threads;
/// what `line` shows is there as long as they run.
void end_where_memory_is_wanting(std::string_view line) noexcept;

}  // namespace factord
