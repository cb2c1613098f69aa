#pragma once

// Entries of folders as nodes of trees, written byte for byte as restic's Go would. See tree.h for whole trees.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/folder.h"

namespace cofre::repository {

// What Go's strconv.Quote makes of a name, without its quotes: the form in which nodes have it, and in which any bytes
// survive. What Unicode has not assigned is taken for printable, which Go's tables, of one version or another, do not.
std::string QuoteName(std::string_view name);
// The other way round. Throws corrupt.
std::string UnquoteName(std::string_view quoted);

// Each appends a node, without a comma. Access time is that of the modification, as restic writes it unless it is told
// otherwise; the device stands only where a file has several names, since its number changes from boot to boot.
void AppendFileNode(std::string& json, const FolderEntry& entry, std::span<const Digest> content);
void AppendFolderNode(std::string& json, const FolderEntry& entry, const Digest& subtree);
void AppendLinkNode(std::string& json, const FolderEntry& entry);

// Go's os.FileMode of a node, and back to what a FolderEntry has.
uint64_t NodeMode(EntryType type, uint32_t mode);
uint32_t PermissionsOf(uint64_t node_mode);

}  // namespace cofre::repository
