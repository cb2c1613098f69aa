#pragma once

// What the catalogue knows of a company's repository.

#include <functional>
#include <string>

#include "engine/company_lock.h"
#include "engine/context.h"

namespace cofre::engine {

// Reads, lets `change` work on it, and stores it, in one transaction. The company exists.
void UpdateCompanyState(const Context& context, const std::string& company,
                        const std::function<void(CompanyState&)>& change);

// Whether catalogue and repository may disagree, for all that the catalogue has been told: some other machine may have
// left it so (company_lock.h knows this one's). Takes the doubt over into `lock`.
void TakeDoubt(const Context& context, const std::string& company, CompanyLock& lock);

// Tells the catalogue of the doubt that `lock` is left with, or, while the job is this process's, that there is none.
// Logs what goes wrong: `lock` knows, but that is this machine's, so a doubt goes into the kept row too.
void NoteDoubt(const Context& context, const std::string& company, const CompanyLock& lock);

// Does so when it goes: a job's work ends in many ways.
class DoubtNote {
 public:
  DoubtNote(const Context& context, const std::string& company, const CompanyLock& lock)
      : context_(context), company_(company), lock_(lock) {}
  ~DoubtNote() { NoteDoubt(context_, company_, lock_); }
  DoubtNote(const DoubtNote&) = delete;
  DoubtNote& operator=(const DoubtNote&) = delete;

 private:
  const Context& context_;
  const std::string& company_;
  const CompanyLock& lock_;
};

}  // namespace cofre::engine
