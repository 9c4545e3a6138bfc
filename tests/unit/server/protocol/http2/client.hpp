#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factord::protocol::testing {

using field_list = std::vector<std::pair<std::string, std::string>>;

/// What a client saw of one of its streams.
struct http2_answer {
  field_list header;
  field_list trailers;
  std::string body;
  std::size_t data_frames = 0;
  bool ended = false;   ///< the other side ended it
  bool closed = false;  ///< with `code`
  std::uint32_t code = 0;

  /// Empty where there is none.
  [[nodiscard]] std::string value(std::string_view name) const;
  [[nodiscard]] std::string status() const { return value(":status"); }
};

/// A client nobody here wrote: nghttp2's own session, bytes in and bytes out.
class http2_client {
 public:
  /// With `reads`, it opens its windows as data comes; without, whoever tests does.
  explicit http2_client(bool reads = true, std::vector<nghttp2_settings_entry> settings = {});
  ~http2_client();
  http2_client(const http2_client&) = delete;
  http2_client& operator=(const http2_client&) = delete;

  /// Begins a request; with `more` its side stays open for send() and finish().
  std::int32_t request(const std::string& method, const std::string& path,
                       const std::string& body = {}, const field_list& fields = {},
                       bool more = false);
  void send(std::int32_t id, const std::string& body, bool last);
  void reset(std::int32_t id, std::uint32_t code = NGHTTP2_CANCEL);
  void ping();
  void open_window(std::int32_t id, int bytes);
  void go_away();

  /// The bytes it has to send now.
  [[nodiscard]] std::string output();
  void feed(std::string_view bytes);

  [[nodiscard]] const http2_answer& answer(std::int32_t id) { return answers_[id]; }

  struct goaway {
    std::int32_t last_id;
    std::uint32_t code;
  };
  std::vector<goaway> goaways;
  std::map<std::int32_t, std::uint32_t> settings;  ///< the other side's
  unsigned pongs = 0;
  unsigned pings = 0;
  bool error = false;  ///< what came was not HTTP/2

 private:
  struct hooks;
  struct upload {
    std::string body;
    bool last = true;
  };

  void note_goaways(std::string_view bytes);

  nghttp2_session* session_ = nullptr;
  std::string unread_;  ///< by note_goaways
  std::map<std::int32_t, http2_answer> answers_;
  std::map<std::int32_t, std::unique_ptr<upload>> uploads_;
};

/// One frame of any kind.
[[nodiscard]] std::string http2_frame(unsigned type, unsigned flags, std::uint32_t id,
                                      std::string_view payload = {});

}  // namespace factord::protocol::testing
