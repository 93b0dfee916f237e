# What is believed: files that nobody else may write.
set(posix_tests)
if(NOT WIN32)
  set(posix_tests config_trust_posix_test.cpp open_file_posix_test.cpp trust_posix_test.cpp)
endif()
asyncd_test(unit_trust
  SOURCES config_security_test.cpp config_support.cpp open_file_test.cpp sha256_test.cpp ${posix_tests}
  LINK asyncd_config
  LABELS unit)
