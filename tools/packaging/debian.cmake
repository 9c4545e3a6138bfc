# The Debian package, which cpack makes (tools/package), and beside it what debuggers need, where the
# programs were built with it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME factord)
set(CPACK_PACKAGE_CONTACT ${FACTORD_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "server that removes one-time-password email factors")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"factord removes one-time-password email factors from users, at very high
rates, over HTTP, gRPC, gRPC-Web and Connect, in the shapes of ZITADEL's User
Service v2. Each removal is durable and has its place in a hash-chained log
before it is answered.
.
This package has the server as a service, factorctl, which looks after its
store, and factorload, which puts load on it.")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# For the user and for the data directory; in a container the small ones do.
string(CONCAT CPACK_DEBIAN_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers | systemd-sysusers, "
  "systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
# /bin/kill, of ExecReload=; whom to trust, of the providers of JWTs.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "procps, ca-certificates")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_THREADS 0)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(control ${CMAKE_CURRENT_SOURCE_DIR}/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${control}/conffiles ${control}/postinst ${control}/prerm ${control}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# Stripped in any case.
string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" MATCHES "(^| )-g[0-9]?( |$)")
  set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
else()
  set(CPACK_STRIP_FILES ON)
endif()

# Debian wants a changelog of its own form.
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(debian/changelog.in changelog @ONLY)
file(ARCHIVE_CREATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz
     PATHS ${CMAKE_CURRENT_BINARY_DIR}/changelog FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})

include(CPack)
