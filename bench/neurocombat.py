"""Harmonizes a table by neuroCombat, seven times; prints version, median ms and values as JSON. For bench/run.mjs."""

import contextlib
import io
import json
import sys
import time
from importlib.metadata import version

import pandas
from neuroCombat import neuroCombat

table = pandas.read_csv(sys.argv[1])
covars = table[["batch"]]
data = table.drop(columns="batch").to_numpy(dtype=float).T
times = []
for _ in range(7):
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        result = neuroCombat(dat=data, covars=covars, batch_col="batch")["data"]
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"version": version("neuroCombat"), "ms": sorted(times)[3], "data": result.tolist()}))
