import { createHmac } from 'node:crypto';

import { expect } from '@playwright/test';

import { mailsTo } from './mail';

/** The path of the newest invitation mailed to an address, its token behind the #. */
export async function invitationTo(address: string): Promise<string> {
  const newest = async () => /\/(?:ar|fr)\/invitation\/#[0-9a-f]{64}/.exec((await mailsTo(address)).at(-1) ?? '')?.[0];
  await expect.poll(newest, { timeout: 15_000 }).toBeTruthy();
  return (await newest()) ?? '';
}

/** What an authenticator app shows for a secret (RFC 6238), `ahead` steps of thirty seconds from now. */
export function codeOf(secret: string, ahead = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/\s/g, '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
