#include "engine/company_state.h"

namespace cofre::engine {

void UpdateCompanyState(const Context& context, const std::string& company,
                        const std::function<void(CompanyState&)>& change) {
  catalogue::Transaction transaction(*context.catalogue);
  CompanyState state = context.catalogue->FindCompanyState(company).value_or(CompanyState{.company = company});
  change(state);
  context.catalogue->PutCompanyState(state);
  transaction.Commit();
}

}  // namespace cofre::engine
