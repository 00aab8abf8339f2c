"""Writes pandas.arrow and pandas.csv: one table as another implementation writes it. Python 3.11."""
import pathlib
import numpy as np
import pandas as pd
import pyarrow as pa

here = pathlib.Path(__file__).parent
frame = pd.DataFrame({
    "subject_id": ["007", "012", "113"],
    "site": pd.Categorical(["site-a", "site-b", "site-a"]),
    "volume": [1.5, np.nan, -0.0],
    "tiny": [5e-324, 1.7976931348623157e308, 0.1],
    "count": pd.array([3, None, 9007199254740991], dtype="Int64"),
    "small": np.array([1.5, 2.25, -3], dtype=np.float32),
    "isMale": [True, False, True],
    "note": ["Größe, \"x\"", None, "Ω\nz"],
})
table = pa.Table.from_pandas(frame, preserve_index=False)
with pa.ipc.new_file(str(here / "pandas.arrow"), table.schema) as writer:
    writer.write_table(table)
frame.drop(columns=["isMale"]).to_csv(here / "pandas.csv", index=False)
dated = pa.table({"when": pa.array([0], pa.date32())})
with pa.ipc.new_file(str(here / "date.arrow"), dated.schema) as writer:
    writer.write_table(dated)
print("pyarrow", pa.__version__, "pandas", pd.__version__)
