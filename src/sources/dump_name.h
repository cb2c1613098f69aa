#pragma once

// What a dump is called in the repository.

#include <string>
#include <string_view>

namespace cofre::sources {

// "C:\Datos\Año 2025\CONTAB.FDB" -> "CONTAB" + extension: the last part of a path of any system without its extension,
// each character outside [A-Za-z0-9._-] as '_'. Never empty, never hidden, at most 100 characters.
std::string DumpNameFromPath(std::string_view path, std::string_view extension);

}  // namespace cofre::sources
