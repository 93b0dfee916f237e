// The files of this tree that are made from the tables of settings.
#pragma once

#include <string>
#include <vector>

#include "core/config/load.h"

namespace asyncd {

struct Document {
  std::string path;  // from the top of the tree
  std::string text;
};

std::vector<Document> settings_documents(const Schema& schema);

}  // namespace asyncd
