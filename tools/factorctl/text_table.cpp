#include "tools/factorctl/text_table.hpp"

#include <algorithm>

#include "server/service/text.hpp"
#include "storage/base/check.hpp"
#include "storage/base/hex.hpp"

namespace factord::ctl {
namespace {

// Columns that a cell takes, as far as we care: its code points.
std::size_t width(const std::string& cell) {
  return service::count_code_points(cell).value_or(cell.size());
}

void append_row(std::string& out, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += cells[i];
    // No spaces at the end of a line.
    if (i + 1 < cells.size()) out.append(widths[i] - width(cells[i]) + 2, ' ');
  }
  out += '\n';
}

// `escape` is what stands before the two digits of a control character.
std::string without_controls(std::string_view text, std::string_view escape) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C0 and DEL, and C1 (U+0080 to U+009F), which UTF-8 writes as C2 80 to C2 9F.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !c1) {
      out += text[i];
      continue;
    }
    const auto shown = c1 ? static_cast<unsigned char>(text[++i]) : byte;
    append_hex(out.append(escape), shown);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return without_controls(text, "\\x"); }

std::string printable_json(std::string_view json) { return without_controls(json, "\\u00"); }

std::string format_table(const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& cell : header) widths.push_back(width(cell));
  for (const auto& row : rows) {
    FACTORD_CHECK(row.size() == header.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  append_row(out, header, widths);
  for (const auto& row : rows) append_row(out, row, widths);
  return out;
}

}  // namespace factord::ctl
