# Cross-compiles for Windows with mingw-w64 (Debian's g++-mingw-w64-…-posix). mingw-x64.cmake and mingw-x86.cmake set
# `triple` and include this.

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_CXX_COMPILER ${triple}-g++-posix) # the other variant, -win32, has no std::thread
set(CMAKE_C_COMPILER ${triple}-gcc-posix) # GoogleTest needs a C compiler
set(CMAKE_RC_COMPILER ${triple}-windres)

# Libraries and headers come from there; programs from the build machine.
set(CMAKE_FIND_ROOT_PATH /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# So that our programs need no DLL of the compiler.
foreach(kind EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT -static)
endforeach()
