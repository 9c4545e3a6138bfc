#include "server/protocol/openapi.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <string>
#include <utility>

#include "server/protocol/router.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"

namespace factord::protocol::openapi_test {
namespace {

using route = std::pair<std::string, std::string>;  // verb and path, as the document has them

std::string verb_key(verb method) {
  switch (method) {
    case verb::get:
      return "get";
    case verb::post:
      return "post";
    case verb::delete_:
      return "delete";
    default:
      return "a verb that the router has no word for";
  }
}

// What stands for a segment has a name of its own there.
std::string with_id(std::string path) {
  const std::size_t open = path.find('{');
  if (open == std::string::npos) return path;
  return path.replace(open, path.find('}') - open + 1, "{id}");
}

std::set<route> routes_served() {
  std::set<route> found;
  for (const path_route& one : path_routes())
    found.emplace(verb_key(one.method), std::string(one.path));
  return found;
}

std::set<route> routes_described() {
  std::set<route> found;
  const auto document = boost::json::parse(openapi_json.text);
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [key, operation] : item.as_object()) {
      if (key != "parameters") found.emplace(std::string(key), with_id(std::string(path)));
    }
  }
  return found;
}

response asked(const openapi_form& form, std::string_view if_none_match) {
  request incoming;
  if (!if_none_match.empty()) incoming.add(field::if_none_match, if_none_match);
  response out;
  answer_openapi(form, incoming, out);
  return out;
}

TEST(openapi, describes_the_routes_that_are_served_and_no_others) {
  EXPECT_THAT(routes_described(), ::testing::ContainerEq(routes_served()));
}

TEST(openapi, is_answered_whole_with_its_tag) {
  for (const openapi_form* form : {&openapi_json, &openapi_yaml}) {
    const response whole = asked(*form, "");
    EXPECT_EQ(whole.status, 200U);
    EXPECT_EQ(whole.body, form->text);
    EXPECT_EQ(whole.content_type, form->content_type);
    EXPECT_EQ(whole.cache_control, "no-cache");
    ASSERT_EQ(whole.headers.size(), 1U);
    EXPECT_EQ(whole.headers[0].name, "ETag");
    EXPECT_EQ(whole.headers[0].value, form->tag);
  }
  EXPECT_NE(openapi_json.tag, openapi_yaml.tag);
}

TEST(openapi, is_not_sent_to_who_has_it) {
  const std::string tag(openapi_json.tag);
  for (const std::string& known :
       {tag, "W/" + tag, "\"x\", " + tag + ", \"y\"", std::string("*")}) {
    const response kept = asked(openapi_json, known);
    EXPECT_EQ(kept.status, 304U) << known;
    EXPECT_EQ(kept.body, "") << known;
    ASSERT_EQ(kept.headers.size(), 1U) << known;
    EXPECT_EQ(kept.headers[0].value, tag) << known;
  }
  const std::string bare = tag.substr(1, tag.size() - 2);
  for (const std::string& other : {std::string(openapi_yaml.tag), bare, std::string("\"*\"")})
    EXPECT_EQ(asked(openapi_json, other).status, 200U) << other;
}

}  // namespace
}  // namespace factord::protocol::openapi_test
