"""python make.py RAW_FOLDER OUT_FOLDER: image.nii.gz, mask.nii.gz and reference_values.csv from the voxels that draw.mjs
wrote. The values are MIRP's (pip install mirp==2.7.0), which reproduces every reference value of IBSI 1 and 2."""
import csv, json, re, sys
from pathlib import Path

import itk
import numpy as np
from mirp import extract_features

raw, out = map(Path, sys.argv[1:3])
grid = json.loads((raw / "grid.json").read_text())
shape = grid["size"][::-1]


def write(name, values):
    image = itk.image_from_array(values.reshape(shape))
    image.SetSpacing(grid["spacing"])
    itk.imwrite(image, str(out / name))


write("image.nii.gz", np.fromfile(raw / "image.raw", dtype="<i2"))
write("mask.nii.gz", np.fromfile(raw / "mask.raw", dtype=np.uint8))

tables = extract_features(
    image=str(out / "image.nii.gz"),
    mask=str(out / "mask.nii.gz"),
    image_modality="CT",
    by_slice=False,
    new_spacing=2.0,
    anti_aliasing=False,
    spline_order=1,
    roi_spline_order=1,
    roi_interpolation_mask_inclusion_threshold=0.5,
    resegmentation_intensity_range=[-200.0, 300.0],
    base_discretisation_method="fixed_bin_size",
    base_discretisation_bin_width=25.0,
    ivh_discretisation_method="none",
    base_feature_families="all",
    glcm_spatial_method=["3d_average", "3d_volume_merge"],
    glrlm_spatial_method=["3d_average", "3d_volume_merge"],
    glszm_spatial_method="3d",
    gldzm_spatial_method="3d",
    ngtdm_spatial_method="3d",
    ngldm_spatial_method="3d",
    ibsi_compliant=False,
    no_approximation=True,
)
# Not compared: columns that are no IBSI feature of this name, and three values that MIRP computes otherwise than it says
# (area density OMBB is its volume density; MVEE stops at a tolerance of 1e-3; cm_mcc is not in IBSI).
LEFT_OUT = re.compile(r"image_|morph_max_2d|.*_mvee|morph_area_dens_ombb|ivh_.*(25|50|75)|stat_.*(offset|total)|cm_mcc")
SUFFIXES = [("_fbs_w25.0", ""), ("_d1", ""), ("_a0.0", ""), ("_3d_avg", "_3D_avg"), ("_3d_v_mrg", "_3D_comb"), ("_3d", "_3D")]

with open(out / "reference_values.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["tag", "reference_value"])
    for name, value in tables[0].iloc[0].items():
        if LEFT_OUT.match(name) or not isinstance(value, (int, float, np.integer, np.floating)):
            continue
        for theirs, ours in SUFFIXES:
            name = name.replace(theirs, ours)
        writer.writerow([name, repr(float(value))])
