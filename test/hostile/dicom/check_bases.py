"""Reads the bases of the corpus by pydicom and nibabel: what hostile files are made of by a change must itself be right.

python3 check_bases.py FOLDER, after make.ts FOLDER
"""
import pathlib
import sys

import nibabel as nib
import numpy as np
import pydicom

folder = pathlib.Path(sys.argv[1])
base = pydicom.dcmread(folder / "base.dcm")
assert (base.pixel_array.ravel() == np.arange(256) * 37 % 4096).all()
assert base.PixelSpacing == [0.9, 0.8] and base.ImagePositionPatient == [-8, -8, 100]
enhanced = pydicom.dcmread(folder / "enhanced.dcm")
assert enhanced.pixel_array.shape == (3, 16, 16) and (enhanced.pixel_array == 1).all()
image = nib.load(folder / "base.nii")
assert image.shape == (16, 16, 4) and (np.asarray(image.dataobj) == 0x0101).all()
print("pydicom", pydicom.__version__, "nibabel", nib.__version__, "read all three")
