"""Reads with pyarrow what Concord wrote: python3 check.py FILE.parquet. Prints the digest that src/parquet.spec.ts holds."""
import hashlib
import sys

import pyarrow
import pyarrow.parquet

path = sys.argv[1]
table = pyarrow.parquet.read_table(path).to_pydict()
again = 30
assert table == {
    'case': ['liver-1', 'liver-2', '007'] + again * ['c'],
    'site': ['Köln', None, 'b'] + again * ['b'],
    'x': [0.1, -2.5e-300, None] + again * [1.0],
    'y': [None, 7.0, 8.0] + again * [2.0],
}, table
print(f'pyarrow {pyarrow.__version__}: {hashlib.sha256(open(path, "rb").read()).hexdigest()}')
