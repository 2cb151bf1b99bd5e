# Runs a program and compares its output with the expected output in the file beside its source.
# As a module: offline_state_compare_output(target [FOLDER folder] [ARGUMENTS ...]). As a script (cmake -P): the test.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(OFFLINE_STATE_COMPARE_OUTPUT ${CMAKE_CURRENT_LIST_FILE})

  function(offline_state_compare_output target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" FOLDER ARGUMENTS)
    file(REAL_PATH "${arg_FOLDER}" folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set(expected ${folder}/${target}.expected.txt)
    if(OFFLINE_STATE_BUILD_TESTS AND OFFLINE_STATE_CAN_RUN)
      add_test(NAME output.${target}
               COMMAND ${CMAKE_COMMAND} "-Dprogram=$<TARGET_FILE:${target}>" "-Darguments=${arg_ARGUMENTS}"
                       "-Dlauncher=${CMAKE_CROSSCOMPILING_EMULATOR}" -Dexpected=${expected} -P
                       ${OFFLINE_STATE_COMPARE_OUTPUT})
      set_tests_properties(output.${target} PROPERTIES LABELS output TIMEOUT 120)
      set_property(GLOBAL APPEND PROPERTY OFFLINE_STATE_OUTPUTS ${expected})
    endif()
  endfunction()
  return()
endif()

if(NOT EXISTS ${expected})
  message(FATAL_ERROR "There is no expected output for ${program}: ${expected} is missing.")
endif()
execute_process(COMMAND ${launcher} ${program} ${arguments} RESULT_VARIABLE result OUTPUT_VARIABLE actual_output
                ERROR_VARIABLE errors)
string(REPLACE "\r\n" "\n" actual_output "${actual_output}")
if(launcher) # Wine prints this when it ends before its server
  string(REGEX REPLACE "wine client error:[^\n]*\n?" "" errors "${errors}")
endif()
file(READ ${expected} expected_output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${program} ended with ${result}.\n${errors}")
endif()
if(NOT errors STREQUAL "")
  message(FATAL_ERROR "${program} wrote to its standard error:\n${errors}")
endif()
if(NOT actual_output STREQUAL expected_output)
  message(FATAL_ERROR "${program} prints something else than ${expected}.\n"
                      "--- expected\n${expected_output}--- printed\n${actual_output}---")
endif()
