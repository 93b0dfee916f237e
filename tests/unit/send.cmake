# What asyncd send does with bytes, without a network.
asyncd_test(unit_send SOURCES send_test.cpp LINK asyncd_send LABELS unit)
