# How every room is built. A room's CMakeLists.txt says only its name and what it may know.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(KITH_WASM "Build the client for the browser" OFF)
option(KITH_FUZZ "Build the fuzz targets" OFF)
set(KITH_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

find_program(KITH_CCACHE ccache)
if(KITH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KITH_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
if(KITH_SANITIZE)
  add_compile_options(-fsanitize=${KITH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KITH_SANITIZE})
endif()

if(KITH_WASM)
  # Header-only packages that the shared rooms use; /usr/include itself must stay invisible to this target.
  set(KITH_HEADERS ${CMAKE_BINARY_DIR}/headers)
  file(MAKE_DIRECTORY ${KITH_HEADERS})
  foreach(package nlohmann flatbuffers)
    file(CREATE_LINK /usr/include/${package} ${KITH_HEADERS}/${package} SYMBOLIC)
  endforeach()
  include_directories(SYSTEM ${KITH_HEADERS})
else()
  find_package(GTest REQUIRED)
  find_package(Threads REQUIRED)
  enable_testing()
  add_link_options(-fuse-ld=lld)
endif()

# kith_room(NAME [KNOWS targets...] [USES libraries...] [SOURCES files...])
# One folder, one target, one namespace. Sources are the folder's *.cpp unless SOURCES says otherwise.
# Where the folder has test/*.cpp, they become NAME_test (GoogleTest), registered with CTest.
function(kith_room name)
  cmake_parse_arguments(ROOM "" "" "KNOWS;USES;SOURCES" ${ARGN})
  if(NOT ROOM_SOURCES)
    file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PUBLIC ${ROOM_KNOWS} ${ROOM_USES})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/*.cpp)
  if(tests AND NOT KITH_WASM)
    kith_test(${name}_test SOURCES ${tests} KNOWS ${name})
  endif()
endfunction()

# kith_test(NAME SOURCES files... [KNOWS targets...] [TIMEOUT seconds]): a GoogleTest program, one CTest entry.
function(kith_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;KNOWS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_executable(${name} ${T_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${T_KNOWS} GTest::gmock_main Threads::Threads)
  target_compile_definitions(${name} PRIVATE
    KITH_VECTORS="${PROJECT_SOURCE_DIR}/../shared/vectors"
    KITH_SOURCE="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT})
endfunction()
