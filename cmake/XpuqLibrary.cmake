# xpuq_library(NAME SOURCES ... SEPARATE ... DEPENDS ... EXTERNAL ...): one folder, one static library xpuq_NAME.
# SEPARATE lists sources that must not be batched (kernels, or private names that others of the folder use too).
# DEPENDS names other xpuq libraries (tools/check_layers.py compares them with the includes);
# EXTERNAL names packages, which stay private to the folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)

option(XPUQ_UNITY "Compile small files in batches" ON)

find_program(XPUQ_CCACHE ccache)
if(XPUQ_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${XPUQ_CCACHE})
endif()

# GCC 12 sees overlaps in `"text" + std::string` (bug 105651) and unset std::optional payloads that are not there. Clang
# sees deprecated functions inside GCC's headers.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  set(_compiler_quirks -Wno-restrict -Wno-maybe-uninitialized)
else()
  set(_compiler_quirks -Wno-deprecated-declarations)
endif()

function(xpuq_compile_options target)
  # No contraction: every formula promises its roundings, so an FMA appears only where std::fma is written.
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Werror ${_compiler_quirks} -ffp-contract=off -fno-math-errno -fno-trapping-math)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> PRIVATE ${PROJECT_SOURCE_DIR}/src)
  if(XPUQ_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${XPUQ_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    target_link_options(${target} PUBLIC -fsanitize=${XPUQ_SANITIZE})
  endif()
endfunction()

function(xpuq_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;SEPARATE;DEPENDS;EXTERNAL" ${ARGN})
  add_library(xpuq_${name} STATIC ${ARG_SOURCES} ${ARG_SEPARATE})
  # Small files cost more in headers than in code: compiled in batches, the whole takes a third of the time.
  set_target_properties(xpuq_${name} PROPERTIES UNITY_BUILD ${XPUQ_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  set_source_files_properties(${ARG_SEPARATE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  xpuq_compile_options(xpuq_${name})
  list(TRANSFORM ARG_DEPENDS PREPEND xpuq_)
  target_link_libraries(xpuq_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_EXTERNAL})
endfunction()
