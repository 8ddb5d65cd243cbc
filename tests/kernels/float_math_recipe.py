"""Derives the polynomial constants of kernels/float_math.hpp (mpmath 1.3.0): weighted minimax fits by Remez exchange,
each coefficient rounded to binary32 and the ones after it fitted again. Prints hexadecimal float literals and the
largest relative error of the rounded polynomial in exact arithmetic, in units of 2^-24.
"""
import struct

import mpmath as mp

mp.mp.dps = 30
GRID = 600


def to_float(value):
    return mp.mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def literal(value):
    text = float(value).hex()
    mantissa, exponent = text.split("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + exponent + "F"


def remez(function, weight, low, high, powers):
    """Coefficients c minimising max |weight(x) * (sum c_i x^powers_i - function(x))|."""
    count = len(powers)
    points = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / count) for i in range(count + 1)]
    grid = [low + (high - low) * mp.mpf(i) / GRID for i in range(GRID + 1)]
    for _ in range(12):
        matrix = mp.matrix(count + 1, count + 1)
        right = mp.matrix(count + 1, 1)
        for row, x in enumerate(points):
            for column, power in enumerate(powers):
                matrix[row, column] = x**power
            matrix[row, count] = (-1) ** row / weight(x)
            right[row] = function(x)
        solution = mp.lu_solve(matrix, right)
        error = [weight(x) * (sum(solution[i] * x**p for i, p in enumerate(powers)) - function(x)) for x in grid]
        groups = []
        for i, value in enumerate(error):
            if not groups or (value > 0) != (error[groups[-1]] > 0):
                groups.append(i)
            elif abs(value) > abs(error[groups[-1]]):
                groups[-1] = i
        while len(groups) > count + 1:
            groups.pop(0 if abs(error[groups[0]]) < abs(error[groups[-1]]) else -1)
        if len(groups) < count + 1:
            break
        points = [grid[i] for i in groups]
    return [solution[i] for i in range(count)]


def fit(name, function, weight, low, high, powers):
    """Rounds the coefficients one after another, lowest power first."""
    fixed = []
    for start in range(len(powers)):
        def rest(x, fixed=tuple(fixed)):
            return function(x) - sum(c * x**p for c, p in zip(fixed, powers))
        fixed.append(to_float(remez(rest, weight, low, high, powers[start:])[0]))
    worst = max(abs(weight(x) * (sum(c * x**p for c, p in zip(fixed, powers)) - function(x)))
                for x in [low + (high - low) * mp.mpf(i) / 2000 for i in range(2001)])
    print(name, " error", mp.nstr(worst * 2**24, 4), "2^-24")
    for power, value in zip(powers, fixed):
        print(f"  x^{power}: {literal(value)}")


def main():
    tiny = mp.mpf(10) ** -12
    half_ln2 = mp.log(2) / 2 * mp.mpf("1.0001")
    # exp(r) = 1 + r + r^2 q(r)
    fit("exp", lambda r: (mp.expm1(r + tiny) - (r + tiny)) / (r + tiny) ** 2, lambda r: (r * r + tiny) / mp.e**r,
        -half_ln2, half_ln2, [0, 1, 2, 3, 4])
    high = to_float(mp.mpf(int(mp.log(2) * 2**16)) / 2**16)
    print("ln2 high", literal(high), "low", literal(to_float(mp.log(2) - high)), "log2e", literal(to_float(1 / mp.log(2))))
    # erf(x) = x + x * s(x^2) for |x| <= 1
    fit("erf", lambda s: mp.erf(mp.sqrt(s + tiny)) / mp.sqrt(s + tiny) - 1,
        lambda s: mp.sqrt(s + tiny) / mp.erf(mp.sqrt(s + tiny)), mp.mpf(0), mp.mpf(1), list(range(7)))
    # Q(a) = erfc(a / sqrt 2) / 2 = exp(-a^2 / 2) * t * g(t), t = 1 / (1 + a / 4), for 1 <= a <= 14
    def scaled_tail(t):
        a = (1 / t - 1) * 4
        return mp.erfc(a / mp.sqrt(2)) / 2 * mp.exp(a * a / 2)
    fit("tail", lambda t: scaled_tail(t) / t, lambda t: t / scaled_tail(t), 1 / mp.mpf("4.5"), mp.mpf("0.8"), list(range(8)))


if __name__ == "__main__":
    main()
