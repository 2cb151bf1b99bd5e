# Windows, 32 bits: -DCMAKE_TOOLCHAIN_FILE=cmake/mingw-x86.cmake. The programs are not run: 32-bit Wine may be
# missing.

set(triple i686-w64-mingw32)
set(CMAKE_SYSTEM_PROCESSOR x86)
include(${CMAKE_CURRENT_LIST_DIR}/mingw.cmake)
