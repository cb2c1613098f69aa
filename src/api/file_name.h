#pragma once

// Names of files that clients are given.

#include <string>
#include <string_view>

namespace cofre::api {

// "Ferretería Ñandú 2025 2026-11-24.fbk" out of a company's name and the rest of it: without anything that a path, a
// shell, Windows or a reader's eye (controls, marks that turn the direction round) could take for something else, at
// most 150 bytes of the company's. `fallback` stands for a name of which nothing is left. The rest is ours and kept.
std::string SafeFileName(std::string_view company, std::string_view fallback, std::string_view rest);

// Content-Disposition (RFC 6266) for a name that SafeFileName has made: in ASCII, and in UTF-8 where that is not all.
std::string AttachmentNamed(std::string_view name);

}  // namespace cofre::api
