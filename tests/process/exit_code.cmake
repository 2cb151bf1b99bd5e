# Runs PROGRAM; it has to end with EXIT_CODE and without a word on standard error, where sanitizers report.
execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE result ERROR_VARIABLE errors TIMEOUT 120)
if(NOT result STREQUAL EXIT_CODE OR NOT errors STREQUAL "")
  message(FATAL_ERROR "${PROGRAM}: ${result}, not ${EXIT_CODE}\n${errors}")
endif()
