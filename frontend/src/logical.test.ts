import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

// One stylesheet serves right-to-left and left-to-right: sides are named by the flow of the text, never left or right.
const physical =
  /(?:^|[\s;{])((?:margin|padding|border|scroll-margin|scroll-padding|inset)-(?:left|right|top|bottom)(?:-\w+)?|(?:left|right|top|bottom)|border-(?:top|bottom)-(?:left|right)-radius)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)/gm;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|css)$/.test(name))
  .map((name) => join('src', name));

const styles = (file: string): string => {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.css')
    ? text
    : [...text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map((m) => m[1]).join('\n');
};

test('the rule sees a physical property', () => {
  expect('a { margin-left: 1px }'.match(physical)).not.toBeNull();
  expect('a { margin-inline-start: 1px }'.match(physical)).toBeNull();
});

test.each(sources)('%s names no side of the screen', (file) => {
  expect(styles(file).match(physical) ?? []).toEqual([]);
});
