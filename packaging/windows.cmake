# Beside bin and lib in the .zip, which runs from wherever it is unpacked.
set(ASYNCD_DOCUMENTS .)
include(documents.cmake)
install(FILES copyright DESTINATION . RENAME licenses.txt)

set(CPACK_GENERATOR ZIP)
set(CPACK_PACKAGE_FILE_NAME asyncd-${PROJECT_VERSION}-windows-x86_64)
