// How jemalloc works in the servers: it reads this symbol of the program.
//
// Few arenas, since threads come and go; memory that was freed goes back to the system within
// seconds, also while no thread allocates.

extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "narenas:4,background_thread:true,max_background_threads:1,dirty_decay_ms:1000,"
    "muzzy_decay_ms:0";
}
