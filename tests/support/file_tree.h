#pragma once

// A folder of every kind of file that a backup must bring back, and what of it is compared.

#include <map>
#include <string>

namespace cofre::test {

// Makes `folder`: names with blanks, quotes, ñ and what is no UTF-8, empty files and folders, links that lead nowhere,
// odd modes and times, a file with two names, a large one, twelve folders below each other.
void MakeOddFolder(const std::string& folder);

void WriteText(const std::string& path, const std::string& text);

// By its path in `folder`, "." itself included: type, mode, time of modification, and content or target.
std::map<std::string, std::string> DescribeTree(const std::string& folder);

}  // namespace cofre::test
