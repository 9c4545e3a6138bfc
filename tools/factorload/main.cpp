#include <boost/json/serialize.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <variant>

#include "storage/base/descriptors.hpp"
#include "storage/base/shortage.hpp"
#include "storage/base/standard_output.hpp"
#include "storage/base/want_of_memory.hpp"
#include "tools/factorload/load_options.hpp"
#include "tools/factorload/load_run.hpp"
#include "tools/factorload/load_summary.hpp"

namespace factord::load {
namespace {

int fail(const std::string& message) {
  std::fprintf(stderr, "factorload: %s\n", message.c_str());
  return 1;
}

int run(const load_options& options) {
  // Opened first: an hour of load is not to end with a result that cannot be written.
  std::ofstream json_file;
  if (!options.json_file.empty()) {
    json_file.open(options.json_file);
    if (!json_file) return fail("cannot write " + options.json_file);
  }

  const result<load_result> outcome = run_load(options);
  if (!outcome) return fail(outcome.error().message);

  if (json_file.is_open()) {
    json_file << boost::json::serialize(summary_json(options, *outcome)) << std::endl;
    if (!json_file) return fail("cannot write " + options.json_file);
  }
  std::fputs(format_summary(options, *outcome).c_str(), stdout);
  return end_output("factorload", outcome->counts.errors() == 0 ? 0 : 1);
}

}  // namespace
}  // namespace factord::load

int main(int argc, char** argv) {
  factord::open_standard_files();
  factord::end_where_memory_is_wanting("factorload: out of memory\n");
  factord::raise_descriptor_limit();
  try {
    const auto options = factord::load::read_command_line(argc, argv);
    if (const int* done = std::get_if<int>(&options))
      return factord::end_output("factorload", *done);
    return factord::load::run(std::get<factord::load::load_options>(options));
  } catch (const std::exception& failure) {
    return factord::load::fail(factord::cause_of(failure));
  }
}
