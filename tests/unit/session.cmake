# Session without any I/O, the deadline wheel, and buffers.
asyncd_test(unit_session
  SOURCES buffer_test.cpp memory_budget_test.cpp session_deadline_test.cpp session_end_test.cpp
          session_memory_test.cpp session_split_test.cpp session_test.cpp sdk_count_allocations.cpp
  LINK asyncd_session
  LABELS unit)

asyncd_test(unit_io
  SOURCES deadline_wheel_test.cpp deferred_upstream_test.cpp inline_flush_test.cpp refusal_test.cpp stats_test.cpp
  LINK asyncd_io asyncd_asio
  LABELS unit)
