#include "engine/company_state.h"

#include "base/error.h"
#include "base/log.h"

namespace cofre::engine {

void UpdateCompanyState(const Context& context, const std::string& company,
                        const std::function<void(CompanyState&)>& change) {
  catalogue::Transaction transaction(*context.catalogue);
  CompanyState state = context.catalogue->FindCompanyState(company).value_or(CompanyState{.company = company});
  change(state);
  context.catalogue->PutCompanyState(state);
  transaction.Commit();
}

void TakeDoubt(const Context& context, const std::string& company, CompanyLock& lock) {
  const std::optional<CompanyState> state = context.catalogue->FindCompanyState(company);
  if (state && state->doubt_since) lock.BeginDoubt();
}

void NoteDoubt(const Context& context, const std::string& company, const CompanyLock& lock) {
  try {
    const std::optional<CompanyState> state = context.catalogue->FindCompanyState(company);
    const bool known = state && state->doubt_since;
    if (known == lock.in_doubt() || !context.catalogue->FindCompany(company)) return;
    UpdateCompanyState(context, company, [&](CompanyState& changed) {
      // The doubt may be another process's by now, which only its own job can end.
      if (!lock.in_doubt()) context.require_claim();
      changed.doubt_since = lock.in_doubt() ? std::optional(context.clock->Now()) : std::nullopt;
    });
  } catch (const Error& error) {
    if (context.row != nullptr && lock.in_doubt()) context.row->doubt_since = context.clock->Now();
    Log(LogLevel::kWarning, "doubt_not_noted", {{"company", company}, {"error", error.what()}});
  }
}

}  // namespace cofre::engine
