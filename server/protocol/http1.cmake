# The sources of HTTP/1.1, for the list in CMakeLists.txt.
set(factord_http1_sources
  authority.cpp
  ip_address.cpp
  date_clock.cpp
  http1_codec.cpp
  http1_format.cpp
  http1_parser.cpp
  http1_scanner.cpp
  http1_target.cpp
  request.cpp
)
