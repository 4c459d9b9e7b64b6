# With BALI_MUTATION, libraries are compiled from copies of their sources in which one check at a
# time can be taken out (tests/mutation).
if(BALI_MUTATION)
  set(MUTANTS ${CMAKE_BINARY_DIR}/mutants)
  find_program(PYTHON3 python3 REQUIRED)
  execute_process(COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/mutation/rewrite.py
                          ${CMAKE_SOURCE_DIR} ${MUTANTS}
                  COMMAND_ERROR_IS_FATAL ANY)
endif()

# bali_mutants(SOURCES): puts the copies of the files of the list SOURCES, where there are any, in
# their places.
function(bali_mutants sources)
  if(NOT BALI_MUTATION)
    return()
  endif()
  foreach(source ${${sources}})
    file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    if(EXISTS ${MUTANTS}/${path})
      list(APPEND copies ${MUTANTS}/${path})
    else()
      list(APPEND copies ${source})
    endif()
  endforeach()
  set(${sources} ${copies} PARENT_SCOPE)
endfunction()
