# Driver and Session in a simulated world: virtual time, a network, and chance by a seed.
asyncd_test(unit_sim
  SOURCES sim_check.cpp sim_client_check.cpp sim_deadline_test.cpp sim_handler.cpp sim_oracle.cpp sim_plan.cpp
          sim_scenario.cpp sim_sights.cpp sim_test.cpp sim_time_check.cpp sim_waiting.cpp sim_wire_test.cpp
          ../support/failing_new.cpp ../support/sim_loop.cpp ../support/sim_loop_accept.cpp
          ../support/sim_loop_operations.cpp ../support/sim_loop_run.cpp ../support/sim_peer.cpp
          ../support/sim_pipe.cpp ../support/sim_wire.cpp ../support/seeds.cpp
  LINK asyncd_io
  LABELS unit)
# The one test that computes more than its compiler.
if(NOT MSVC)
  target_compile_options(unit_sim PRIVATE -O1)
endif()
