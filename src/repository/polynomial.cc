#include "repository/polynomial.h"

#include <bit>
#include <utility>

namespace cofre::repository {
namespace {

constexpr int kDegree = 53;

int Degree(uint64_t polynomial) { return 63 - std::countl_zero(polynomial | 1); }

uint64_t Remainder(uint64_t dividend, uint64_t divisor) {
  const int degree = Degree(divisor);
  while (dividend != 0 && Degree(dividend) >= degree) dividend ^= divisor << (Degree(dividend) - degree);
  return dividend;
}

// a * b mod m; a and b are below m in degree, m is of degree 63 at most.
uint64_t Multiply(uint64_t a, uint64_t b, uint64_t m) {
  const int degree = Degree(m);
  uint64_t product = 0;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product ^= a;
    a <<= 1;
    if ((a >> degree & 1) != 0) a ^= m;
  }
  return product;
}

uint64_t GreatestCommonDivisor(uint64_t a, uint64_t b) {
  while (b != 0) a = std::exchange(b, Remainder(a, b));
  return a;
}

}  // namespace

// Ben-Or: f of degree n is irreducible if and only if gcd(f, x^(2^i) - x) = 1 for all i up to n / 2, for x^(2^i) - x is
// the product of all irreducible polynomials whose degree divides i.
bool IsIrreducible(uint64_t polynomial) {
  if (polynomial < 2) return false;
  const int degree = Degree(polynomial);
  if (degree == 1) return true;
  constexpr uint64_t kX = 2;
  uint64_t power = kX;
  for (int i = 1; i <= degree / 2; ++i) {
    power = Multiply(power, power, polynomial);
    // x^(2^i) - x = 0 (mod f) leaves f itself.
    if (GreatestCommonDivisor(polynomial, power ^ kX) != 1) return false;
  }
  return true;
}

uint64_t RandomIrreduciblePolynomial(Random& random) {
  constexpr uint64_t kTop = uint64_t{1} << kDegree;
  for (;;) {
    const uint64_t candidate = (random.Next() & (kTop - 1)) | kTop | 1;
    if (IsIrreducible(candidate)) return candidate;
  }
}

}  // namespace cofre::repository
