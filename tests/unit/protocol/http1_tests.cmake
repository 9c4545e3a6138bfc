# The tests of HTTP/1.1, for the list in CMakeLists.txt.
set(factord_http1_tests
  answer_status_test.cpp
  authority_test.cpp
  date_clock_test.cpp
  http1_codec_test.cpp
  http1_format_test.cpp
  http1_limits_test.cpp
  http1_vectors.cpp
  http1_vectors_test.cpp
  request_test.cpp
)
