/** A picture of the page in 256 colours, which is a third of its size and looks the same: text, lines and plain surfaces. */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_COLOURS = 256;

type Picture = { readonly width: number; readonly height: number; readonly pixels: Uint8Array };

/** @param png as Chromium writes it: eight bits of red, green, blue and perhaps alpha, not interlaced */
export function toPalette(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const palette = choosePalette(pixels);
  const nearest = new Map(palette.map((colour, index) => [colour, index]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = colourAt(pixels, y * width + x);
      const index = nearest.get(colour) ?? nearestOf(palette, colour);
      nearest.set(colour, index);
      rows[y * (width + 1) + 1 + x] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const chunks = [
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
  ];
  return Buffer.concat([SIGNATURE, ...chunks, chunk("IEND", Buffer.alloc(0))]);
}

function decode(png: Buffer): Picture {
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png.readUInt8(25)];
  if (png.readUInt8(24) !== 8 || (kind !== 2 && kind !== 6)) throw new Error("a picture of another kind");
  const size = kind === 6 ? 4 : 3;
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * size;
  const pixels = new Uint8Array(width * height * 3);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y += 1) {
    const row = new Uint8Array(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    unfilter(raw.readUInt8(y * (stride + 1)), row, above, size);
    for (let x = 0; x < width; x += 1) pixels.set(row.subarray(x * size, x * size + 3), (y * width + x) * 3);
    above = row;
  }
  return { width, height, pixels };
}

/** PNG's five filters: none, left, above, the mean of both, Paeth's. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, size: number): void {
  for (let n = 0; n < row.length; n += 1) {
    const [left, up, corner] = [row[n - size] ?? 0, above[n] ?? 0, (n < size ? 0 : above[n - size]) ?? 0];
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
    row[n] = (row[n] ?? 0) + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [byLeft, byUp, byCorner] = [left, up, corner].map((each) => Math.abs(left + up - corner - each));
  if (Number(byLeft) <= Number(byUp) && Number(byLeft) <= Number(byCorner)) return left;
  return Number(byUp) <= Number(byCorner) ? up : corner;
}

/** The most frequent ones: surfaces, text and tints first, then the steps between them. */
function choosePalette(pixels: Uint8Array): readonly number[] {
  const counts = new Map<number, number>();
  for (let n = 0; n * 3 < pixels.length; n += 1) {
    const colour = colourAt(pixels, n);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_COLOURS)
    .map(([colour]) => colour);
}

function nearestOf(palette: readonly number[], colour: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  palette.forEach((each, index) => {
    const distance = [16, 8, 0].reduce(
      (sum, by) => sum + (((each >> by) & 255) - ((colour >> by) & 255)) ** 2,
      0,
    );
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}

function colourAt(pixels: Uint8Array, index: number): number {
  const [red = 0, green = 0, blue = 0] = pixels.subarray(index * 3, index * 3 + 3);
  return (red << 16) | (green << 8) | blue;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
