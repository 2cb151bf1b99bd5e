# What there is on Windows only. Included by tests/CMakeLists.txt, whose macro for the reports it uses.

add_library(windows_identifiers OBJECT windows/guids.cpp)
target_link_libraries(windows_identifiers PRIVATE OfflineState::headers offline_state_warnings)

# Beside the DLLs, as a client would put it; and each a process of its own, for what one has loaded another must not find.
function(add_dll_test_program name)
  add_executable(${name} ${ARGN} $<TARGET_OBJECTS:windows_identifiers>)
  target_include_directories(${name} PRIVATE . windows .. ../samples)
  target_compile_definitions(${name} PRIVATE OFFLINE_STATE_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE OfflineState::headers GTest::gtest_main offline_state_warnings ole32 oleaut32 uuid
                                        version)
  add_dependencies(${name} mapioffline olmapi32)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY $<TARGET_FILE_DIR:olmapi32>)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
add_dll_test_program(dll_tests windows/dll_test.cpp)
add_dll_test_program(load_outlook_mapi_tests windows/load_outlook_mapi_test.cpp ../samples/client/load_outlook_mapi.cpp)
add_dll_test_program(window_thread_tests windows/window_thread_test.cpp ../samples/client/window_thread.cpp)
offline_state_report(dll_tests dll_report.xml mapioffline olmapi32)
offline_state_report(load_outlook_mapi_tests load_report.xml mapioffline olmapi32)
# The five steps in C, which look the DLL's functions up by name, print what the C++ samples print.
enable_language(C)
add_executable(steps_in_c ${PROJECT_SOURCE_DIR}/bindings/c/steps.c)
target_link_libraries(steps_in_c PRIVATE OfflineState::headers offline_state_warnings)
set_target_properties(steps_in_c PROPERTIES C_STANDARD 99 RUNTIME_OUTPUT_DIRECTORY $<TARGET_FILE_DIR:olmapi32>)
add_dependencies(steps_in_c olmapi32)
file(GLOB expected ${PROJECT_SOURCE_DIR}/samples/step*.expected.txt)
foreach(file ${expected})
  string(REGEX MATCH "step([0-9])_" step ${file})
  set(step ${CMAKE_MATCH_1})
  add_test(NAME steps_in_c.${step}
           COMMAND ${CMAKE_COMMAND} -Dprogram=$<TARGET_FILE:steps_in_c> "-Darguments=olmapi32.dll$<SEMICOLON>${step}"
                   -Dlauncher=${CMAKE_CROSSCOMPILING_EMULATOR} -Dexpected=${file} -P
                   ${PROJECT_SOURCE_DIR}/cmake/CompareOutput.cmake)
endforeach()
get_property(type_library GLOBAL PROPERTY OFFLINE_STATE_TYPE_LIBRARY)
if(type_library)
  add_executable(print_type_library windows/print_type_library.cpp)
  target_compile_options(print_type_library PRIVATE $<$<NOT:$<BOOL:${MSVC}>>:-municode>)
  target_link_options(print_type_library PRIVATE $<$<NOT:$<BOOL:${MSVC}>>:-municode>)
  target_link_libraries(print_type_library PRIVATE offline_state_warnings ole32 oleaut32 uuid)
  add_dependencies(print_type_library mapioffline olmapi32)
  add_test(NAME type_library
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/type_library_test.py ${CMAKE_CROSSCOMPILING_EMULATOR}
                   $<TARGET_FILE:print_type_library>
           WORKING_DIRECTORY $<TARGET_FILE_DIR:olmapi32>)
endif()
foreach(kind faulty decorated no_export late hangs crashes)
  add_library(olmapi32_${kind} SHARED windows/addin_host/faulty_olmapi32.cpp)
  target_include_directories(olmapi32_${kind} PRIVATE .)
  target_link_libraries(olmapi32_${kind} PRIVATE OfflineState::headers offline_state_warnings)
  set_target_properties(olmapi32_${kind} PROPERTIES PREFIX "" OUTPUT_NAME olmapi32 RUNTIME_OUTPUT_DIRECTORY
                                                    $<TARGET_FILE_DIR:olmapi32>/${kind} ARCHIVE_OUTPUT_DIRECTORY ${kind})
  add_dependencies(load_outlook_mapi_tests olmapi32_${kind})
endforeach()
target_compile_definitions(olmapi32_decorated PRIVATE DECORATED)
target_compile_definitions(olmapi32_no_export PRIVATE NO_EXPORT)
target_compile_definitions(olmapi32_late PRIVATE LATE)
target_compile_definitions(olmapi32_hangs PRIVATE HANGS)
target_compile_definitions(olmapi32_crashes PRIVATE CRASHES)

if(TARGET offline_state_addin)
  add_dll_test_program(addin_tests windows/addin_test.cpp)
  add_dependencies(addin_tests offline_state_addin olmapi32_faulty olmapi32_late olmapi32_worst)
  add_test(NAME addin_tests.worst COMMAND addin_tests --gtest_brief=1 --gtest_filter=WorstOutlook.*)
  set_tests_properties(addin_tests.worst PROPERTIES ENVIRONMENT OFFLINE_STATE_WORST=none TIMEOUT 300)
  foreach(file ADDIN=${PROJECT_BINARY_DIR}/samples/addin/offline_state_addin.dll
               ADDIN_LOG=${CMAKE_CURRENT_SOURCE_DIR}/windows/addin_log.expected.txt)
    string(REGEX MATCH "^[^=]+" name ${file})
    string(REGEX REPLACE "^[^=]+=" "" path ${file})
    file(RELATIVE_PATH path ${PROJECT_BINARY_DIR}/reference-impl ${path})
    string(REPLACE "/" "\\\\" path ${path})
    target_compile_definitions(addin_tests PRIVATE OFFLINE_STATE_${name}=L"${path}")
  endforeach()
  offline_state_report(addin_tests addin_report.xml olmapi32 offline_state_addin)
endif()

if(TARGET offline_state_monitor)
  add_test(NAME monitor COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/monitor_test.py everywhere
                                ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:offline_state_monitor>)
  set_tests_properties(monitor PROPERTIES TIMEOUT 300)
endif()

if(CMAKE_CROSSCOMPILING_EMULATOR)
  add_test(NAME wine COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/wine_test.py
                             ${CMAKE_CROSSCOMPILING_EMULATOR})
endif()
