#include "server/protocol/messages/event_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace factord::protocol::event_stream_test {
namespace {

TEST(event_stream, the_form_is_the_one_that_a_client_would_rather_have) {
  using enum event_form;
  struct {
    const char* accept;
    event_form form;
  } const cases[] = {
      {"", page},
      {"*/*", page},
      {"text/html, */*;q=0.8", page},
      {"application/json", page},
      {"application/x-ndjson", ndjson},
      {"text/event-stream", sse},
      {"Text/Event-Stream ; charset=utf-8", sse},
      {"text/event-stream, application/json", sse},
      {"application/json, text/event-stream", page},
      {"application/json;q=0.5, text/event-stream;q=0.9", sse},
      {"application/x-ndjson;q=1.0,text/event-stream;q=1", ndjson},
      {"text/event-stream;q=0", page},
      {"text/event-stream;q=0.001", sse},
      {"text/event-stream;Q=0.2, application/x-ndjson;v=1;q=0.25", ndjson},
      {"text/event-streams", page},
      {"text/*", page},
      {",, ;q=1,text/event-stream,,", sse},
      {"text/event-stream;q=", sse},
      {"text/event-stream;q=0.x", sse},
  };
  for (const auto& one : cases) EXPECT_EQ(find_event_form(one.accept), one.form) << one.accept;
}

class event_stream_parts : public ::testing::Test {
 protected:
  void add(std::uint64_t sequence) {
    storage::event_record& event = page_.events.emplace_back();
    event.set_type(static_cast<std::uint32_t>(storage::event_type::locked));
    event.set_user_id("line\nbreak");
    event.set_creator("c");
    event.set_created_at(0);
    page_.sequences.push_back(sequence);
  }
  std::string part(event_form form) {
    response out;
    done_.out.more = true;
    done_.out.store_id = "abc";
    done_.out.page = std::make_shared<const service::event_page>(page_);
    write_event_part(form, done_, out);
    EXPECT_TRUE(out.more && out.paced);
    return out.body;
  }

  service::event_page page_;
  service::call done_{0};
};

TEST_F(event_stream_parts, lines) {
  EXPECT_EQ(part(event_form::ndjson), "");
  add(7);
  add(9);
  const std::string text = part(event_form::ndjson);
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_TRUE(text.starts_with(R"({"sequence":"7","type":"user.locked",)")) << text;
  EXPECT_NE(text.find("}\n{\"sequence\":\"9\""), std::string::npos) << text;
}

TEST_F(event_stream_parts, server_sent_events) {
  EXPECT_EQ(part(event_form::sse), "retry: 1000\n\n");
  done_.begun = true;
  EXPECT_EQ(part(event_form::sse), "");
  add(7);
  add(9);
  const std::string text = part(event_form::sse);
  EXPECT_TRUE(text.starts_with("id: abc:7\ndata: {\"sequence\":\"7\",")) << text;
  EXPECT_NE(text.find("}\n\nid: abc:9\ndata: {"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("}\n\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 6);
}

TEST_F(event_stream_parts, pauses_are_no_events) {
  response out;
  write_event_pause(event_form::ndjson, out);
  EXPECT_EQ(out.body, "\n");
  EXPECT_TRUE(out.more && out.paced);
  out.clear();
  write_event_pause(event_form::sse, out);
  EXPECT_EQ(out.body, ":\n\n");
}

}  // namespace
}  // namespace factord::protocol::event_stream_test
