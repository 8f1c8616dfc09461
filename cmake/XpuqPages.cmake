# Manuals and completion scripts, made from the option tables of the commands that were just built.
set(XPUQ_PAGES ${PROJECT_BINARY_DIR}/share)
file(GLOB _texts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.txt)
set(_pages)
foreach(text IN LISTS _texts)
  cmake_path(GET text STEM LAST_ONLY page)
  string(REGEX REPLACE ".*\\." "" section ${page})
  list(APPEND _pages ${XPUQ_PAGES}/man/man${section}/${page})
endforeach()
add_custom_command(OUTPUT ${_pages} COMMAND xpuq-manual ${_texts} ${XPUQ_PAGES}/man DEPENDS xpuq-manual ${_texts} VERBATIM
  COMMENT "Manuals")

foreach(command xpuq-calibrate xpuq-compile xpuq-run)
  foreach(script "bash bash-completion/completions/${command}" "zsh zsh/site-functions/_${command}"
                 "fish fish/vendor_completions.d/${command}.fish")
    separate_arguments(script)
    list(GET script 0 shell)
    list(GET script 1 file)
    cmake_path(GET file PARENT_PATH folder)
    add_custom_command(OUTPUT ${XPUQ_PAGES}/${file}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${XPUQ_PAGES}/${folder}
      COMMAND ${command} --completion ${shell} > ${XPUQ_PAGES}/${file}
      DEPENDS ${command} COMMENT "Completion of ${command} in ${shell}")
    list(APPEND _pages ${XPUQ_PAGES}/${file})
  endforeach()
endforeach()
add_custom_target(pages ALL DEPENDS ${_pages})
