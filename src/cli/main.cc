#include "cli/application.h"

int main(int argc, char** argv) { return cofre::cli::RunApplication(argc, argv); }
