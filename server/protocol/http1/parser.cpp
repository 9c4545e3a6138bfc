#include "server/protocol/http1/parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "server/protocol/http1/scanner.hpp"
#include "server/protocol/http1/target.hpp"
#include "storage/base/ascii.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol::http1 {
namespace {

namespace http = boost::beast::http;

verb to_verb(http::verb method) {
  switch (method) {
    case http::verb::get:
      return verb::get;
    case http::verb::head:
      return verb::head;
    case http::verb::post:
      return verb::post;
    case http::verb::put:
      return verb::put;
    case http::verb::patch:
      return verb::patch;
    case http::verb::delete_:
      return verb::delete_;
    case http::verb::options:
      return verb::options;
    default:
      return verb::other;
  }
}

constexpr std::string_view both_lengths = "Transfer-Encoding and Content-Length exclude each other";

enum class message_part { header, trailers };

// Of a message that is not refused for its coding.
std::string_view length_fault(message_part part, bool chunked) {
  if (part == message_part::trailers) return "Content-Length may not stand in a trailer";
  return chunked ? both_lengths : "Content-Length must be one number";
}

std::string_view coding_fault(message_part part, bool chunked) {
  if (part == message_part::trailers) return "Transfer-Encoding may not stand in a trailer";
  return chunked ? "more than one Transfer-Encoding" : both_lengths;
}

// The one place where Beast's errors become ours. `chunked`: a Transfer-Encoding was accepted.
refusal to_refusal(const boost::beast::error_code& ec, message_part part, bool chunked) {
  if (ec == http::error::body_limit) return {413, 3, "the request body is too large"};
  if (ec == http::error::bad_method) return {400, 3, "malformed request method"};
  if (ec == http::error::bad_target) return {400, 3, "malformed request target"};
  if (ec == http::error::bad_version) return {400, 3, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length)
    return {400, 3, length_fault(part, chunked)};
  if (ec == http::error::bad_transfer_encoding) return {400, 3, coding_fault(part, chunked)};
  // Of a value that Beast reads itself.
  if (ec == http::error::bad_value) return {400, 3, "malformed Connection or Proxy-Connection"};
  if (ec == http::error::bad_chunk || ec == http::error::bad_chunk_extension)
    return {400, 3, "malformed chunk"};
  return {400, 3, "malformed request"};
}

// Whether a target is all that follows the method, as in HTTP/0.9. `header` has a whole first line.
bool lacks_version(std::string_view header) {
  const std::string_view line = header.substr(0, header.find("\r\n"));
  const std::size_t blank = line.find(' ');
  return blank + 1 < line.size() && line.find(' ', blank + 1) == std::string_view::npos;
}

constexpr std::size_t last_chunk_bytes = std::string_view("0\r\n\r\n").size();

// Whether the line of a chunk, or of the last one all that follows it, is in front of `waiting` to
// its end.
bool is_whole_chunk_header(std::string_view waiting) {
  constexpr std::string_view line_end = "\r\n";
  if (waiting.starts_with(line_end)) waiting.remove_prefix(line_end.size());  // of a chunk before
  const std::size_t end = waiting.find(line_end);
  if (end == std::string_view::npos) return false;
  const std::string_view size = waiting.substr(0, end);
  const std::size_t digit = std::min(size.find_first_not_of('0'), size.size());
  const bool last = digit == size.size() || size.find_first_of("; \t", digit) == digit;
  return !last || waiting.find("\r\n\r\n", end) != std::string_view::npos;
}

bool has_control_byte(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

}  // namespace

parser::parser(const limits& bounds, host_rule hosts, codec::streaming_rule streams, request& out)
    : bounds_(bounds), host_rule_(hosts), streams_(streams), out_(out) {
  eager(true);
  // The scanner has held the header to its limit already.
  header_limit(static_cast<std::uint32_t>(bounds.header_bytes));
  body_limit(bounds.body_bytes);
}

parser::status parser::parse_header(std::string_view header) {
  error_code ec;
  const std::size_t taken = put(boost::asio::buffer(header.data(), header.size()), ec);
  FACTORD_CHECK(ec || taken == header.size());
  // A complete header leaves nothing open: the request line was cut short in it.
  if (ec == http::error::need_more) ec = http::error::bad_version;
  // Beast looks for the blank that ends a target, and takes it for a bad one.
  if (ec == http::error::bad_target && lacks_version(header)) ec = http::error::bad_version;
  return settle(ec);
}

parser::status parser::parse_body(std::string_view input, std::size_t& taken) {
  // Beast 345 asserts that a last chunk it has begun to look at is there to 5 bytes, which a first
  // chunk is not when it is the last and comes in pieces. Whatever starts so has 5 bytes or more.
  taken = 0;
  const bool at_first_chunk = chunked() && body_wire_bytes_ == 0;
  if (at_first_chunk && input.size() < last_chunk_bytes && input.front() == '0')
    return status::more;
  error_code ec;
  input_ = input;
  taken = put(boost::asio::buffer(input.data(), input.size()), ec);
  body_wire_bytes_ += taken;
  const std::uint64_t waiting = is_done() ? 0 : input.size() - taken;
  // For Beast a quoted value in a chunk's line may go on in the next, and while it waits for its
  // end it takes the chunk off the limit of the body again and again.
  if (ec == http::error::need_more && chunked() && is_whole_chunk_header(input.substr(taken)))
    refuse("malformed chunk", ec);
  if (ec == http::error::need_more) ec = {};
  if (!ec && chunked() && framing_too_long(body_wire_bytes_ + waiting))
    refuse("chunk extensions or trailers are too large", ec, 431);
  return settle(ec);
}

parser::status parser::settle(const error_code& ec) {
  if (!ec) return is_done() ? status::complete : status::more;
  const auto part = header_done_ ? message_part::trailers : message_part::header;
  if (refusal_.message.empty()) refusal_ = to_refusal(ec, part, transfer_encodings_ > 0);
  return status::refused;
}

// Chunk sizes, extensions and trailers are of no use to anybody here. What stands between two
// pieces of body may be as long as a header (so the input buffer can hold it), and all of it
// together has 8 bytes for each byte of body on top, so that any honest chunking passes.
bool parser::framing_too_long(std::uint64_t bytes_so_far) const {
  return bytes_so_far > framing_begin_ + bounds_.header_bytes ||
         bytes_so_far - body_bytes_ > bounds_.header_bytes + 8 * body_bytes_;
}

std::uint64_t parser::wire_offset(beast_view part) const {
  return body_wire_bytes_ + static_cast<std::size_t>(part.data() + part.size() - input_.data());
}

void parser::refuse(std::string_view message, error_code& ec, answer_status http) {
  refusal_ = {http, 3, message};
  ec = http::error::bad_value;
}

void parser::on_request_impl(http::verb method, beast_view, beast_view target, int version,
                             error_code& ec) {
  ec = {};
  http10_ = version == 10;
  out_.method = to_verb(method);
  if (method == http::verb::connect ||
      !reduce_target(target, method == http::verb::options, host_rule_, out_.target))
    return refuse("malformed request target", ec);
  const bool may_stream = streams_ != nullptr && method == http::verb::post;
  in_parts_ = may_stream && streams_(out_.target);
  if (in_parts_) body_limit(boost::none);
}

void parser::on_response_impl(int, beast_view, int, error_code&) {
  FACTORD_CHECK(false && "a parser of requests parsed a response");
}

void parser::on_field_impl(http::field field, beast_view name, beast_view value, error_code& ec) {
  ec = {};
  // A trailer is discarded. One of the two that say where a message ends never gets here: nobody
  // may send it (RFC 9110, section 6.5.1), and who merges trailers into the header would see
  // another message than we do.
  if (header_done_) return;
  switch (field) {
    case http::field::host:
      return check_host(value, ec);
    case http::field::content_length:
      return check_content_length(value, ec);
    case http::field::transfer_encoding:
      return check_transfer_encoding(value, ec);
    case http::field::expect:
      return check_expect(value, ec);
    case http::field::connection:
      close_asked_ |= http::token_list(value).exists("close");
      return;
    default:
      break;
  }
  if (const auto known = find_field(name)) out_.add(*known, value);
}

void parser::check_host(std::string_view value, error_code& ec) {
  if (++hosts_ > 1) return refuse("more than one Host", ec);
  if (host_rule_ == host_rule::checked && !is_host(value)) refuse("malformed Host", ec);
}

void parser::check_content_length(std::string_view value, error_code& ec) {
  if (++content_lengths_ > 1 || value.empty() || !std::ranges::all_of(value, factord::is_digit))
    refuse("Content-Length must be one number", ec);
}

void parser::check_transfer_encoding(std::string_view value, error_code& ec) {
  if (!same_in_any_case(value, "chunked"))
    return refuse("the only Transfer-Encoding accepted is chunked", ec);
  ++transfer_encodings_;
}

void parser::check_expect(std::string_view value, error_code& ec) {
  if (http10_) return;  // RFC 9110, section 10.1.1: ignored
  if (!same_in_any_case(value, "100-continue"))
    return refuse("the only expectation known is 100-continue", ec, 417);
  expects_continue_ = true;
}

void parser::on_header_impl(error_code& ec) {
  ec = {};
  header_done_ = true;
  if (hosts_ == 0 && !http10_) return refuse("Host is missing", ec);
  if (transfer_encodings_ > 0 && http10_) return refuse("chunked is not for HTTP/1.0", ec);
  // Taken now, because a trailer named Connection would change it; and "close" wins (RFC
  // 9112, 9.3), which it does not for Beast where HTTP/1.0 says both.
  keep_alive_ = keep_alive() && !close_asked_;
}

void parser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& ec) { ec = {}; }

std::size_t parser::on_body_impl(beast_view bytes, error_code& ec) {
  ec = {};
  out_.body.append(bytes.data(), bytes.size());
  body_bytes_ += bytes.size();
  return bytes.size();
}

void parser::on_chunk_header_impl(std::uint64_t size, beast_view extensions, error_code& ec) {
  ec = {};
  // A quoted extension value may hold a line feed for Beast, which others take for the line's end.
  if (has_control_byte(extensions)) return refuse("malformed chunk", ec);
  const std::uint64_t line_end = wire_offset(extensions) + 2;  // its CR LF
  if (framing_too_long(line_end))
    return refuse("chunk extensions or trailers are too large", ec, 431);
  // Beast reads the last chunk when all that follows it is there.
  if (size == 0) check_trailers(input_.substr(line_end - body_wire_bytes_), ec);
}

// Nobody reads them, but the next request begins where they end, for everybody on the way alike.
void parser::check_trailers(std::string_view lines, error_code& ec) {
  header_scanner scanner = header_scanner::of_fields();
  if (scanner.scan(lines, lines.size()) == header_scanner::status::bad)
    refuse("malformed trailers", ec);
}

std::size_t parser::on_chunk_body_impl(std::uint64_t, beast_view bytes, error_code& ec) {
  framing_begin_ = wire_offset(bytes);
  return on_body_impl(bytes, ec);
}

void parser::on_finish_impl(error_code& ec) { ec = {}; }

}  // namespace factord::protocol::http1
