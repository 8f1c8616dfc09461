# Finds oneDNN >= the asked version: ONEDNN_ROOT (the unpacked PyPI wheel onednn-devel-cpu-gomp, which has no usable
# CMake config), then third_party/onednn beside the sources (where tools/setup.sh puts it), then the system.
# Defines OneDNN::dnnl and OneDNN_LIBRARY.
set(_onednn_hints ${ONEDNN_ROOT} $ENV{ONEDNN_ROOT} ${PROJECT_SOURCE_DIR}/third_party/onednn)

find_path(OneDNN_INCLUDE_DIR oneapi/dnnl/dnnl.hpp HINTS ${_onednn_hints} PATH_SUFFIXES include)
find_library(OneDNN_LIBRARY NAMES dnnl libdnnl.so.3 HINTS ${_onednn_hints} PATH_SUFFIXES lib)

if(OneDNN_INCLUDE_DIR AND EXISTS ${OneDNN_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h)
  file(STRINGS ${OneDNN_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h _v REGEX "#define DNNL_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE ".*MAJOR ([0-9]+).*" "\\1" _major "${_v}")
  string(REGEX REPLACE ".*MINOR ([0-9]+).*" "\\1" _minor "${_v}")
  string(REGEX REPLACE ".*PATCH ([0-9]+).*" "\\1" _patch "${_v}")
  set(OneDNN_VERSION ${_major}.${_minor}.${_patch})
endif()

if(OneDNN_VERSION AND OneDNN_VERSION VERSION_LESS OneDNN_FIND_VERSION)
  message(FATAL_ERROR "oneDNN ${OneDNN_VERSION} in ${OneDNN_INCLUDE_DIR} is too old\n"
    "  expected: oneDNN >= ${OneDNN_FIND_VERSION} (int8 attributes per argument came with 3.0; Debian 12 ships 2.6)\n"
    "  try: tools/setup.sh, which unpacks the PyPI wheel onednn-devel-cpu-gomp, or -DONEDNN_ROOT=DIR")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OneDNN
  REQUIRED_VARS OneDNN_LIBRARY OneDNN_INCLUDE_DIR
  VERSION_VAR OneDNN_VERSION
  REASON_FAILURE_MESSAGE "try: tools/setup.sh, or -DONEDNN_ROOT=DIR with DIR/include and DIR/lib")

if(OneDNN_FOUND AND NOT TARGET OneDNN::dnnl)
  add_library(OneDNN::dnnl SHARED IMPORTED)
  set_target_properties(OneDNN::dnnl PROPERTIES IMPORTED_LOCATION ${OneDNN_LIBRARY})
  target_include_directories(OneDNN::dnnl SYSTEM INTERFACE ${OneDNN_INCLUDE_DIR})
endif()
