import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the server under test leaves its mails, one file each. */
const folder = process.env.E2E_MAIL_DIR ?? '';

interface Part {
  headers: Map<string, string>;
  body: string;
}

/** Headers and body of a message or of one part of it; a header folded over several lines is one again. */
function split(text: string): Part {
  const [head = '', ...rest] = text.replace(/\r\n/g, '\n').split('\n\n');
  const headers = new Map(
    head
      .replace(/\n[ \t]+/g, ' ')
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
      }),
  );
  return { headers, body: rest.join('\n\n') };
}

function decode({ headers, body }: Part): string {
  switch (headers.get('content-transfer-encoding')?.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable': {
      const bytes = body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex: string) => {
        return String.fromCharCode(parseInt(hex, 16));
      });
      return Buffer.from(bytes, 'latin1').toString('utf8');
    }
    default:
      return body;
  }
}

/** What a mail says, as plain text. */
export function plainText(message: string): string {
  const whole = split(message);
  const boundary = /boundary="?([^";]+)"?/.exec(whole.headers.get('content-type') ?? '')?.[1];
  if (!boundary) return decode(whole);
  const parts = whole.body.split(`--${boundary}`).map((part) => split(part.replace(/^\n/, '')));
  const plain = parts.find((part) => part.headers.get('content-type')?.startsWith('text/plain'));
  return plain ? decode(plain) : '';
}

/** The mails to somebody, oldest first. */
export async function mailsTo(address: string): Promise<string[]> {
  const number = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'));
  names.sort((a, b) => number(a) - number(b));
  const messages = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return messages.filter((message) => split(message).headers.get('to')?.includes(address)).map(plainText);
}
