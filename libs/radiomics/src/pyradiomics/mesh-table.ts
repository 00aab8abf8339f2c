/**
 * Triangles that the surface makes in a cell of eight voxel centres, for the configurations 1 to 127: bit x + 2 y + 4 z of a
 * configuration is that corner. A triangle is three letters, each an edge of the cell: the edges of corner 0 along x, y, z,
 * then those of corner 1, and so on, every edge once. Above 127 the triangles are those of the opposite configuration.
 *
 * Where inside corners meet diagonally there are several surfaces; these are the ones that PyRadiomics 3.0.1 measures, found
 * from areas and volumes it gave for each single cell at four spacings (golden/pyradiomics/mesh-cells.py).
 */
const TRIANGLES = `
  abc aed cedbcd bfg fgcafc aedbfg dfgedgceg dhf abcdhf ehfaef cehchfbcf dhgbdg hgcdhcadc ehgegbaeb ehgceg cji
  bjiabi aedcji iedjidbjd bfgcji gjifgiafi aedbfgcji jiegjefgedfe cjidhf bjiabidhf ehfaefcji ehfiefjifbjf
  dhgbdgcji dhggjidgiadi ehgegbaebcji ehggjiegi eik abceik ikdaid cikbckbkd bfgeik fgcafceik ikdaidbfg
  ikddfgidgcig dhfeik abcdhfeik khfikfaif khfikfcifbcf dhgbdgeik hgcdhcadceik hgbkhbikbaib ikhcihchg jkecje
  bjkbkeabe jkdcjdacd jkdbjd bfgjkecje jkegjefgeafe jkdcjdacdbfg fgjdfjdjk jkecjedhf bjkbkeabedhf cjkkhfckfacf
  bjkkhfbkf dhgbdgjkecje adhahgagjajkake acjajkakhahgagb jkhgjh glj bglablljcalc aedglj bglljclceledbld fljbfj
  aflljcalc edfefleljejbaeb fljdfjedjcej hljdhjjgfdjf ljchlcdhcadcbgf hljehjaejjgfajf bgfcehhljchj hljdhjbdj
  ljchlcdhcadc ehlljbelbaeb cehhljchj glicgi bglablali iedlidgldcgdacd gliiedgidbgd flificbfc fliafi
  acbflifiedfe flifiedfe gfdcgddhldlicdi dhladlalibgf cgfacfhliehi bgfhliehi lichlcdhcbdc dhladlali acbhliehi
  hliehi ijgeigglkegk lkeglebgeabecij ijgaigglkgkdagd glkbgkbkdcij lkeflebfeeijbej afllkealecij ijbaibflkdfk
  cijflkdfk jgfijfeifdefhlk adebgfcijhlk jgfijfaifhlk bgfcijhlk eijdejbdjhlk adecijhlk ijbaibhlk cijhlk
  lkeglecge lkeglebgeabe cgllkdcldacd glkbgkbkd flkkecfkcbfc afllkeale acbflkdfk flkdfk fdegfecgehlk adebgfhlk
  cgfacfhlk bgfhlk decbdchlk adehlk acbhlk hlk`;

type Point = readonly [number, number, number];

/** The triangles of each of the 256 configurations, corners in units of a cell, anticlockwise seen from outside. */
export function cellTriangles(): readonly (readonly (readonly [Point, Point, Point])[])[] {
  const half = ['', ...TRIANGLES.trim().split(/\s+/)].map((letters) => {
    const corners = Array.from(letters, (letter) => EDGE_MIDDLES[letter.charCodeAt(0) - 97]);
    return Array.from(
      { length: corners.length / 3 },
      (_, n) => corners.slice(3 * n, 3 * n + 3) as [Point, Point, Point],
    );
  });
  const turned = half.map((triangles) => triangles.map(([a, b, c]): [Point, Point, Point] => [a, c, b]));
  return [...half, ...turned.toReversed()];
}

/** Middles of the twelve edges, in the order of the letters. */
const EDGE_MIDDLES: readonly Point[] = Array.from({ length: 24 }, (_, n) => ({ corner: n / 3, axis: n % 3 }))
  .map(({ corner, axis }) => ({ corner: Math.floor(corner), axis }))
  .filter(({ corner, axis }) => ((corner >> axis) & 1) === 0)
  .map(({ corner, axis }) => {
    const at = (other: number): number => ((corner >> other) & 1) + (other === axis ? 0.5 : 0);
    return [at(0), at(1), at(2)];
  });
