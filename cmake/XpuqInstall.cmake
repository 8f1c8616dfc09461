# cmake --install: commands, library, engine plugin with its oneDNN, headers, find_package(xpuq), manuals, completions,
# documents.
# Plain lib/, not the distribution's triplet folder: commands look for the plugin in ../lib/xpuq of themselves.
include(CMakePackageConfigHelpers)

install(TARGETS xpuq-calibrate xpuq-compile xpuq-run RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS xpuq_engine_cpu LIBRARY DESTINATION lib/xpuq)
if(TARGET xpuq-record)
  install(TARGETS xpuq-record RUNTIME DESTINATION lib/xpuq)
endif()
# A oneDNN that lies in third_party came with the sources and takes its licences along; one of the system is already
# where the loader looks.
cmake_path(IS_PREFIX PROJECT_SOURCE_DIR ${OneDNN_LIBRARY} NORMALIZE _onednn_is_ours)
if(_onednn_is_ours)
  install(PROGRAMS ${OneDNN_LIBRARY} DESTINATION lib/xpuq)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/third_party/onednn/doc/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/onednn)
endif()

install(TARGETS xpuq EXPORT xpuq LIBRARY DESTINATION lib)
install(DIRECTORY include/xpuq DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT xpuq NAMESPACE xpuq:: FILE xpuqTargets.cmake DESTINATION lib/cmake/xpuq)
file(WRITE ${PROJECT_BINARY_DIR}/xpuqConfig.cmake "include(\${CMAKE_CURRENT_LIST_DIR}/xpuqTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xpuqConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xpuqConfig.cmake ${PROJECT_BINARY_DIR}/xpuqConfigVersion.cmake
        DESTINATION lib/cmake/xpuq)

install(DIRECTORY ${XPUQ_PAGES}/man DESTINATION ${CMAKE_INSTALL_DATADIR})
install(DIRECTORY ${XPUQ_PAGES}/bash-completion ${XPUQ_PAGES}/zsh ${XPUQ_PAGES}/fish DESTINATION ${CMAKE_INSTALL_DATADIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN man EXCLUDE)
