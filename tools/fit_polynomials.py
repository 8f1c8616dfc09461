#!/usr/bin/env python3
"""Coefficients of the polynomials in src/opencl/prelude_math.cpp.

Each is fitted to a function at Chebyshev nodes by weighted least squares (within a few percent of the minimax
polynomial), its coefficients rounded to binary32 one after the other, the lowest first, with the rest fitted again.
Prints hexadecimal floats, lowest power first, and the largest weighted error found on a dense grid.
Needs mpmath and numpy.
"""
import mpmath as mp
import numpy as np

mp.mp.dps = 40


def f32_hex(v):
    v = float(np.float32(v))
    return v.hex().replace("0000000p", "p") + "f"


def fit(name, function, low, high, degree, weight=lambda x: 1.0, fixed=None):
    """Polynomial of `degree` with function(x) ~ sum c_k x^k, error times weight(x) small."""
    n = 400
    nodes = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    values = np.array([float(function(mp.mpf(float(x)))) for x in nodes])
    weights = np.array([weight(x) for x in nodes])
    powers = np.stack([nodes**k for k in range(degree + 1)], axis=1)
    known = []
    for k in range(degree + 1):
        rest = values - sum(c * nodes**i for i, c in enumerate(known))
        solved = np.linalg.lstsq(powers[:, k:] * weights[:, None], rest * weights, rcond=None)[0]
        known.append(float(np.float32(fixed[k] if fixed and k in fixed else solved[0])))
    grid = np.linspace(low, high, 2001)
    exact = np.array([float(function(mp.mpf(float(x)))) for x in grid])
    error = np.abs(sum(c * grid**i for i, c in enumerate(known)) - exact) * np.array([weight(x) for x in grid])
    print(f"// {name}: degree {degree}, error {error.max():.3g} = 2^{np.log2(error.max()):.1f}")
    print("   ", ", ".join(f32_hex(c) for c in known))


def series(f):
    """f with its removable singularity at 0 filled by the limit."""
    return lambda x: f(x) if x != 0 else f(mp.mpf("1e-12"))


if __name__ == "__main__":
    h = float(mp.log(2) / 2) * 1.01
    fit("exp: (e^r - 1 - r) / r^2", series(lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > 1e-6 else 0.5 + r / 6), -h, h, 5)
    a, b = float(mp.sqrt(0.5)) - 1, float(mp.sqrt(2)) - 1
    fit("log: (log(1 + f) - f + f^2/2) / f^3",
        lambda f: (mp.log1p(f) - f + f * f / 2) / f**3 if abs(f) > 1e-6 else mp.mpf(1) / 3 - f / 4, a * 1.01, b * 1.01, 9)
    fit("erf: erf(x)/x - 1, of x^2, |x| < 1", lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1 if z > 1e-12 else 2 / mp.sqrt(mp.pi) - 1, 0.0, 1.0, 7)
    fit("erf: log(erfc(x)), of x - 2, 1 <= x < 3.95", lambda t: mp.log(mp.erfc(t + 2)), -1.0, 1.95, 10, weight=lambda t: float(mp.erfc(t + 2)))
    q = float(mp.pi / 4) ** 2 * 1.02
    fit("sin: (sin(r) - r) / r^3, of r^2", lambda z: (mp.sin(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z)**3 if z > 1e-9 else -mp.mpf(1) / 6 + z / 120, 0.0, q, 3)
    fit("cos: (cos(r) - 1 + r^2/2) / r^4, of r^2", lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2 if z > 1e-9 else mp.mpf(1) / 24 - z / 720, 0.0, q, 3)
    fit("atan: (atan(x) - x) / x^3, of x^2, |x| <= tan(pi/8)",
        lambda z: (mp.atan(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z)**3 if z > 1e-9 else -mp.mpf(1) / 3 + z / 5, 0.0, 0.1716, 5)
    fit("asin: (asin(x) - x) / x^3, of x^2, |x| <= 1/2",
        lambda z: (mp.asin(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z)**3 if z > 1e-9 else mp.mpf(1) / 6 + 3 * z / 40, 0.0, 0.2502, 5)
