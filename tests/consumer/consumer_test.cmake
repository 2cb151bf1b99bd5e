# As a user would: copies files into an empty project, builds it there and runs it. With KIND=package the project is the
# guide's example, against an installation in a scratch folder; with KIND=header there is nothing but the header.
# Called as cmake -D KIND=… -D BUILD=… -D SOURCE=… -D WORK=… -D COMPILER=… -D FLAGS=… -P consumer_test.cmake

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
if(KIND STREQUAL "header")
  file(GLOB files ${SOURCE}/tests/consumer/* ${SOURCE}/samples/step*.h)
  list(APPEND files ${SOURCE}/reference-impl/include/mapioffline.h)
  set(programs header_only)
  set(expected "")
else()
  file(GLOB files ${SOURCE}/docs/examples/package/*)
  set(programs my_client my_client_static)
  file(READ ${SOURCE}/docs/examples/package/main.expected.txt expected)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
endif()
file(COPY ${files} DESTINATION ${WORK}/project)
run(${CMAKE_COMMAND} -G Ninja -S ${WORK}/project -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS})
run(${CMAKE_COMMAND} --build ${WORK}/build)
foreach(program ${programs})
  run(${WORK}/build/${program})
  if(NOT output STREQUAL expected)
    message(FATAL_ERROR "${program} prints something else than expected.\n--- expected\n${expected}--- printed\n${output}---")
  endif()
endforeach()
