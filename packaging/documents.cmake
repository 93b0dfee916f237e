# All documents, in the folder ASYNCD_DOCUMENTS of an installation. They lie there as they do in the
# sources, with what they link to of these, so that their links lead somewhere: ci/package follows
# them.
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/ARCHITECTURE.md
              ${CMAKE_SOURCE_DIR}/CONTRIBUTING.md ${CMAKE_SOURCE_DIR}/LICENSE
        DESTINATION ${ASYNCD_DOCUMENTS})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs ${CMAKE_SOURCE_DIR}/conf DESTINATION ${ASYNCD_DOCUMENTS})
install(FILES ${CMAKE_SOURCE_DIR}/plugins/sdk/asyncd.h DESTINATION ${ASYNCD_DOCUMENTS}/plugins/sdk)
