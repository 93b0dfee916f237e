if(ASYNCD_KERNEL STREQUAL "linux")
  set(socket_set_linux_tests socket_set_linux_test.cpp)
endif()
asyncd_test(unit_socket_set
  SOURCES socket_set_test.cpp ${socket_set_linux_tests}
  LINK asyncd_backends asyncd_asio
  LABELS unit)
