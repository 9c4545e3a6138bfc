# Every dependency, its lowest version, and the Debian package to install when it is missing.
# The rest of the build knows only the targets made here.

function(factord_missing what floor package)
  message(FATAL_ERROR
    "${what} ${floor} or newer was not found.\n"
    "Install the Debian package ${package}, or everything at once with tools/setup.")
endfunction()

# factord_find(<CMake package> <version floor> <Debian package> [find_package arguments])
macro(factord_find name floor package)
  find_package(${name} ${floor} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    factord_missing(${name} ${floor} ${package})
  endif()
endmacro()

factord_find(Threads "" libc6-dev)
factord_find(OpenSSL 3.0 libssl-dev)
factord_find(spdlog 1.10 libspdlog-dev)
factord_find(ZLIB 1.2.13 zlib1g-dev)
factord_find(tomlplusplus 3.3 libtomlplusplus-dev)

# Protobuf: FindProtobuf, not the config file, which Debian does not ship.
factord_find(Protobuf 3.21 "libprotobuf-dev and protobuf-compiler" MODULE)
if(NOT TARGET protobuf::protoc)
  factord_missing("The protobuf compiler" 3.21 protobuf-compiler)
endif()

# nghttp2 comes with a pkg-config file. The floor is Debian 12's, whose security updates brought the
# limits on resets and CONTINUATION frames.
factord_find(PkgConfig "" pkg-config)
pkg_check_modules(nghttp2 QUIET IMPORTED_TARGET libnghttp2>=1.52)
if(NOT TARGET PkgConfig::nghttp2)
  factord_missing(nghttp2 1.52 libnghttp2-dev)
endif()

# libpq, too. Pipeline mode came with 14.
pkg_check_modules(libpq QUIET IMPORTED_TARGET libpq>=14)
if(NOT TARGET PkgConfig::libpq)
  factord_missing(libpq 14 libpq-dev)
endif()

# CLI11 is one header; its version stands in it.
find_path(CLI11_INCLUDE_DIR CLI/Version.hpp)
mark_as_advanced(CLI11_INCLUDE_DIR)
if(CLI11_INCLUDE_DIR)
  file(STRINGS ${CLI11_INCLUDE_DIR}/CLI/Version.hpp version REGEX "define CLI11_VERSION \"")
  string(REGEX MATCH "[0-9.]+\"" version "${version}")
  string(REPLACE "\"" "" version "${version}")
endif()
if(NOT CLI11_INCLUDE_DIR OR version VERSION_LESS 2.1)
  factord_missing(CLI11 2.1 libcli11-dev)
endif()
add_library(CLI11::CLI11 INTERFACE IMPORTED)
target_include_directories(CLI11::CLI11 SYSTEM INTERFACE ${CLI11_INCLUDE_DIR})

# RocksDB: Debian's config file asks for the development files of every compression library and
# offers the static library under the plain name; we want the shared one.
find_path(ROCKSDB_INCLUDE_DIR rocksdb/version.h)
find_library(ROCKSDB_LIBRARY rocksdb)
mark_as_advanced(ROCKSDB_INCLUDE_DIR ROCKSDB_LIBRARY)
if(ROCKSDB_INCLUDE_DIR)
  file(STRINGS ${ROCKSDB_INCLUDE_DIR}/rocksdb/version.h version
       REGEX "define ROCKSDB_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9;]" "" version "${version}")
  string(REPLACE ";" "." version "${version}")
endif()
if(NOT ROCKSDB_INCLUDE_DIR OR NOT ROCKSDB_LIBRARY OR version VERSION_LESS 7.8)
  factord_missing(RocksDB 7.8 librocksdb-dev)
endif()
add_library(RocksDB::rocksdb SHARED IMPORTED)
set_target_properties(RocksDB::rocksdb PROPERTIES IMPORTED_LOCATION ${ROCKSDB_LIBRARY})
target_include_directories(RocksDB::rocksdb SYSTEM INTERFACE ${ROCKSDB_INCLUDE_DIR})

# Python and PyYAML, for the build alone: the description of the API is written in YAML and served as
# JSON too. Debian's Python, whatever else stands in the path.
find_program(FACTORD_PYTHON python3 HINTS /usr/bin)
mark_as_advanced(FACTORD_PYTHON)
if(FACTORD_PYTHON)
  execute_process(COMMAND ${FACTORD_PYTHON} -c "import yaml; print(yaml.__version__)"
                  OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT FACTORD_PYTHON OR NOT version OR version VERSION_LESS 6.0)
  factord_missing("Python with PyYAML" 6.0 "python3-yaml")
endif()

# Boost: only headers are needed. Asio, Beast, JSON and URL are compiled once, here.
find_path(BOOST_INCLUDE_DIR boost/version.hpp)
mark_as_advanced(BOOST_INCLUDE_DIR)
if(BOOST_INCLUDE_DIR)
  file(STRINGS ${BOOST_INCLUDE_DIR}/boost/version.hpp version REGEX "define BOOST_VERSION ")
  string(REGEX MATCH "[0-9]+" version "${version}")
endif()
if(NOT BOOST_INCLUDE_DIR OR version LESS 108100)
  factord_missing(Boost 1.81 libboost1.81-dev)
endif()
add_library(boost_headers INTERFACE)
target_include_directories(boost_headers SYSTEM INTERFACE ${BOOST_INCLUDE_DIR})

set(boost_sources)
foreach(header asio/impl/src asio/ssl/impl/src beast/src json/src url/src)
  string(REPLACE "/" "_" stem ${header})
  set(source ${PROJECT_BINARY_DIR}/boost_impl/${stem}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <boost/${header}.hpp>\n" @ONLY)
  list(APPEND boost_sources ${source})
endforeach()
add_library(boost_impl STATIC ${boost_sources})
target_compile_options(boost_impl PRIVATE -w)
target_compile_definitions(boost_impl PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_JSON_NO_LIB BOOST_URL_NO_LIB)
target_link_libraries(boost_impl PUBLIC boost_headers Threads::Threads PRIVATE OpenSSL::SSL)

if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
  factord_find(GTest 1.12 libgtest-dev)
  if(NOT TARGET GTest::gmock)
    factord_missing(GoogleMock 1.12 libgmock-dev)
  endif()
endif()

# Only for bench/.
find_package(benchmark 1.7 QUIET)
