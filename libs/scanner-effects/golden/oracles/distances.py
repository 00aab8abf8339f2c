"""Distances between batches and k-sample tests on s01_small3 and s13_nested. python3 distances.py > distances.json, in this folder."""
import csv, gzip, io, json, warnings
import numpy as np, scipy
from scipy import stats
from scipy.spatial.distance import cdist
warnings.simplefilter('ignore')

def table(name):
    rows = list(csv.DictReader(io.StringIO(gzip.open(f'../combat/{name}/input.csv.gz').read().decode())))
    features = [c for c in rows[0] if c[0] == 'f' and c[1:].isdigit()]
    return rows, features, np.array([[float(r[f]) for f in features] for r in rows])

rows, features, x = table('s01_small3')
site = np.array([r['site'] for r in rows]); labels = sorted(set(site))
z = (x - x.mean(0)) / x.std(0, ddof=1)
u, s, _ = np.linalg.svd(z, full_matrices=False); scores = u[:, :10] * s[:10]
pooled = sum((np.cov(scores[site == l].T) * ((site == l).sum() - 1) for l in labels)) / (len(z) - len(labels))
pairs = [(a, b) for i, a in enumerate(labels) for b in labels[i + 1:]]
maha = [float(np.sqrt((d := scores[site == a].mean(0) - scores[site == b].mean(0)) @ np.linalg.solve(pooled, d))) for a, b in pairs]
cov = [float(np.linalg.norm(np.cov(z[site == a].T) - np.cov(z[site == b].T))) for a, b in pairs]
m = lambda a, b: cdist(z[site == a], z[site == b]).mean()
energy = [float(2 * m(a, b) - m(a, a) - m(b, b)) for a, b in pairs]
ad = lambda x, g: [(lambda r: [float(r.statistic), float(r.pvalue)])(stats.anderson_ksamp([x[g == l, j] for l in sorted(set(g))], variant='midrank')) for j in range(x.shape[1])]
rows2, features2, x2 = table('s13_nested')
tied = np.round(x2)
out = {'software': f'numpy {np.__version__}, scipy {scipy.__version__}', 'pairs': pairs, 'mahalanobis': maha, 'covariance': cov, 'energy': energy,
       'anderson_site': ad(x, site), 'anderson_kernel_rounded': ad(tied, np.array([r['kernel'] for r in rows2]))}
print(json.dumps(out))
