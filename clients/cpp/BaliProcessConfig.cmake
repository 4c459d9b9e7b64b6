# BaliProcess::contracts: the messages. BaliProcess::client: the stubs and a channel besides.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(Protobuf)
find_dependency(absl)
find_dependency(gRPC CONFIG)
include(${CMAKE_CURRENT_LIST_DIR}/BaliProcessTargets.cmake)
