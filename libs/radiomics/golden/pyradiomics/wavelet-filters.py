"""Writes wavelet-table.ts and wavelet-table-biorthogonal.ts from PyWavelets: python wavelet-filters.py OUT_FOLDER, then Prettier."""

import os
import sys

import pywt

ORTHOGONAL = ["haar"] + [f"db{n}" for n in range(2, 21)] + [f"sym{n}" for n in range(2, 21)]
ORTHOGONAL += [f"coif{n}" for n in range(1, 6)] + ["dmey"]

ORTHOGONAL_HEAD = """/**
 * Low-pass analysis filters of the orthogonal wavelets that PyRadiomics documents.
 *
 * Source: PyWavelets 1.9.0 (MIT licence), which carries them from Daubechies, Ten Lectures on Wavelets, SIAM 1992; written by
 * golden/pyradiomics/wavelet-filters.py.
 */
export const ORTHOGONAL: Readonly<Record<string, readonly number[]>> = {
"""
BIORTHOGONAL_HEAD = """/** Low-pass analysis and synthesis filters of each pair, from the same source; a pair reversed is `rbio`. */
export const BIORTHOGONAL: Readonly<Record<string, readonly [readonly number[], readonly number[]]>> = {
"""


def numbers(values):
    return "[" + ", ".join(repr(float(value)) for value in values) + "]"


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text + "};\n")


folder = sys.argv[1]
rows = [f"  {name}: {numbers(pywt.Wavelet(name).dec_lo)},\n" for name in ORTHOGONAL]
write(folder, "wavelet-table.ts", ORTHOGONAL_HEAD + "".join(rows))
pairs = [(name, pywt.Wavelet(name)) for name in pywt.wavelist("bior")]
rows = [f"  '{name}': [{numbers(pair.dec_lo)}, {numbers(pair.rec_lo)}],\n" for name, pair in pairs]
write(folder, "wavelet-table-biorthogonal.ts", BIORTHOGONAL_HEAD + "".join(rows))
