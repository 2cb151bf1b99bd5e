# Windows, 32 bits: -DCMAKE_TOOLCHAIN_FILE=cmake/mingw-x86.cmake. It is built, and not run: for that Wine would need its
# 32-bit part.

set(triple i686-w64-mingw32)
set(CMAKE_SYSTEM_PROCESSOR x86)
include(${CMAKE_CURRENT_LIST_DIR}/mingw.cmake)
