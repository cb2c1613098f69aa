#include "api/openapi.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "api/api_test_world.h"
#include "api/openapi_test_check.h"
#include "api/problem.h"
#include "base/text.h"

namespace cofre::api {
namespace {

using testing::HasSubstr;

const Json& Resolve(const Json& schema) {
  if (!schema.contains("$ref")) return schema;
  return Description().at(Json::json_pointer(schema.at("$ref").get<std::string>().substr(1)));
}

std::string TypeOf(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_number_integer()) return "integer";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  return value.is_array() ? "array" : "object";
}

bool HasType(const Json& schema, const Json& value) {
  if (!schema.contains("type")) return true;
  const Json& type = schema.at("type");
  const Json types = type.is_array() ? type : Json::array({type});
  const std::string actual = TypeOf(value);
  return std::ranges::any_of(
      types, [&](const Json& one) { return one == actual || (one == "number" && actual == "integer"); });
}

std::string Check(const Json& given, const Json& value, const std::string& where);

std::string CheckObject(const Json& schema, const Json& value, const std::string& where) {
  for (const Json& key : schema.value("required", Json::array())) {
    if (!value.contains(key.get<std::string>())) return where + " lacks " + key.get<std::string>();
  }
  for (const auto& [key, member] : value.items()) {
    const Json properties = schema.value("properties", Json::object());
    if (properties.contains(key)) {
      if (auto wrong = Check(properties.at(key), member, where + "." + key); !wrong.empty()) return wrong;
    } else if (schema.contains("additionalProperties")) {
      return where + " has a key that is not described: " + key;
    }
  }
  return "";
}

std::string Check(const Json& given, const Json& value, const std::string& where) {
  const Json& schema = Resolve(given);
  if (!HasType(schema, value)) return where + " is of another type: " + value.dump();
  if (schema.contains("enum") &&
      !std::ranges::any_of(schema.at("enum"), [&](const Json& one) { return one == value; })) {
    return where + " has another value: " + value.dump();
  }
  if (schema.value("format", "") == "date-time" && value.is_string() && !ParseTime(value.get<std::string>())) {
    return where + " is no time: " + value.dump();
  }
  if (value.is_object()) return CheckObject(schema, value, where);
  for (size_t i = 0; value.is_array() && i < value.size(); ++i) {
    if (auto wrong = Check(schema.at("items"), value[i], fmt::format("{}[{}]", where, i)); !wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace

const Json& Description() {
  static const Json description = Json::parse(OpenApiText());
  return description;
}

Json OperationOf(Method method, const std::string& pattern) {
  const Json& paths = Description().at("paths");
  const std::string name = AsciiLower(MethodName(method));
  if (!paths.contains(pattern) || !paths.at(pattern).contains(name)) return nullptr;
  return paths.at(pattern).at(name);
}

std::string CheckAnswer(Method method, const std::string& pattern, int status, const std::string& type,
                        const std::string& body) {
  const Json responses = OperationOf(method, pattern).at("responses");
  const std::string name = std::to_string(status);
  if (!responses.contains(name)) return "the status " + name + " is not described: " + body;
  const Json response = Resolve(responses.at(name));
  if (!response.contains("content")) return body.empty() ? "" : "a body where none is described";
  if (!response.at("content").contains(type)) return "the type " + type + " is not described";
  if (type == "text/event-stream" || type == "text/html; charset=utf-8" || type == "application/octet-stream")
    return "";
  return Check(response.at("content").at(type).at("schema"), Json::parse(body), "body");
}

namespace {

TEST(OpenApiTest, EveryRouteIsDescribedWithItsAccessAndNothingElseIs) {
  const ApiWorld world;
  std::set<std::string> described;
  for (const auto& [path, operations] : Description().at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) described.insert(method + " " + path);
  }
  for (const Route& route : world.api.router().routes()) {
    const std::string name = AsciiLower(MethodName(route.method)) + " " + route.pattern;
    EXPECT_EQ(described.erase(name), 1U) << name << " is not described";
    EXPECT_EQ(OperationOf(route.method, route.pattern).value("x-access", ""), AccessName(route.access)) << name;
  }
  EXPECT_TRUE(described.empty()) << "no such route: " << *described.begin();
}

TEST(OpenApiTest, EveryPathsParametersAreDescribed) {
  for (const auto& [path, operations] : Description().at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) {
      std::string rebuilt = path;
      for (const Json& parameter : operation.value("parameters", Json::array())) {
        const std::string name = "{" + parameter.at("name").get<std::string>() + "}";
        const size_t at = rebuilt.find(name);
        EXPECT_EQ(at != std::string::npos, parameter.at("in") == "path") << path << " " << name;
        if (at != std::string::npos) rebuilt.erase(at, name.size());
      }
      EXPECT_EQ(rebuilt.find('{'), std::string::npos) << path;
    }
  }
}

TEST(OpenApiTest, EveryProblemIsDescribedWithItsStatusAndNothingElseIs) {
  std::set<std::string> described;
  for (const auto& [status, response] : Description().at("components").at("responses").items()) {
    std::string codes = response.at("description");
    for (size_t at = 0; at < codes.size();) {
      const size_t end = std::min(codes.find(", ", at), codes.size());
      described.insert(status + " " + codes.substr(at, end - at));
      at = end + 2;
    }
  }
  std::set<std::string> in_schema;
  for (const Json& type :
       Description().at("components").at("schemas").at("Problem").at("properties").at("type").at("enum")) {
    in_schema.insert(type.get<std::string>());
  }
  for (const ProblemType& type : ProblemTypes()) {
    const std::string code(type.code);
    EXPECT_EQ(described.erase(std::to_string(type.status) + " " + code), 1U) << code;
    EXPECT_EQ(in_schema.erase("urn:cofre:problem:" + code), 1U) << code;
    EXPECT_EQ(Refusal(code, "x").type().code, code);
  }
  EXPECT_TRUE(described.empty());
  EXPECT_TRUE(in_schema.empty());
}

TEST(OpenApiTest, EveryReferenceLeadsSomewhereAndEveryPieceIsReferredTo) {
  const std::string text(OpenApiText());
  const Json& components = Description().at("components");
  for (const char* kind : {"schemas", "responses"}) {
    for (const auto& [name, piece] : components.at(kind).items()) {
      const std::string reference = fmt::format("\"#/components/{}/{}\"", kind, name);
      const bool anywhere = name == "405" || text.find(reference) != std::string::npos;
      EXPECT_TRUE(anywhere) << reference;
    }
  }
  for (size_t at = text.find("\"#/"); at != std::string::npos; at = text.find("\"#/", at + 1)) {
    const std::string pointer = text.substr(at + 2, text.find('"', at + 1) - at - 2);
    EXPECT_TRUE(Description().contains(Json::json_pointer(pointer))) << pointer;
  }
}

TEST(OpenApiTest, ItIsServedToAnybody) {
  ApiWorld world;
  const Response response = world.Get("", "/api/v1/openapi.json");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, OpenApiText());
}

TEST(OpenApiTest, TheCheckFindsWhatIsNotAsDescribed) {
  const auto check = [](const std::string& body) {
    return CheckAnswer(Method::kGet, "/api/v1/space", 200, "application/json", body);
  };
  const std::string good =
      R"({"bytes_usados":1,"bytes_limite":1,"porcentaje_alto":1,"porcentaje_lleno":1,"empresas_alto":1,"empresas_lleno":1})";
  EXPECT_EQ(check(good), "");
  EXPECT_THAT(check("{}"), HasSubstr("lacks bytes_usados"));
  EXPECT_THAT(check(good.substr(0, good.size() - 1) + R"(,"x":1})"), HasSubstr("not described: x"));
  EXPECT_THAT(check("[]"), HasSubstr("another type"));
  EXPECT_THAT(CheckAnswer(Method::kGet, "/api/v1/space", 418, "application/json", ""), HasSubstr("418"));
}

}  // namespace
}  // namespace cofre::api
