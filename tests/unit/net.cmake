asyncd_test(unit_net
  SOURCES net_test.cpp net_unix_test.cpp ../support/client.cpp
  LINK asyncd_net asyncd_asio
  LABELS unit)
