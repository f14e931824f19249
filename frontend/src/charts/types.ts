/** The words of a chart's frame, in the language of the page. */
export interface ChartWords {
  table: string;
  hidden: string;
  download: string;
  svg: string;
  png: string;
  failed: string;
}

export interface ChartTable {
  columns: readonly { label: string; numeric?: boolean }[];
  /** Written out already; the first cell heads its row. */
  rows: readonly (readonly string[])[];
  footer?: readonly string[] | undefined;
}

/** What stands around every chart. */
export interface FrameProps {
  /** What is counted by what: "Participations by axis". Names the table and the file. */
  what: string;
  /** The finding, in a sentence. */
  title: string;
  /** Unit, base, not stated, instant. */
  subtitle: string;
  /** What one must know to read it right. */
  notes?: readonly string[];
  /** Who is to be named when it is used elsewhere; stands in the files too. */
  source: readonly string[];
  /** The file's name without its ending. */
  file: string;
  words: ChartWords;
  table: ChartTable;
  rtl: boolean;
  level?: 2 | 3;
}
