# The configuration, the documentation and, on Linux, the service. cpack makes a .deb where the
# prefix is /usr, else a .tar.gz.

set(asyncd_config ${CMAKE_INSTALL_FULL_SYSCONFDIR}/asyncd/asyncd.toml)
# With the prefix /usr that is in /etc itself; with another prefix than was configured it moves
# along. A file that is there already has its owner's settings in it.
install(CODE "
  set(folder \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SYSCONFDIR}/asyncd\")
  if(CMAKE_INSTALL_PREFIX STREQUAL \"${CMAKE_INSTALL_PREFIX}\")
    set(folder \"${CMAKE_INSTALL_FULL_SYSCONFDIR}/asyncd\")
  endif()
  if(NOT EXISTS \"\$ENV{DESTDIR}\${folder}/asyncd.toml\")
    file(INSTALL DESTINATION \"\${folder}\" TYPE FILE FILES
      \"${CMAKE_SOURCE_DIR}/conf/asyncd.toml\")
  endif()")

set(ASYNCD_DOCUMENTS ${CMAKE_INSTALL_DOCDIR})
include(documents.cmake)
install(FILES copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The manual page is made by running the program.
set(asyncd_handlers ${CMAKE_INSTALL_FULL_LIBDIR}/asyncd/handlers)
find_program(ASYNCD_GZIP gzip)
if(ASYNCD_GZIP AND NOT ASYNCD_SANITIZE AND NOT CMAKE_CROSSCOMPILING)
  set(page ${CMAKE_CURRENT_BINARY_DIR}/asyncd.1)
  add_custom_command(OUTPUT ${page}.gz
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:asyncd>
            -DTEMPLATE=${CMAKE_CURRENT_SOURCE_DIR}/asyncd.1.in -DPAGE=${page}
            -DPROJECT_VERSION=${PROJECT_VERSION} -Dasyncd_config=${asyncd_config}
            -Dasyncd_handlers=${asyncd_handlers} -P ${CMAKE_CURRENT_SOURCE_DIR}/man_page.cmake
    COMMAND ${ASYNCD_GZIP} -9nf ${page}
    DEPENDS asyncd asyncd.1.in man_page.cmake
    COMMENT "Writing the manual page" VERBATIM)
  add_custom_target(man_page ALL DEPENDS ${page}.gz)
  install(FILES ${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  configure_file(systemd/asyncd.service.in asyncd.service @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/asyncd.service DESTINATION lib/systemd/system)
  install(FILES systemd/asyncd.sysusers DESTINATION lib/sysusers.d RENAME asyncd.conf)
endif()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  include(debian.cmake)
else()
  set(CPACK_GENERATOR TGZ)
endif()
