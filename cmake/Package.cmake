# The Debian package: the program, its unit, its manual, completions, documents. `cpack` in a build folder makes it;
# scripts/package does so from a release build.

include(GNUInstallDirs)
# Made by the program itself, so that they can't disagree with it.
foreach(page "cofre.1=manual --man" "cofre.bash=completion bash" "_cofre=completion zsh" "cofre.fish=completion fish")
  string(REGEX MATCH "^([^=]+)=(.+)$" _ "${page}")
  set(file ${CMAKE_BINARY_DIR}/package/${CMAKE_MATCH_1})
  separate_arguments(words UNIX_COMMAND "${CMAKE_MATCH_2}")
  add_custom_command(OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/package
    COMMAND cofre ${words} > ${file}
    DEPENDS cofre VERBATIM)
  list(APPEND pages ${file})
endforeach()
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/package/cofre.1.gz
  COMMAND gzip -9nkf ${CMAKE_BINARY_DIR}/package/cofre.1 DEPENDS ${pages} VERBATIM)
add_custom_target(cofre_pages ALL DEPENDS ${pages} ${CMAKE_BINARY_DIR}/package/cofre.1.gz)

install(FILES ${CMAKE_BINARY_DIR}/package/cofre.1.gz DESTINATION share/man/man1)
install(FILES ${CMAKE_BINARY_DIR}/package/cofre.bash DESTINATION share/bash-completion/completions RENAME cofre)
install(FILES ${CMAKE_BINARY_DIR}/package/_cofre DESTINATION share/zsh/vendor-completions)
install(FILES ${CMAKE_BINARY_DIR}/package/cofre.fish DESTINATION share/fish/vendor_completions.d)
install(FILES packaging/systemd/cofre.service DESTINATION /lib/systemd/system)
install(FILES README.md README.es.md docs/operations.md docs/configuration.md docs/alerts.md docs/repository.md docs/api.md docs/security.md DESTINATION share/doc/cofre)
install(FILES packaging/prometheus/cofre-alerts.yml packaging/grafana/cofre.json DESTINATION share/cofre)
install(FILES docs/es/operacion.md DESTINATION share/doc/cofre/es)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cofre)
set(CPACK_PACKAGE_VENDOR Cofre)
set(CPACK_PACKAGE_CONTACT "Cofre <cofre@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "backups of many companies' databases to S3, in restic's format")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "Backs up one database per company and fiscal year (mostly Firebird) by itself, deduplicated, compressed and encrypted,\n\
 and proves that each can be restored. Any restic reads the repositories.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, tzdata, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "firebird3.0-utils, restic")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_SOURCE_DIR}/packaging/deb/postinst;${CMAKE_CURRENT_SOURCE_DIR}/packaging/deb/prerm;${CMAKE_CURRENT_SOURCE_DIR}/packaging/deb/postrm")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};cofre;ALL;/")
include(CPack)
