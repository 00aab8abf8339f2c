// Stands alone, with no import that runs: the decoding thread loads it as it is, compiled or not.

/** Samples of one frame, colours of a pixel side by side. */
export interface LosslessImage {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly precision: number;
  readonly samples: Uint16Array;
}

interface Component {
  readonly id: number;
  table: Uint16Array | null;
}

interface Header {
  rows: number;
  columns: number;
  precision: number;
  components: Component[];
  predictor: number;
  pointTransform: number;
  restartInterval: number;
}

const MAX_SAMPLES = 2 ** 28;

/**
 * Decodes one frame of lossless JPEG (ITU-T T.81 annex H, process 14): Huffman coding, predictors 1 to 7, point
 * transform, restart intervals, 2 to 16 bits, up to four interleaved components without subsampling.
 *
 * @throws {Error} saying what is wrong with the stream; reading past its end is an error, too
 */
export function decodeJpegLossless(bytes: Uint8Array): LosslessImage {
  const { header, dataStart } = readHeader(bytes);
  const { rows, columns, precision, components, pointTransform } = header;
  const reader = new BitReader(bytes, dataStart);
  const samples = new Uint16Array(rows * columns * components.length);
  const rowsPerInterval = restartRows(header);
  const tables = components.map(({ table }) => table ?? fail('a component has no Huffman table'));
  const fresh = 1 << (precision - pointTransform - 1);
  for (let row = 0; row < rows; row++) {
    const isFresh = row % rowsPerInterval === 0;
    if (isFresh && row > 0) reader.restart();
    decodeRow(reader, samples, row, header, tables, isFresh ? fresh : -1);
  }
  reader.finish();
  if (pointTransform > 0) for (let index = 0; index < samples.length; index++) samples[index] <<= pointTransform;
  return { rows, columns, samplesPerPixel: components.length, precision, samples };
}

/** @param fresh the prediction of the first sample where prediction starts anew, else -1 */
function decodeRow(
  reader: BitReader,
  samples: Uint16Array,
  row: number,
  { columns, components, predictor }: Header,
  tables: readonly Uint16Array[],
  fresh: number,
): void {
  const step = components.length;
  const width = columns * step;
  const start = row * width;
  for (let component = 0; component < step; component++) {
    const at = start + component;
    samples[at] = (fresh >= 0 ? fresh : samples[at - width]) + reader.difference(tables[component]);
  }
  const table = tables[0];
  const isSingle = step === 1;
  for (let offset = step; offset < width; offset++) {
    const at = start + offset;
    const left = samples[at - step];
    let prediction = left;
    if (fresh < 0 && predictor !== 1) {
      const above = samples[at - width];
      prediction = predict(predictor, left, above, samples[at - width - step]);
    }
    samples[at] = prediction + reader.difference(isSingle ? table : tables[offset % step]);
  }
}

function predict(predictor: number, left: number, above: number, diagonal: number): number {
  switch (predictor) {
    case 2:
      return above;
    case 3:
      return diagonal;
    case 4:
      return left + above - diagonal;
    case 5:
      return left + ((above - diagonal) >> 1);
    case 6:
      return above + ((left - diagonal) >> 1);
    default:
      return (left + above) >> 1;
  }
}

function restartRows({ restartInterval, columns, rows }: Header): number {
  if (restartInterval === 0) return rows;
  if (restartInterval % columns !== 0) fail('a restart interval is not made of whole rows');
  return restartInterval / columns;
}

/** Reads bits of the entropy-coded data, across stuffed bytes, up to the next marker. */
class BitReader {
  private bits = 0;
  private count = 0;
  /** Bits made up after the end of the data; none may be consumed. */
  private madeUp = 0;

  private readonly bytes: Uint8Array;
  private position: number;

  // Fields spelled out: the thread's loader only leaves types away.
  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  /** The next difference: its Huffman-coded category, then that many bits. */
  difference(table: Uint16Array): number {
    if (this.count < 16) this.fill();
    const entry = table[(this.bits >>> (this.count - 16)) & 0xffff];
    if (entry === 0) fail('the data hold a code that is in no table');
    this.count -= entry >> 8;
    const category = entry & 0xff;
    if (category === 0) return 0;
    if (category === 16) return 32768;
    if (this.count < 16) this.fill();
    this.count -= category;
    const value = (this.bits >>> this.count) & ((1 << category) - 1);
    return value < 1 << (category - 1) ? value - (1 << category) + 1 : value;
  }

  /** Ends an interval and goes on after its restart marker. */
  restart(): void {
    this.finish();
    this.bits = 0;
    this.count = 0;
    this.madeUp = 0;
    const marker = this.bytes[this.position + 1];
    if (this.bytes[this.position] !== 0xff || marker < 0xd0 || marker > 0xd7) fail('a restart marker is missing');
    this.position += 2;
  }

  /** @throws {Error} if bits were read that are not there */
  finish(): void {
    if (this.madeUp > this.count) fail('the data end before the image does');
  }

  private fill(): void {
    while (this.count <= 16) {
      let byte = 0;
      if (this.position < this.bytes.length) byte = this.bytes[this.position];
      const isMarker = byte === 0xff && this.bytes[this.position + 1] !== 0;
      if (this.position >= this.bytes.length || isMarker) {
        byte = 0;
        this.madeUp += 8;
        // Past the end only zeros come: without this bound a short stream would cost a whole image.
        if (this.madeUp > 64) fail('the data end before the image does');
      } else {
        this.position += byte === 0xff ? 2 : 1;
      }
      this.bits = (this.bits << 8) | byte;
      this.count += 8;
    }
  }
}

function readHeader(bytes: Uint8Array): { header: Header; dataStart: number } {
  const header: Header = {
    rows: 0,
    columns: 0,
    precision: 0,
    components: [],
    predictor: 0,
    pointTransform: 0,
    restartInterval: 0,
  };
  const tables = new Map<number, Uint16Array>();
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) fail('the frame does not start as JPEG does');
  for (let position = 2; position + 4 <= bytes.length;) {
    if (bytes[position] !== 0xff) fail('a marker is missing');
    const marker = bytes[position + 1];
    if (marker === 0xff) {
      position++; // fill bytes may stand before a marker
      continue;
    }
    const length = (bytes[position + 2] << 8) | bytes[position + 3];
    const segment = bytes.subarray(position + 4, position + 2 + length);
    if (length < 2 || segment.length !== length - 2) fail('the header ends early');
    position += 2 + length;
    if (marker === 0xc3) readFrame(segment, header);
    else if (marker === 0xc4) readTables(segment, tables);
    else if (marker === 0xdd) header.restartInterval = (segment[0] << 8) | segment[1];
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) fail('it is another kind of JPEG');
    else if (marker === 0xda) {
      readScan(segment, header, tables);
      return { header, dataStart: position };
    }
  }
  return fail('the frame has no image data');
}

function readFrame(segment: Uint8Array, header: Header): void {
  header.precision = segment[0];
  header.rows = (segment[1] << 8) | segment[2];
  header.columns = (segment[3] << 8) | segment[4];
  const count = segment[5];
  if (!(header.precision >= 2 && header.precision <= 16)) fail('it has an impossible number of bits');
  if (!(header.rows > 0 && header.columns > 0 && count >= 1 && count <= 4) || segment.length < 6 + 3 * count) {
    fail('it has no rows, no columns or no components');
  }
  if (header.rows * header.columns * count > MAX_SAMPLES) fail('it is too large');
  header.components = Array.from({ length: count }, (_, index) => {
    if (count > 1 && segment[7 + 3 * index] !== 0x11) fail('its colours are subsampled');
    return { id: segment[6 + 3 * index], table: null };
  });
}

function readScan(segment: Uint8Array, header: Header, tables: ReadonlyMap<number, Uint16Array>): void {
  const count = segment[0];
  if (count === 0 || count !== header.components.length || segment.length < 4 + 2 * count) {
    fail('its components are in several scans');
  }
  for (let index = 0; index < count; index++) {
    const component = header.components.find(({ id }) => id === segment[1 + 2 * index]);
    if (!component) fail('a scan names an unknown component');
    else component.table = tables.get(segment[2 + 2 * index] >> 4) ?? null;
  }
  header.predictor = segment[1 + 2 * count];
  header.pointTransform = segment[3 + 2 * count] & 15;
  if (header.predictor < 1 || header.predictor > 7) fail('its predictor is not one of seven');
  if (header.pointTransform >= header.precision) fail('its point transform leaves no bits');
}

/** For each 16 bits that may come: the length of the code that they start with, and its category. */
function readTables(segment: Uint8Array, tables: Map<number, Uint16Array>): void {
  for (let position = 0; position < segment.length;) {
    const id = segment[position] & 15;
    const counts = segment.subarray(position + 1, position + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const categories = segment.subarray(position + 17, position + 17 + total);
    if (counts.length < 16 || categories.length < total) fail('a Huffman table ends early');
    position += 17 + total;
    const table = new Uint16Array(65536);
    let code = 0;
    let next = 0;
    for (let length = 1; length <= 16; length++, code <<= 1) {
      for (let n = 0; n < counts[length - 1]; n++, code++, next++) {
        const first = code << (16 - length);
        if (first >= 65536 || categories[next] > 16) fail('a Huffman table is impossible');
        table.fill((length << 8) | categories[next], first, Math.min(65536, first + (1 << (16 - length))));
      }
    }
    tables.set(id, table);
  }
}

function fail(what: string): never {
  throw new Error(what);
}
