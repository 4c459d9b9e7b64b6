# What is installed where (the units name /usr), and the Debian package of it: `cpack --config
# build/release/CPackConfig.cmake` makes build/release/baliprocess_VERSION_ARCHITECTURE.deb of the
# programs that are built.

set(BALI_LIBDIR lib/baliprocess)
set(BALI_UNITDIR lib/systemd/system)
set(BALI_SETTINGS /etc/baliprocess)
set(BALI_DEPLOY ${CMAKE_SOURCE_DIR}/deploy)
set(BALI_SERVERS membership meetings capacity gateway)

# Servers are for their units, not for everybody's PATH.
install(TARGETS ${BALI_SERVERS} RUNTIME DESTINATION ${BALI_LIBDIR})
install(TARGETS balictl RUNTIME DESTINATION bin)
install(PROGRAMS ${BALI_DEPLOY}/make-identities DESTINATION ${BALI_LIBDIR})
install(PROGRAMS ${BALI_DEPLOY}/systemd/baliprocess-identities DESTINATION sbin)
install(DIRECTORY ${BALI_DEPLOY}/data DESTINATION share/baliprocess)
install(DIRECTORY ${BALI_DEPLOY}/monitoring DESTINATION share/baliprocess)
install(FILES README.md SECURITY.md ${BALI_DEPLOY}/debian/copyright DESTINATION share/doc/baliprocess)
install(DIRECTORY docs DESTINATION share/doc/baliprocess)

install(DIRECTORY ${BALI_DEPLOY}/systemd/ DESTINATION ${BALI_UNITDIR}
  FILES_MATCHING PATTERN baliprocess*.target PATTERN baliprocess*.service
  PATTERN baliprocess*.socket PATTERN baliprocess*.timer PATTERN sandbox.conf PATTERN task.conf
  PATTERN settings EXCLUDE)
install(FILES ${BALI_DEPLOY}/systemd/sysusers.conf DESTINATION lib/sysusers.d
  RENAME baliprocess.conf)
install(FILES ${BALI_DEPLOY}/systemd/tmpfiles.conf DESTINATION lib/tmpfiles.d
  RENAME baliprocess.conf)
install(DIRECTORY ${BALI_DEPLOY}/systemd/settings/ DESTINATION ${BALI_SETTINGS})

# Files that an upgrade asks about before it replaces what an operator changed.
set(conffiles "")
file(GLOB names RELATIVE ${BALI_DEPLOY}/systemd/settings CONFIGURE_DEPENDS
  ${BALI_DEPLOY}/systemd/settings/*)
foreach(name IN LISTS names)
  string(APPEND conffiles "${BALI_SETTINGS}/${name}\n")
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/conffiles "${conffiles}")

set(CPACK_GENERATOR DEB)
set(CPACK_SOURCE_GENERATOR "")
set(CPACK_PACKAGE_NAME baliprocess)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "record of the Bali Process, served over gRPC and HTTP")
set(CPACK_PACKAGE_DESCRIPTION
"The services of members, of meetings and of activities, the gateway
before them, and balictl: the record of an intergovernmental forum,
kept by the forum itself. The services keep it in SQLite files unless
they are given PostgreSQL databases.")
set(CPACK_PACKAGE_CONTACT "Bali Process suite <maintainers@baliprocess.example>")
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/common/cmake/PackageFolders.cmake)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Beside the libraries: what make-identities, the units and the programs need.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "systemd, init-system-helpers (>= 1.52), debconf (>= 0.5) | debconf-2.0, openssl, procps, ca-certificates, tzdata")
# What balictl runs where it is there: for long texts, and for papers as PDF.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "less, weasyprint")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${BALI_DEPLOY}/debian/postinst ${BALI_DEPLOY}/debian/prerm ${BALI_DEPLOY}/debian/postrm
  ${BALI_DEPLOY}/debian/templates ${CMAKE_BINARY_DIR}/conffiles)
include(CPack)
