#include "api/link_page.h"

#include <fmt/format.h>

#include "api/problem.h"
#include "api/sign_in.h"
#include "base/text.h"

namespace cofre::api {
namespace {

constexpr const char* kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1c2733;"
    "background:#f6f8fa}main{background:#fff;border:1px solid #d5dce3;border-radius:10px;padding:1.5rem}"
    "h1{font-size:1.3rem;margin:0 0 .5rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}"
    "dt{color:#56636f}dd{margin:0}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:8px;"
    "background:#0f6b5c;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #7cc4b8}"
    ".small{color:#56636f;font-size:.9rem}@media(prefers-color-scheme:dark){body{background:#12181f;color:#e4e9ee}"
    "main{background:#1b232c;border-color:#33404d}dt,.small{color:#a3b0bd}button{background:#5fc3b1;color:#07211c}}";

std::string Escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

const char* In(Language language, const char* spanish, const char* english) {
  return language == Language::kSpanish ? spanish : english;
}

// `title` and `body` are HTML.
Response MakePage(int status, Language language, const std::string& title, const std::string& body, bool looks_again,
                  Random& random) {
  const std::string nonce = MakeSecret(random);
  Response response{.status = status, .type = "text/html; charset=utf-8"};
  response.body = fmt::format(
      "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n{}<title>{} · "
      "Cofre</title>\n<style nonce=\"{}\">{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n{}</main>\n</body>\n"
      "</html>\n",
      In(language, "es", "en"), looks_again ? "<meta http-equiv=\"refresh\" content=\"10\">\n" : "", title, nonce,
      kStyle, title, body);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'nonce-" + nonce +
                                    "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Robots-Tag", "noindex, nofollow");
  return response;
}

std::string Facts(const LinkOffer& offer, Language language) {
  std::string facts = "<dl>\n";
  const auto add = [&](const char* name, const std::string& value) {
    facts += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, Escaped(value));
  };
  add(In(language, "Empresa", "Company"), offer.company);
  add(In(language, "Año fiscal", "Fiscal year"), std::to_string(offer.fiscal_year));
  add(In(language, "Respaldo del", "Backup of"), offer.day);
  if (!offer.size.empty()) add(In(language, "Tamaño", "Size"), offer.size);
  add(In(language, "El enlace vale hasta", "The link ends"), offer.expires);
  add(In(language, "Descargas que quedan", "Downloads left"), std::to_string(offer.uses_left));
  return facts + "</dl>\n";
}

std::string Button(const char* text) {
  return fmt::format("<form method=\"post\">\n<button type=\"submit\">{}</button>\n</form>\n", text);
}

std::string Paragraph(const char* text) { return fmt::format("<p>{}</p>\n", text); }

}  // namespace

Language LanguageOf(const Request& request) {
  const std::string accepted = AsciiLower(request.Header("accept-language"));
  const size_t english = std::min(accepted.find("en"), accepted.size());
  const size_t spanish = std::min(accepted.find("es"), accepted.size());
  return english < spanish ? Language::kEnglish : Language::kSpanish;
}

Language ParseLanguage(const std::string& name) {
  if (name == "es") return Language::kSpanish;
  if (name == "en") return Language::kEnglish;
  throw Refusal("invalid", "idioma " + Quoted(name) + " is no language of ours", "es or en");
}

Response LinkPage(LinkScene scene, const LinkOffer& offer, Language language, Random& random) {
  const std::string title = offer.is_database
                                ? In(language, "Base de datos lista para usar", "A database, ready to use")
                                : In(language, "Respaldo para descargar", "A backup to download");
  std::string body = Facts(offer, language);
  switch (scene) {
    case LinkScene::kDownload:
      body += Button(In(language, "Descargar", "Download"));
      break;
    case LinkScene::kPrepare:
      body += Paragraph(In(language, "La base se prepara en el servidor antes de descargarla; tarda unos minutos.",
                           "The database is made on the server before it can be downloaded; it takes some minutes."));
      body += Button(In(language, "Preparar", "Prepare"));
      break;
    case LinkScene::kPreparing:
      body += Paragraph(In(language, "La base se está preparando. Esta página vuelve a mirar sola cada 10 segundos.",
                           "The database is being made. This page looks again by itself every 10 seconds."));
      break;
    case LinkScene::kFailed:
      body += Paragraph(In(language,
                           "La base no se pudo preparar. Avise a quien le envió el enlace; puede intentarlo más tarde.",
                           "The database could not be made. Tell whoever sent you the link; you may try again later."));
      break;
  }
  return MakePage(200, language, title, body, scene == LinkScene::kPreparing, random);
}

Response LinkGonePage(Language language, Random& random) {
  return MakePage(
      404, language, In(language, "Este enlace no sirve", "This link is of no use"),
      Paragraph(In(language, "Está mal escrito, venció, ya se usó o lo retiraron. Pida otro a quien se lo envió.",
                   "It is mistyped, over, used up or withdrawn. Ask whoever sent it for another one.")),
      false, random);
}

Response LinkErrorPage(int status, Language language, Random& random) {
  const bool is_busy = status == 503 || status == 429;
  const char* title =
      is_busy ? In(language, "Ahora no se puede", "Not now") : In(language, "Algo falló", "Something failed");
  return MakePage(status, language, title,
                  Paragraph(In(language, "Inténtelo de nuevo en unos minutos.", "Try again in some minutes.")), false,
                  random);
}

std::string LinkMailSubject(const LinkOffer& offer, Language language) {
  return fmt::format("{} {} {}", In(language, "Respaldo de", "Backup of"), offer.company, offer.fiscal_year);
}

std::string LinkMailText(const LinkOffer& offer, const std::string& url, Language language) {
  const char* text = In(
      language,
      "Con este enlace puede descargar el respaldo del {day} de {company}, año fiscal {year}{form}:\n\n{url}\n\nVale "
      "hasta {expires} y para {uses} descargas. Quien lo tenga puede descargar: no lo reenvíe.\n",
      "With this link you can download the backup of {day} of {company}, fiscal year {year}{form}:\n\n{url}\n\nIt ends "
      "{expires} and is good for {uses} downloads. Whoever has it can download: do not forward it.\n");
  return fmt::format(fmt::runtime(text), fmt::arg("day", offer.day), fmt::arg("company", offer.company),
                     fmt::arg("year", offer.fiscal_year),
                     fmt::arg("form", offer.is_database ? In(language, ", como base de datos lista para usar",
                                                             ", as a database ready to use")
                                                        : ""),
                     fmt::arg("url", url), fmt::arg("expires", offer.expires), fmt::arg("uses", offer.uses_left));
}

}  // namespace cofre::api
