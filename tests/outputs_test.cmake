# Every sample has an expected output, every expected output has its sample, and each pair is compared in a test.
# Called as cmake -D FOLDERS=… -D TESTED=… -P outputs_test.cmake

cmake_minimum_required(VERSION 3.24)

foreach(folder ${FOLDERS})
  file(GLOB sources ${folder}/*.cpp)
  file(GLOB outputs ${folder}/*.expected.txt)
  foreach(source ${sources})
    file(STRINGS ${source} main REGEX "^int main\\(")
    if(NOT main)
      continue() # no program
    endif()
    string(REGEX REPLACE "\\.cpp$" ".expected.txt" output ${source})
    if(NOT EXISTS ${output})
      message(SEND_ERROR "The sample ${source} has no expected output: ${output} is missing.")
    elseif(NOT output IN_LIST TESTED)
      message(SEND_ERROR "No test runs ${source} and compares its output with ${output}.")
    endif()
  endforeach()
  foreach(output ${outputs})
    string(REGEX REPLACE "\\.expected\\.txt$" ".cpp" source ${output})
    if(NOT EXISTS ${source})
      message(SEND_ERROR "The expected output ${output} has no sample: ${source} is missing.")
    endif()
  endforeach()
endforeach()
