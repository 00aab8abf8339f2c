"""Writes data.csv and expected.json: python make.py (see README.md for versions)."""
import json
import numpy as np
import sklearn
import sksurv
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import f_classif
from sklearn.metrics import roc_auc_score
from sklearn.svm import LinearSVC
from sksurv.ensemble import RandomSurvivalForest
from sksurv.metrics import concordance_index_censored
from sksurv.util import Surv
from mrmr import mrmr_classif
import pandas as pd

rng = np.random.default_rng(20261)
n, p, train = 500, 12, 200
latent = rng.normal(size=(n, 3))
x = rng.normal(size=(n, p)) + latent @ rng.normal(size=(3, p)) * 0.7
x = np.round(x, 6)
risk = 0.9 * x[:, 0] - 0.8 * x[:, 3] + 0.7 * (x[:, 5] > 0.3) * x[:, 1]
y = (rng.uniform(size=n) < 1 / (1 + np.exp(-risk))).astype(int)
t = rng.exponential(size=n) * 30 * np.exp(-0.7 * risk)
c = rng.uniform(6, 60, size=n)
time = np.round(np.minimum(t, c) + 0.001, 3)
event = (t <= c).astype(int)
names = [f"f{j}" for j in range(p)]
frame = pd.DataFrame(x, columns=names).assign(y=y, time=time, event=event)
frame.to_csv("data.csv", index=False)

xt, yt, xv, yv = x[:train], y[:train], x[train:], y[train:]
mean, sd = xt.mean(0), xt.std(0, ddof=1)
zt = (xt - mean) / sd
svm = []
for cost in (0.01, 0.1, 1.0, 10.0):
    fit = LinearSVC(C=cost, dual=False, tol=1e-12, max_iter=100000).fit(zt, yt)
    svm.append({"cost": cost, "coefficients": fit.coef_[0].tolist(), "intercept": float(fit.intercept_[0])})
wide = LinearSVC(C=0.1, dual=False, tol=1e-12, max_iter=100000).fit(zt[:10], yt[:10])

aucs = [
    roc_auc_score(yv, RandomForestClassifier(500, min_samples_leaf=5, max_features=4, random_state=s).fit(xt, yt).predict_proba(xv)[:, 1])
    for s in range(10)
]
surv_t, surv_v = (Surv.from_arrays(event[s].astype(bool), time[s]) for s in (slice(0, train), slice(train, n)))
cs, risks = [], []
for s in range(10):
    fit = RandomSurvivalForest(300, min_samples_leaf=15, max_features=4, random_state=s).fit(xt, surv_t)
    cs.append(concordance_index_censored(surv_v["event"], surv_v["time"], fit.predict(xv))[0])
    steps = fit.predict_survival_function(xv, return_array=True)
    at = np.searchsorted(fit.unique_times_, 24, side="right") - 1
    risks.append((1 - steps[:, at]).tolist())

f = f_classif(xt, yt)[0]
expected = {
    "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "scikit-survival": sksurv.__version__},
    "train": train,
    "svm": svm,
    "svmWide": {"rows": 10, "cost": 0.1, "coefficients": wide.coef_[0].tolist(), "intercept": float(wide.intercept_[0])},
    "forestAuc": aucs,
    "survivalForestC": cs,
    "survivalForestRisk24": np.mean(risks, axis=0).tolist(),
    "mrmrQuotient": mrmr_classif(pd.DataFrame(xt, columns=names), pd.Series(yt), 12, show_progress=False),
    "f": f.tolist(),
}
json.dump(expected, open("expected.json", "w"), indent=1)
print(aucs, cs, expected["mrmrQuotient"])
