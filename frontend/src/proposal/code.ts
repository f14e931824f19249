/** Receipt codes: 20 characters of Crockford's base 32 in groups of five. */
const LENGTH = 20;

/** What people type in, as the code's own letters: any case, any digits, O for 0, I and L for 1, blanks and dashes. */
const letters = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .toUpperCase()
    .replace(/[\s\p{Pd}\p{Cf}_.]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');

/** The code as it is printed: XXXXX-XXXXX-XXXXX-XXXXX, as far as it goes. */
export const formatCode = (typed: string): string =>
  letters(typed)
    .match(/.{1,5}/gu)
    ?.join('-') ?? '';

export type CodeProblem = { kind: 'required' } | { kind: 'length'; n: number } | { kind: 'letters'; letters: string };

/** Why this cannot be a code, or null. */
export function checkCode(typed: string): CodeProblem | null {
  const code = letters(typed);
  if (!code) return { kind: 'required' };
  const foreign = [...new Set(code.match(/[^0-9A-HJKMNP-TV-Z]/gu) ?? [])];
  if (foreign.length) return { kind: 'letters', letters: foreign.join(' ') };
  const n = [...code].length;
  return n === LENGTH ? null : { kind: 'length', n };
}
