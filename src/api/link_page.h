#pragma once

// What whoever has a link sees: plain pages, in Spanish or English, without scripts. A link is used up by pressing a
// button, not by looking: mail scanners and previews only look.

#include <cstdint>
#include <string>

#include "api/message.h"
#include "base/random.h"

namespace cofre::api {

enum class Language : uint8_t { kSpanish, kEnglish };
// The first of the two that the browser names; Spanish where it names neither.
Language LanguageOf(const Request& request);
Language ParseLanguage(const std::string& name);  // "es", "en"; throws Refusal invalid

struct LinkOffer {
  std::string company;
  int fiscal_year = 0;
  std::string day;      // of the backup
  std::string expires;  // "2026-12-01 09:30"
  std::string size;     // empty: not known
  bool is_database = false;
  int uses_left = 0;
};

enum class LinkScene : uint8_t {
  kDownload,   // the button downloads
  kPrepare,    // the button has the database made
  kPreparing,  // it looks again by itself
  kFailed,     // the database could not be made
};

// All with `no-store`, and the status that fits.
Response LinkPage(LinkScene scene, const LinkOffer& offer, Language language, Random& random);
// Wrong, expired, revoked or used up: nobody is told which.
Response LinkGonePage(Language language, Random& random);
// 429, 503, 500: by what has gone wrong, whose text stays here.
Response LinkErrorPage(int status, Language language, Random& random);

// The e-mail's subject and text.
std::string LinkMailSubject(const LinkOffer& offer, Language language);
std::string LinkMailText(const LinkOffer& offer, const std::string& url, Language language);

}  // namespace cofre::api
