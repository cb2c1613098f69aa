#pragma once

// The program, less main().

namespace cofre::cli {

// Parses, runs, reports; returns the exit code. To be called once in a process.
int RunApplication(int argument_count, char** arguments);

}  // namespace cofre::cli
