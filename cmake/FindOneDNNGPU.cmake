# Finds the oneDNN with a GPU engine (PyPI onednn-devel, SYCL over Level Zero): ONEDNN_GPU_ROOT, then
# third_party/onednn-gpu, where tools/setup-gpu.sh puts it. Only the recorder of GPU programs needs it.
# Defines OneDNNGPU::dnnl.
set(_onednn_gpu_hints ${ONEDNN_GPU_ROOT} $ENV{ONEDNN_GPU_ROOT} ${PROJECT_SOURCE_DIR}/third_party/onednn-gpu)
find_path(OneDNNGPU_INCLUDE_DIR oneapi/dnnl/dnnl_sycl.h HINTS ${_onednn_gpu_hints} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(OneDNNGPU_LIBRARY NAMES dnnl libdnnl.so.3 HINTS ${_onednn_gpu_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OneDNNGPU REQUIRED_VARS OneDNNGPU_LIBRARY OneDNNGPU_INCLUDE_DIR)
if(OneDNNGPU_FOUND AND NOT TARGET OneDNNGPU::dnnl)
  add_library(OneDNNGPU::dnnl SHARED IMPORTED)
  cmake_path(GET OneDNNGPU_LIBRARY PARENT_PATH _onednn_gpu_lib)
  set_target_properties(OneDNNGPU::dnnl PROPERTIES IMPORTED_LOCATION ${OneDNNGPU_LIBRARY})
  target_include_directories(OneDNNGPU::dnnl SYSTEM INTERFACE ${OneDNNGPU_INCLUDE_DIR})
  # Its SYCL runtime lies beside it.
  target_link_options(OneDNNGPU::dnnl INTERFACE -Wl,-rpath-link,${_onednn_gpu_lib})
endif()
