/** The classes that PyRadiomics has, in its own order. */
export const FEATURE_CLASSES = ['firstorder', 'glcm', 'gldm', 'glrlm', 'glszm', 'ngtdm', 'shape', 'shape2D'] as const;

export type FeatureClass = (typeof FEATURE_CLASSES)[number];

/** Features of each class in PyRadiomics' order, those left out that it marks as deprecated. */
export const FEATURE_NAMES: Readonly<Record<FeatureClass, readonly string[]>> = {
  firstorder: names(`10Percentile 90Percentile Energy Entropy InterquartileRange Kurtosis Maximum MeanAbsoluteDeviation
    Mean Median Minimum Range RobustMeanAbsoluteDeviation RootMeanSquared Skewness TotalEnergy Uniformity Variance`),
  glcm: names(`Autocorrelation ClusterProminence ClusterShade ClusterTendency Contrast Correlation DifferenceAverage
    DifferenceEntropy DifferenceVariance Id Idm Idmn Idn Imc1 Imc2 InverseVariance JointAverage JointEnergy
    JointEntropy MCC MaximumProbability SumAverage SumEntropy SumSquares`),
  gldm: names(`DependenceEntropy DependenceNonUniformity DependenceNonUniformityNormalized DependenceVariance
    GrayLevelNonUniformity GrayLevelVariance HighGrayLevelEmphasis LargeDependenceEmphasis
    LargeDependenceHighGrayLevelEmphasis LargeDependenceLowGrayLevelEmphasis LowGrayLevelEmphasis
    SmallDependenceEmphasis SmallDependenceHighGrayLevelEmphasis SmallDependenceLowGrayLevelEmphasis`),
  glrlm: names(`GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance HighGrayLevelRunEmphasis
    LongRunEmphasis LongRunHighGrayLevelEmphasis LongRunLowGrayLevelEmphasis LowGrayLevelRunEmphasis RunEntropy
    RunLengthNonUniformity RunLengthNonUniformityNormalized RunPercentage RunVariance ShortRunEmphasis
    ShortRunHighGrayLevelEmphasis ShortRunLowGrayLevelEmphasis`),
  glszm: names(`GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance HighGrayLevelZoneEmphasis
    LargeAreaEmphasis LargeAreaHighGrayLevelEmphasis LargeAreaLowGrayLevelEmphasis LowGrayLevelZoneEmphasis
    SizeZoneNonUniformity SizeZoneNonUniformityNormalized SmallAreaEmphasis SmallAreaHighGrayLevelEmphasis
    SmallAreaLowGrayLevelEmphasis ZoneEntropy ZonePercentage ZoneVariance`),
  ngtdm: names('Busyness Coarseness Complexity Contrast Strength'),
  shape: names(`Elongation Flatness LeastAxisLength MajorAxisLength Maximum2DDiameterColumn Maximum2DDiameterRow
    Maximum2DDiameterSlice Maximum3DDiameter MeshVolume MinorAxisLength Sphericity SurfaceArea SurfaceVolumeRatio
    VoxelVolume`),
  shape2D: names(`Elongation MajorAxisLength MaximumDiameter MeshSurface MinorAxisLength Perimeter
    PerimeterSurfaceRatio PixelSurface Sphericity`),
};

/** Deprecated features that PyRadiomics still computes when they are named. */
export const DEPRECATED_FEATURES: Readonly<Record<FeatureClass, readonly string[]>> = {
  firstorder: ['StandardDeviation'],
  glcm: [],
  gldm: [],
  glrlm: [],
  glszm: [],
  ngtdm: [],
  shape: ['Compactness1', 'Compactness2', 'SphericalDisproportion'],
  shape2D: ['SphericalDisproportion'],
};

/** Features that PyRadiomics accepts by name and leaves out of its output; the feature that has the same value. */
export const REMOVED_FEATURES: Readonly<Record<FeatureClass, Readonly<Record<string, string>>>> = {
  firstorder: {},
  glcm: {
    Dissimilarity: 'DifferenceAverage',
    Homogeneity1: 'Id',
    Homogeneity2: 'Idm',
    SumVariance: 'ClusterTendency',
  },
  gldm: { DependencePercentage: 'the number 1', GrayLevelNonUniformityNormalized: 'firstorder Uniformity' },
  glrlm: {},
  glszm: {},
  ngtdm: {},
  shape: {},
  shape2D: {},
};

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
