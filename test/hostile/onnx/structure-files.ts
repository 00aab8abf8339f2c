import {
  BOOL,
  constant,
  domain,
  external,
  FLOAT,
  graphAttribute,
  harmless,
  INT64,
  input,
  int,
  int64s,
  join,
  node,
  noise,
  onnx,
  output,
  part,
  relu,
  tensor,
  UINT8,
  whole,
  x,
  y,
  zeros,
  type Bytes,
} from './bytes.js';

export type Entry = readonly [name: string, code: string, bytes: () => Bytes];

const secret = (location: string, ...more: Bytes[]) =>
  onnx([
    node('Reshape', ['secret', 'shape'], ['y']),
    constant('secret', UINT8, [8], external(location, ...more)),
    constant('shape', INT64, [1], int64s(8)),
    x,
    output('y', UINT8, 8),
  ]);
const offset = part(13, [part(1, 'offset'), part(2, '-1')]);
const length = part(13, [part(1, 'length'), part(2, '18446744073709551615')]);

/** What reaches for other files. */
export const outsideFiles: readonly Entry[] = [
  ['outside-env', 'ONNX_REFUSED', () => secret('.env')],
  ['outside-above', 'ONNX_REFUSED', () => secret('../../.env')],
  ['outside-absolute', 'ONNX_REFUSED', () => secret('/etc/passwd')],
  ['outside-url', 'ONNX_REFUSED', () => secret('file:///etc/passwd')],
  ['outside-device-that-never-ends', 'ONNX_REFUSED', () => secret('/dev/zero')],
  ['outside-offset-and-length', 'ONNX_REFUSED', () => secret('a', offset, length)],
  [
    'outside-without-location',
    'ONNX_REFUSED',
    () => onnx([relu, constant('w', FLOAT, [1], zeros(4), int(14, 1)), x, y]),
  ],
  [
    'outside-entries-without-flag',
    'ONNX_REFUSED',
    () => onnx([relu, constant('w', FLOAT, [1], part(13, [part(1, 'location'), part(2, '.env')])), x, y]),
  ],
  [
    'outside-in-a-constant-node',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('Constant', [], ['y'], part(5, [part(1, 'value'), part(5, tensor('t', FLOAT, [2], external('.env')))])),
        x,
        y,
      ]),
  ],
  [
    'outside-in-a-sparse-constant',
    'ONNX_REFUSED',
    () => onnx([relu, part(15, [part(1, tensor('s', FLOAT, [2], external('.env'))), int(3, 9)]), x, y]),
  ],
  [
    'outside-in-a-sparse-attribute',
    'ONNX_REFUSED',
    () => onnx([node('Constant', [], ['y'], part(5, [part(1, 'sparse_value'), part(22, [int(3, 2)])])), x, y]),
  ],
];

const body = [node('Identity', ['c'], ['d']), part(2, 'body'), input('c', BOOL), output('d', BOOL)];
const endless = () =>
  onnx([
    node('Loop', ['trips', 'go', 'x'], ['y'], graphAttribute('body', body)),
    constant('trips', INT64, [], int64s(2n ** 62n)),
    constant('go', BOOL, [], part(9, Uint8Array.of(1))),
    x,
    y,
  ]);
const nested = (depth: number): Bytes[] =>
  depth === 0 ? [relu] : [node('If', ['x'], ['y'], graphAttribute('then_branch', nested(depth - 1)))];

/** Control flow, code of others, and messages said twice. */
export const structureFiles: readonly Entry[] = [
  ['flow-loop-of-2-to-the-62', 'ONNX_REFUSED', endless],
  ['flow-if-200-deep', 'ONNX_REFUSED', () => onnx([...nested(200), x, y])],
  ['flow-scan', 'ONNX_REFUSED', () => onnx([node('Scan', ['x'], ['y'], graphAttribute('body', body)), x, y])],
  [
    'flow-sequence-map',
    'ONNX_REFUSED',
    () => onnx([node('SequenceMap', ['x'], ['y'], graphAttribute('body', body)), x, y]),
  ],
  [
    'flow-graph-in-a-harmless-node',
    'ONNX_REFUSED',
    () => onnx([node('Relu', ['x'], ['y'], graphAttribute('g', body)), x, y]),
  ],
  [
    'flow-graphs-in-a-list',
    'ONNX_REFUSED',
    () => onnx([node('Relu', ['x'], ['y'], part(5, [part(1, 'g'), part(11, body)])), x, y]),
  ],
  ['code-custom-domain', 'ONNX_REFUSED', () => onnx([node('Run', ['x'], ['y'], domain('evil')), x, y])],
  [
    'code-microsoft-domain',
    'ONNX_REFUSED',
    () => onnx([node('Attention', ['x'], ['y'], domain('com.microsoft')), x, y]),
  ],
  ['code-operator-set-of-others', 'ONNX_REFUSED', () => onnx([relu, x, y], [part(8, [part(1, 'evil'), int(2, 1)])])],
  ['code-local-function', 'ONNX_REFUSED', () => onnx([relu, x, y], [part(25, [part(1, 'Relu'), part(7, [relu])])])],
  ['code-training', 'ONNX_REFUSED', () => onnx([relu, x, y], [part(20, [part(1, [relu])])])],
  ['code-overload', 'ONNX_REFUSED', () => onnx([node('Relu', ['x'], ['y'], part(8, 'other')), x, y])],
  ['code-regular-expression', 'ONNX_REFUSED', () => onnx([node('RegexFullMatch', ['x'], ['y']), x, y])],
  [
    'code-text',
    'ONNX_REFUSED',
    () => onnx([node('StringConcat', ['x', 'x'], ['y']), input('x', 8, 2), output('y', 8, 2)]),
  ],
  ['code-optional', 'ONNX_REFUSED', () => onnx([node('OptionalGetElement', ['x'], ['y']), x, y])],
  ['code-random', 'ONNX_REFUSED', () => onnx([node('RandomNormalLike', ['x'], ['y']), x, y])],
  ['twice-two-graphs', 'ONNX_REFUSED', () => onnx([relu, x, y], [part(7, [node('Loop', [], ['z'])])])],
  ['twice-operator', 'ONNX_REFUSED', () => onnx([node('Loop', ['x'], ['y'], part(4, 'Relu')), x, y])],
  ['twice-domain', 'ONNX_REFUSED', () => onnx([node('Relu', ['x'], ['y'], domain('evil'), domain('')), x, y])],
  [
    'twice-tensor-of-an-attribute',
    'ONNX_REFUSED',
    () => {
      const value = [
        part(1, 'value'),
        part(5, tensor('a', FLOAT, [2], zeros(8))),
        part(5, tensor('a', FLOAT, [2], external('.env'))),
      ];
      return onnx([node('Constant', [], ['y'], part(5, value)), x, y]);
    },
  ],
  ['twice-data-of-a-constant', 'ONNX_REFUSED', () => onnx([relu, constant('w', FLOAT, [1], zeros(4), zeros(4)), x, y])],
  ['twice-result', 'ONNX_REFUSED', () => onnx([relu, node('Sigmoid', ['x'], ['y']), x, y])],
  ['graph-nothing', 'ONNX_REFUSED', () => onnx([x, y])],
  ['graph-without-output', 'ONNX_REFUSED', () => onnx([relu, x])],
  ['graph-output-of-nothing', 'ONNX_REFUSED', () => onnx([node('Relu', ['x'], ['z']), x, y])],
  ['graph-in-a-circle', 'ONNX_REFUSED', () => onnx([node('Add', ['x', 'y'], ['z']), node('Relu', ['z'], ['y']), x, y])],
  ['graph-input-of-nothing', 'ONNX_REFUSED', () => onnx([node('Relu', ['absent'], ['y']), x, y])],
  ['graph-sequence-as-input', 'ONNX_REFUSED', () => onnx([relu, part(11, [part(1, 'x'), part(2, [part(4, [])])]), y])],
  ['graph-of-text', 'ONNX_REFUSED', () => onnx([relu, constant('w', 8, [1], part(6, 'text')), x, y])],
  [
    'graph-of-an-unknown-type',
    'ONNX_REFUSED',
    () => onnx([node('Cast', ['x'], ['y'], whole('to', 99)), input('x', 99, 2), y]),
  ],
];

/** What is no whole file. */
export const brokenFiles: readonly Entry[] = [
  ['broken-empty', 'ONNX_REFUSED', () => new Uint8Array()],
  ['broken-cut', 'ONNX_MALFORMED', () => harmless().subarray(0, -5)],
  ['broken-cut-inside-the-graph', 'ONNX_MALFORMED', () => harmless().subarray(0, 20)],
  ['broken-noise', 'ONNX_MALFORMED', () => noise(100_000)],
  [
    'broken-length-of-2-to-the-63',
    'ONNX_MALFORMED',
    () => Uint8Array.from([0x3a, ...new Array<number>(8).fill(0xff), 0x7f]),
  ],
  ['broken-length-negative', 'ONNX_MALFORMED', () => Uint8Array.from([0x3a, ...new Array<number>(9).fill(0xff), 0x01])],
  ['broken-number-without-end', 'ONNX_MALFORMED', () => new Uint8Array(1_000_000).fill(0xff)],
  ['broken-group', 'ONNX_MALFORMED', () => join([harmless(), Uint8Array.of(0x0b)])],
  ['broken-field-zero', 'ONNX_MALFORMED', () => join([harmless(), Uint8Array.of(0x00, 0x00)])],
  [
    'broken-packed-list-cut',
    'ONNX_MALFORMED',
    () => onnx([relu, part(5, [part(1, Uint8Array.of(0x80)), int(2, 1)]), x, y]),
  ],
  [
    'broken-2-million-fields',
    'ONNX_MALFORMED',
    () => new Uint8Array(4_000_000).map((_, i) => (i % 2 === 0 ? 0x08 : 1)),
  ],
  [
    'broken-million-nodes',
    'ONNX_MALFORMED',
    () =>
      onnx([
        part(1, []),
        part(
          1,
          new Uint8Array(2_000_000).map((_, i) => (i % 2 ? 0 : 0x0a)),
        ),
        x,
        y,
      ]),
  ],
];
