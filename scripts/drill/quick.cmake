# For the drill's copy only: the tests are compiled in half the time when the headers that they share are precompiled.
# Not those of this project, which the faults change.
cmake_language(
  DEFER CALL target_precompile_headers offline_state_tests PRIVATE <gtest/gtest.h> <condition_variable> <functional>
  <map> <mutex> <string> <thread> <vector>)
