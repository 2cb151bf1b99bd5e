# Finds a portable <unknwn.h>: Microsoft's DirectX-Headers has one (Debian and Ubuntu: directx-headers-dev; vcpkg and
# Conan: directx-headers). Defines the target OfflineState::unknwn.
find_path(UNKNWN_INCLUDE_DIR unknwn.h PATH_SUFFIXES wsl/stubs directx-headers/wsl/stubs
          DOC "The folder with DirectX-Headers' unknwn.h (wsl/stubs)")
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Unknwn REQUIRED_VARS UNKNWN_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "DirectX-Headers brings it: apt-get install directx-headers-dev")
if(Unknwn_FOUND AND NOT TARGET OfflineState::unknwn)
  add_library(OfflineState::unknwn INTERFACE IMPORTED)
  target_include_directories(OfflineState::unknwn SYSTEM INTERFACE ${UNKNWN_INCLUDE_DIR})
endif()
mark_as_advanced(UNKNWN_INCLUDE_DIR)
