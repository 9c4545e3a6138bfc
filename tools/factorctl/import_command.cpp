#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "server/protocol/messages/bulk_addition.hpp"
#include "tools/factorctl/bulk_run.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"

namespace factord::ctl {
namespace {

std::string as_it_is(std::string_view line) { return std::string(line); }

// It goes along as a field of a header.
std::string check_org(const std::string& text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; };
  const bool bare = !text.empty() && text.front() != ' ' && text.back() != ' ';
  if (bare && std::ranges::none_of(text, is_control)) return check_id(text);
  return "an organization with control characters, or blanks at its ends, is named in the lines";
}

constexpr bulk_task additions{.target = "/admin/v1/users/human/_bulk_add",
                              .done = "added",
                              .would = "would add",
                              .rules = {as_it_is, protocol::addition_line_bytes}};

}  // namespace

void add_import_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("import", "Add many users to a running server, by a file");
  const auto options = std::make_shared<bulk_options>();
  command
      ->add_option(
          "file", options->from,
          "A user a line: the JSON of AddHumanUser, with \"otpEmail\": true for the factor")
      ->type_name("FILE")
      ->check(check_not_empty)
      ->required();
  command->add_option("--org", options->org, "The organization of lines that name none")
      ->type_name("ORG")
      ->check(check_org);
  add_bulk_options(*command, *options);
  command
      ->add_option("--codes", options->codes,
                   "Where to append the codes of emails that lines ask for (default FILE.codes)")
      ->type_name("FILE")
      ->check(check_not_empty);
  command->footer(
      "Each user is added whole, with the factor, or not at all. A run that was cut short is "
      "started\n"
      "again with the same file and --org: what it had done is not done again. Lines that failed "
      "go\n"
      "into another file, once they are right. Exit code 1 where some were not added.\n"
      "\nExample:\n  factorctl --data-dir data import users.ndjson --org acme");
  command->callback([options, &call] {
    complete(*options);
    if (options->codes.empty()) options->codes = options->from.string() + ".codes";
    call.run = [options](const auto& data_dir) { return run_bulk(data_dir, additions, *options); };
  });
}

}  // namespace factord::ctl
