"""Writes synthetic.json and reference-images.json: what PyRadiomics 3.0.1 gives. See README.md.

python make-cases.py OUT_FOLDER [REFERENCE_DATA_FOLDER]
"""

import json
import logging
import os
import sys

import numpy as np
import SimpleITK as sitk
import radiomics
from radiomics import featureextractor, imageoperations, shape2D

radiomics.logger.setLevel(logging.CRITICAL)
SMALL = {"firstorder": None, "glcm": None, "glrlm": ["RunEntropy", "LongRunEmphasis"], "glszm": ["ZoneVariance"],
         "gldm": ["DependenceEntropy"], "ngtdm": ["Busyness", "Strength"]}
TEXTURES = {"firstorder": None, "glcm": None, "gldm": None, "glrlm": None, "glszm": None, "ngtdm": None}


def image_of(values, spacing, dtype):
    image = sitk.GetImageFromArray(values.astype(dtype))
    image.SetSpacing(spacing)
    image.SetOrigin((-12.5, 30.25, 100.0))
    return image


def synthetic():
    """An image of our own: waves, a ramp and noise; regions with holes, corners that touch, one slice."""
    rng = np.random.default_rng(20240611)
    z, y, x = np.indices((12, 15, 17))
    values = 200 * np.sin(x / 2.3) * np.cos(y / 3.1) + 25 * z + rng.normal(0, 40, x.shape) - 60
    ball = ((x - 8) / 6.5) ** 2 + ((y - 7) / 5.5) ** 2 + ((z - 5) / 4.2) ** 2 < 1
    ragged = ball & (rng.random(x.shape) > 0.25)
    ragged[5, 7, 8] = False
    slice_z = np.zeros_like(ball)
    slice_z[5] = ragged[5]
    slice_y = np.zeros_like(ball)
    slice_y[:, 7] = ragged[:, 7]
    specks = np.zeros_like(ball)
    specks[2, 3, 4] = specks[2, 3, 5] = specks[6, 9, 12] = specks[8, 3, 2] = True
    regions = {"ball": ball, "ragged": ragged, "slice_z": slice_z, "slice_y": slice_y, "specks": specks}
    return values, (0.9, 1.1, 2.5), regions


RUNS = [
    ("defaults", "int16", "ragged", {}),
    ("deprecated by name", "int16", "ragged", {
        "featureClass": {"shape": ["SphericalDisproportion", "Compactness1", "Compactness2", "Elongation"],
                         "firstorder": ["StandardDeviation", "Mean"], "glcm": ["SumVariance", "Contrast"]}}),
    ("resampled", "int16", "ball", {"setting": {"resampledPixelSpacing": [1.3, 0.8, 2], "binCount": 16}}),
    ("resampled, linear, in plane", "float64", "ragged", {
        "setting": {"resampledPixelSpacing": [2, 2, 0], "interpolator": "sitkLinear", "padDistance": 2}}),
    ("resampled, nearest", "float64", "ball", {
        "setting": {"resampledPixelSpacing": [2, 2, 2], "interpolator": "sitkNearestNeighbor"}}),
    ("normalized without outliers", "int16", "ball", {
        "setting": {"normalize": True, "normalizeScale": 100, "removeOutliers": 1.5, "binWidth": 5,
                    "voxelArrayShift": 300}}),
    ("resegmented, relative", "int16", "ball", {"setting": {"resegmentRange": [0.1, 0.8], "resegmentMode": "relative"}}),
    ("resegmented, sigma, shape too", "int16", "ball", {
        "setting": {"resegmentRange": [-1, 1], "resegmentMode": "sigma", "resegmentShape": True}}),
    ("resegmented, one bound", "int16", "ball", {"setting": {"resegmentRange": [0]}}),
    ("weighted by the largest step", "int16", "ragged", {
        "setting": {"weightingNorm": "infinity", "distances": [1, 2]}, "featureClass": TEXTURES}),
    ("weighted by the sum of steps", "int16", "ragged", {
        "setting": {"weightingNorm": "manhattan", "symmetricalGLCM": False}, "featureClass": TEXTURES}),
    ("weighted by nothing", "int16", "ragged", {"setting": {"weightingNorm": "no_weighting"}, "featureClass": TEXTURES}),
    ("planes across y", "int16", "ragged", {
        "setting": {"force2D": True, "force2Ddimension": 1, "gldm_a": 2}, "featureClass": TEXTURES}),
    ("one level", "int16", "ball", {"setting": {"binCount": 1}, "featureClass": TEXTURES}),
    ("two levels", "int16", "ragged", {"setting": {"binWidth": 5000}, "featureClass": TEXTURES}),
    ("specks", "int16", "specks", {"setting": {"binWidth": 50}, "featureClass": dict(TEXTURES, shape=None)}),
    ("shape of a slice", "int16", "slice_z", {
        "setting": {"force2D": True}, "featureClass": {"shape2D": None, "firstorder": ["Mean"]}}),
    ("shape of a slice, deprecated", "int16", "slice_z", {
        "setting": {"force2D": True}, "featureClass": {"shape2D": ["SphericalDisproportion", "Perimeter"]}}),
    ("shape of a coronal slice", "int16", "slice_y", {
        "setting": {"force2D": True, "force2Ddimension": 1}, "featureClass": {"shape2D": None, "glcm": ["Contrast"]}}),
    ("a slice in 3D", "int16", "slice_z", {}),
    ("points", "float64", "ragged", {
        "imageType": {"Square": {}, "SquareRoot": {}, "Logarithm": {}, "Exponential": {}}, "featureClass": SMALL}),
    ("wavelet", "float64", "ragged", {"imageType": {"Wavelet": {}}, "featureClass": SMALL}),
    ("wavelet db3 of two levels", "int16", "ball", {
        "imageType": {"Wavelet": {"wavelet": "db3", "level": 2, "binWidth": 10}}, "featureClass": SMALL}),
    ("wavelet bior2.4 from the second level", "int16", "ball", {
        "imageType": {"Wavelet": {"wavelet": "bior2.4", "start_level": 1}}, "featureClass": SMALL}),
    ("wavelet rbio3.3 in planes", "int16", "ball", {
        "setting": {"force2D": True}, "imageType": {"Wavelet": {"wavelet": "rbio3.3"}}, "featureClass": SMALL}),
    ("wavelet haar", "int16", "ball", {"imageType": {"Wavelet": {"wavelet": "haar"}}, "featureClass": SMALL}),
    ("wavelet sym6 across x", "int16", "ball", {
        "setting": {"force2D": True, "force2Ddimension": 2},
        "imageType": {"Wavelet": {"wavelet": "sym6"}}, "featureClass": SMALL}),
    ("LoG", "int16", "ragged", {"imageType": {"LoG": {"sigma": [1.0, 2.5, 40]}}, "featureClass": SMALL}),
    ("LoG of real numbers", "float32", "ball", {"imageType": {"LoG": {"sigma": [3], "binWidth": 5}}, "featureClass": SMALL}),
    ("gradient", "int16", "ragged", {"imageType": {"Original": {}, "Gradient": {"binWidth": 10}}, "featureClass": SMALL}),
    ("gradient by voxel", "float32", "ragged", {
        "imageType": {"Gradient": {"gradientUseSpacing": False}}, "featureClass": SMALL}),
    ("LBP2D", "int16", "ragged", {"imageType": {"LBP2D": {"binWidth": 1}}, "featureClass": SMALL}),
    ("LBP2D in planes across y", "int16", "ragged", {
        "setting": {"force2D": True, "force2Ddimension": 1},
        "imageType": {"LBP2D": {"binWidth": 5, "lbp2DMethod": "default"}}, "featureClass": SMALL}),
    ("LBP2D in planes across x", "float64", "ragged", {
        "setting": {"force2D": True, "force2Ddimension": 2},
        "imageType": {"LBP2D": {"binWidth": 1, "lbp2DMethod": "ror", "lbp2DRadius": 2, "lbp2DSamples": 12}},
        "featureClass": SMALL}),
    ("LBP2D of variance", "float64", "ragged", {
        "imageType": {"LBP2D": {"binWidth": 500, "lbp2DMethod": "var"}}, "featureClass": SMALL}),
    ("LBP3D", "int16", "ragged", {"imageType": {"LBP3D": {"binWidth": 0.5}}, "featureClass": SMALL}),
    ("LBP3D of real numbers", "float64", "ball", {
        "imageType": {"LBP3D": {"binWidth": 0.3, "lbp3DLevels": 3, "lbp3DIcosphereRadius": 1.7,
                                "lbp3DIcosphereSubdivision": 2}}, "featureClass": SMALL}),
]

DERIVED = {"LoG": {"sigma": [1.0, 3.0]}, "Gradient": {"binWidth": 10}, "LBP2D": {"binWidth": 1},
           "LBP3D": {"binWidth": 0.5}}


def plain(value):
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return value if isinstance(value, (int, float)) else str(value)


def run(image, mask, parameters):
    extractor = featureextractor.RadiomicsFeatureExtractor()
    extractor.loadJSONParams(json.dumps(parameters))
    columns = extractor.execute(image, mask)
    return {name: plain(value) for name, value in columns.items() if "Versions" not in name}


def coronal_shape(image, mask):
    """PyRadiomics 3.0.1 refuses force2Ddimension 1 by mistake, before its class that computes it."""
    _, cut = imageoperations.cropToTumorMask(image, mask, imageoperations.checkMask(image, mask)[0])
    shape = shape2D.RadiomicsShape2D(cut, cut, force2D=True, force2Ddimension=1)
    return {"original_shape2D_" + name: plain(value) for name, value in shape.execute().items()}


def run_synthetic():
    values, spacing, regions = synthetic()
    values = np.round(values, 2)
    masks = {name: image_of(mask, spacing, "uint8") for name, mask in regions.items()}
    runs = []
    for name, dtype, region, parameters in RUNS:
        image = image_of(values, spacing, dtype)
        runs.append({"name": name, "type": dtype, "region": region, "parameters": json.dumps(parameters),
                     "columns": run(image, masks[region], parameters)})
        if region == "slice_y":
            runs[-1]["coronal"] = coronal_shape(image, masks[region])
    shape = list(values.shape[::-1])
    return {
        "image": {"shape": shape, "spacingMm": spacing, "originMm": [-12.5, 30.25, 100.0],
                  "values": values.ravel().tolist()},
        "regions": {name: np.flatnonzero(mask.ravel()).tolist() for name, mask in regions.items()},
        "runs": runs,
    }


def run_reference(folder):
    cases = {
        "brain1": ("pyradiomics/brain1_image.nrrd", "pyradiomics/brain1_label.nrrd"),
        "breast1": ("pyradiomics/breast1_image.nrrd", "pyradiomics/breast1_label.nrrd"),
        "STS_025 PET": ("ibsi/ibsi1_validation/images/STS_025/PET_image.nii.gz",
                        "ibsi/ibsi1_validation/images/STS_025/PET_mask.nii.gz"),
        "STS_025 MR_T1": ("ibsi/ibsi1_validation/images/STS_025/MR_T1_image.nii.gz",
                          "ibsi/ibsi1_validation/images/STS_025/MR_T1_mask.nii.gz"),
    }
    results = {}
    for name, (image_path, mask_path) in cases.items():
        image = sitk.ReadImage(os.path.join(folder, image_path))
        if "MR" in name:  # whole numbers, kept as real ones in the file
            image = sitk.Cast(image, sitk.sitkInt16)
        mask = sitk.ReadImage(os.path.join(folder, mask_path))
        derived = {key: dict(value) for key, value in DERIVED.items()}
        if "PET" in name:
            derived["LoG"]["binWidth"] = 0.5
            derived["Gradient"]["binWidth"] = 0.1
        parameters = {"imageType": derived, "featureClass": TEXTURES}
        array = sitk.GetArrayFromImage(mask)
        # The widest slice alone, for the shape in 2D.
        widest = int(np.argmax((array == 1).sum((1, 2))))
        only = np.zeros_like(array)
        only[widest] = array[widest]
        flat = sitk.GetImageFromArray(only)
        flat.CopyInformation(mask)
        flat_parameters = {"setting": {"force2D": True}, "featureClass": {"shape2D": None}}
        results[name] = {
            "derived": {"parameters": json.dumps(parameters), "columns": run(image, mask, parameters)},
            "slice": {"index": widest, "parameters": json.dumps(flat_parameters), "columns": run(image, flat, flat_parameters)},
        }
    return results


def write(path, content):
    with open(path, "w") as file:
        file.write(json.dumps(content, separators=(",", ":")).replace('{"name":', '\n{"name":') + "\n")


if __name__ == "__main__":
    out = sys.argv[1]
    write(os.path.join(out, "synthetic.json"), run_synthetic())
    if len(sys.argv) > 2:
        write(os.path.join(out, "reference-images.json"), run_reference(sys.argv[2]))
