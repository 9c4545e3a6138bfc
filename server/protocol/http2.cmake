# The sources of HTTP/2, for the list in CMakeLists.txt.
set(factord_http2_sources
  http2_codec.cpp
  http2_format.cpp
  http2_frame_cursor.cpp
  http2_memory.cpp
  http2_session.cpp
  http2_stream.cpp
)
