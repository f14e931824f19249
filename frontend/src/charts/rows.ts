import { widthOf, wrap } from './text';

export const LINE = 21;

export interface LaidRow {
  lines: string[];
  /** The base line of the first line of the label. */
  label: number;
  /** The middle of what is drawn. */
  middle: number;
}

export interface LaidRows {
  /** Labels stand beside what they name, else above it. */
  beside: boolean;
  /** Where what is drawn begins, counted from the start of the line. */
  column: number;
  rows: LaidRow[];
  height: number;
}

/** Where labels and what they name stand, one row under another from `top` on, on a drawing of this width. */
export function layRows(labels: readonly string[], width: number, top = 0): LaidRows {
  const beside = width >= 520;
  const longest = Math.max(0, ...labels.map((label) => widthOf(label, 14)));
  const column = beside ? Math.min(0.36 * width, 20 + longest) : 0;
  let y = top;
  const rows = labels.map((label) => {
    const lines = wrap(label, beside ? column - 16 : width, 14, 3);
    const text = lines.length * LINE;
    const height = beside ? Math.max(text, 26) + 10 : text + 34;
    const row = {
      lines,
      label: beside ? y + (height - text) / 2 + 15 : y + 15,
      middle: beside ? y + height / 2 : y + text + 13,
    };
    y += height;
    return row;
  });
  return { beside, column, rows, height: y };
}
