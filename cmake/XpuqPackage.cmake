# cpack: a .deb for the distribution that it is made on. What it needs is read from the programs by dpkg-shlibdeps;
# oneDNN where it is ours, and what tools/setup-gpu.sh brings, lie in private folders and belong to no other package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xpuq)
set(CPACK_PACKAGE_VENDOR xpuq)
# A package that is made locally is its maker's: tools/package.sh takes DEBFULLNAME and DEBEMAIL, as Debian's tools do.
set(CPACK_PACKAGE_CONTACT "Local build <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION
  "Takes a trained model (torch.export or ONNX) and pictures, quantizes it as PyTorch 2 Export does, and writes one artifact that runs without Python on CPUs and Intel GPUs.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib ${PROJECT_BINARY_DIR}/lib/xpuq)
if(_onednn_is_ours)
  cmake_path(GET OneDNN_LIBRARY PARENT_PATH _onednn_folder)
  list(APPEND CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${_onednn_folder})
endif()
include(CPack)
