# bali_embedded_files(OUTPUT [BROTLI] PATH FILE [PATH FILE]...): a source file OUTPUT that puts files
# into a program, each packed by gzip, with BROTLI by brotli too, and tells them apart by PATH, as
# common/base/embedded_files.h declares. The assembler reads them: megabytes as an array of C++ would
# take the compiler minutes.
find_program(GZIP gzip REQUIRED)
find_program(BROTLI brotli REQUIRED)

function(bali_embedded_files output)
  cmake_parse_arguments(PARSE_ARGV 1 arg "BROTLI" "" "")
  set(files ${arg_UNPARSED_ARGUMENTS})
  set(places "")
  set(rows "")
  set(names "")
  set(number 0)
  while(files)
    list(POP_FRONT files path file)
    math(EXPR number "${number} + 1")
    string(MAKE_C_IDENTIFIER "embedded_${path}" name)
    set(packed ${CMAKE_CURRENT_BINARY_DIR}/embedded/${number}.gz)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/embedded)
    # Without a name and a time (-n), so that the bytes depend on the contents alone.
    add_custom_command(OUTPUT ${packed} COMMAND ${GZIP} -9nc ${file} > ${packed} DEPENDS ${file})
    list(APPEND all_packed ${packed})
    string(APPEND places "${name}: .incbin \\\"${packed}\\\"\\n${name}_end:\\n")
    string(APPEND names "extern const char ${name}[], ${name}_end[];\n")
    string(APPEND rows "      {\"${path}\", {${name}, static_cast<size_t>(${name}_end - ${name})}")
    if(arg_BROTLI)
      set(packed ${CMAKE_CURRENT_BINARY_DIR}/embedded/${number}.br)
      add_custom_command(OUTPUT ${packed} COMMAND ${BROTLI} -cq 11 ${file} > ${packed} DEPENDS ${file})
      list(APPEND all_packed ${packed})
      string(APPEND places "${name}_br: .incbin \\\"${packed}\\\"\\n${name}_br_end:\\n")
      string(APPEND names "extern const char ${name}_br[], ${name}_br_end[];\n")
      string(APPEND rows ", {${name}_br, static_cast<size_t>(${name}_br_end - ${name}_br)}")
    endif()
    string(APPEND rows "},\n")
  endwhile()
  string(REPLACE "\\n" "\\n\"\n    \"" places "${places}")
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT "#include \"common/base/embedded_files.h\"

asm(\".pushsection .rodata\\n\"
    \"@places@.popsection\\n\");
extern \"C\" {
@names@}

namespace baliprocess {

const std::vector<EmbeddedFile>& EmbeddedFiles() {
  static const std::vector<EmbeddedFile>& files = *new std::vector<EmbeddedFile>{
@rows@  };
  return files;
}

}  // namespace baliprocess
")
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${all_packed}")
endfunction()
