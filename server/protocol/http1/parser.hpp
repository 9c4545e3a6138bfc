#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/base/limits.hpp"
#include "server/protocol/wire/authority.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/protocol/wire/request.hpp"

namespace factord::protocol::http1 {

/// One HTTP/1.x message: Beast's parser, with what it lets through refused, writing straight into
/// the request that the codec gives out. Nothing is allocated that the request does not keep.
class parser final : public boost::beast::http::basic_parser<true> {
 public:
  parser(const limits& bounds, host_rule hosts, codec::streaming_rule streams, request& out);

  enum class status { more, complete, refused };

  /// Parses a whole header, as header_scanner found it.
  [[nodiscard]] status parse_header(std::string_view header);

  /// Parses what it can of the body; `taken` is set to how many bytes that was.
  [[nodiscard]] status parse_body(std::string_view input, std::size_t& taken);

  /// Valid where the status was `refused`.
  [[nodiscard]] const refusal& why() const noexcept { return refusal_; }

  // Valid once the header was parsed.
  [[nodiscard]] bool is_http10() const noexcept { return http10_; }
  [[nodiscard]] bool keeps_alive() const { return keep_alive_; }
  [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }
  /// The body may have any length, and is read as it comes.
  [[nodiscard]] bool in_parts() const noexcept { return in_parts_; }
  /// Of the body, without its framing, so far.
  [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }

 private:
  using error_code = boost::beast::error_code;
  using beast_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb method, beast_view method_text, beast_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int code, beast_view reason, int version, error_code& ec) override;
  void on_field_impl(boost::beast::http::field field, beast_view name, beast_view value,
                     error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
  std::size_t on_body_impl(beast_view bytes, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, beast_view extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, beast_view bytes, error_code& ec) override;
  void on_finish_impl(error_code& ec) override;

  void check_content_length(std::string_view value, error_code& ec);
  void check_transfer_encoding(std::string_view value, error_code& ec);
  void check_host(std::string_view value, error_code& ec);
  void check_expect(std::string_view value, error_code& ec);
  void check_trailers(std::string_view lines, error_code& ec);
  void refuse(std::string_view message, error_code& ec, answer_status http = 400);
  [[nodiscard]] status settle(const error_code& ec);
  [[nodiscard]] bool framing_too_long(std::uint64_t bytes_so_far) const;
  /// Where in the body, framing included, this part of the input ends.
  [[nodiscard]] std::uint64_t wire_offset(beast_view part) const;

  const limits& bounds_;
  const host_rule host_rule_;
  const codec::streaming_rule streams_;
  request& out_;
  refusal refusal_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t body_wire_bytes_ = 0;  ///< of the body, with its framing, before this input
  std::uint64_t framing_begin_ = 0;    ///< in those bytes: where the last piece of body ended
  std::string_view input_;             ///< of the body, being parsed
  unsigned hosts_ = 0;
  unsigned content_lengths_ = 0;
  unsigned transfer_encodings_ = 0;
  bool http10_ = false;
  bool in_parts_ = false;
  bool header_done_ = false;
  bool close_asked_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace factord::protocol::http1
