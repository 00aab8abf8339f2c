/**
 * Vertices of an icosahedron whose triangles were each split into four, a number of times, pushed out to a sphere.
 *
 * @returns x, y, z of each vertex; 12, 42, 162, … of them
 */
export function icosphere(subdivisions: number, radius: number): [number, number, number][] {
  const t = (1 + Math.sqrt(5)) / 2;
  const signs = [
    [-1, 1],
    [1, 1],
    [-1, -1],
    [1, -1],
  ];
  const vertices = [
    ...signs.map(([a, b]): Point => [a, b * t, 0]),
    ...signs.map(([a, b]): Point => [0, a, b * t]),
    ...signs.map(([a, b]): Point => [b * t, 0, a]),
  ].map((point) => pushed(point, radius));
  let faces = facesOf(vertices);
  for (let round = 0; round < subdivisions; round++) {
    const middles = new Map<string, number>();
    const middle = (a: number, b: number): number => {
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      const known = middles.get(key);
      if (known !== undefined) return known;
      const [p, q] = [vertices[a], vertices[b]];
      const added = vertices.push(pushed([(p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2], radius)) - 1;
      middles.set(key, added);
      return added;
    };
    faces = faces.flatMap(([a, b, c]) => {
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
      return [
        [a, ab, ca],
        [b, bc, ab],
        [c, ca, bc],
        [ab, bc, ca],
      ] satisfies Face[];
    });
  }
  return vertices;
}

type Point = [number, number, number];
type Face = [number, number, number];

function pushed([x, y, z]: Point, radius: number): Point {
  const factor = radius / Math.sqrt(x * x + y * y + z * z);
  return [x * factor, y * factor, z * factor];
}

/** The twenty triples of vertices that are neighbours of one another. */
function facesOf(vertices: readonly Point[]): Face[] {
  const distance = (a: number, b: number): number => Math.hypot(...vertices[a].map((x, n) => x - vertices[b][n]));
  const edge = Math.min(...vertices.slice(1).map((_, n) => distance(0, n + 1)));
  const isEdge = (a: number, b: number): boolean => distance(a, b) < 1.01 * edge;
  const faces: Face[] = [];
  for (let a = 0; a < vertices.length; a++) {
    for (let b = a + 1; b < vertices.length; b++) {
      for (let c = b + 1; c < vertices.length; c++)
        if (isEdge(a, b) && isEdge(b, c) && isEdge(a, c)) faces.push([a, b, c]);
    }
  }
  return faces;
}
