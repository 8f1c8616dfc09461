# Finds the Level Zero headers and loader (Debian libze-dev). Programs that only run open the loader when it is needed;
# the recorder links it.
find_path(LevelZero_INCLUDE_DIR level_zero/ze_api.h)
find_library(LevelZero_LIBRARY NAMES ze_loader)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LevelZero REQUIRED_VARS LevelZero_LIBRARY LevelZero_INCLUDE_DIR)
if(LevelZero_FOUND AND NOT TARGET LevelZero::headers)
  add_library(LevelZero::headers INTERFACE IMPORTED)
  target_include_directories(LevelZero::headers SYSTEM INTERFACE ${LevelZero_INCLUDE_DIR})
  add_library(LevelZero::loader SHARED IMPORTED)
  set_target_properties(LevelZero::loader PROPERTIES IMPORTED_LOCATION ${LevelZero_LIBRARY})
  target_link_libraries(LevelZero::loader INTERFACE LevelZero::headers)
endif()
