# What holds handlers to their rules in builds that check; tested in all.
asyncd_test(unit_checking
  SOURCES checking_host_test.cpp checking_message_test.cpp checking_support.cpp
  LINK asyncd_plugin
  LABELS threads)
