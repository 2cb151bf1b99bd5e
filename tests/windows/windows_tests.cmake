# What there is on Windows only. Included by tests/CMakeLists.txt, whose macro for the reports it uses.

set(dlls mapioffline olmapi32)
list(TRANSFORM dlls REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE dll_files)

add_executable(dll_tests windows/dll_test.cpp)
target_include_directories(dll_tests PRIVATE . ../samples)
target_compile_definitions(dll_tests PRIVATE OFFLINE_STATE_VERSION="${PROJECT_VERSION}")
target_link_libraries(dll_tests PRIVATE OfflineState::headers GTest::gtest_main offline_state_warnings version)
add_dependencies(dll_tests ${dlls})
# Beside the DLLs, as a client would put it.
set_target_properties(dll_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY $<TARGET_FILE_DIR:olmapi32>)
offline_state_report(dll_tests dll_report.xml)

add_test(NAME exports COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/windows/exports_test.py --objdump
                              ${CMAKE_OBJDUMP} --api ${dll_files})
if(OFFLINE_STATE_CAN_RUN)
  add_test(NAME dll_tests COMMAND dll_tests --gtest_brief=1)
  set_tests_properties(dll_tests PROPERTIES TIMEOUT 300)
  if(TARGET offline_state_monitor)
    add_test(NAME monitor COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/windows/monitor_test.py
                                  ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:offline_state_monitor>)
    set_tests_properties(monitor PROPERTIES TIMEOUT 300)
  endif()
endif()
