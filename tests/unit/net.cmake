if(NOT WIN32)
  set(net_posix_tests net_unix_posix_test.cpp)
endif()
asyncd_test(unit_net
  SOURCES listen_address_test.cpp net_test.cpp net_unix_test.cpp ${net_posix_tests} ../support/client.cpp
  LINK asyncd_net asyncd_asio
  LABELS unit)
