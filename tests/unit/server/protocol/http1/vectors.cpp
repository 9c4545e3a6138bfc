#include "tests/unit/server/protocol/http1/vectors.hpp"

#include <string_view>

namespace factord::protocol::testing {
namespace {

using namespace std::string_literals;

// A GET of "/" with these lines after the request line.
std::string get(std::string_view lines) {
  return "GET / HTTP/1.1\r\n" + std::string(lines) + "\r\n";
}

std::string post(std::string_view lines, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n" + std::string(body);
}

std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: h\r\n\r\n";
}

const expected_request root{verb::get, "/"};

std::vector<http1_vector> good() {
  return {
      {"simple", get("Host: h\r\n"), {root}},
      {"nothing", "", {}},
      {"cut short in the header", "GET / HTTP/1.1\r\nHos", {}},
      {"cut short in the body", post("Content-Length: 5\r\n", "abc"), {}},
      {"delete",
       line("DELETE /v2/users/1/otp_email HTTP/1.1"),
       {{verb::delete_, "/v2/users/1/otp_email"}}},
      {"head", line("HEAD /a HTTP/1.1"), {{verb::head, "/a"}}},
      {"unknown verb", line("BREW /a HTTP/1.1"), {{verb::other, "/a"}}},
      {"verbs are case-sensitive", line("get /a HTTP/1.1"), {{verb::other, "/a"}}},
      {"query and escapes stay", line("GET /a%2Fb?x=1&y HTTP/1.1"), {{verb::get, "/a%2Fb?x=1&y"}}},
      {"options asterisk", line("OPTIONS * HTTP/1.1"), {{verb::options, "*"}}},
      {"absolute form", line("GET http://example.com:80/a?b HTTP/1.1"), {{verb::get, "/a?b"}}},
      {"absolute form, https in capitals", line("GET HTTPS://h/a HTTP/1.1"), {{verb::get, "/a"}}},
      {"absolute form, no path", line("GET http://h HTTP/1.1"), {root}},
      {"absolute form, only a query", line("GET http://h?q HTTP/1.1"), {{verb::get, "/?q"}}},
      {"absolute form, IPv6", line("GET http://[::1]:8080/a HTTP/1.1"), {{verb::get, "/a"}}},
      {"host is empty", get("Host:\r\n"), {root}},
      {"host with port", get("Host: [::1]:8080\r\n"), {root}},
      {"host with the last port", get("Host: h:65535\r\n"), {root}},
      {"host with an empty port", get("Host: h:\r\n"), {root}},
      {"absolute form, another host",
       line("GET http://other:65535/a HTTP/1.1"),
       {{verb::get, "/a"}}},
      {"obs-text in a value", get("Host: h\r\nX: \xC3\xA4\r\n"), {root}},
      {"tab in a value", get("Host: h\r\nX:\ta\tb\t\r\n"), {root}},
      {"empty value", get("Host: h\r\nX:\r\n"), {root}},
      {"one empty line first", "\r\n" + get("Host: h\r\n"), {root}},
      {"two empty lines first", "\r\n\r\n" + get("Host: h\r\n"), {root}},
      {"pipelined",
       get("Host: h\r\n") + post("Content-Length: 3\r\n", "abc") + get("Host: h\r\n"),
       {root, {verb::post, "/p", "abc"}, root}},
      {"an empty line between", get("Host: h\r\n") + "\r\n" + get("Host: h\r\n"), {root, root}},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", {root}},
      {"HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", {root}},
      {"HTTP/1.0 keeps alive",
       "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
       {root, {verb::get, "/2"}}},
      {"nothing after close", get("Host: h\r\nConnection: close\r\n") + get("Host: h\r\n"), {root}},
      {"expect",
       post("Expect: 100-Continue\r\nContent-Length: 1\r\n", "x"),
       {{verb::post, "/p", "x"}}},
      {"expect in HTTP/1.0 is ignored", "GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", {root}},
  };
}

std::vector<http1_vector> good_bodies() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"body", post("Content-Length: 5\r\n", "hello"), {{verb::post, "/p", "hello"}}},
      {"body of nothing", post("Content-Length: 0\r\n", ""), {{verb::post, "/p"}}},
      {"leading zeros in a length",
       post("Content-Length: 005\r\n", "hello"),
       {{verb::post, "/p", "hello"}}},
      {"no length, no body", post("", ""), {{verb::post, "/p"}}},
      {"body of bytes",
       post("Content-Length: 4\r\n", "\0\r\n\xFF"s),
       {{verb::post, "/p", "\0\r\n\xFF"s}}},
      {"chunked",
       post(chunked, "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
       {{verb::post, "/p", "hello world"}}},
      {"chunked, any case",
       post("transfer-encoding:CHUNKED\r\n", "A\r\n0123456789\r\n0\r\n\r\n"),
       {{verb::post, "/p", "0123456789"}}},
      {"chunked, nothing", post(chunked, "0\r\n\r\n"), {{verb::post, "/p"}}},
      {"chunk extensions",
       post(chunked, "1;a=b;c=\"d;e\"\r\nx\r\n0;z\r\n\r\n"),
       {{verb::post, "/p", "x"}}},
      {"trailers are dropped",
       post(chunked, "1\r\nx\r\n0\r\nAuthorization: Bearer t\r\nConnection: close\r\n\r\n") +
           get("Host: h\r\n"),
       {{verb::post, "/p", "x"}, root}},
      {"trailers that look odd",
       post(chunked, "0;a\r\nX:\r\nY:\t\xC3\xA4 \r\nHost: [bad\r\n\r\n") + get("Host: h\r\n"),
       {{verb::post, "/p"}, root}},
      {"then another",
       post(chunked, "1\r\nx\r\n0\r\n\r\n") + get("Host: h\r\n"),
       {{verb::post, "/p", "x"}, root}},
  };
}

std::vector<http1_vector> bad_lines() {
  return {
      {"no version", "GET /\r\n\r\n", {}, 400},
      {"version 0.9", line("GET / HTTP/0.9"), {}, 400},
      {"version 2.0", line("GET / HTTP/2.0"), {}, 400},
      {"version 1.2", line("GET / HTTP/1.2"), {}, 400},
      {"version in small letters", line("GET / http/1.1"), {}, 400},
      {"version without a digit", line("GET / HTTP/1."), {}, 400},
      {"version and more", line("GET / HTTP/1.10"), {}, 400},
      {"two blanks", line("GET  / HTTP/1.1"), {}, 400},
      {"blank at the end", line("GET / HTTP/1.1 "), {}, 400},
      {"blank in front", line(" GET / HTTP/1.1"), {}, 400},
      {"blank in the target", line("GET /a b HTTP/1.1"), {}, 400},
      {"tab in the target", line("GET /a\tb HTTP/1.1"), {}, 400},
      {"control byte in the target", line("GET /a\x01 HTTP/1.1"), {}, 400},
      {"NUL in the target", line("GET /a\0 HTTP/1.1"s), {}, 400},
      {"raw UTF-8 in the target", line("GET /\xC3\xA4 HTTP/1.1"), {}, 400},
      {"fragment", line("GET /a#b HTTP/1.1"), {}, 400},
      {"relative target", line("GET a HTTP/1.1"), {}, 400},
      {"asterisk without OPTIONS", line("GET * HTTP/1.1"), {}, 400},
      {"authority form", line("CONNECT h:80 HTTP/1.1"), {}, 400},
      {"connect with a path", line("CONNECT / HTTP/1.1"), {}, 400},
      {"absolute form, other scheme", line("GET ftp://h/ HTTP/1.1"), {}, 400},
      {"absolute form, no authority", line("GET http:///a HTTP/1.1"), {}, 400},
      {"absolute form, user information", line("GET http://u@h/ HTTP/1.1"), {}, 400},
      {"absolute form, port that is none", line("GET http://h:x/ HTTP/1.1"), {}, 400},
      {"absolute form, negative port", line("GET http://h:-1/ HTTP/1.1"), {}, 400},
      {"absolute form, port past the last", line("GET http://h:65536/ HTTP/1.1"), {}, 400},
      {"absolute form, only a port", line("GET http://:80/ HTTP/1.1"), {}, 400},
      {"absolute form, open bracket", line("GET http://[bad/ HTTP/1.1"), {}, 400},
      {"absolute form, stray bracket", line("GET http://a]b/ HTTP/1.1"), {}, 400},
      {"absolute form, no IPv6", line("GET http://[::g]/ HTTP/1.1"), {}, 400},
      {"absolute form and a bad host", "GET http://h/ HTTP/1.1\r\nHost: h:x\r\n\r\n", {}, 400},
      {"empty verb", line(" / HTTP/1.1"), {}, 400},
      {"verb that is no token", line("G@T / HTTP/1.1"), {}, 400},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", {}, 400},
      {"bare CR in the request line", "GET / HTTP/1.1\rHost: h\r\n\r\n", {}, 400},
      {"bare LF first", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", {}, 400},
      {"bare CR first", "\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", {}, 400},
      {"three empty lines first", "\r\n\r\n\r\n" + get("Host: h\r\n"), {}, 400},
      {"TLS", "\x16\x03\x01\x02"s, {}, 400},
      {"good, then garbage", get("Host: h\r\n") + "\x01", {root}, 400},
  };
}

std::vector<http1_vector> bad_fields() {
  return {
      {"no host", get("X: 1\r\n"), {}, 400},
      {"two hosts", get("Host: h\r\nHost: h\r\n"), {}, 400},
      {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n", {}, 400},
      {"host with a path", get("Host: h/a\r\n"), {}, 400},
      {"host with a blank", get("Host: a b\r\n"), {}, 400},
      {"host with a port that is none", get("Host: h:x\r\n"), {}, 400},
      {"host with a negative port", get("Host: h:-1\r\n"), {}, 400},
      {"host with a port past the last", get("Host: h:65536\r\n"), {}, 400},
      {"host with an open bracket", get("Host: [bad\r\n"), {}, 400},
      {"host with a stray bracket", get("Host: a]b\r\n"), {}, 400},
      {"host that is no IPv6", get("Host: [1::2::3]\r\n"), {}, 400},
      {"host with user information", get("Host: u@h\r\n"), {}, 400},
      {"bad host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: h:x\r\n\r\n", {}, 400},
      {"folded line", get("Host: h\r\nX: a\r\n b\r\n"), {}, 400},
      {"folded with a tab", get("Host: h\r\nX: a\r\n\tb\r\n"), {}, 400},
      {"folded first line", get(" Host: h\r\n"), {}, 400},
      {"folded transfer encoding",
       post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
       {},
       400},
      {"blank before the colon", get("Host : h\r\n"), {}, 400},
      {"empty name", get("Host: h\r\n: x\r\n"), {}, 400},
      {"no colon", get("Host: h\r\nX\r\n"), {}, 400},
      {"name that is no token", get("Host: h\r\nX(: x\r\n"), {}, 400},
      {"name beyond ASCII", get("Host: h\r\n\xC3\xA4: x\r\n"), {}, 400},
      {"bare LF after a field", get("Host: h\nX: y\r\n"), {}, 400},
      {"bare LF ends the header", "GET / HTTP/1.1\r\nHost: h\r\n\n", {}, 400},
      {"bare CR in a value", get("Host: h\r\nX: a\rb\r\n"), {}, 400},
      {"bare CR ends the header", "GET / HTTP/1.1\r\nHost: h\r\n\rX: y\r\n\r\n", {}, 400},
      {"NUL in a value", get("Host: h\r\nX: a\0b\r\n"s), {}, 400},
      {"control byte in a value", get("Host: h\r\nX: a\x01\r\n"), {}, 400},
      {"DEL in a value", get("Host: h\r\nX: a\x7F\r\n"), {}, 400},
      {"connection is no list", get("Host: h\r\nConnection: \"\r\n"), {}, 400},
      {"other expectation", get("Host: h\r\nExpect: tea\r\n"), {}, 417},
  };
}

std::vector<http1_vector> bad_bodies() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"two lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"), {}, 400},
      {"different lengths", post("Content-Length: 1\r\nContent-Length: 2\r\n", "xx"), {}, 400},
      {"list of lengths", post("Content-Length: 1, 1\r\n", "x"), {}, 400},
      {"empty length", post("Content-Length:\r\n", ""), {}, 400},
      {"signed length", post("Content-Length: +1\r\n", "x"), {}, 400},
      {"negative length", post("Content-Length: -1\r\n", "x"), {}, 400},
      {"length in hex", post("Content-Length: 0x1\r\n", "x"), {}, 400},
      {"length with a blank", post("Content-Length: 1 1\r\n", "x"), {}, 400},
      {"length that overflows", post("Content-Length: 18446744073709551617\r\n", "x"), {}, 400},
      {"length too large", post("Content-Length: 65537\r\n", ""), {}, 413},
      {"both lengths", post("Content-Length: 5\r\n" + chunked, "0\r\n\r\n"), {}, 400},
      {"both lengths, the other way",
       post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n"),
       {},
       400},
      {"two transfer encodings", post(chunked + chunked, "0\r\n\r\n"), {}, 400},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", ""), {}, 400},
      {"gzip", post("Transfer-Encoding: gzip\r\n", ""), {}, 400},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), {}, 400},
      {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), {}, 400},
      {"chunked with a parameter",
       post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
       {},
       400},
      {"identity", post("Transfer-Encoding: identity\r\n", ""), {}, 400},
      {"empty transfer encoding", post("Transfer-Encoding:\r\n", ""), {}, 400},
      {"gzip with a length",
       post("Transfer-Encoding: gzip\r\nContent-Length: 1\r\n", "x"),
       {},
       400},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n", {}, 400},
      {"chunk size is no number", post(chunked, "x\r\n"), {}, 400},
      {"chunk size is empty", post(chunked, "\r\n\r\n"), {}, 400},
      {"chunk size with 0x", post(chunked, "0x1\r\nx\r\n0\r\n\r\n"), {}, 400},
      {"chunk size overflows", post(chunked, "10000000000000001\r\nx\r\n"), {}, 400},
      {"chunk too large", post(chunked, "10001\r\n"), {}, 413},
      {"chunks too large", post(chunked, "1\r\nx\r\n10000\r\n"), {}, 413},
      {"chunk without its end", post(chunked, "1\r\nxy\r\n0\r\n\r\n"), {}, 400},
      {"chunk without its end, short of a last chunk", post(chunked, "1\r\nx0\r\n\n"), {}, 400},
      {"bare LF after a chunk size", post(chunked, "1\nx\r\n0\r\n\r\n"), {}, 400},
      {"bare LF in an extension", post(chunked, "1;a=\"\n\"\r\nx\r\n0\r\n\r\n"), {}, 400},
      {"bare CR after a chunk size", post(chunked, "1\rx\r\n0\r\n\r\n"), {}, 400},
      {"quoted extension without its end", post(chunked, "5;a=\"b\r\nhello\r\n0\r\n\r\n"), {}, 400},
      {"quoted extension without its end in a later chunk",
       post(chunked, "1\r\nx\r\n5;a=\"b\r\nhello\r\n0\r\n\r\n"),
       {},
       400},
      {"quoted extension without its end in the last chunk",
       post(chunked, "1\r\nx\r\n0;a=\"b\r\n\r\n"),
       {},
       400},
      {"malformed extension", post(chunked, "1;\r\nx\r\n0\r\n\r\n"), {}, 400},
      {"malformed trailer", post(chunked, "0\r\na b\r\n\r\n"), {}, 400},
      {"folded trailer", post(chunked, "0\r\nX: a\r\n b\r\n\r\n"), {}, 400},
      {"trailer folded with a tab", post(chunked, "0\r\nX: a\r\n\tb\r\nY: c\r\n\r\n"), {}, 400},
      {"trailer folded to nothing", post(chunked, "0\r\nX: a\r\n \r\n\r\n"), {}, 400},
      {"folded first trailer", post(chunked, "0\r\n X: a\r\n\r\n"), {}, 400},
      {"folded trailer after a body", post(chunked, "1\r\nx\r\n0;e\r\nX:\r\n b\r\n\r\n"), {}, 400},
      {"trailer with a blank before its colon", post(chunked, "0\r\nX : a\r\n\r\n"), {}, 400},
      {"trailer with a bare LF", post(chunked, "0\r\nX: a\nY: b\r\n\r\n"), {}, 400},
      {"trailer with a bare CR", post(chunked, "0\r\nX: a\rb\r\n\r\n"), {}, 400},
      {"trailer with a control byte", post(chunked, "0\r\nX: a\x01\r\n\r\n"), {}, 400},
      {"trailer without a name", post(chunked, "0\r\n: a\r\n\r\n"), {}, 400},
  };
}

}  // namespace

const std::vector<http1_vector>& http1_vectors() {
  static const std::vector<http1_vector> all = [] {
    std::vector<http1_vector> vectors;
    for (const auto& part : {good(), good_bodies(), bad_lines(), bad_fields(), bad_bodies()})
      vectors.insert(vectors.end(), part.begin(), part.end());
    return vectors;
  }();
  return all;
}

}  // namespace factord::protocol::testing
