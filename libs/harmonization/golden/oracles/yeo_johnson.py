"""Yeo-Johnson lambdas of exp(x / 2) over its SD, x of s01_small3. python3 yeo_johnson.py > yeo-johnson.json, in this folder."""
import csv, gzip, io, json
import numpy as np, scipy
from scipy import optimize, stats

rows = list(csv.DictReader(io.StringIO(gzip.open('../combat/s01_small3/input.csv.gz').read().decode())))
out = []
for f in (c for c in rows[0] if c[0] == 'f' and c[1:].isdigit()):
    y = np.exp(np.array([float(r[f]) for r in rows]) / 2)
    y = y / y.std(ddof=1)
    out.append(float(optimize.minimize_scalar(lambda l: -stats.yeojohnson_llf(l, y), bracket=(-2, 2), tol=1e-10).x))
print(json.dumps({'software': f'numpy {np.__version__}, scipy {scipy.__version__}', 'lambda': out}))
