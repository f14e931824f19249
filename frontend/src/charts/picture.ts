import { wrap } from './text';

/** What goes into the file beside the drawing. */
export interface About {
  title: string;
  subtitle: string;
  notes: readonly string[];
  source: readonly string[];
  rtl: boolean;
}

export interface Picture {
  svg: string;
  width: number;
  height: number;
}

const NS = 'http://www.w3.org/2000/svg';
const MARGIN = 24;

/** What an element hands on to those inside it, as far as a chart uses it. */
const inherited = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'direction',
];

/**
 * A chart as a file of its own: its styles written into its elements, with title, subtitle and source around it, in the colours of
 * paper whatever the screen has.
 */
export function pictureOf(chart: SVGSVGElement, about: About): Picture {
  const host = document.createElement('div');
  host.hidden = true;
  for (const [name, value] of paper()) host.style.setProperty(name, value);
  document.body.append(host);
  try {
    return draw(host, chart, about);
  } finally {
    host.remove();
  }
}

function draw(host: HTMLElement, chart: SVGSVGElement, about: About): Picture {
  const inner = { width: chart.width.baseVal.value, height: chart.height.baseVal.value };
  const width = Math.max(inner.width, 480) + 2 * MARGIN;
  const svg = element('svg', { 'xml:lang': document.documentElement.lang, direction: about.rtl ? 'rtl' : 'ltr' });
  host.append(svg);
  const title = element('title');
  title.textContent = about.title;
  svg.append(title);
  const background = element('rect', { width: String(width) });
  background.style.setProperty('fill', 'var(--surface)');
  svg.append(background);

  let y = MARGIN;
  const write = (text: string, size: number, weight: number, colour: string, leading: number) => {
    for (const line of wrap(text, width - 2 * MARGIN, size * (weight > 400 ? 1.05 : 1), 12)) {
      y += leading;
      const node = element('text', { x: String(about.rtl ? width - MARGIN : MARGIN), y: String(y) });
      node.textContent = line;
      const style = {
        fill: colour,
        'font-family': 'var(--font)',
        'font-size': `${size}px`,
        'font-weight': `${weight}`,
      };
      for (const [name, value] of Object.entries(style)) node.style.setProperty(name, value);
      svg.append(node);
    }
  };
  write(about.title, 20, 700, 'var(--ink)', 28);
  write(about.subtitle, 14, 400, 'var(--ink-soft)', 22);
  y += 18;

  const group = element('g', { transform: `translate(${(width - inner.width) / 2} ${y})` });
  group.append(...[...chart.childNodes].map((node) => node.cloneNode(true)));
  svg.append(group);
  y += inner.height + 8;
  for (const note of about.notes) write(note, 13, 400, 'var(--ink-soft)', 20);
  for (const line of about.source) write(line, 12, 400, 'var(--ink-soft)', 19);
  const height = Math.ceil(y + MARGIN);
  background.setAttribute('height', String(height));

  settle(svg);
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(height));
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  return { svg: new XMLSerializer().serializeToString(svg), width, height };
}

function element(name: string, attributes: Record<string, string> = {}): SVGElement {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** Writes what the stylesheets say into attributes, and takes away what only they understood. */
function settle(root: SVGElement): void {
  const nodes = [root, ...root.querySelectorAll<SVGElement>('*')];
  const found = new Map(
    nodes.map((node) => {
      const style = getComputedStyle(node);
      return [node, new Map([...inherited, 'opacity'].map((name) => [name, style.getPropertyValue(name)]))];
    }),
  );
  for (const node of nodes) {
    const above = node.parentElement instanceof SVGElement ? found.get(node.parentElement) : undefined;
    for (const [name, value] of found.get(node) ?? []) {
      if (!value || (name === 'opacity' ? value === '1' : value === above?.get(name))) node.removeAttribute(name);
      else node.setAttribute(name, /^(fill|stroke)$/.test(name) ? plain(value) : value);
    }
    for (const name of ['class', 'style', 'aria-hidden']) {
      // a style that a program set is an attribute only once it was asked for
      if (node.getAttribute(name) !== null) node.removeAttribute(name);
    }
  }
  for (const comment of comments(root)) comment.remove();
}

function comments(root: SVGElement): ChildNode[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const all: ChildNode[] = [];
  while (walker.nextNode()) all.push(walker.currentNode as ChildNode);
  return all;
}

/** A colour as every program reads it; newer notations are a browser's own. */
function plain(paint: string): string {
  if (paint.startsWith('url(')) return paint.replace(/url\(["']?([^"')]*)["']?\).*/, 'url($1)');
  const rgb = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(paint);
  return rgb
    ? `#${rgb
        .slice(1)
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('')}`
    : paint;
}

/** The custom properties of the light theme: those that stand outside of any media query. */
function paper(): [string, string][] {
  const all: [string, string][] = [];
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
      for (const name of rule.style) {
        if (name.startsWith('--')) all.push([name, rule.style.getPropertyValue(name)]);
      }
    }
  }
  return all;
}

/** The same in pixels, twice as many as on the screen. */
export async function pixels({ svg, width, height }: Picture, scale = 2): Promise<Blob> {
  const image = new Image();
  // of the addresses that the content security policy lets a picture have, the one that needs no server
  const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  // decode() would wait for the page to be painted, which a page in the background is not
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = reject;
    image.src = src;
  });
  const canvas = document.createElement('canvas');
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas gave no picture'))), 'image/png');
  });
}
