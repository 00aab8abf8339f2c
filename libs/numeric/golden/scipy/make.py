"""Writes values.json: distributions from mpmath (40 digits, rounded to double), the rest from SciPy and NumPy.

Run: python3 make.py > values.json   (versions are written into the file; the only random draw is seeded)
"""
import json
import mpmath as mp
import numpy as np
import scipy
from scipy import linalg, optimize, stats

mp.mp.dps = 40


def gamma_q(a, x):
    return mp.gammainc(a, x, regularized=True)


def beta_i(x, a, b):
    # All terms positive, below the mean; the complement above it.
    if x > mp.mpf(a) / (a + b):
        return 1 - beta_i(1 - mp.mpf(x), b, a)
    return mp.mpf(x) ** a * (1 - mp.mpf(x)) ** b / (a * mp.beta(a, b)) * mp.hyp2f1(a + b, 1, a + 1, x, maxterms=10**6)


def t_cdf(t, df):
    half = beta_i(mp.mpf(df) / (df + mp.mpf(t) ** 2), mp.mpf(df) / 2, mp.mpf(1) / 2) / 2
    return half if t < 0 else 1 - half


def f_sf(f, d1, d2):
    return beta_i(mp.mpf(d2) / (d2 + mp.mpf(d1) * f), mp.mpf(d2) / 2, mp.mpf(d1) / 2)


def table(function, rows):
    return [[*row, float(function(*[mp.mpf(v) for v in row]))] for row in rows]


def refine(cdf, start, p):
    """Root of cdf = p at 40 digits from SciPy's quantile."""
    start = mp.mpf(float(start))
    return mp.findroot(lambda x: cdf(x) - p, (start, start * (1 + mp.mpf(10) ** -9)), tol=mp.mpf(10) ** -55, verify=False)


xs = [-38, -20, -8.5, -5, -3, -1.5, -1, -0.3, -1e-3, -1e-9, 0, 1e-9, 0.2, 1, 1.3, 1.41, 1.42, 2, 4, 6, 8]
ps = [1e-300, 1e-50, 1e-12, 1e-4, 0.025, 0.07, 0.1, 0.3, 0.49, 0.51, 0.7, 0.95, 0.975, 0.9999, 1 - 1e-12]
shapes = [(0.5, 0.5), (1, 1), (2, 3), (0.5, 40), (0.05, 0.2), (150, 2), (1200, 900), (30000.5, 70000)]
out = {
    'versions': {'mpmath': mp.__version__, 'scipy': scipy.__version__, 'numpy': np.__version__},
    'normalCdf': table(mp.ncdf, [[x] for x in xs]),
    'normalQuantile': table(lambda p: -mp.sqrt(2) * mp.erfinv(1 - 2 * p) if p > 1e-30 else
                            refine(mp.ncdf, stats.norm.ppf(float(p)), p), [[p] for p in ps]),
    'logGamma': table(mp.loggamma, [[x] for x in [1e-8, 0.01, 0.5, 0.99, 1.001, 1.5, 1.999, 2.01, 3, 7.5, 14.9, 15, 15.1, 80, 1e3, 1e7]]),
    'gammaP': table(lambda a, x: mp.gammainc(a, 0, x, regularized=True), [[a, x] for a in [0.5, 1, 2.5, 10, 15.5, 100, 4000] for x in [a * 0.2, a * 0.8, a, a * 1.3]]),
    'gammaQ': table(gamma_q, [[a, x] for a in [0.5, 1, 2.5, 10, 15.5, 100, 4000] for x in [a * 0.9, a, a * 1.2, a * 2, a + 30]]),
    'betaIncomplete': table(lambda x, a, b: beta_i(x, a, b), [[x, a, b] for a, b in shapes for x in [1e-6, 0.1, 0.3, 0.571, 0.9]]),
    'chiSquaredSf': table(lambda x, df: gamma_q(df / 2, x / 2), [[x, d] for d in [1, 2, 3, 7.5, 40, 1000] for x in [0.01, 1, 3.84, 30, 400]]),
    'fSf': table(f_sf, [[f, a, b] for a, b in [(1, 1), (3, 269), (5, 12), (2, 597), (40, 3.5)] for f in [1e-4, 0.5, 1, 3.1, 12, 180]]),
    'tCdf': table(t_cdf, [[t, d] for d in [1, 2.5, 9, 28, 500] for t in [-40, -6, -2, -0.1, -1e-7, 0.3, 1.9, 5]]),
    'tQuantile': table(lambda p, d: refine(lambda t: t_cdf(t, d), stats.t.ppf(float(p), float(d)), p), [[p, d] for d in [1, 2.5, 9, 28, 500] for p in [1e-10, 0.01, 0.2, 0.45, 0.6, 0.9, 0.975, 0.9999]]),
    'betaQuantile': table(lambda p, a, b: refine(lambda x: beta_i(x, a, b), stats.beta.ppf(float(p), float(a), float(b)), p),
                          [[p, a, b] for a, b in [(0.5, 0.5), (2, 3), (0.5, 40), (1, 30), (31, 1), (120, 45), (1200, 900)] for p in [1e-8, 0.025, 0.3, 0.5, 0.975]]),
    'fQuantile': table(lambda p, a, b: refine(lambda f: 1 - f_sf(f, a, b), stats.f.ppf(float(p), float(a), float(b)), p),
                       [[p, a, b] for a, b in [(1, 5), (3, 269), (11, 33), (40, 3.5)] for p in [0.025, 0.5, 0.95, 0.975]]),
    'chiSquaredQuantile': table(lambda p, d: refine(lambda x: 1 - gamma_q(d / 2, x / 2), stats.chi2.ppf(float(p), float(d)), p),
                                [[p, d] for d in [1, 2, 7.5, 40, 1000] for p in [0.001, 0.025, 0.5, 0.975, 0.9999]]),
}
rng = np.random.default_rng(20250101)
p = np.round(rng.uniform(size=40) ** 3, 3)
out['benjaminiHochberg'] = {'p': p.tolist(), 'adjusted': stats.false_discovery_control(p).tolist()}
v = np.round(rng.normal(size=30), 1)
out['midranks'] = {'values': v.tolist(), 'ranks': stats.rankdata(v).tolist(), 'tieCorrection': float(stats.tiecorrect(stats.rankdata(v)))}
out['quantile'] = [[q, float(np.quantile(v, q))] for q in [0, 0.025, 0.1, 0.25, 0.5, 0.61, 0.75, 0.975, 1]]
out['moments'] = {'mean': float(np.mean(v)), 'variance': float(np.var(v, ddof=1)), 'populationVariance': float(np.var(v))}
x = np.column_stack([np.ones(25), rng.normal(60, 9, 25), rng.integers(0, 2, 25).astype(float), rng.normal(1e4, 3, 25)])
y = rng.normal(size=25) + x[:, 1] * 0.05
b = np.linalg.lstsq(x, y, rcond=None)[0]
out['leastSquares'] = {'x': x.T.tolist(), 'y': y.tolist(), 'coefficients': b.tolist(), 'residualSumOfSquares': float(((y - x @ b) ** 2).sum())}
a = rng.normal(size=(9, 9))
a = a @ a.T
out['symmetric'] = {'a': a.T.tolist(), 'values': linalg.eigvalsh(a)[::-1].tolist(), 'cholesky': linalg.cholesky(a, lower=True).T.tolist(),
                    'b': y[:9].tolist(), 'solution': linalg.solve(a, y[:9], assume_a='pos').tolist()}
root = optimize.brentq(lambda t: np.cos(t) - t, 0, 2, xtol=1e-15, rtol=1e-15)
out['optimise'] = {'root': float(root), 'minimum': float(optimize.minimize_scalar(lambda t: np.exp(t) - 3 * t, bounds=(0, 5), method='bounded', options={'xatol': 1e-12}).x)}
print(json.dumps(out, indent=0))
