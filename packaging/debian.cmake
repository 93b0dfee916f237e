# The packages asyncd and, for authors of handlers, asyncd-dev; for builds whose prefix is /usr:
# from that Debian's folders follow.
set(ASYNCD_MAINTAINER "The asyncd authors <asyncd@example.org>" CACHE STRING
  "Who maintains the Debian packages")

# What only a package has, beside what every installation has.
if(ASYNCD_GZIP)
  set(changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz)
  add_custom_command(OUTPUT ${changelog}
    COMMAND ${ASYNCD_GZIP} -9nc ${CMAKE_CURRENT_SOURCE_DIR}/debian/changelog > ${changelog}
    DEPENDS debian/changelog)
  add_custom_target(debian_changelog ALL DEPENDS ${changelog})
  install(FILES ${changelog} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian EXCLUDE_FROM_ALL)
  install(FILES ${changelog} DESTINATION ${CMAKE_INSTALL_DOCDIR}-dev COMPONENT debian-dev
    EXCLUDE_FROM_ALL)
endif()
install(FILES copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}-dev COMPONENT debian-dev
  EXCLUDE_FROM_ALL)
install(FILES debian/lintian-overrides DESTINATION share/lintian/overrides RENAME asyncd
        COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES debian/lintian-overrides-dev DESTINATION share/lintian/overrides RENAME asyncd-dev
        COMPONENT debian-dev EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL daemon debian dev debian-dev)
set(CPACK_COMPONENT_DAEMON_GROUP asyncd)
set(CPACK_COMPONENT_DEBIAN_GROUP asyncd)
set(CPACK_COMPONENT_DEV_GROUP asyncd-dev)
set(CPACK_COMPONENT_DEBIAN-DEV_GROUP asyncd-dev)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${ASYNCD_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_ASYNCD_PACKAGE_NAME asyncd)
set(CPACK_DEBIAN_ASYNCD_PACKAGE_SECTION net)
set(CPACK_DEBIAN_ASYNCD_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION_SUMMARY}
A handler is a small shared library that turns messages into replies. asyncd
puts it on the network by one blocking thread, a thread for each connection,
a pool of threads, select() or an event loop per core, as its configuration
says. Framing, limits, deadlines and orderly shutdown are the same on all.")
# systemd-sysusers is what postinst calls.
set(CPACK_DEBIAN_ASYNCD_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_ASYNCD_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_ASYNCD_PACKAGE_SUGGESTS asyncd-dev)
foreach(script conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_ASYNCD_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/${script})
endforeach()

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # would be put before the description of either

set(CPACK_DEBIAN_ASYNCD-DEV_PACKAGE_NAME asyncd-dev)
set(CPACK_DEBIAN_ASYNCD-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_ASYNCD-DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_ASYNCD-DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_ASYNCD-DEV_PACKAGE_SUGGESTS "asyncd, cmake, g++ | clang, pkg-config")
set(CPACK_DEBIAN_ASYNCD-DEV_DESCRIPTION "headers to write handlers for asyncd
A handler is a small shared library, in C11 or C++20, that turns messages
into replies for the daemon asyncd. Here are its C interface, the C++ layer
over that, a host to test handlers with, and files for CMake and pkg-config.")
