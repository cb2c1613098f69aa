# The operator's page: built from web/ with npm into share/cofre/web of the build folder, where the cofre of that folder
# looks for it, and into the package. A target of its own, so that nobody needs Node who does not ask for the page:
#   ninja -C build/app cofre_page

include(GNUInstallDirs)
set(page_folder ${CMAKE_BINARY_DIR}/share/cofre/web)
find_program(COFRE_NPM npm)
if(COFRE_NPM)
  file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/src/* ${PROJECT_SOURCE_DIR}/web/public/*)
  set(modules ${PROJECT_SOURCE_DIR}/web/node_modules/.package-lock.json)
  add_custom_command(OUTPUT ${modules}
    COMMAND ${COFRE_NPM} ci --no-progress
    DEPENDS ${PROJECT_SOURCE_DIR}/web/package-lock.json
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/web VERBATIM)
  add_custom_command(OUTPUT ${page_folder}/index.html
    COMMAND ${COFRE_NPM} run build -- --outDir ${page_folder} --emptyOutDir
    DEPENDS ${modules} ${page_sources} ${PROJECT_SOURCE_DIR}/web/index.html ${PROJECT_SOURCE_DIR}/web/vite.config.ts ${PROJECT_SOURCE_DIR}/web/vite-gzip.ts
      ${PROJECT_SOURCE_DIR}/web/tsconfig.json ${PROJECT_SOURCE_DIR}/web/package.json
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/web VERBATIM)
  add_custom_target(cofre_page DEPENDS ${page_folder}/index.html)
endif()
install(DIRECTORY ${page_folder} DESTINATION share/cofre OPTIONAL)
