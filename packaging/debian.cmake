# The .deb, for builds whose prefix is /usr: from that the folders of Debian follow.
set(ASYNCD_MAINTAINER "The asyncd authors <asyncd@example.org>" CACHE STRING "Who maintains the Debian package")

if(ASYNCD_GZIP)
  set(changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz)
  add_custom_command(OUTPUT ${changelog}
    COMMAND ${ASYNCD_GZIP} -9nc ${CMAKE_CURRENT_SOURCE_DIR}/debian/changelog > ${changelog} DEPENDS debian/changelog)
  add_custom_target(debian_changelog ALL DEPENDS ${changelog})
  install(FILES ${changelog} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian EXCLUDE_FROM_ALL)
endif()
install(FILES debian/lintian-overrides DESTINATION share/lintian/overrides RENAME asyncd
        COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
# What every installation has, and what only the package has.
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};asyncd;ALL;/;${CMAKE_BINARY_DIR};asyncd;debian;/")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${ASYNCD_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"A handler is a small shared library that turns messages into replies. asyncd
puts it on the network by one blocking thread, a thread for each connection,
a pool of threads, select() or an event loop per core, as its configuration
says. Framing, limits, deadlines and orderly shutdown are the same on all.")
# systemd-sysusers is what postinst calls.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/debian/${script})
endforeach()
