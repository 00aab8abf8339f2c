import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphOf } from './glyphs.js';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A picture: three bytes a pixel, row by row from the top. */
export class Canvas {
  readonly data: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    ground: Colour,
  ) {
    this.data = new Uint8Array(3 * width * height);
    this.fill(0, 0, width, height, ground);
  }

  /** Pixels outside are left out. */
  set(x: number, y: number, colour: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = 3 * (x + this.width * y);
    this.data[at] = colour[0];
    this.data[at + 1] = colour[1];
    this.data[at + 2] = colour[2];
  }

  /**
   * Writes a line of text, twice as large as the glyphs are.
   *
   * @param align which end of the line lies at x
   */
  write(text: string, x: number, y: number, colour: Colour, align: 'left' | 'middle' | 'right' = 'left'): void {
    const shift = { left: 0, middle: 0.5, right: 1 }[align];
    let left = Math.round(x - shift * textWidth(text));
    for (const character of text) {
      glyphOf(character).forEach((row, j) => {
        for (let i = 0; i < GLYPH_WIDTH; i++) {
          if (row[i] === '#') this.fill(left + 2 * i, y + 2 * j, 2, 2, colour);
        }
      });
      left += 2 * (GLYPH_WIDTH + 1);
    }
  }

  fill(x: number, y: number, width: number, height: number, colour: Colour): void {
    for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) this.set(x + i, y + j, colour);
  }
}

export const TEXT_HEIGHT = 2 * GLYPH_HEIGHT;

export function textWidth(text: string): number {
  return 2 * (GLYPH_WIDTH + 1) * text.length - 2;
}
