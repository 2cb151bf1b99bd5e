# Runs Sphinx, warnings as errors, and checks the result. Unchanged pages are not built again (their doctrees are kept),
# except after a failure: Sphinx does not repeat the warnings of a page that it has read, so a second try would pass.
execute_process(
  COMMAND ${sphinx_build} --quiet --fail-on-warning --nitpicky --keep-going -b html -c ${config} -d ${output}/doctrees
          ${source} ${output}/html
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  file(REMOVE_RECURSE ${output}/doctrees)
  file(REMOVE ${output}/html/index.html)
  message(FATAL_ERROR "The guide has not been built: see the lines above.")
endif()
execute_process(COMMAND ${python} -B -m tools.pages html --xml ${output}/doxygen/xml --html ${output}/html
                WORKING_DIRECTORY ${config}
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  file(REMOVE ${output}/html/index.html)
  message(FATAL_ERROR "The guide's pages have faults: see the lines above.")
endif()
file(TOUCH ${output}/html/index.html) # Sphinx does not write it when it is unchanged
message("The guide is built: file://${output}/html/index.html")
