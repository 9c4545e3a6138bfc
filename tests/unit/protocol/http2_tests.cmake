# The tests of HTTP/2, for the list in CMakeLists.txt.
set(factord_http2_tests
  http2_codec_test.cpp
  http2_deadlines_test.cpp
  http2_drain_test.cpp
  http2_limits_test.cpp
  http2_request_test.cpp
  http2_windows_test.cpp
  http2_vectors_test.cpp
)
