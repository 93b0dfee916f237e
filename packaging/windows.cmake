# Beside bin and lib in the .zip, which runs from wherever it is unpacked.
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION .)
install(FILES copyright DESTINATION . RENAME licenses.txt)
install(FILES ${CMAKE_SOURCE_DIR}/docs/platforms.md DESTINATION docs)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/conf DESTINATION .)

set(CPACK_GENERATOR ZIP)
set(CPACK_PACKAGE_FILE_NAME asyncd-${PROJECT_VERSION}-windows-x86_64)
