# cofre_embed_text(TARGET FILE TEMPLATE): compiles src/FILE into the target through src/TEMPLATE, where @COFRE_TEXT@ stands for
# string literals that make its text together. The file may not hold )text" anywhere.
function(cofre_embed_text target file template)
  set(path ${PROJECT_SOURCE_DIR}/src/${file})
  file(READ ${path} rest)
  set(COFRE_TEXT "")
  string(LENGTH "${rest}" length)
  set(start 0)
  while(start LESS length)
    # No compiler has to take a literal of more than 64 KiB.
    string(SUBSTRING "${rest}" ${start} 30000 piece)
    string(APPEND COFRE_TEXT " + R\"text(${piece})text\"")
    math(EXPR start "${start} + 30000")
  endwhile()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  get_filename_component(name ${template} NAME_WLE)
  configure_file(${PROJECT_SOURCE_DIR}/src/${template} ${CMAKE_CURRENT_BINARY_DIR}/${target}_${name} @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}_${name})
endfunction()
