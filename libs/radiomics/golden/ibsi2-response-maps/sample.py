"""Draws voxels from the reference response maps of IBSI 2: python3 sample.py IBSI2_FOLDER > samples.json"""

import gzip
import json
import struct
import sys

import numpy as np

folder = sys.argv[1]
rng = np.random.default_rng(2)


def read_map(path):
    raw = gzip.open(path).read()
    shape = struct.unpack("<8h", raw[40:56])[1:4]
    kind = {16: "<f4", 64: "<f8"}[struct.unpack("<h", raw[70:72])[0]]
    offset = int(struct.unpack("<f", raw[108:112])[0])
    return np.frombuffer(raw, kind, int(np.prod(shape)), offset).astype(float)  # x-fastest


samples = {}
for test in json.load(open(f"{folder}/phase1_tests.json"))["tests"]:
    if test["response_map"] is None:
        continue
    values = read_map(f"{folder}/{test['response_map']}")
    far = np.argsort(-np.abs(values - np.median(values)))[:2000]  # maps of the impulse are mostly empty
    places = np.unique(np.concatenate([rng.choice(far, 20), rng.choice(values.size, 20), [0, values.size - 1]]))
    samples[test["id"]] = {
        "phantom": test["phantom"],
        "low": float(f"{values.min():.8g}"),
        "high": float(f"{values.max():.8g}"),
        "places": places.tolist(),
        "values": [float(f"{v:.8g}") for v in values[places]],
    }
print("{")
print(",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in samples.items()))
print("}")
